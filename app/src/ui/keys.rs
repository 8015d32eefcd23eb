//! What a key is meant for.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// The code of every key that is part of a composition.
const COMPOSES: u32 = 229;

/// Whether the key belongs to the input of a character, as of Japanese or of an accent. Safari tells of the key that ends a
/// composition once that is over, and by its code alone.
pub fn composes(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == COMPOSES
}

/// Whether one types on a screen: such a keyboard has one key for the end of a line, and none that is held with it.
pub fn types_on_screen() -> bool {
    let coarse = window().match_media("(pointer: coarse)");
    coarse.is_ok_and(|query| query.is_some_and(|query| query.matches()))
}
