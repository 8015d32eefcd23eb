//! Where one reads: it stays where it is while messages come and go around it. The position counts from the end of the
//! timeline, upwards negative (see `timeline.css`).

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// What one reads stays where it is while older messages come before it. Left alone, some browsers hold on to the topmost
/// element instead. What has the focus may be moved in the document, and keeps it.
pub fn stay(log: NodeRef<Div>, change: impl FnOnce()) {
    keep(log, |log| log.scroll_top(), |_, before| before, change);
}

/// The same while newer messages come behind it.
pub fn stay_above(log: NodeRef<Div>, change: impl FnOnce()) {
    let from_start = |log: &web_sys::HtmlDivElement| log.scroll_height() + log.scroll_top();
    keep(log, from_start, |log, before| before - log.scroll_height(), change);
}

fn keep(
    log: NodeRef<Div>,
    measure: fn(&web_sys::HtmlDivElement) -> i32,
    position: fn(&web_sys::HtmlDivElement, i32) -> i32,
    change: impl FnOnce(),
) {
    let before = log.try_get_untracked().flatten().map(|log| measure(&log));
    let focused = document().active_element().and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    change();
    request_animation_frame(move || {
        if document().active_element() != focused.clone().map(Into::into) {
            // Focus is a convenience: a browser that refuses it loses nothing.
            focused.into_iter().for_each(|element| drop(element.focus()));
        }
        if let (Some(log), Some(before)) = (log.try_get_untracked().flatten(), before) {
            log.set_scroll_top(position(&log, before));
        }
    });
}

/// Shows the newest message.
pub fn to_the_end(log: NodeRef<Div>) {
    request_animation_frame(move || {
        if let Some(log) = log.try_get_untracked().flatten() {
            log.set_scroll_top(0);
        }
    });
}

/// Shows the element with this id, unless it is in sight already.
pub fn to_element(id: String) {
    request_animation_frame(move || {
        if let Some(element) = document().get_element_by_id(&id) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}
