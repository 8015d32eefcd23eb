//! What a browser keeps of what its person writes. One that refuses to keep anything, as some do for pages that they do not
//! trust, still shows every page: what was not kept ends with the page.

use std::cell::Cell;

use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// For all tabs, until it is deleted.
    Browser,
    /// For this tab, as long as it is open.
    Tab,
}

thread_local! {
    /// Whether somebody has signed out in this browser since the page was loaded.
    static FORGETS: Cell<bool> = const { Cell::new(false) };
}

impl Storage {
    pub fn get<T: DeserializeOwned>(self, key: &str) -> Option<T> {
        let text = self.open()?.get_item(key).ok()??;
        serde_json::from_str(&text).ok()
    }

    /// Says whether the browser keeps it now. A storage that is full does not.
    pub fn set<T: Serialize + ?Sized>(self, key: &str, value: &T) -> bool {
        match (self.open(), serde_json::to_string(value)) {
            (Some(storage), Ok(text)) if !forgets() => storage.set_item(key, &text).is_ok(),
            _ => false,
        }
    }

    pub fn delete(self, key: &str) {
        if let Some(storage) = self.open() {
            let _ = storage.remove_item(key);
        }
    }

    fn clear(self) {
        if let Some(storage) = self.open() {
            let _ = storage.clear();
        }
    }

    /// The property itself throws where it is refused.
    fn open(self) -> Option<web_sys::Storage> {
        match self {
            Self::Browser => window().local_storage(),
            Self::Tab => window().session_storage(),
        }
        .ok()
        .flatten()
    }
}

/// Forgets all that is kept, in every tab. From now on this page keeps nothing more.
pub fn forget() {
    // Other tabs are told of what is cleared only if there was something.
    Storage::Browser.set("earshot.forget", "");
    FORGETS.set(true);
    Storage::Browser.clear();
    Storage::Tab.clear();
}

/// Whether all was forgotten since the page was loaded.
pub fn forgets() -> bool {
    FORGETS.get()
}

/// Calls `then` with the key of whatever changes in another tab, as long as the component is there that asks for it. All was
/// forgotten there when there is none; then this tab does so, too.
pub fn on_change(then: impl Fn(Option<String>) + Clone + 'static) {
    Effect::new(move |_| {
        let then = then.clone();
        let heard = window_event_listener(leptos::ev::storage, move |event| {
            let key = event.key();
            if key.is_none() {
                FORGETS.set(true);
                Storage::Tab.clear();
            }
            then(key);
        });
        on_cleanup(move || heard.remove());
    });
}
