//! One file per page: what it reads, and how components of several nouns stand together on it.

mod exports;
mod forgot;
mod home;
mod inbox;
mod invite;
mod me;
mod new_direct;
mod new_room;
mod people;
mod person;
mod reset;
mod room;
mod room_settings;
mod rooms;
mod search;
mod sign_in;
mod sign_up;
mod signed_in;

pub use exports::ExportsPage;
pub use forgot::ForgotPage;
pub use home::HomePage;
pub use inbox::InboxPage;
pub use invite::InvitePage;
pub use me::MePage;
pub use new_direct::NewDirectPage;
pub use new_room::NewRoomPage;
pub use people::PeoplePage;
pub use person::PersonPage;
pub use reset::ResetPage;
pub use room::RoomPage;
pub use room_settings::RoomSettingsPage;
pub use rooms::RoomsPage;
pub use search::SearchPage;
pub use sign_in::SignInPage;
pub use sign_up::SignUpPage;
pub use signed_in::{ReadInbox, ReadMe, SignedIn};

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The id in the page's address. What is no number is the number of nothing.
fn id_param() -> Memo<i64> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok()).unwrap_or(0)))
}
