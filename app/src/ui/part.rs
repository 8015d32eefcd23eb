//! A part of a page that becomes live in a turn of its own: the browser draws, scrolls and listens in between.

use std::cell::RefCell;
use std::collections::VecDeque;

use leptos::html::Div;
use leptos::prelude::*;
use leptos::tachys::reactive_graph::OwnedView;

type Hydrate = Box<dyn FnOnce()>;

thread_local! {
    /// The parts that are not live yet, as they follow each other; nothing on the server, and once the page is live.
    static LATER: RefCell<Option<VecDeque<Hydrate>>> = const { RefCell::new(None) };
}

/// Takes over the page with `hydrate`, all but its parts.
pub fn hydrate_around_parts(hydrate: impl FnOnce()) {
    LATER.set(Some(VecDeque::new()));
    hydrate();
}

/// Takes over the next part. False: none is left, the page is whole.
pub fn hydrate_part() -> bool {
    let next = LATER.with_borrow_mut(|later| later.as_mut()?.pop_front());
    if next.is_none() {
        LATER.set(None);
    }
    next.map(|hydrate| hydrate()).is_some()
}

/// A `div` whose content is hydrated apart. Nothing in it may be told apart by the order in which it was made: no resource, no
/// `Suspense`, no `ErrorBoundary`.
#[component]
pub fn Part(
    class: &'static str,
    /// Whether nothing can be done with it.
    #[prop(optional, into)]
    inert: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let whole = LATER.with_borrow(Option::is_none);
    if whole {
        return view! { <div class=class inert=inert>{children()}</div> }.into_any();
    }
    let (element, owner) = (NodeRef::<Div>::new(), Owner::current().unwrap_or_default());
    let hydrate = move || {
        if let Some(element) = element.try_get_untracked().flatten() {
            // Kept as long as `owner` is there; what is kept may hold on to an owner of its own only.
            let own = owner.child();
            let content = OwnedView::new_with_owner(own.with(children), own);
            owner.with(|| StoredValue::new_local(content.hydrate_from::<true>(&element)));
        }
    };
    LATER.with_borrow_mut(|later| later.get_or_insert_default().push_back(Box::new(hydrate)));
    view! { <div class=class inert=inert node_ref=element/> }.into_any()
}
