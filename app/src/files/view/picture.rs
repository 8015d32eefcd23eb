//! A picture: small in the talk, as large as the window in a dialog.

use leptos::ev::MouseEvent;
use leptos::html::Dialog;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::files::{File, Pixels, readable_size};

/// CSS pixels that a picture takes up in the talk at most.
const WIDTH: u32 = 400;
const HEIGHT: u32 = 320;

#[component]
pub fn Picture(file: File, pixels: Pixels) -> impl IntoView {
    let open = RwSignal::new(false);
    let shown = pixels.within(WIDTH, HEIGHT);
    let look = move |event: MouseEvent| {
        // With these keys one asks for another tab or window, which the link's address gives.
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            open.set(true);
        }
    };
    // The picture has its place before it is there.
    view! {
        <a class="picture" href=file.address() rel="external" on:click=look>
            <img
                src=file.thumbnail()
                alt=file.name.clone()
                width=shown.width
                height=shown.height
                loading="lazy"
                decoding="async"
            />
        </a>
        <Show when=move || open.get()>
            <Large file=file.clone() pixels open/>
        </Show>
    }
}

/// Escape, the button, and a click beside it close the dialog.
#[component]
fn Large(file: File, pixels: Pixels, open: RwSignal<bool>) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            // Fails for a dialog that is open already.
            let _ = dialog.show_modal();
        }
    });
    let close = move || dialog.get_untracked().into_iter().for_each(|dialog| dialog.close());
    let beside = move |event: MouseEvent| {
        let on = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlDialogElement>().ok());
        if on.is_some() {
            close();
        }
    };
    let (name, size) = (file.name.clone(), readable_size(file.size));
    view! {
        <dialog node_ref=dialog class="large" aria-label=file.name.clone() on:close=move |_| open.set(false) on:click=beside>
            <header>
                <bdi>{name}</bdi>
                <small>{pixels.width} " × " {pixels.height} " · " {size}</small>
                <a class="button quiet" href=file.address() download=file.name.clone() rel="external">"Download"</a>
                <button type="button" class="quiet" autofocus on:click=move |_| close()>"Close"</button>
            </header>
            <img src=file.address() alt=file.name.clone() width=pixels.width height=pixels.height/>
        </dialog>
    }
}
