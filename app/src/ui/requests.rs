//! What holds for every request of a page. Each has an end: on a network that has changed meanwhile one can hang for minutes, and
//! with it a form, or the page that it was to bring. And each says whose page it is: somebody else may have signed in since, in
//! another tab.

use std::cell::Cell;

use earshot_live::timeout::TIMEOUT;
use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, AbortSignal, Request, RequestInit};

/// The header with the id of the person whose page asks. Requests of anybody else are refused as `SignedOut`.
pub const ASKED_AS: &str = "earshot-as";

thread_local! {
    static ME: Cell<Option<i64>> = const { Cell::new(None) };
}

/// From now on the page is that of `me`.
pub fn ask_as(me: i64) {
    ME.set(Some(me));
}

/// For every page. `fetch` itself knows no timeout, and all requests go through it; that of an upload has its own.
pub fn limit_requests() {
    // An effect, because only a browser asks.
    Effect::new(|_| {
        let window = window();
        let Some(fetch) = Reflect::get(&window, &"fetch".into()).ok().and_then(|fetch| fetch.dyn_into().ok()) else {
            return;
        };
        let limited = Closure::<dyn Fn(JsValue, JsValue) -> Result<Promise, JsValue>>::new(move |what, how| {
            begin(&fetch, &what, &how)
        });
        // Nothing is wrong with the name.
        let _ = Reflect::set(&window, &"fetch".into(), &limited.into_js_value());
    });
}

fn begin(fetch: &Function, what: &JsValue, how: &JsValue) -> Result<Promise, JsValue> {
    if let (Some(request), Some(me)) = (what.dyn_ref::<Request>(), ME.get()) {
        // Nothing is wrong with the name.
        let _ = request.headers().set(ASKED_AS, &me.to_string());
    }
    let how = what.dyn_ref().and_then(with_an_end).map_or_else(|| how.clone(), JsValue::from);
    fetch.call2(&window(), what, &how)?.dyn_into()
}

/// Ends when the request's own signal says so, or when it takes too long. Browsers before 2024 cannot say both.
fn with_an_end(request: &Request) -> Option<RequestInit> {
    let any = Reflect::get(&window(), &"AbortSignal".into()).and_then(|signal| Reflect::has(&signal, &"any".into()));
    if !any.unwrap_or_default() {
        return None;
    }
    let late = AbortController::new().ok()?;
    let how = RequestInit::new();
    how.set_signal(Some(&AbortSignal::any(&Array::of2(&request.signal(), &late.signal()))));
    set_timeout(move || late.abort(), TIMEOUT);
    Some(how)
}
