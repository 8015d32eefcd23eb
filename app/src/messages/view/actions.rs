//! What may be done to a message. All of it stands in the menu, which is reached by keyboard like everything else; the most
//! frequent also beside it. A menu is built when it is asked for: without scripts the page comes back with it.

use leptos::ev::MouseEvent;
use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlButtonElement, ShowPopoverOptions};

use crate::messages::Address;
use crate::messages::api::Delete;
use crate::readings::view::MarkUnread;
use crate::ui::{Form, pass_focus_on};

/// The form with which every message asks for its menu.
const MENUS: &str = "menus";

/// To stand once beside all messages.
#[component]
pub fn MenusForm(address: Address) -> impl IntoView {
    let Address { room, place } = address;
    view! {
        <form hidden id=MENUS method="get" action=format!("/rooms/{room}")>
            {place.wish().map(|(wish, id)| view! { <input type="hidden" name=wish value=id/> })}
        </form>
    }
}

/// `opened`: whether the menu was asked for with the page.
#[component]
pub fn Actions(address: Address, id: i64, changeable: Memo<bool>, opened: bool) -> impl IntoView {
    let built = RwSignal::new(opened);
    let build = move |event: MouseEvent| {
        if !built.get_untracked() {
            event.prevent_default();
            built.set(true);
        }
    };
    view! {
        <div class="actions">
            <a class="button quiet often" href=address.doing("react", id)>"React"</a>
            <a class="button quiet often" href=address.doing("reply", id)>"Answer"</a>
            <button class="quiet" form=MENUS name="menu" value=id aria-label="More actions" on:click=build>"⋯"</button>
            {move || built.get().then(|| view! { <Menu address id changeable/> })}
        </div>
    }
}

/// Each entry is a link or a button of its own. A link closes the menu by itself.
#[component]
fn Menu(address: Address, id: i64, changeable: Memo<bool>) -> impl IntoView {
    let menu = NodeRef::<Div>::new();
    Effect::new(move |_| menu.get().as_ref().into_iter().for_each(hand_over));
    let close = move |_| {
        if let Some(menu) = menu.get_untracked() {
            // It may be closed already.
            let _ = menu.hide_popover();
        }
    };
    view! {
        <div class="menu" node_ref=menu>
            <a class="button quiet" href=address.doing("react", id) on:click=close>"React"</a>
            <a class="button quiet" href=address.doing("reply", id) on:click=close>"Answer"</a>
            <CopyLink address id/>
            <MarkUnread room=address.room message=id/>
            <Show when=move || changeable.get()>
                <a class="button quiet" href=address.doing("edit", id) on:click=close>"Edit"</a>
                <DeleteButton id/>
            </Show>
        </div>
    }
}

/// Opens the menu. From now on the button before it does, and asks the server no more.
fn hand_over(menu: &web_sys::HtmlDivElement) {
    let button = menu.previous_element_sibling().and_then(|button| button.dyn_into::<HtmlButtonElement>().ok());
    let options = ShowPopoverOptions::new();
    if let Some(button) = button {
        button.set_type("button");
        button.set_popover_target_element(Some(menu));
        options.set_source(&button);
    }
    // A browser that knows no popovers shows the menu where it stands.
    let _ = menu.set_popover(Some("auto")).and_then(|()| menu.show_popover_with_options(&options));
}

/// Puts the message's lasting address on the clipboard. Without scripts it leads there.
#[component]
fn CopyLink(address: Address, id: i64) -> impl IntoView {
    let (copied, navigate) = (RwSignal::new(false), use_navigate());
    let href = address.of_message(id);
    let path = href.clone();
    let copy = move |event: leptos::ev::MouseEvent| {
        // It is there on https only. Elsewhere the link leads to itself, and stands in the address bar.
        let clipboard = window().navigator().clipboard();
        if clipboard.is_undefined() {
            return;
        }
        event.prevent_default();
        let origin = window().location().origin().unwrap_or_default();
        let written = JsFuture::from(clipboard.write_text(&format!("{origin}{path}")));
        let (path, navigate) = (path.clone(), navigate.clone());
        spawn_local(async move {
            match written.await {
                Ok(_) => drop(copied.try_set(true)),
                // The browser refuses.
                Err(_) => navigate(&path, NavigateOptions::default()),
            }
        });
    };
    let label = move || if copied.get() { "Link copied" } else { "Copy link" };
    view! { <a class="button quiet" href=href on:click=copy>{label}</a> }
}

#[component]
fn DeleteButton(id: i64) -> impl IntoView {
    let question = NodeRef::<Div>::new();
    pass_focus_on(question, format!("message-{id}"));
    let confirm = format!("delete-{id}");
    let (asks, cancels) = (confirm.clone(), confirm.clone());
    view! {
        <button class="quiet" popovertarget=asks>"Delete"</button>
        <div node_ref=question popover id=confirm>
            <p>"Delete this message for everyone?"</p>
            <Form action={ServerAction::<Delete>::new()}>
                <input type="hidden" name="id" value=id/>
                <button class="danger">"Yes, delete it"</button>
            </Form>
            <button type="button" class="quiet" popovertarget=cancels popovertargetaction="hide">"Cancel"</button>
        </div>
    }
}
