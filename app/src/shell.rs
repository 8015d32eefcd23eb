//! The HTML around every page, server only.

use const_format::concatcp;
use leptos::attr::Attribute;
use leptos::attr::custom::custom_attribute;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::App;
use crate::ui::Rejected;

/// Where the server keeps the files that every page names.
#[derive(Clone)]
pub struct Assets {
    pub style: String,
    pub icon: String,
    /// For browsers that take no drawing.
    pub touch_icon: String,
}

/// Where the web app manifest is.
pub const MANIFEST: &str = "/manifest.webmanifest";
/// The ground of the sidebar, and of what a browser draws around the page: as in `tokens.css`, light and dark.
pub const GROUNDS: [(&str, &str); 2] = [("light", "#f5f6f4"), ("dark", "#1b1f24")];
/// What ends every page. A page is drawn when it is whole: a room is laid out from its end, and what is drawn too early would
/// move as more of it comes.
const END: &str = "end";

pub fn shell(options: LeptosOptions) -> impl IntoView {
    let Assets { style, icon, touch_icon } = expect_context();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content"/>
                <meta name="color-scheme" content="light dark"/>
                {GROUNDS.map(|(scheme, ground)| view! {
                    <meta content=ground name="theme-color" {..media(scheme)}/>
                }).collect_view()}
                <link rel="icon" href=icon type="image/svg+xml"/>
                <link rel="apple-touch-icon" href=touch_icon/>
                <link rel="manifest" href=MANIFEST/>
                <link rel="stylesheet" href=style/>
                <link rel="expect" href={concatcp!("#", END)} blocking="render"/>
                {use_context::<Rejected>().map(|rejected| view! { <BackOnPage from=rejected.from/> })}
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
                <div id=END hidden></div>
            </body>
        </html>
    }
}

/// leptos knows this attribute on other elements only.
fn media(scheme: &str) -> impl Attribute {
    custom_attribute("media", format!("(prefers-color-scheme: {scheme})"))
}

/// A refused form is answered at the form's own address. The address bar goes back to the page before the page runs.
#[component]
fn BackOnPage(from: String) -> impl IntoView {
    view! {
        <script nonce=use_nonce() data-from=from>
            "history.replaceState(null, '', document.currentScript.dataset.from)"
        </script>
    }
}
