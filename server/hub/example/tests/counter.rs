//! The program as it is started. What pages see of it stands in `end2end/tests/counter.spec.ts`.

use std::process::Command;

#[test]
fn without_its_arguments_it_says_what_they_are() {
    let ended = Command::new(env!("CARGO_BIN_EXE_counter")).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success() && said.contains("counter ADDRESS DATABASE SITE"), "{said}");
}
