//! Search as it is shown: a page of its own, and the palette that Ctrl+K opens.

mod choice;
mod finder;
mod page;
mod palette;

pub use finder::Finder;
pub use page::{SearchForm, SearchResults};
pub use palette::{FindLink, Palette};
