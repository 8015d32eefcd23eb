//! A picture: small in the talk, as large as the window in a dialog.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::files::{File, Pixels, readable_size};
use crate::ui::Modal;

/// CSS pixels that a picture takes up in the talk at most.
const WIDTH: u32 = 400;
const HEIGHT: u32 = 320;

#[component]
pub fn Picture(file: File, pixels: Pixels) -> impl IntoView {
    let modal = Modal::here();
    let shown = pixels.within(WIDTH, HEIGHT);
    let look = move |event: MouseEvent| {
        // With these keys one asks for another tab or window, which the link's address gives.
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            modal.open();
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
        <Show when=move || modal.shown()>
            <Large file=file.clone() pixels modal/>
        </Show>
    }
}

/// Escape, the button, and a click beside it close the dialog.
#[component]
fn Large(file: File, pixels: Pixels, modal: Modal) -> impl IntoView {
    let beside = move |event: MouseEvent| {
        let on = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlDialogElement>().ok());
        if on.is_some() {
            modal.close();
        }
    };
    let (name, size) = (file.name.clone(), readable_size(file.size));
    view! {
        <dialog node_ref=modal.element class="large" aria-label=file.name.clone() on:close=move |_| modal.closed() on:click=beside>
            <header>
                <bdi>{name}</bdi>
                <small>{pixels.width} " × " {pixels.height} " · " {size}</small>
                <a class="button quiet" href=file.address() download=file.name.clone() rel="external">"Download"</a>
                <button type="button" class="quiet" autofocus on:click=move |_| modal.close()>"Close"</button>
            </header>
            <img src=file.address() alt=file.name.clone() width=pixels.width height=pixels.height/>
        </dialog>
    }
}
