//! Components of no noun.

mod form;
mod here;
mod raw_text;
mod status;
mod text;
mod time;

pub use form::{Form, PageForm, Rejected, Sentence, provide_rejected, typed};
pub use here::here;
pub use raw_text::raw_text;
pub use status::Fault;
pub use text::Text;
pub use time::Time;
