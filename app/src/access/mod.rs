//! Who may do what, server only: the person who asks, the rules, and what becomes of a right that ends.

mod facts;
mod held;
mod rules;
mod viewer;

pub use facts::Source;
pub use held::Held;
pub use rules::{
    Access, Export, File, Message, Notices, Read, Reading, Room, Session, Team, User, Write, role_pusher_user,
};
pub(crate) use rules::{ROOM_NAME, ROOM_READABLE, ROOM_READERS};
pub use viewer::{Flag, Viewer, session_key};
