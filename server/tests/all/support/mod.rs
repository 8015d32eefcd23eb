//! What the tests stand on: databases, a small world, and people who act in it.
#![allow(dead_code, unused_imports, unused_macros, reason = "no test program uses all of it")]

pub mod audience;
pub mod bucket;
pub mod cluster;
pub mod cut;
pub mod database;
#[path = "../../machines/mod.rs"]
pub mod machines;
pub mod mailbox;
pub mod page;
pub mod person;
pub mod postgres;
pub mod process;
pub mod program;
pub mod readers;
pub mod server;
pub mod socket;
pub mod sqlite;
pub mod timeout;
pub mod world;

/// Runs each named test on both databases.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::support::database::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::support::postgres::database().await).await;
            })+
        }
    };
}
pub(crate) use on_both;

/// Runs each named test with its files in a bucket.
macro_rules! in_a_bucket {
    ($($test:ident),+ $(,)?) => {
        mod bucket {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(crate::support::bucket::database().await).await;
            })+
        }
    };
}
pub(crate) use in_a_bucket;
