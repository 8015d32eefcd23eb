//! Files that are dragged onto the page of a room, or pasted where one writes.

use leptos::ev;
use leptos::html::Textarea;
use leptos::prelude::*;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent};

use crate::files::tray::Tray;

/// Takes what is dropped anywhere on the page, and says so while it hangs above. While the `field` beside it is inert, nothing
/// is meant for it.
#[component]
pub fn DropZone(tray: Tray, field: NodeRef<Textarea>) -> impl IntoView {
    let above = RwSignal::new(false);
    let takes =
        move || field.try_get_untracked().flatten().is_some_and(|field| matches!(field.closest("[inert]"), Ok(None)));
    // An effect, because only a browser has a window.
    Effect::new(move |_| {
        let over = window_event_listener(ev::dragover, move |event: DragEvent| {
            if event.data_transfer().is_some_and(|data| holds_files(&data)) {
                event.prevent_default();
                above.set(takes());
            }
        });
        let leave = window_event_listener(ev::dragleave, move |event: DragEvent| {
            if event.related_target().is_none() {
                above.set(false);
            }
        });
        let drop = window_event_listener(ev::drop, move |event: DragEvent| {
            above.set(false);
            if let Some(data) = event.data_transfer().filter(holds_files) {
                event.prevent_default();
                data.files().iter().filter(|_| takes()).for_each(|files| tray.add(files));
            }
        });
        on_cleanup(move || [over, leave, drop].into_iter().for_each(WindowListenerHandle::remove));
    });
    view! {
        <Show when=move || above.get()>
            <div class="drop"><p>"Drop the files here to attach them"</p></div>
        </Show>
    }
}

fn holds_files(data: &DataTransfer) -> bool {
    data.types().iter().any(|kind| kind == "Files")
}

/// Takes pasted files. What is text with a picture of itself, as some programs copy it, is text.
pub fn take_pasted(tray: Tray, event: &ClipboardEvent) {
    let Some(data) = event.clipboard_data() else { return };
    let has = |kind: &str| data.get_data(kind).is_ok_and(|text| !text.is_empty());
    let files = data.files().filter(|files| files.length() > 0 && !(has("text/plain") && has("text/html")));
    if let Some(files) = files {
        event.prevent_default();
        tray.add(&files);
    }
}
