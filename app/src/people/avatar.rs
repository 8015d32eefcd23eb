//! A person's picture, or their first letter on a colour of their own; and the name beside it.

use leptos::either::Either;
use leptos::prelude::*;

use crate::people::{PICTURE_SIDE, Person, current};

/// Colours to choose from; `avatar.css` names them.
const HUES: i64 = 8;

#[component]
pub fn Avatar(person: Person) -> impl IntoView {
    let hue = person.id % HUES;
    let person = current(person);
    let face = move || {
        person.with(|person| match person.picture_url() {
            Some(url) => Either::Left(view! { <img src=url alt="" width=PICTURE_SIDE height=PICTURE_SIDE/> }),
            None => Either::Right(person.name.chars().next().map(|c| c.to_uppercase().to_string())),
        })
    };
    view! { <span class="avatar" data-hue=hue aria-hidden="true">{face}</span> }
}

/// The name, leading to what the person says about themselves.
#[component]
pub fn PersonName(person: Person) -> impl IntoView {
    let href = format!("/people/{}", person.id);
    let person = current(person);
    view! { <a class="name" href=href dir="auto">{move || person.with(|person| person.name.clone())}</a> }
}
