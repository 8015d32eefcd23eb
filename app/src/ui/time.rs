//! A time of day: in UTC as the server writes it, in the reader's own zone and language once the page runs.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::moment::Moment;

#[component]
pub fn Time(at: Moment) -> impl IntoView {
    let local = RwSignal::new(None);
    Effect::new(move |_| local.set(Some(in_readers_zone(at))));
    view! { <time datetime=at.rfc3339()>{move || local.get().unwrap_or_else(|| at.clock())}</time> }
}

/// The time for today, with the date before it for other days.
fn in_readers_zone(at: Moment) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(at.millis()));
    let day = date.to_date_string();
    let today = js_sys::Date::new_0().to_date_string();
    let option = |name: &str, value: &str, options: &js_sys::Object| {
        // Setting a property of a plain object cannot fail.
        let _ = js_sys::Reflect::set(options, &name.into(), &value.into());
    };
    let options = js_sys::Object::new();
    option("timeStyle", "short", &options);
    if day != today {
        option("dateStyle", "medium", &options);
    }
    // An empty list of languages means the browser's own.
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &options).format();
    format.call1(&JsValue::UNDEFINED, &date).ok().and_then(|text| text.as_string()).unwrap_or_else(|| at.clock())
}
