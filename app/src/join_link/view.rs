//! The join link as administrators see it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::join_link::JoinLink;
use crate::join_link::api::Renew;
use crate::ui::{CopyField, PageForm};

#[component]
pub fn JoinLinkCard(link: JoinLink) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="join-link">
            <h2 id="join-link">"The join link"</h2>
            <p>"Whoever has it can make an account here. Send it to your team, or let them scan the code."</p>
            <CopyField label="Join link" text=link.url/>
            <div class="qr" role="img" aria-label="The join link as a QR code" inner_html=link.qr></div>
            <button popovertarget="renew-link">"Make a new link"</button>
            <div popover id="renew-link">
                <p>"Make a new link? The one above admits nobody from then on."</p>
                <PageForm action=Renew::PATH>
                    <button class="danger">"Yes, make a new one"</button>
                </PageForm>
                <button type="button" class="quiet" popovertarget="renew-link" popovertargetaction="hide">"Cancel"</button>
            </div>
        </section>
    }
}
