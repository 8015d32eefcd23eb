//! Short words at the edge of the page on what happens elsewhere. They go by themselves, but not while somebody reads them.

use std::time::Duration;

use leptos::prelude::*;

use crate::ui::visible;

const LASTS: Duration = Duration::from_secs(8);
/// Of more only the latest are shown.
const AT_ONCE: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Tells it from the others: the same again takes the place of the first.
    pub key: i64,
    pub heading: String,
    pub text: String,
    /// Where it leads.
    pub href: String,
}

/// The toasts of the page.
#[derive(Clone, Copy)]
pub struct Toasts(RwSignal<Vec<Toast>>);

/// Makes the page's toasts, to be found by every component below.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts(RwSignal::default());
    provide_context(toasts);
    toasts
}

impl Toasts {
    pub fn show(&self, toast: Toast) {
        // The page may have been left.
        self.0.try_update(|toasts| {
            toasts.retain(|other| other.key != toast.key);
            toasts.push(toast);
            let surplus = toasts.len().saturating_sub(AT_ONCE);
            toasts.drain(..surplus);
        });
    }

    pub fn dismiss(&self, key: i64) {
        if self.0.try_with_untracked(|toasts| toasts.iter().any(|toast| toast.key == key)) == Some(true) {
            self.0.update(|toasts| toasts.retain(|toast| toast.key != key));
        }
    }
}

#[component]
pub fn ToastList(toasts: Toasts) -> impl IntoView {
    view! {
        <div class="toasts" role="status">
            <For each=move || toasts.0.get() key=|toast| toast.key let(toast)>
                <ToastView toasts toast/>
            </For>
        </div>
    }
}

#[component]
fn ToastView(toasts: Toasts, toast: Toast) -> impl IntoView {
    let Toast { key, heading, text, href } = toast;
    let (hovered, focused) = (RwSignal::new(false), RwSignal::new(false));
    let visible = visible();
    Effect::new(move |_| {
        if visible.get() && !hovered.get() && !focused.get() {
            let gone = set_timeout_with_handle(move || toasts.dismiss(key), LASTS);
            on_cleanup(move || gone.into_iter().for_each(|timer| timer.clear()));
        }
    });
    view! {
        <div
            class="toast"
            on:mouseenter=move |_| hovered.set(true)
            on:mouseleave=move |_| hovered.set(false)
            on:focusin=move |_| focused.set(true)
            on:focusout=move |_| focused.set(false)
        >
            <a href=href on:click=move |_| toasts.dismiss(key)>
                <strong dir="auto">{heading}</strong>
                <span dir="auto">{text}</span>
            </a>
            <button type="button" class="quiet" aria-label="Dismiss" on:click=move |_| toasts.dismiss(key)>"×"</button>
        </div>
    }
}
