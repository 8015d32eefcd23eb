//! Listen: the browser side of asynchronous refresh. A page says what it listens to ([`Listen`]); one client serves all of it.
//! What the client does about each event is decided in `protocol`, which knows neither sockets nor browsers, with its books in
//! `channels` and `connection`; `browser` and `transport` carry it out. What is to be read anew is gathered by [`reloader`].
//!
//! ```
//! use earshot_live::error::Error;
//! use earshot_live::listen::{Actions, Listen, reloader};
//! use leptos::prelude::*;
//!
//! earshot_live::entities! {
//!     pub enum Noun {
//!         Room = ROOM,
//!     }
//! }
//!
//! earshot_live::actions! {
//!     pub const ACTIONS = [
//!         RENAMED = "renamed",
//!     ];
//! }
//!
//! #[server]
//! async fn name_of(room: i64) -> Result<String, Error> {
//!     // A real one asks first whether whoever makes this request may read the room.
//!     Ok(format!("Room {room}"))
//! }
//!
//! /// A room's name. `seq`: the room's when `name` was read.
//! #[component]
//! fn RoomName(id: i64, seq: i64, name: RwSignal<String>) -> impl IntoView {
//!     let reload = reloader(move |_: Vec<()>| async move {
//!         name.set(name_of(id).await?);
//!         Ok(())
//!     });
//!     let again = move || reload(());
//!     let actions = Actions::new(again).on(RENAMED, move |_| again());
//!     view! { <Listen to=ROOM.object(id) seq actions/> <h1>{name}</h1> }
//! }
//! ```

mod actions;
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
pub use client::Client;
pub use event::{Attendee, Status};
pub use keyed::{HasId, Keyed};
pub use reload::{Stale, reloader};
pub use view::Listen;

/// Ids that one request for a reload may name.
pub const MAX_RELOAD: usize = 200;
/// Objects that one request may catch up on.
pub const MAX_OBJECTS: usize = 100;
