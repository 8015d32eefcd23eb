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
            // In capitals by `avatar.css`: the browser has the tables for that, too.
            None => Either::Right(first_sign(&person.name)),
        })
    };
    view! { <span class="avatar" data-hue=hue aria-hidden="true">{face}</span> }
}

/// The first letter, or the first sign: a flag, for one, is made of several characters.
#[cfg(feature = "ssr")]
fn first_sign(name: &str) -> Option<String> {
    use unicode_segmentation::UnicodeSegmentation;
    name.graphemes(true).next().map(str::to_owned)
}

/// The browser has the tables for it. An old one that lacks them takes the first character.
#[cfg(not(feature = "ssr"))]
fn first_sign(name: &str) -> Option<String> {
    use js_sys::{Array, Intl, Object, Reflect, global};
    let has = |object: &_, name: &str| Reflect::get(object, &name.into()).ok().filter(|value| !value.is_undefined());
    if has(&global(), "Intl").is_some_and(|intl| has(&intl, "Segmenter").is_some()) {
        let sign = Intl::Segmenter::new(&Array::new(), &Object::new()).segment(name).containing(0)?;
        return Some(sign.segment().into());
    }
    name.chars().next().map(String::from)
}

/// The name, leading to what the person says about themselves.
#[component]
pub fn PersonName(person: Person) -> impl IntoView {
    let href = format!("/people/{}", person.id);
    let person = current(person);
    view! { <a class="name" href=href dir="auto">{move || person.with(|person| person.name.clone())}</a> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_initial_is_a_whole_sign() {
        for (name, shown) in [
            ("ada", "a"),
            ("e\u{301}mile", "e\u{301}"),
            ("🏳\u{fe0f}\u{200d}🌈 Ada", "🏳\u{fe0f}\u{200d}🌈"),
            ("🇨🇭", "🇨🇭"),
            ("👩🏽\u{200d}🚀", "👩🏽\u{200d}🚀"),
        ] {
            assert_eq!(first_sign(name).as_deref(), Some(shown));
        }
        assert_eq!(first_sign(""), None);
    }
}
