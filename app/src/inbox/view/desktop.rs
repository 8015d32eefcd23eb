//! Notifications of the desktop, for who looks at another window. The browser asks whether they are wanted only after a click.

use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_timers::future::sleep;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

use crate::inbox::Entry;

/// The time that a tab leaves to those that are looked at to take up an entry.
const YIELDS: Duration = Duration::from_millis(300);
/// Milliseconds for which a tab keeps what it has taken up.
const KEEPS: i32 = 10_000;

/// Tells of an entry on the desktop, if nobody looks at any tab of this browser and it is wanted. `open` is called in the tab
/// that a click brings to the front.
pub fn tell(entry: &Entry, open: impl Fn() + 'static) {
    let (id, heading, text) = (entry.id, entry.heading(), entry.excerpt.clone());
    let hidden = document().hidden();
    spawn_local(async move {
        if hidden {
            sleep(YIELDS).await;
        }
        if take_up(id).await && hidden && permission() == Some(NotificationPermission::Granted) {
            show(id, &heading, &text, open);
        }
    });
}

fn show(id: i64, heading: &str, text: &str, open: impl Fn() + 'static) {
    let options = NotificationOptions::new();
    options.set_body(text);
    options.set_tag(&format!("message-{id}"));
    // Some phones know them in service workers only.
    let Ok(notification) = Notification::new_with_options(heading, &options) else { return };
    let shown = notification.clone();
    let click = Closure::once_into_js(move || {
        // A browser that does not bring the tab to the front opens the message all the same.
        let _ = window().focus();
        shown.close();
        open();
    });
    notification.set_onclick(click.dyn_ref());
}

/// Whether this is the first of the browser's tabs to take up this entry: a lock that it holds for a while tells the others.
async fn take_up(id: i64) -> bool {
    let (answer, answered) = oneshot::channel();
    let taken = Closure::once_into_js(move |lock: JsValue| {
        let first = !lock.is_null();
        // Who asked waits for it.
        let _ = answer.send(first);
        if first { kept().into() } else { JsValue::UNDEFINED }
    });
    // Without locks, or where they are refused, each tab speaks for itself.
    let Some(asked) = request(id, &taken) else { return true };
    match select(answered, JsFuture::from(asked)).await {
        // A tab that is closed meanwhile has nothing to tell.
        Either::Left((first, _)) => first.unwrap_or_default(),
        Either::Right(_) => true,
    }
}

/// `navigator.locks`, of which web-sys knows only with unstable APIs.
fn request(id: i64, taken: &JsValue) -> Option<Promise> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok().filter(|locks| !locks.is_undefined())?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE).ok()?;
    request.call3(&locks, &format!("earshot.notify.{id}").into(), &options, taken).ok()?.dyn_into().ok()
}

fn kept() -> Promise {
    Promise::new(&mut |release, _| {
        // Without a timer the lock is kept as long as the page.
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&release, KEEPS);
    })
}

/// What the browser was told, if it knows notifications.
fn permission() -> Option<NotificationPermission> {
    let known = Reflect::has(&window(), &"Notification".into()).unwrap_or_default();
    known.then(Notification::permission)
}

/// Asks for notifications, or says how it stands with them.
#[component]
pub fn DesktopSwitch() -> impl IntoView {
    let stands = RwSignal::new(None);
    Effect::new(move |_| stands.set(permission()));
    let ask = move |_| {
        let Ok(answer) = Notification::request_permission() else { return };
        spawn_local(async move {
            // Old browsers return nothing. What the answer was, the permission says.
            let _ = JsFuture::from(Promise::resolve(&answer)).await;
            stands.try_set(permission());
        });
    };
    move || {
        stands.get().map(|stands| match stands {
            NotificationPermission::Granted => {
                view! { <p class="hint">"While you look elsewhere, this browser tells you on the desktop."</p> }.into_any()
            }
            NotificationPermission::Denied => {
                view! { <p class="hint">"This browser may not tell you on the desktop. Its settings for this page can change that."</p> }.into_any()
            }
            _ => view! {
                <p class="row">
                    <span class="hint">"While you look elsewhere, this browser can tell you on the desktop."</span>
                    <button type="button" on:click=ask>"Turn on notifications"</button>
                </p>
            }
            .into_any(),
        })
    }
}
