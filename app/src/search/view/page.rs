//! What was found, on a page of its own.

use leptos::prelude::*;

use crate::people::{Avatar, PersonName};
use crate::search::{Found, Hit, Piece, page_of};
use crate::ui::Time;

/// Leads to the page that shows what is found, with or without a script.
#[component]
pub fn SearchForm(query: String) -> impl IntoView {
    view! {
        <form method="get" action="/search" role="search" class="row">
            <label>
                "Words in messages"
                <input type="search" name="q" value=query required autocomplete="off"/>
            </label>
            <button class="primary">"Search"</button>
        </form>
    }
}

#[component]
pub fn SearchResults(query: String, found: Found) -> impl IntoView {
    let Found { hits, before } = found;
    let older = before.map(|before| {
        view! { <p><a class="button" href=page_of(&query, Some(before))>"Look further back"</a></p> }
    });
    let sentence = match (hits.is_empty(), before) {
        (true, None) => {
            Some(format!("Nothing was found for “{query}”. Try fewer words, or only how the last one begins."))
        }
        (true, Some(_)) => Some(format!("Among newer messages nothing was found for “{query}”.")),
        (false, _) => None,
    };
    view! {
        {sentence.map(|sentence| view! { <p dir="auto">{sentence}</p> })}
        <ol class="hits" aria-label="Messages">{hits.into_iter().map(|hit| view! { <HitItem hit/> }).collect_view()}</ol>
        {older}
    }
}

#[component]
fn HitItem(hit: Hit) -> impl IntoView {
    let (room, permalink) = (format!("/rooms/{}", hit.room), hit.permalink());
    view! {
        <li class="hit">
            <Avatar person=hit.author.clone()/>
            <div>
                <p class="where">
                    <PersonName person=hit.author/>
                    " in "
                    <a href=room dir="auto">{hit.room_name}</a>
                    " "
                    <Time at=hit.posted/>
                </p>
                <a class="said" href=permalink dir="auto"><Snippet pieces=hit.snippet/></a>
            </div>
        </li>
    }
}

/// Text with the words that were found marked; nothing in it is markup.
#[component]
pub fn Snippet(pieces: Vec<Piece>) -> impl IntoView {
    let piece = |Piece { text, found }| if found { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() };
    pieces.into_iter().map(piece).collect_view()
}
