//! The reader's time zone. The browser knows it, and tells the server in a cookie: so a page is written in the reader's own
//! time, day by day, and nothing on it moves when it becomes live.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::Duration;

use earshot_live::timestamp::Timestamp;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};

const COOKIE: &str = "zone";
const DAY: i64 = 24 * 60;
const LOOKS_EVERY: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// What the browser said when it was here before: minutes east of UTC.
    Told(i64),
    /// Nobody said: the server writes in UTC, and says so.
    Unknown,
    /// The browser's own, with its summer times, in the words of its language.
    Own,
}

/// As `Intl.DateTimeFormat` names what is to be written.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Style {
    date: Option<&'static str>,
    time: Option<&'static str>,
}

thread_local! {
    /// To make one takes as long as to use it a hundred times. By what the zone was, too: people travel.
    static FORMATS: RefCell<HashMap<(Style, i64), js_sys::Function>> = RefCell::default();
}

impl Style {
    fn format(self) -> js_sys::Function {
        let chosen = js_sys::Object::new();
        for (name, value) in [("dateStyle", self.date), ("timeStyle", self.time)] {
            // Setting a property of a plain object cannot fail.
            let _ = js_sys::Reflect::set(&chosen, &name.into(), &value.map_or(JsValue::UNDEFINED, JsValue::from));
        }
        // An empty list of languages means the browser's own.
        js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &chosen).format()
    }
}

/// For every page: the zone in which it was written, and the reader's own once it is live.
pub fn provide_zone() {
    let told = SharedValue::new(told).into_inner();
    let zone = RwSignal::new(told.map_or(Zone::Unknown, Zone::Told));
    provide_context(zone.read_only());
    Effect::new(move |_| {
        spawn_local(async move {
            // The first format of a page takes longest: whoever wants to do something comes before it.
            TimeoutFuture::new(0).await;
            tell();
            zone.set(Zone::Own);
            write_anew_each_day(zone);
        });
    });
}

/// What was today becomes yesterday while a page is open. By the clock and not by one timer until midnight, which a computer
/// that sleeps would miss.
fn write_anew_each_day(zone: RwSignal<Zone>) {
    let today = Cell::new(Zone::Own.day(Timestamp::in_browser()));
    let look = move || {
        let now = Zone::Own.day(Timestamp::in_browser());
        if today.replace(now) != now {
            zone.try_set(Zone::Own);
        }
    };
    set_interval(look, LOOKS_EVERY);
}

/// The zone in which to write what is shown now.
pub fn zone() -> Signal<Zone> {
    use_context::<ReadSignal<Zone>>().map_or(Signal::stored(Zone::Unknown), Signal::from)
}

impl Zone {
    /// Counts the days as they pass for the reader.
    pub fn day(self, at: Timestamp) -> i64 {
        let minutes = match self {
            Self::Told(minutes) => minutes,
            Self::Unknown => 0,
            Self::Own => own_minutes(at),
        };
        (at.0.div_euclid(60_000_000) + minutes).div_euclid(DAY)
    }

    /// `19:44`, or as the reader's language has it.
    pub fn clock(self, at: Timestamp) -> String {
        self.write(at, Style { date: None, time: Some("short") }, Timestamp::clock)
    }

    /// `25 November 2026`
    pub fn date(self, at: Timestamp) -> String {
        self.write(at, Style { date: Some("full"), time: None }, Timestamp::date)
    }

    /// Date and time.
    pub fn full(self, at: Timestamp) -> String {
        self.write(at, Style { date: Some("full"), time: Some("short") }, date_and_clock)
    }

    /// The time for today, with the date before it for other days.
    pub fn short(self, at: Timestamp) -> String {
        if self == Self::Own && self.day(at) == self.day(Timestamp::in_browser()) {
            self.clock(at)
        } else {
            self.write(at, Style { date: Some("medium"), time: Some("short") }, date_and_clock)
        }
    }

    fn write(self, at: Timestamp, style: Style, plain: impl Fn(Timestamp) -> String) -> String {
        match self {
            Self::Told(minutes) => plain(Timestamp(at.0 + minutes * 60_000_000)),
            Self::Unknown => format!("{} UTC", plain(at)),
            Self::Own => in_own_words(at, style).unwrap_or_else(|| plain(at)),
        }
    }
}

fn date_and_clock(at: Timestamp) -> String {
    format!("{}, {}", at.date(), at.clock())
}

fn own_minutes(at: Timestamp) -> i64 {
    -js_sys::Date::new(&JsValue::from_f64(at.millis())).get_timezone_offset() as i64
}

fn in_own_words(at: Timestamp, style: Style) -> Option<String> {
    let key = (style, own_minutes(at));
    let format = FORMATS.with_borrow_mut(|formats| formats.entry(key).or_insert_with(|| style.format()).clone());
    format.call1(&JsValue::UNDEFINED, &js_sys::Date::new(&JsValue::from_f64(at.millis()))).ok()?.as_string()
}

/// Keeps the zone for the next page that the server writes.
fn tell() {
    let minutes = -js_sys::Date::new_0().get_timezone_offset();
    let cookie = format!("{COOKIE}={minutes}; path=/; max-age=31536000; samesite=lax");
    // A browser that keeps no cookies gets its pages in UTC first.
    let _ = document().unchecked_into::<web_sys::HtmlDocument>().set_cookie(&cookie);
}

#[cfg(feature = "ssr")]
fn told() -> Option<i64> {
    let parts = use_context::<axum::http::request::Parts>()?;
    let cookies = parts.headers.get_all(axum::http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let minutes = pairs.into_iter().find(|(name, _)| *name == COOKIE)?.1.parse::<i64>().ok()?;
    (-DAY..=DAY).contains(&minutes).then_some(minutes)
}

#[cfg(not(feature = "ssr"))]
fn told() -> Option<i64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_when_the_readers_does() {
        let evening = Timestamp(1_764_025_445_000_000); // 2025-11-24T23:04:05Z
        assert_eq!(Zone::Unknown.day(evening) + 1, Zone::Told(60).day(evening));
        assert_eq!(Zone::Unknown.day(evening), Zone::Told(-600).day(evening));
        assert_eq!(Zone::Told(60).full(evening), "25 November 2025, 00:04");
        assert_eq!(Zone::Unknown.clock(evening), "23:04 UTC");
    }
}
