//! The join link: who has it may join, and nobody else.

use reqwest::StatusCode;
use sqlx::query_scalar;

use crate::people::join_as;
use crate::support::database::{Database, sqlite};
use crate::support::on_both;
use crate::support::world::World;

on_both!(without_the_link_nobody_joins, a_new_link_takes_the_place_of_the_one_before);

async fn without_the_link_nobody_joins(database: Database) {
    let world = World::new(database).await;
    let none = world
        .anon
        .call("people/sign_up", &[("name", "New"), ("email", "new@example.org"), ("password", "long enough")]);
    let none = none.await;
    assert_eq!(none.status, StatusCode::FORBIDDEN);
    assert!(none.sentence().contains("join link"), "{none:?}");
    // A wrong one looks the same, and tells nothing about who has an account.
    for (email, join) in
        [("new@example.org", "guessed"), ("mia@example.org", "guessed"), ("mia@example.org", "' OR 1=1 --")]
    {
        assert_eq!(join_as(&world.anon, email, join).await, none, "{email} {join}");
    }
    let pages = [world.anon.get("/sign-up").await, world.anon.get("/join/guessed").await];
    for page in pages {
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.body.contains("Ask for the join link") && !page.body.contains("type=\"password\""),
            "{}",
            page.body
        );
    }
    let count: i64 = query_scalar("SELECT COUNT(*) FROM users").fetch_one(world.db().read()).await.unwrap();
    assert_eq!(count, 5);
    let token = world.join_token().await;
    assert!(world.anon.get(&format!("/join/{token}")).await.body.contains("type=\"password\""));
    assert_eq!(join_as(&world.anon, "new@example.org", &token).await.status, StatusCode::OK);
    assert_eq!(world.anon.call("people/me", &[]).await.json()["admin"], false);
}

async fn a_new_link_takes_the_place_of_the_one_before(database: Database) {
    let world = World::new(database).await;
    let before = world.join_token().await;
    assert!(before.len() >= 32, "{before}");
    assert_eq!(world.join_token().await, before);
    assert_eq!(world.ada.call("join_link/renew", &[]).await.status, StatusCode::OK);
    let after = world.join_token().await;
    assert_ne!(after, before);
    assert_eq!(join_as(&world.anon, "new@example.org", &before).await.status, StatusCode::FORBIDDEN);
    assert_eq!(join_as(&world.anon, "new@example.org", &after).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_code_stands_in_the_page_without_any_style_of_its_own() {
    let world = World::new(sqlite()).await;
    let page = world.ada.get("/invite").await.body;
    assert!(page.contains(&format!("http://127.0.0.1/join/{}", world.join_token().await)), "{page}");
    let svg = &page[page.find("<svg xmlns").unwrap()..];
    assert!(!svg[..svg.find("</svg>").unwrap()].contains("style"));
}
