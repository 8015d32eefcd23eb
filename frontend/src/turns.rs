//! A page becomes live in several turns, and whoever wants to do something meanwhile comes between them: the program is set
//! up, it takes over the page, part by part, and then runs, some at a time, what the page has set going.

use std::cell::RefCell;

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use app::ui::{hydrate_around_parts, hydrate_part};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;

/// What is started at a time.
const BATCH: usize = 50;
/// What people do to a page.
const USES: [&str; 4] = ["click", "input", "keydown", "popstate"];

thread_local! {
    /// What waits for its turn; nothing once the page is live.
    static WAITING: RefCell<Option<Vec<PinnedLocalFuture<()>>>> = const { RefCell::new(Some(Vec::new())) };
}

/// Takes over the page with `hydrate`.
pub fn run(hydrate: impl FnOnce() + 'static) {
    // It fails only when it is done twice.
    let _ = Executor::init_local_custom_executor(Turns);
    spawn_local(async move {
        pause().await;
        whole_before_use();
        let title = document().title();
        hydrate_around_parts(hydrate);
        // Left empty until the effect that writes it has its turn.
        document().set_title(&title);
        pause().await;
        while hydrate_part() {
            pause().await;
        }
        loop {
            let batch = next_batch();
            if batch.is_empty() {
                return;
            }
            batch.into_iter().for_each(spawn_local);
            pause().await;
        }
    });
}

/// Who uses the page before all of it is live makes the rest live first: a part has to be as the server wrote it.
fn whole_before_use() {
    let whole = Closure::<dyn Fn()>::new(|| while hydrate_part() {});
    for used in USES {
        // It is heard before anything in the page is. Nothing is wrong with the arguments.
        let _ = window().add_event_listener_with_callback_and_bool(used, whole.as_ref().unchecked_ref(), true);
    }
    whole.forget();
}

/// Lets others come first. A page that nobody looks at would wait for a second.
async fn pause() {
    if !document().hidden() {
        TimeoutFuture::new(0).await;
    }
}

fn next_batch() -> Vec<PinnedLocalFuture<()>> {
    WAITING.with_borrow_mut(|waiting| {
        let mut batch = waiting.take().unwrap_or_default();
        let rest = batch.split_off(BATCH.min(batch.len()));
        *waiting = (!batch.is_empty()).then_some(rest);
        batch
    })
}

struct Turns;

impl CustomExecutor for Turns {
    fn spawn(&self, future: PinnedFuture<()>) {
        self.spawn_local(future);
    }

    fn spawn_local(&self, future: PinnedLocalFuture<()>) {
        let at_once = WAITING.with_borrow_mut(|waiting| match waiting {
            Some(waiting) => {
                waiting.push(future);
                None
            }
            None => Some(future),
        });
        at_once.into_iter().for_each(spawn_local);
    }

    /// The browser does.
    fn poll_local(&self) {}
}
