//! Who may do what, server only: the person who asks, the rules, and the rights that hold until a commit.

mod facts;
mod held;
mod rules;
mod viewer;

pub use facts::Source;
pub use held::Held;
pub use rules::*;
pub use viewer::{Flag, Viewer, session_key};
