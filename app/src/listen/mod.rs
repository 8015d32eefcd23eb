//! Listen: the browser side of asynchronous refresh. A page says what it listens to ([`Listen`]); one client serves all of it.
//! What the client does about each event is decided in `protocol`, which knows neither sockets nor browsers, with its books in
//! `channels` and `connection`; `browser` and `transport` carry it out. What is to be read anew is gathered by [`reloader`].
//!
//! ```
//! use app::listen::{Actions, Listen, reloader};
//! use app::object::{Action, Object};
//! use app::rooms;
//! use leptos::prelude::*;
//!
//! /// A room's name. `seq`: the room's when `name` was read.
//! #[component]
//! fn RoomName(id: i64, seq: i64, name: RwSignal<String>) -> impl IntoView {
//!     let reload = reloader(move |_: Vec<()>| async move {
//!         name.set(rooms::api::get(id).await?.name);
//!         Ok(())
//!     });
//!     let again = move || reload(());
//!     let actions = Actions::new(again).on(Action::Renamed, move |_| again());
//!     view! { <Listen to=Object::Room(id) seq actions/> <h1>{name}</h1> }
//! }
//! ```

mod actions;
pub mod api;
mod backoff;
mod browser;
pub mod channels;
mod client;
mod connection;
pub mod event;
mod keyed;
pub mod presence;
pub mod protocol;
pub mod reload;
mod transport;
mod view;

pub use actions::{Actions, DuplicateAction};
pub use browser::provide_client;
pub use client::{Client, Status};
pub use keyed::{HasId, Keyed};
pub use presence::Attendee;
pub use reload::{Stale, reloader};
pub use view::{Listen, LiveStatus};

/// Ids that one request for a reload may name.
pub const MAX_RELOAD: usize = 200;
/// Objects that one request may catch up on.
pub const MAX_OBJECTS: usize = 100;
