//! The server as its users and peers see it: a real one on a free port, over a real SQLite file and a real PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod access;
mod bad_input;
mod convergence;
mod http;
mod hub;
mod killed;
mod notices;
mod people;
mod presence;
mod rooms;
mod support;
