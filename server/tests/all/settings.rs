//! Settings: those that are no text, and where one finds them all.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::process::Output;

use tokio::process::Command;

use crate::support::database::sqlite;

async fn check(settings: &[(&str, &[u8])]) -> Output {
    let database = sqlite();
    let mut command = Command::new(env!("CARGO_BIN_EXE_earshot"));
    command.arg("check").env("DATABASE_URL", &database.url).env("EARSHOT_ENV", "development");
    command.env("EARSHOT_FILES", database.folder.path().join("files"));
    command.envs(settings.iter().map(|(name, value)| (name, OsStr::from_bytes(value))));
    command.kill_on_drop(true).output().await.unwrap()
}

#[tokio::test]
async fn one_that_is_no_text_is_told_with_the_others_and_without_what_it_is() {
    let checked = check(&[("EARSHOT_ADDR", b"localhost"), ("SMTP_URL", b"smtp://hunter2\xff@mail.example.org")]).await;
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(!checked.status.success());
    let mut lines: Vec<&str> = said.lines().filter_map(|line| line.split(' ').next()).collect();
    lines.sort_unstable();
    assert_eq!(lines, ["EARSHOT_ADDR", "SMTP_URL"], "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn one_that_is_not_ours_may_be_anything() {
    let checked = check(&[("SOMEBODY_ELSES", b"\xff")]).await;
    assert!(checked.status.success(), "{checked:?}");
}

#[tokio::test]
async fn help_lists_each_that_the_readme_explains() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_earshot"));
    let help = command.arg("--help").kill_on_drop(true).output().await.unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let readme = include_str!("../../../README.md");
    let settings = readme.split("\n## ").find(|section| section.starts_with("Settings\n")).unwrap();
    let names = settings.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
    let names: Vec<&str> = names.flat_map(|cell| cell.split(['`', ',', ' '])).filter(|name| !name.is_empty()).collect();
    assert!(names.contains(&"EARSHOT_ADDR") && names.contains(&"AWS_REGION"), "{names:?}");
    for name in names {
        assert!(help.contains(name), "{name}");
    }
}
