//! Choosing the people of a direct conversation.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::people::{Avatar, Me, Person};
use crate::rooms::MAX_DIRECT;
use crate::rooms::api::OpenDirect;
use crate::text::fold;
use crate::ui::{Form, PageForm};

#[component]
pub fn NewDirectForm(me: Me, everyone: Vec<Person>) -> impl IntoView {
    let wanted = RwSignal::new(String::new());
    // What narrows the list down takes a script, and is not offered without one.
    let scripted = RwSignal::new(false);
    Effect::new(move |_| scripted.set(true));
    let me = me.person.id;
    let (mine, others): (Vec<_>, Vec<_>) = everyone.into_iter().partition(|person| person.id == me);
    let note = mine.into_iter().map(|me| Person { name: format!("{} (you, for notes)", me.name), ..me });
    let choices = others.into_iter().chain(note).map(|person| view! { <Choice person wanted/> }).collect_view();
    view! {
        <p class="hint">"Whoever you choose meets in one conversation, each time the same. Nobody else can read it, not even administrators. At most "{MAX_DIRECT}" people, with you."</p>
        <Form action={ServerAction::<OpenDirect>::new()} class="card">
            <label>
                "Filter"
                <input type="search" autocomplete="off" disabled=move || !scripted.get() bind:value=wanted/>
            </label>
            <fieldset class="choices">
                <legend>"People"</legend>
                {choices}
            </fieldset>
            <button class="primary">"Open conversation"</button>
        </Form>
    }
}

/// Leads to the conversation with one person.
#[component]
pub fn MessageButton(person: i64) -> impl IntoView {
    view! {
        <PageForm action=OpenDirect::PATH>
            <input type="hidden" name="people[]" value=person/>
            <button class="primary">"Send a message"</button>
        </PageForm>
    }
}

/// Somebody to be chosen. Who is chosen stays in sight, whatever is wanted next.
#[component]
fn Choice(person: Person, wanted: RwSignal<String>) -> impl IntoView {
    let chosen = RwSignal::new(false);
    let name = fold(&person.name);
    let hidden = move || !chosen.get() && wanted.with(|wanted| !name.contains(fold(wanted.trim()).as_str()));
    view! {
        <label class="check" hidden=hidden>
            <input type="checkbox" name="people[]" value=person.id bind:checked=chosen/>
            <Avatar person=person.clone()/>
            <span dir="auto">{person.name}</span>
        </label>
    }
}
