//! Rooms as they are shown.

mod header;
mod nav;
mod settings;

pub use header::RoomHeader;
pub use nav::RoomNav;
pub use settings::{NewRoomForm, RoomSettings};
