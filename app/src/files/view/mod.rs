//! How files are shown: below their message, and in the tray before they are sent.

mod attached;
mod drop;
mod picture;
mod tray;

pub use attached::Attached;
pub use drop::{DropZone, take_pasted};
pub use tray::{AttachButton, TrayView};
