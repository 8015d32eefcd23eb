//! Making a room.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::rooms::view::NewRoomForm;

#[component]
pub fn NewRoomPage() -> impl IntoView {
    view! {
        <Title text="New room"/>
        <section class="page">
            <p class="back"><a href="/rooms">"‹ Rooms"</a></p>
            <h1>"New room"</h1>
            <NewRoomForm/>
        </section>
    }
}
