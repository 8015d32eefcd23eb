//! Names and pictures as they are now. What a page shows of a person was read with the page; who has another name or picture
//! since then is looked up here, and everything that shows the person changes at once.

use std::collections::HashMap;

use earshot_live::listen::{Actions, Listen, Stale, reloader};
use leptos::prelude::*;

use crate::entities::{EVERYONE, PROFILE_CHANGED};
use crate::people::{Person, api};

/// Those who have changed since the page was read.
#[derive(Clone, Copy)]
pub struct Book(RwSignal<HashMap<i64, Person>>);

/// For a page and everything on it.
pub fn provide_book() {
    provide_context(Book(RwSignal::default()));
}

/// The person as the page read them, or as they are now.
pub fn current(person: Person) -> Signal<Person> {
    match use_context::<Book>() {
        Some(Book(changed)) => Signal::derive(move || {
            changed.with(|changed| changed.get(&person.id).cloned()).unwrap_or_else(|| person.clone())
        }),
        None => Signal::stored(person),
    }
}

/// The other names that people have since the page was read, by their ids.
pub fn names() -> impl Fn(i64) -> Option<String> + Copy + Send + Sync + 'static {
    let book = use_context::<Book>();
    move |id| book?.0.with(|changed| changed.get(&id).map(|person| person.name.clone()))
}

/// Keeps the book. `seq`: the team's when the page was read.
#[component]
pub fn KeepBook(seq: i64) -> impl IntoView {
    let Book(changed) = expect_context();
    let reload = reloader(move |stale: Vec<Stale>| async move {
        let people = match Stale::ids(&stale) {
            Some(ids) => api::reload(ids).await?,
            None => api::everyone().await?,
        };
        changed.try_update(|changed| changed.extend(people.into_iter().map(|person| (person.id, person))));
        Ok(())
    });
    let actions = Actions::new(move || reload(Stale::All)).on(PROFILE_CHANGED, move |notice| reload(notice.into()));
    view! { <Listen to=EVERYONE seq=seq actions/> }
}
