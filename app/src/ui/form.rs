//! Forms that lose nothing. With JavaScript they send in place; without, the server shows the page again with what was typed
//! and what was wrong ([`Rejected`]).

use earshot_live::error::{Error, Kind};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::server_fn::client::Client;
use leptos::server_fn::codec::PostUrl;
use leptos::server_fn::request::ClientReq;
use leptos::server_fn::{Http, ServerFn};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::ui::here;
use crate::ui::once::mark;

/// The fields that hold more than a line.
const TEXTS: [&str; 2] = ["body", "about"];

/// A form that was posted without JavaScript and refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rejected {
    /// The server function that refused it.
    pub action: String,
    /// The page on which the form stands.
    pub from: String,
    pub error: Error,
    /// What was typed, without passwords.
    pub typed: Vec<(String, String)>,
}

/// The page's refused form, until something else was sent or another page was gone to.
#[derive(Clone)]
pub struct Refusal(ArcRwSignal<Option<Rejected>>);

impl Refusal {
    pub fn expect() -> Self {
        expect_context()
    }

    /// What the server function at `path` has refused, as long as the page is still the one on which it happened; tracked.
    fn by(&self, path: &str) -> Option<Rejected> {
        self.0.get().filter(|rejected| rejected.action == path && rejected.from == untrack(here()))
    }

    /// Who sends something else has done with it.
    pub fn forget(&self) {
        self.0.maybe_update(|refused| refused.take().is_some());
    }

    /// Whoever goes on has done with it, too, unless they are to sign in first: what they wrote is kept nowhere else.
    fn go_on(&self) {
        self.0.maybe_update(|refused| refused.take_if(|refused| refused.error.kind != Kind::SignedOut).is_some());
    }
}

/// Takes what the server knows of a refused form over into the browser.
pub fn provide_rejected() {
    let rejected = SharedValue::new(use_context::<Rejected>).into_inner();
    provide_context(Refusal(ArcRwSignal::new(rejected)));
}

/// Forgets a refused form with the next page that is gone to.
#[component]
pub fn ForgetRefusal() -> impl IntoView {
    let (refusal, here) = (Refusal::expect(), here());
    Effect::new(move |before: Option<String>| {
        let now = here();
        if before.is_some_and(|before| before != now) {
            refusal.go_on();
        }
        now
    });
}

/// What the form of `F` on this page had in the field `name` when it was refused.
pub fn typed<F: ServerFn>(name: &str) -> Option<String> {
    let rejected = untrack(|| Refusal::expect().by(F::PATH))?;
    rejected.typed.into_iter().find(|(field, _)| field == name).map(|(_, value)| value)
}

/// The text of somebody who was signed out before it was sent, for the page on which they sign in. The form there carries it
/// along by [`LeftBehind`]: after a wrong password it stands on the page again.
pub fn left_behind() -> Option<String> {
    let Rejected { from, typed, .. } = Refusal::expect().0.get_untracked()?;
    let text = typed.into_iter().find(|(field, text)| TEXTS.contains(&field.as_str()) && !text.is_empty());
    text.filter(|_| from == untrack(here())).map(|(_, text)| text)
}

/// Brings a text that was left behind back to the page on which the form is refused.
#[component]
pub fn LeftBehind(text: Option<String>) -> impl IntoView {
    text.map(|text| view! { <input type="hidden" name=TEXTS[0] value=text/> })
}

/// A form that is sent in place.
#[component]
pub fn Form<F, O>(
    action: ServerAction<F>,
    #[prop(optional, into)] class: &'static str,
    children: Children,
) -> impl IntoView
where
    F: DeserializeOwned + ServerFn<Protocol = Http<PostUrl, O>, Error = Error> + Clone + Send + Sync + 'static,
    F::Client: Client<Error>,
    <<F::Client as Client<Error>>::Request as ClientReq<Error>>::FormData: From<web_sys::FormData>,
    F::Output: Clone + Send + Sync + 'static,
{
    let form = NodeRef::<leptos::html::Form>::new();
    let (pending, refusal) = (action.pending(), Refusal::expect());
    let refused = refusal.clone();
    Effect::new(move |_| {
        let pending = pending.get();
        if pending {
            refusal.forget();
        }
        form.get().iter().for_each(|form| mark(form, pending));
    });
    let failed = move || action.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
    view! {
        <ActionForm action node_ref=form attr:class=class>
            <WhereFrom/>
            {children()}
            <Sentence error=Signal::derive(move || failed().or_else(|| refused.by(F::PATH).map(|rejected| rejected.error)))/>
        </ActionForm>
    }
}

/// A form after which everything on the page may be different: it loads the next page as a link does.
#[component]
pub fn PageForm(
    /// The URL of the server function.
    action: &'static str,
    #[prop(optional, into)] class: &'static str,
    children: Children,
) -> impl IntoView {
    let refusal = Refusal::expect();
    view! {
        <form method="post" action=action class=class>
            <WhereFrom/>
            {children()}
            <Sentence error=Signal::derive(move || refusal.by(action).map(|rejected| rejected.error))/>
        </form>
    }
}

/// Tells the server on which page the form stands.
#[component]
fn WhereFrom() -> impl IntoView {
    view! { <input type="hidden" name="from" value=here()/> }
}

/// Says what is wrong with what was filled in.
#[component]
pub fn Sentence(#[prop(into)] error: Signal<Option<Error>>) -> impl IntoView {
    move || error.get().map(|error| view! { <p class="form-error" role="alert">{error.sentence}</p> })
}
