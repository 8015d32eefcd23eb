//! The HTML around every page, server only.

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
}

pub fn shell(options: LeptosOptions) -> impl IntoView {
    let Assets { style, icon } = expect_context();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href=icon type="image/svg+xml"/>
                <link rel="stylesheet" href=style/>
                {use_context::<Rejected>().map(|rejected| view! { <BackOnPage from=rejected.from/> })}
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
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
