//! What one has read and what not, as it is shown.

mod level;
mod reader;
mod since;

pub use level::LevelForm;
pub use reader::Reader;
pub use since::{MarkUnread, NewLine};
