//! What stands under a message, and what can be put there.

use leptos::ev::KeyboardEvent;
use leptos::html::{Div, Input};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::people::names;
use crate::reactions::api::Toggle;
use crate::reactions::{QUICK, Reaction};
use crate::ui::{Form, composes, pass_focus_on};

/// Those who reacted that are named; of the others their number.
const NAMED: usize = 10;

/// Each with its number. Pressing one joins it, or takes one's own away again.
#[component]
pub fn Reactions(message: i64, me: i64, reactions: Memo<Vec<Reaction>>) -> impl IntoView {
    view! {
        <Show when=move || !reactions.with(Vec::is_empty)>
            <Form action={ServerAction::<Toggle>::new()} class="reactions">
                <input type="hidden" name="message" value=message/>
                <For each=move || reactions.get() key=|reaction| reaction.emoji.clone() let(reaction)>
                    <ReactionButton me first=reaction reactions/>
                </For>
            </Form>
        </Show>
    }
}

#[component]
fn ReactionButton(me: i64, first: Reaction, reactions: Memo<Vec<Reaction>>) -> impl IntoView {
    let (emoji, value) = (first.emoji.clone(), first.emoji.clone());
    let reaction = Memo::new(move |_| {
        let now = reactions.with(|all| all.iter().find(|one| one.emoji == first.emoji).cloned());
        now.unwrap_or_else(|| first.clone())
    });
    let renamed = names();
    let who = move || reaction.with(|reaction| who(reaction, renamed));
    let count = move || reaction.with(|reaction| reaction.people.len());
    let mine = move || reaction.with(|reaction| reaction.is_by(me)).to_string();
    let label = {
        let emoji = emoji.clone();
        move || format!("{emoji} {}: {}", count(), who())
    };
    view! {
        <button name="emoji" value=value aria-pressed=mine aria-label=label title=who>
            <span>{emoji}</span> {count}
        </button>
    }
}

/// `Ada, Bob and 3 more`
fn who(reaction: &Reaction, renamed: impl Fn(i64) -> Option<String>) -> String {
    let name = |person: &crate::people::Person| renamed(person.id).unwrap_or_else(|| person.name.clone());
    let named = reaction.people.iter().take(NAMED).map(name).collect::<Vec<_>>().join(", ");
    match reaction.people.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// A few to choose from, and a field for any other. `done`: the address of the page without it.
#[component]
pub fn Picker(message: i64, done: String) -> impl IntoView {
    let (chosen, typed) = (ServerAction::<Toggle>::new(), ServerAction::<Toggle>::new());
    let navigate = use_navigate();
    let (leave, path) = (navigate.clone(), done.clone());
    Effect::new(move |_| {
        if [chosen, typed].into_iter().any(|action| matches!(action.value().get(), Some(Ok(())))) {
            leave(&path, Default::default());
        }
    });
    let (picker, field) = (NodeRef::<Div>::new(), NodeRef::<Input>::new());
    pass_focus_on(picker, format!("message-{message}"));
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // Focus is a convenience: a browser that refuses it loses nothing.
            let _ = field.focus();
        }
    });
    let close = done.clone();
    let keys = move |event: KeyboardEvent| {
        if event.key() == "Escape" && !composes(&event) {
            navigate(&done, Default::default());
        }
    };
    view! {
        <div node_ref=picker class="picker" role="group" aria-label="React" on:keydown=keys>
            <Form action=chosen class="quick">
                <input type="hidden" name="message" value=message/>
                {QUICK.map(|emoji| view! { <button class="quiet" name="emoji" value=emoji>{emoji}</button> })}
            </Form>
            <Form action=typed class="any">
                <input type="hidden" name="message" value=message/>
                <input node_ref=field name="emoji" aria-label="Any emoji" placeholder="Any emoji" autocomplete="off" required/>
                <button>"Add"</button>
                <a class="button quiet" href=close>"Cancel"</a>
            </Form>
        </div>
    }
}
