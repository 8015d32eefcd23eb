//! Where the keyboard goes when what had it has gone from the page.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDivElement, HtmlElement};

use crate::ui::types_on_screen;

/// The id of the field in which one writes messages.
pub const COMPOSER: &str = "composer";

/// Moves the keyboard to where one writes. On a screen that would bring up the keys.
pub fn focus_composer() {
    if !types_on_screen() {
        focus(COMPOSER);
    }
}

/// When the component goes that asks for it while the keyboard is within `inside`, the keyboard moves to the element with the
/// id `next`.
pub fn pass_focus_on(inside: NodeRef<Div>, next: String) {
    on_cleanup(move || {
        let has_focus = |inside: HtmlDivElement| inside.contains(document().active_element().as_deref());
        if inside.try_get_untracked().flatten().is_some_and(has_focus) {
            focus(&next);
        }
    });
}

/// Moves the keyboard to the element with this id.
pub fn focus(id: &str) {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    // Focus is a convenience: a browser that refuses it loses nothing.
    element.into_iter().for_each(|element| drop(element.focus()));
}
