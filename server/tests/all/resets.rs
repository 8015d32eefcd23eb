//! Choosing another password with a link, over a mail server that is one.

use app::entities::EVERYONE;
use app::mail::Mailer;
use earshot_live::timestamp::Timestamp;
use reqwest::StatusCode;
use sqlx::{query, query_scalar};
use tokio::time::timeout;

use crate::support::database::{Database, sqlite};
use crate::support::mailbox::{Mailbox, silent};
use crate::support::on_both;
use crate::support::person::{Answer, Person};
use crate::support::server::Server;
use crate::support::socket::Socket;
use crate::support::timeout::TIMEOUT;
use crate::support::world::{PASSWORD, World};

on_both!(
    a_link_by_mail_sets_another_password_once_and_ends_every_session,
    a_link_that_is_too_old_or_for_somebody_deactivated_is_like_none,
    an_administrator_makes_a_link_where_no_mail_is_sent,
);

const NEW: &str = "another horse";

async fn redeem(person: &Person, token: &str) -> Answer {
    person.call("resets/redeem", &[("token", token), ("password", NEW)]).await
}

async fn sign_in(person: &Person, email: &str, password: &str) -> StatusCode {
    person.call("people/sign_in", &[("email", email), ("password", password)]).await.status
}

async fn a_link_by_mail_sets_another_password_once_and_ends_every_session(database: Database) {
    let mut mailbox = Mailbox::open().await;
    let world = World::of(Server::mailing(database, mailbox.mailer.clone()).await).await;
    let mut socket = Socket::listening(&world.server, &world.mia, EVERYONE).await;
    let known = world.anon.call("resets/ask", &[("email", " MIA@example.org")]).await;
    let mail = mailbox.next().await;
    assert_eq!(
        (known.status, mail.from.as_str(), mail.to.as_str()),
        (StatusCode::OK, "chat@example.org", "mia@example.org")
    );
    let token = mail.token();
    let kept: Vec<String> = query_scalar("SELECT key FROM resets").fetch_all(world.db().read()).await.unwrap();
    assert!(kept.len() == 1 && kept.iter().all(|key| !key.contains(token)), "{kept:?}");

    assert_eq!(world.anon.get(&format!("/reset/{token}")).await.status, StatusCode::OK);
    let short = world.anon.call("resets/redeem", &[("token", token), ("password", "short")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(redeem(&world.anon, token).await.status, StatusCode::OK);
    assert_eq!(socket.closed().await, 4009);
    assert_eq!(world.mia.call("people/me", &[]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&world.anon, "mia@example.org", PASSWORD).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sign_in(&world.anon, "mia@example.org", NEW).await, StatusCode::OK);

    let guessed = redeem(&world.anon, "guessed").await;
    assert_eq!(guessed.status, StatusCode::NOT_FOUND);
    assert_eq!(redeem(&world.anon, token).await, guessed, "a second time");
    assert_eq!(world.anon.get(&format!("/reset/{token}")).await.status, StatusCode::NOT_FOUND);
}

async fn a_link_that_is_too_old_or_for_somebody_deactivated_is_like_none(database: Database) {
    let world = World::new(database).await;
    let make = async |user: i64| {
        let answer = world.ada.call("resets/make", &[("user", &user.to_string())]).await;
        answer.json().as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    };
    let (old, unused, other) = (make(world.mia.id).await, make(world.sam.id).await, make(world.sam.id).await);
    let mut tx = world.db().begin("the clock").await.unwrap();
    let past = query("UPDATE resets SET expires = $1 WHERE user_id = $2").bind(Timestamp::now().0).bind(world.mia.id);
    past.execute(tx.sql()).await.unwrap();
    tx.commit().await.unwrap();
    let none = redeem(&world.anon, "guessed").await;
    assert_eq!(redeem(&world.anon, &old).await, none);
    // One that is used takes the others for the account with it.
    assert_eq!(redeem(&world.anon, &unused).await.status, StatusCode::OK);
    assert_eq!(redeem(&world.anon, &other).await, none);
    let late = make(world.sam.id).await;
    let sam = world.sam.id.to_string();
    world.ada.call("accounts/set_active", &[("user", &sam), ("active", "false")]).await;
    assert_eq!(redeem(&world.anon, &late).await, none);
    let refused = world.ada.call("resets/make", &[("user", &sam)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn an_administrator_makes_a_link_where_no_mail_is_sent(database: Database) {
    let world = World::of(Server::mailing(database, Mailer::nowhere()).await).await;
    assert!(world.anon.get("/forgot").await.body.contains("Ask an administrator"));
    let answer = world.anon.call("resets/ask", &[("email", "mia@example.org")]).await;
    assert!(answer.sentence().contains("administrator"), "{answer:?}");
    let link = world.ada.call("resets/make", &[("user", &world.mia.id.to_string())]).await.json();
    let token = link.as_str().unwrap().strip_prefix("http://127.0.0.1/reset/").unwrap();
    assert_eq!(redeem(&world.anon, token).await.status, StatusCode::OK);
    assert_eq!(sign_in(&world.anon, "mia@example.org", NEW).await, StatusCode::OK);
}

#[tokio::test]
async fn who_asks_is_not_told_whether_there_is_an_account() {
    let mut mailbox = Mailbox::open().await;
    let world = World::of(Server::mailing(sqlite(), mailbox.mailer.clone()).await).await;
    let unknown = world.anon.call("resets/ask", &[("email", "nobody@example.org")]).await;
    let known = world.anon.call("resets/ask", &[("email", "sam@example.org")]).await;
    assert_eq!(unknown, known);
    assert_eq!(mailbox.next().await.to, "sam@example.org");
    // Nor by how often it may be asked.
    for email in ["nobody@example.org", "sam@example.org"] {
        for again in 2..=6 {
            let answer = world.anon.call("resets/ask", &[("email", email)]).await;
            assert_eq!(answer.status == StatusCode::OK, again <= 5, "{email}, {again}");
        }
    }
}

#[tokio::test]
async fn a_mail_server_that_is_silent_holds_nobody_up() {
    let world = World::of(Server::mailing(sqlite(), silent().await).await).await;
    let asked = world.anon.call("resets/ask", &[("email", "mia@example.org")]);
    // Sooner than the mail server is given up, which takes as long as a test has patience.
    assert_eq!(timeout(TIMEOUT / 2, asked).await.expect("an answer").status, StatusCode::OK);
}
