use std::ffi::OsString;

use super::*;

fn config(vars: &[(&str, &str)]) -> Result<Config, Wrong> {
    Config::from(&vars.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect())
}

#[test]
fn without_any_setting_it_is_a_development_server_on_this_machine() {
    let config = config(&[]).unwrap();
    assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
    assert_eq!(config.database_url, "sqlite://data/earshot.db");
    assert_eq!(config.data_dir(), Path::new("data"));
    assert!(matches!(&config.files, Storage::Folder(folder) if folder == Path::new("data/files")));
    assert_eq!(config.max_file, 25_000_000);
    assert!(!config.https());
}

#[test]
fn each_wrong_setting_is_named_in_one_sentence() {
    let wrong = config(&[
        ("EARSHOT_ADDR", "localhost"),
        ("DATABASE_URL", "mysql://root:hunter2@localhost"),
        ("EARSHOT_ENV", "staging"),
        ("EARSHOT_URL", "chat.example.org"),
        ("EARSHOT_CACHE", "-1"),
        ("EARSHOT_MAX_FILE", "0"),
        ("EARSHOT_PROXIES", "127.0.0.1, proxy.example.org"),
        ("PUSHER_KEY", "a b"),
        ("EARSHOT_NOTIFIER", "telepathy"),
    ]);
    let sentences = wrong.unwrap_err().to_string();
    assert_eq!(sentences.lines().count(), 9, "{sentences}");
    let named = [
        "EARSHOT_ADDR",
        "DATABASE_URL",
        "EARSHOT_ENV",
        "EARSHOT_URL",
        "EARSHOT_CACHE",
        "EARSHOT_MAX_FILE",
        "EARSHOT_PROXIES",
        "PUSHER_KEY",
        "EARSHOT_NOTIFIER",
    ];
    for name in named {
        assert!(sentences.contains(name), "{sentences}");
    }
    assert!(!sentences.contains("hunter2"));
}

#[test]
fn what_lets_anybody_in_is_not_shown() {
    let shown = config(&[
        ("DATABASE_URL", "postgres://earshot:hunter2@db.example.org/earshot"),
        ("SMTP_URL", "smtp://chat:hunter2@mail.example.org"),
        ("MAIL_FROM", "chat@example.org"),
        ("PUSHER_SECRET", "hunter2"),
        ("EARSHOT_FILES", "s3://files"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_SESSION_TOKEN", "hunter2"),
    ]);
    let shown = format!("{:?}", shown.unwrap());
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn an_outside_service_wants_its_keys_and_where_it_is() {
    let keys = [("PUSHER_APP_ID", "1"), ("PUSHER_KEY", "k"), ("PUSHER_SECRET", "s")];
    let with = |more: &[(&str, &str)]| config(&[&[("EARSHOT_NOTIFIER", "pusher")], more].concat());
    let sentences = with(&[]).unwrap_err().to_string();
    for name in ["PUSHER_APP_ID", "PUSHER_KEY", "PUSHER_SECRET", "PUSHER_CLUSTER"] {
        assert!(sentences.contains(name), "{sentences}");
    }
    assert!(with(&[&keys[..], &[("PUSHER_CLUSTER", "eu")]].concat()).unwrap().service.is_some());
    assert!(config(&[]).unwrap().service.is_none());
}

#[test]
fn a_mail_server_is_checked_and_without_one_mails_are_logged_in_development_alone() {
    let sentences = config(&[("SMTP_URL", "mail.example.org:hunter2")]).unwrap_err().to_string();
    assert!(sentences.contains("SMTP_URL") && sentences.contains("MAIL_FROM"), "{sentences}");
    assert!(!sentences.contains("hunter2"));
    let smtp = [("SMTP_URL", "smtp://127.0.0.1:2525"), ("MAIL_FROM", "chat@example.org")];
    assert!(config(&smtp).unwrap().mail.works() && config(&[]).unwrap().mail.works());
    let keys = [("PUSHER_APP_ID", "1"), ("PUSHER_KEY", "k"), ("PUSHER_SECRET", "s"), ("EARSHOT_ENV", "production")];
    assert!(!config(&keys).unwrap().mail.works());
}

#[test]
fn production_wants_its_own_keys() {
    let sentences = config(&[("EARSHOT_ENV", "production"), ("PUSHER_KEY", "k")]).unwrap_err().to_string();
    assert!(sentences.contains("PUSHER_APP_ID") && sentences.contains("PUSHER_SECRET"), "{sentences}");
    assert!(!sentences.contains("PUSHER_KEY "));
}
