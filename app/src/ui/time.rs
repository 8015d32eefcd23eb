//! Points in time, in the reader's own zone.

use earshot_live::timestamp::Timestamp;
use leptos::prelude::*;

use crate::ui::zone;

/// The time of day, with the date before it when it was not today.
#[component]
pub fn Time(at: Timestamp) -> impl IntoView {
    let zone = zone();
    view! { <time datetime=at.rfc3339() title=move || zone.get().full(at)>{move || zone.get().short(at)}</time> }
}

/// The time of day, where the day stands elsewhere.
#[component]
pub fn Clock(at: Timestamp) -> impl IntoView {
    let zone = zone();
    view! { <time datetime=at.rfc3339() title=move || zone.get().full(at)>{move || zone.get().clock(at)}</time> }
}

/// The day.
#[component]
pub fn Day(at: Timestamp) -> impl IntoView {
    let zone = zone();
    view! { <time datetime=at.rfc3339()>{move || zone.get().date(at)}</time> }
}
