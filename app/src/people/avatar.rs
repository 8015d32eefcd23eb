//! A person's first letter on a colour of their own.

use leptos::prelude::*;

use crate::people::Person;

/// Colours to choose from; `avatar.css` names them.
const HUES: i64 = 8;

#[component]
pub fn Avatar(person: Person) -> impl IntoView {
    let letter = person.name.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    view! { <span class="avatar" data-hue=person.id % HUES aria-hidden="true">{letter}</span> }
}
