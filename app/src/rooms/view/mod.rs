//! Rooms as they are shown.

mod direct;
mod header;
mod here;
mod nav;
mod settings;
mod sign;

pub use direct::{MessageButton, NewDirectForm};
pub use header::{RoomHeader, put_out};
pub use nav::RoomNav;
pub use settings::{NewRoomForm, RoomSettings};
pub use sign::{Openness, Sign};
