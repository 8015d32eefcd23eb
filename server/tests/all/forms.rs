//! Forms without JavaScript that are refused: the page comes again, and nothing that was typed is lost.

use reqwest::{Method, RequestBuilder, StatusCode};

use crate::bad_input::still_works;
use crate::support::database::{CACHE, sqlite};
use crate::support::server::Server;
use crate::support::world::{PASSWORD, World};

#[tokio::test]
async fn a_refused_form_without_javascript_shows_its_page_with_what_was_typed() {
    let world = World::new(sqlite()).await;
    let typed = format!("<script>\"&'{}", "x".repeat(10_000));
    let room = world.open.to_string();
    let page = format!("/rooms/{room}");
    let form = [("room", &*room), ("client_id", "c"), ("body", &*typed), ("from", &*page)];
    let answer = world.mia.form("messages/post", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("role=\"alert\"") && answer.body.contains("10000 is the most"), "no sentence");
    assert!(answer.body.contains("&lt;script&gt;"), "what was typed is gone, or not escaped");
    assert!(!answer.body.contains("<script>\"&"), "what was typed is not escaped");

    let form = [("email", "mia@example.org"), ("password", "hunter2hunter2"), ("from", "/sign-in")];
    let answer = world.anon.form("people/sign_in", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("value=\"mia@example.org\"") && !answer.body.contains("hunter2"));

    let all_is_well = [("room", &*room), ("client_id", "d"), ("body", "hello"), ("from", &*page)];
    let answer = world.mia.form("messages/post", &all_is_well).await;
    assert_eq!((answer.status, answer.location), (StatusCode::FOUND, Some(page)));
    still_works(&world).await;
}

#[tokio::test]
async fn a_form_without_javascript_that_cannot_be_read_is_answered_with_a_page() {
    let server = Server::start_with(sqlite(), "https://chat.example.org", CACHE).await;
    let world = World::of(server).await;
    let page = async |request: RequestBuilder| {
        let answer = world.anon.send(request.header("accept", "text/html,*/*;q=0.8")).await;
        assert!(answer.body.starts_with("<!DOCTYPE html>"), "{answer:?}");
        (answer.status.as_u16(), answer.body)
    };
    let post = || world.anon.request(Method::POST, "/api/people/sign_in");
    let (status, told) = page(post().form(&[("email", "x".repeat(1024 * 1024))])).await;
    assert!(status == 413 && told.contains("256 KiB"), "{told}");
    let (status, told) = page(post().form(&[("email", "a\0b")])).await;
    assert!(status == 422 && told.contains("NUL"), "{told}");
    let (status, told) = page(post().form(&[("email", "a"), ("password", PASSWORD), ("from", "/join/%00")])).await;
    assert!(told.contains(r#"data-from="/""#), "{status}: {told}");
    let (status, told) = page(world.anon.request(Method::GET, "/search?q=a%00b")).await;
    assert!(status == 422 && told.contains("NUL"), "{told}");
    let (status, told) = page(post().header("origin", "http://chat.example.org")).await;
    assert!(status == 403 && told.contains("Please go to https://chat.example.org/ instead"), "{told}");
    let (status, told) = page(post().header("sec-fetch-site", "cross-site")).await;
    assert!(status == 403 && told.contains("another site"), "{told}");
}

#[tokio::test]
async fn a_form_of_somebody_who_was_signed_out_meanwhile_leads_to_signing_in() {
    let world = World::new(sqlite()).await;
    let text = "written\nin vain <b>";
    let kept = "name=\"body\" value=\"written\nin vain &lt;b&gt;\"";
    let (room, message) = (world.open.to_string(), world.open_message.to_string());
    for (function, about) in
        [("messages/post", [("room", &*room), ("client_id", "c")]), ("messages/edit", [("id", &message), ("c", "")])]
    {
        let form = [&about[..], &[("body", text), ("from", "/rooms/1")]].concat();
        let answer = world.anon.form(function, &form).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{function}");
        let page = answer.html();
        assert!(page.contains("written\nin vain &lt;b&gt;</textarea>"), "{function}: what was written is lost: {page}");
        assert!(page.contains(kept), "{function}: it is not taken along: {page}");
        assert!(page.contains("name=\"next\" value=\"/rooms/1\""), "{function}: the way back is lost: {page}");
    }
    // A wrong password takes nothing of it, however often.
    let from = "/sign-in?next=%2Frooms%2F1";
    let form = [("email", "mia@example.org"), ("password", "wrong horse"), ("from", from), ("body", text)];
    let answer = world.anon.form("people/sign_in", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.html();
    assert!(page.contains("password is wrong") && page.contains(kept), "{page}");
    assert!(page.contains("written\nin vain &lt;b&gt;</textarea>"), "what was written is lost: {page}");
    // Who has written nothing has nothing to take along.
    let answer = world.anon.form("messages/delete", &[("id", "1"), ("from", "/rooms/1")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("name=\"email\"") && !answer.body.contains("What you wrote"), "{}", answer.body);
}
