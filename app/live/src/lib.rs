//! Notify and Listen for Leptos and axum apps: the half that pages and stores use. `earshot-hub` is the half that serves.
//!
//! **A commit makes a notice. A notice says *that* something changed, never *what*. Whoever listens reloads the object by id, as
//! the user who is looking.**

#![deny(missing_docs, clippy::missing_errors_doc)]

pub mod error;
pub mod listen;
pub mod object;
pub mod pusher;
#[cfg(feature = "ssr")]
pub mod shares;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(test)]
mod testing;
pub mod timeout;
pub mod timestamp;
