//! The list of rooms alone. On a narrow screen it is the page; on a wide one it stands at the side anyway.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn RoomsPage() -> impl IntoView {
    view! {
        <Title text="Rooms"/>
        <section class="choose">
            <h1>"Rooms"</h1>
            <p>"Choose a room, or " <a href="/rooms/new">"make a new one"</a> "."</p>
        </section>
    }
}
