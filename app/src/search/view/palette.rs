//! The palette: one field, and under it what may be meant. It is worked by keys alone, and read out as a combobox.

use leptos::ev::{KeyboardEvent, MouseEvent, keydown};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::search::view::choice::{Choice, ChoiceLine};
use crate::search::view::finder::Finder;
use crate::ui::{Sentence, composes};

/// Opens the palette; without a script it leads to the page of search.
#[component]
pub fn FindLink(finder: Finder) -> impl IntoView {
    let open = move |event: MouseEvent| {
        // Who wants another tab gets one.
        if !event.ctrl_key() && !event.meta_key() && !event.shift_key() {
            event.prevent_default();
            finder.open();
        }
    };
    view! {
        <a class="find" href="/search" aria-keyshortcuts="Control+K Meta+K" on:click=open>
            "Find"
            <kbd aria-hidden="true">"Ctrl K"</kbd>
        </a>
    }
}

/// Opens with Ctrl+K, on every page.
#[component]
pub fn Palette(finder: Finder) -> impl IntoView {
    let shortcut = window_event_listener(keydown, move |event| {
        let modified = (event.ctrl_key() || event.meta_key()) && !event.shift_key() && !event.alt_key();
        if modified && event.key().eq_ignore_ascii_case("k") {
            event.prevent_default();
            finder.open();
        }
    });
    on_cleanup(move || shortcut.remove());
    move || finder.modal.shown().then(|| view! { <Opened finder/> })
}

/// It is there only while it is open.
#[component]
fn Opened(finder: Finder) -> impl IntoView {
    let modal = finder.modal;
    let choices = Memo::new(move |_| finder.choices());
    let navigate = use_navigate();
    let by_enter = navigate.clone();
    let on_key = move |event: KeyboardEvent| {
        let (count, at) = (choices.with(Vec::len).max(1), finder.active.get());
        match event.key().as_str() {
            _ if composes(&event) => return,
            "ArrowDown" => move_to(finder, (at + 1) % count),
            "ArrowUp" => move_to(finder, (at + count - 1) % count),
            "Enter" => {
                choices.get().into_iter().nth(at).into_iter().for_each(|choice| finder.choose(choice, &by_enter))
            }
            _ => return,
        }
        event.prevent_default();
    };
    let options = move || {
        let numbered: Vec<(usize, Choice)> = choices.get().into_iter().enumerate().collect();
        let groups = numbered.chunk_by(|(_, one), (_, next)| one.group() == next.group());
        groups.map(|group| view! { <Group finder navigate=navigate.clone() choices=group.to_vec()/> }).collect_view()
    };
    view! {
        <dialog class="palette" aria-label="Find" closedby="any" node_ref=modal.element on:close=move |_| modal.closed()>
            <input
                role="combobox"
                aria-label="Find rooms, people and messages"
                aria-autocomplete="list"
                aria-expanded=move || choices.with(|choices| (!choices.is_empty()).to_string())
                aria-controls="choices"
                aria-activedescendant=move || choices.with(|choices| !choices.is_empty()).then(|| option_id(finder.active.get()))
                placeholder="Rooms, people, messages"
                autocomplete="off"
                bind:value=finder.typed
                on:input=move |_| finder.ask()
                on:keydown=on_key
            />
            <Sentence error=finder.trouble/>
            <div id="choices" role="listbox" aria-label="Found">{options}</div>
            <p class="unseen" role="status">{move || found(choices.with(Vec::len))}</p>
        </dialog>
    }
}

/// Choices of one kind under their heading.
#[component]
fn Group<N>(finder: Finder, navigate: N, choices: Vec<(usize, Choice)>) -> impl IntoView
where
    N: Fn(&str, NavigateOptions) + Clone + 'static,
{
    let name = choices.first().map(|(_, choice)| choice.group());
    let option = |(number, choice): (usize, Choice)| {
        let (navigate, chosen) = (navigate.clone(), choice.clone());
        view! {
            <div
                id=option_id(number)
                class="choice"
                role="option"
                aria-selected=move || (finder.active.get() == number).to_string()
                on:pointermove=move |_| finder.active.set(number)
                on:click=move |_| finder.choose(chosen.clone(), &navigate)
            >
                <ChoiceLine choice/>
            </div>
        }
    };
    view! {
        <div role="group" aria-label=name>
            <p class="group" aria-hidden="true">{name}</p>
            {choices.into_iter().map(option).collect_view()}
        </div>
    }
}

fn option_id(number: usize) -> String {
    format!("choice-{number}")
}

/// Makes another choice the one that Enter takes, and shows it.
fn move_to(finder: Finder, number: usize) {
    finder.active.set(number);
    if let Some(option) = document().get_element_by_id(&option_id(number)) {
        let nearest = web_sys::ScrollIntoViewOptions::new();
        nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
        option.scroll_into_view_with_scroll_into_view_options(&nearest);
    }
}

fn found(count: usize) -> String {
    match count {
        0 => "Nothing found".to_owned(),
        1 => "1 choice".to_owned(),
        _ => format!("{count} choices"),
    }
}
