//! The Listen component, and the notice that says how the client is doing.

use leptos::prelude::*;

use crate::listen::Actions;
use crate::listen::client::{Client, Status};
use crate::object::Object;

/// Runs `actions` for what happens to the object `to` after number `seq`, for as long as it is mounted. Another object
/// re-subscribes, none unsubscribes. It shows nothing, unless the subscription is refused: then it says why.
#[component]
pub fn Listen(
    #[prop(into)] to: Signal<Option<Object>>,
    /// The object's seq with which the page was rendered.
    #[prop(into)]
    seq: Signal<i64>,
    /// A list that names an action twice fails the page that is being built.
    actions: Actions,
) -> impl IntoView {
    let client = expect_context::<Client>();
    let refused = client.refused;
    actions.checked().map(|actions| {
        Effect::new(move |_| {
            if let Some(object) = to.get() {
                let id = client.listen(object, seq.get_untracked(), actions.clone());
                let client = client.clone();
                on_cleanup(move || client.unlisten(id));
            }
        });
        let refusal = move || to.get().and_then(|object| refused.with(|refused| refused.get(&object).cloned()));
        move || refusal().map(|why| view! { <p class="live-status" role="status">"No live updates here: " {why}</p> })
    })
}

/// Says when live updates do not come, and why.
#[component]
pub fn LiveStatus() -> impl IntoView {
    let status = expect_context::<Client>().status;
    let said = move || match status.get() {
        Status::Idle | Status::Live | Status::SignedOut => None,
        Status::Lost => Some(("live-status lost", "Connection lost. Trying to get it back.".to_owned())),
        Status::Refused(why) => {
            Some(("live-status", format!("Live updates are off: reload the page to see what is new. {why}")))
        }
    };
    move || said().map(|(class, sentence)| view! { <p class=class role="status">{sentence}</p> })
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::listen::provide_client;
    use crate::object::Action;

    fn page(actions: &[Action]) -> String {
        let actions = actions.iter().fold(Actions::new(|| {}), |list, action| list.on(*action, |_| {}));
        Owner::new().with(|| {
            provide_client();
            view! { <ErrorBoundary fallback=|_| "refused"><Listen to=Object::Team seq=0 actions/>"built"</ErrorBoundary> }.to_html()
        })
    }

    #[test]
    fn a_page_whose_action_list_names_an_action_twice_is_not_built() {
        assert!(page(&[Action::Posted, Action::Edited]).contains("built"));
        assert!(page(&[Action::Posted, Action::Posted]).contains("refused"));
    }
}
