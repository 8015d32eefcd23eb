//! A form is sent once. While it is on its way it is marked, its buttons say so, and sending it again does nothing: not by a
//! double click either.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, HtmlFormElement};

/// The mark of a form that is on its way.
const BUSY: &str = "aria-busy";
/// How long a form that loads the next page is marked: a page that does not come must not leave it dead.
const TIMEOUT: Duration = Duration::from_secs(20);

/// For every page.
pub fn send_forms_once() {
    // An effect, because only a browser sends.
    Effect::new(|_| {
        let refuse = Closure::<dyn Fn(Event)>::new(|event: Event| {
            if form_of(&event).is_some_and(|form| form.get_attribute(BUSY).as_deref() == Some("true")) {
                event.prevent_default();
                event.stop_propagation();
            }
        });
        // It is heard before anything in the page is. Nothing is wrong with the arguments.
        let _ = window().add_event_listener_with_callback_and_bool("submit", refuse.as_ref().unchecked_ref(), true);
        refuse.forget();
        let sent = window_event_listener(ev::submit, |event| {
            // What a script has taken over does not load a page.
            if let Some(form) = form_of(&event).filter(|_| !event.default_prevented()) {
                mark(&form, true);
                set_timeout(move || mark(&form, false), TIMEOUT);
            }
        });
        let back = window_event_listener_untyped("pageshow", |_| {
            let busy = format!("form[{BUSY}=true]");
            let forms = document().document_element().map(|page| elements(&page, &busy)).unwrap_or_default();
            forms.iter().for_each(|form| mark(form, false));
        });
        on_cleanup(move || [sent, back].into_iter().for_each(WindowListenerHandle::remove));
    });
}

/// Says of a form, and of the buttons that send it, whether it is on its way. They keep the focus, which a disabled one loses.
pub fn mark(form: &Element, busy: bool) {
    let set = |element: &Element, name: &str| {
        // Nothing is wrong with the names.
        let _ = if busy { element.set_attribute(name, "true") } else { element.remove_attribute(name) };
    };
    set(form, BUSY);
    elements(form, "button:not([type=button])").iter().for_each(|button| set(button, "aria-disabled"));
}

fn form_of(event: &Event) -> Option<Element> {
    let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
    Some(form.into())
}

fn elements(within: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = within.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}
