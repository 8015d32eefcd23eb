//! Passwords: how they are compared, changed and guessed at.

use std::net::Ipv4Addr;

use app::entities::EVERYONE;
use reqwest::StatusCode;

use crate::support::database::{Database, sqlite};
use crate::support::on_both;
use crate::support::person::Person;
use crate::support::socket::Socket;
use crate::support::timeout::until;
use crate::support::world::{PASSWORD, World};

on_both!(
    a_password_is_right_however_its_letters_are_put_together,
    another_password_ends_all_other_sessions_and_takes_the_one_before,
);

async fn a_password_is_right_however_its_letters_are_put_together(database: Database) {
    let world = World::new(database).await;
    let (composed, apart) = ("caf\u{e9} au lait", "cafe\u{301} au lait");
    let change = [("old_password", PASSWORD), ("password", apart)];
    assert_eq!(world.mia.call("people/change_password", &change).await.status, StatusCode::OK);
    for typed in [composed, apart] {
        let form = [("email", "mia@example.org"), ("password", typed)];
        assert_eq!(world.anon.call("people/sign_in", &form).await.status, StatusCode::OK);
    }
    let form = [("email", "mia@example.org"), ("password", "cafe au lait")];
    assert_eq!(world.anon.call("people/sign_in", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn nothing_that_is_pasted_is_cut_without_a_word() {
    let world = World::new(sqlite()).await;
    let long = "x".repeat(250);
    for answer in [
        world.anon.call("people/sign_in", &[("email", "mia@example.org"), ("password", &long)]).await,
        world.mia.call("people/change_password", &[("old_password", &long), ("password", PASSWORD)]).await,
        world.mia.call("people/change_password", &[("old_password", PASSWORD), ("password", &long)]).await,
    ] {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.sentence().contains("200") && answer.sentence().contains("250"), "{answer:?}");
    }
    let join = format!("/join/{}", world.join_token().await);
    let reset = world.ada.call("resets/make", &[("user", &world.mia.id.to_string())]).await.json();
    let reset = format!("/reset/{}", reset.as_str().unwrap().rsplit('/').next().unwrap());
    for (person, path) in [
        (&world.anon, "/sign-in"),
        (&world.anon, &join),
        (&world.anon, &reset),
        (&world.mia, "/me"),
        (&world.mia, "/search"),
        (&world.mia, "/rooms/new"),
        (&world.olga, &format!("/rooms/{}/settings", world.closed)),
        (&world.ada, "/people"),
    ] {
        let page = person.get(path).await.body;
        assert!(page.contains("<input") && !page.contains("maxlength"), "a browser would cut what is pasted: {path}");
    }
}

async fn another_password_ends_all_other_sessions_and_takes_the_one_before(database: Database) {
    let world = World::new(database).await;
    let elsewhere = Person::sign_in(&world.server.url, world.mia.id, "Mia").await;
    let mut socket = Socket::listening(&world.server, &elsewhere, EVERYONE).await;
    let change = async |old: &str, new: &str| {
        world.mia.call("people/change_password", &[("old_password", old), ("password", new)]).await
    };
    assert_eq!(change("not hers", "another horse").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(change(PASSWORD, "short").await.sentence().contains("8 characters"));
    assert_eq!(elsewhere.call("people/me", &[]).await.status, StatusCode::OK);
    assert_eq!(change(PASSWORD, "another horse").await.status, StatusCode::OK);
    assert_eq!(socket.closed().await, 4009);
    assert_eq!(elsewhere.call("people/me", &[]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.mia.call("people/me", &[]).await.status, StatusCode::OK);
    for (password, status) in [(PASSWORD, StatusCode::UNPROCESSABLE_ENTITY), ("another horse", StatusCode::OK)] {
        let form = [("email", "mia@example.org"), ("password", password)];
        assert_eq!(world.anon.call("people/sign_in", &form).await.status, status);
    }
}

/// Takes all tries that are left for the account, without the time that comparing passwords takes.
fn use_up(world: &World, email: &str) {
    let limits = &world.server.state.limits;
    assert!((0..1_000).any(|_| limits.count(Ipv4Addr::LOCALHOST.into(), email).is_err()), "there is no end of them");
}

#[tokio::test]
async fn guessing_the_password_one_has_is_limited() {
    let world = World::new(sqlite()).await;
    let form = [("old_password", "guess"), ("password", "another horse")];
    use_up(&world, "mia@example.org");
    until("guessing is refused", async || {
        world.mia.call("people/change_password", &form).await.status == StatusCode::TOO_MANY_REQUESTS
    })
    .await;
}

#[tokio::test]
async fn a_refused_form_does_not_bring_passwords_back() {
    let world = World::new(sqlite()).await;
    let form = [("old_password", "my old secret"), ("password", "my new secret"), ("from", "/me")];
    let answer = world.mia.form("people/change_password", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("is another one") && !answer.body.contains("secret"), "{}", answer.body);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_look_the_same() {
    let world = World::new(sqlite()).await;
    let wrong = world.anon.call("people/sign_in", &[("email", "mia@example.org"), ("password", "wrong")]).await;
    let unknown = world.anon.call("people/sign_in", &[("email", "xyz@example.org"), ("password", "wrong")]).await;
    assert_eq!(wrong, unknown);
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn guessing_a_password_is_limited_for_that_account_alone() {
    let world = World::new(sqlite()).await;
    let guess =
        async |email: &str| world.anon.call("people/sign_in", &[("email", email), ("password", "guess")]).await.status;
    assert_eq!(guess("mia@example.org").await, StatusCode::UNPROCESSABLE_ENTITY);
    use_up(&world, "mia@example.org");
    until("guessing is refused", async || guess("mia@example.org").await == StatusCode::TOO_MANY_REQUESTS).await;
    assert_eq!(guess("sam@example.org").await, StatusCode::UNPROCESSABLE_ENTITY);
}
