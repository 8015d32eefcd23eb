//! The Listen component.

use leptos::logging::error;
use leptos::prelude::*;

use crate::listen::Actions;
use crate::listen::client::Client;
use crate::object::Object;

/// Runs `actions` for what happens to the object `to` after number `seq`, for as long as it is mounted. Another object
/// re-subscribes, none unsubscribes. Without [`provide_client`](crate::listen::provide_client) above it nothing is heard, and the
/// log says so. It shows nothing: [`Client::refused`] has the reason when the subscription is refused.
#[component]
pub fn Listen(
    #[prop(into)] to: Signal<Option<Object>>,
    /// The object's seq with which the page was rendered.
    #[prop(into)]
    seq: Signal<i64>,
    /// A list that names an action twice fails the page that is being built.
    actions: Actions,
) -> impl IntoView {
    let client = use_context::<Client>();
    if client.is_none() {
        error!("Listen hears nothing: provide_client() is to be called above it.");
    }
    actions.checked().map(|actions| {
        Effect::new(move |_| {
            if let (Some(client), Some(object)) = (client.clone(), to.get()) {
                let id = client.listen(object, seq.get_untracked(), actions.clone());
                on_cleanup(move || client.unlisten(id));
            }
        });
    })
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::listen::provide_client;
    use crate::object::Action;
    use crate::testing::{EDITED, POSTED, TEAM};

    fn page(actions: &[Action]) -> String {
        let actions = actions.iter().fold(Actions::new(|| {}), |list, action| list.on(*action, |_| {}));
        Owner::new().with(|| {
            provide_client();
            view! { <ErrorBoundary fallback=|_| "refused"><Listen to=TEAM.object(1) seq=0 actions/>"built"</ErrorBoundary> }.to_html()
        })
    }

    #[test]
    fn a_page_without_a_client_is_built_and_hears_nothing() {
        let page = || view! { <Listen to=TEAM.object(1) seq=0 actions=Actions::new(|| {})/>"built" }.to_html();
        assert!(Owner::new().with(page).contains("built"));
    }

    #[test]
    fn a_page_whose_action_list_names_an_action_twice_is_not_built() {
        assert!(page(&[POSTED, EDITED]).contains("built"));
        assert!(page(&[POSTED, POSTED]).contains("refused"));
    }
}
