//! What lies in the tray, with how far each has come, and the button that brings up the choice of files.

use leptos::html::Input;
use leptos::prelude::*;

use crate::files::readable_size;
use crate::files::tray::{Item, State, Tray};
use crate::files::view::attached::FileSign;
use crate::ui::{Sentence, focus_composer};

/// Files come with a script only: without one it is not shown.
#[component]
pub fn AttachButton(tray: Tray) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let choose = move |_| input.get_untracked().into_iter().for_each(|input| input.click());
    let chosen = move |_| {
        if let Some(input) = input.get_untracked() {
            input.files().iter().for_each(|files| tray.add(files));
            // The same file can be chosen once more.
            input.set_value("");
        }
    };
    view! {
        <button type="button" class="quiet attach" aria-label="Attach files" title="Attach files" on:click=choose>
            <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
                <path d="M13.5 7.5 8 13a3.2 3.2 0 0 1-4.5-4.5l6-6a2.1 2.1 0 0 1 3 3l-5.8 5.8a1 1 0 0 1-1.5-1.5L10 5"/>
            </svg>
        </button>
        <input node_ref=input type="file" multiple hidden aria-label="Files" on:change=chosen/>
    }
}

#[component]
pub fn TrayView(tray: Tray) -> impl IntoView {
    view! {
        <Show when=move || !tray.items().is_empty()>
            <ul class="tray" aria-label="Files to be sent">
                <For each=move || tray.items() key=|item| item.key let(item)>
                    <ItemView tray item/>
                </For>
            </ul>
        </Show>
        <Sentence error=Signal::derive(move || tray.refused())/>
    }
}

#[component]
fn ItemView(tray: Tray, item: Item) -> impl IntoView {
    let Item { key, name, size, state, .. } = item.clone();
    let label = format!("Remove {name}");
    let progress = format!("{name} is on its way");
    let (shown, told) = (state.clone(), state.clone());
    // What is shown of the picture stays as it is while the numbers change.
    let thumbnail = Memo::new(move |_| {
        shown.with(|state| match state {
            State::Done(file) => file.picture.map(|_| file.thumbnail()),
            _ => None,
        })
    });
    let sign = move || match thumbnail.get() {
        Some(address) => view! { <img src=address alt="" width="40" height="40"/> }.into_any(),
        None => view! { <FileSign/> }.into_any(),
    };
    let part = Memo::new(move |_| {
        told.with(|state| match state {
            State::Waiting => Some(0.0),
            State::Sending(part) => Some(*part),
            State::Done(_) | State::Failed(_) => None,
        })
    });
    let bar = move || {
        let progress = progress.clone();
        part.with(Option::is_some).then(|| {
            view! { <progress max="1" prop:value=move || part.get().unwrap_or(1.0) aria-label=progress></progress> }
        })
    };
    let failed = move || {
        let State::Failed(why) = state.get() else { return None };
        let (again, passes) = (item.clone(), why.may_pass());
        Some(view! {
            <small class="why" role="alert">{why.sentence}</small>
            {passes.then(|| view! {
                <button type="button" on:click=move |_| { tray.try_again(&again); focus_composer() }>"Try again"</button>
            })}
        })
    };
    let remove = move |_| {
        tray.remove(key);
        focus_composer();
    };
    view! {
        <li>
            {sign}
            <span class="about"><bdi>{name}</bdi> <small>{readable_size(size)}</small></span>
            {failed}
            <button type="button" class="quiet" aria-label=label on:click=remove>"✕"</button>
            {bar}
        </li>
    }
}
