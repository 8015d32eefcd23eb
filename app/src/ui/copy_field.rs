//! A text to take along: a field that is not to be filled in, and a button that copies what stands in it.

use leptos::html::Input;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

#[component]
pub fn CopyField(#[prop(into)] label: String, #[prop(into)] text: String) -> impl IntoView {
    let field = NodeRef::<Input>::new();
    let copied = RwSignal::new(false);
    let copy = move |_| {
        if let Some(field) = field.get_untracked() {
            copied.set(copy(&field));
        }
    };
    view! {
        <div class="row">
            <label>
                {label}
                <input readonly value=text node_ref=field dir="ltr" on:focus=move |_| select(field)/>
            </label>
            <button type="button" on:click=copy>"Copy"</button>
            <span class="hint" role="status">{move || copied.get().then_some("Copied.")}</span>
        </div>
    }
}

fn select(field: NodeRef<Input>) {
    if let Some(field) = field.get_untracked() {
        field.select();
    }
}

/// Copies what stands in the field, and says whether it could. The clipboard of newer browsers is there on https only; this is
/// there on a team's own network as well.
fn copy(field: &web_sys::HtmlInputElement) -> bool {
    field.select();
    let document = document().dyn_into::<web_sys::HtmlDocument>();
    document.is_ok_and(|document| document.exec_command("copy").unwrap_or(false))
}
