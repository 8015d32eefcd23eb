//! Writes at the same moment, of which one takes away what the other rests on.

use app::access::{Held, Viewer};
use earshot_live::store::{APPLICATION, Dialect};
use reqwest::Method;

use crate::held::{change, of, stir};
use crate::support::database::Database;
use crate::support::person::Person;
use crate::support::timeout::until;
use crate::support::world::World;
use crate::support::{self, on_both};

on_both!(
    the_owner_who_was_removed_is_not_back_however_many_requests_were_under_way,
    who_is_being_deactivated_neither_inherits_nor_comes_in,
    of_all_who_leave_at_the_same_moment_the_last_one_stays_and_owns,
);

/// A closed room of Olga's with Mia in it.
async fn room_of_two(world: &World) -> i64 {
    let room = world.olga.call("rooms/create", &[("name", "Two"), ("closed", "1")]).await.json().as_i64().unwrap();
    assert_eq!(member(&world.olga, "rooms/add_member", room, world.mia.id).await, 200);
    room
}

async fn member(by: &Person, function: &str, room: i64, user: i64) -> u16 {
    by.call(function, &[("id", &room.to_string()), ("user", &user.to_string())]).await.status.as_u16()
}

async fn the_owner_who_was_removed_is_not_back_however_many_requests_were_under_way(database: Database) {
    let world = World::new(database).await;
    let (ada, olga) = (&world.ada, &world.olga);
    for round in 0..200 {
        let room = room_of_two(&world).await;
        let again = async || member(olga, "rooms/add_member", room, olga.id).await;
        let (removed, ..) = tokio::join!(
            member(ada, "rooms/remove_member", room, olga.id),
            futures::future::join_all((0..3).map(|_| again())),
            again(),
            again(),
        );
        assert_eq!(removed, 200, "{round}");
        assert_eq!(olga.call("rooms/get", &[("id", &room.to_string())]).await.status, 404, "{round}");
    }
}

async fn who_is_being_deactivated_neither_inherits_nor_comes_in(database: Database) {
    let world = World::new(database).await;
    let (olga, mia, sam, room) = (&world.olga, &world.mia, &world.sam, world.closed.to_string());
    let while_out = async |user: i64, function: &str, form: &[(&str, &str)]| {
        let mut tx = world.db().begin(APPLICATION).await.unwrap();
        change(&mut tx, "UPDATE users SET active = 0 WHERE id = $1", user).await;
        let (asked, answer) = (olga.request(Method::POST, &format!("/api/{function}")).form(form), olga.clone());
        let answer = tokio::spawn(async move { answer.send(asked).await.status.as_u16() });
        for _ in 0..5 {
            world.nora.call("people/me", &[]).await;
            stir(&mut tx).await;
        }
        if world.db().dialect() == Dialect::Postgres {
            until("it waits, or has ended", async || {
                stir(&mut tx).await;
                answer.is_finished() || somebody_waits(&world).await
            })
            .await;
        }
        tx.commit().await.unwrap();
        answer.await.unwrap()
    };
    let form = [("id", &*room), ("user", &*sam.id.to_string())];
    assert_eq!(while_out(sam.id, "rooms/add_member", &form).await, 404);
    // She would be the next.
    assert_eq!(while_out(mia.id, "rooms/leave", &[("id", &*room)]).await, 200);
    assert_eq!(world.nora.call("rooms/get", &[("id", &*room)]).await.json()["mine"], true);
}

async fn of_all_who_leave_at_the_same_moment_the_last_one_stays_and_owns(database: Database) {
    let world = World::new(database).await;
    for round in 0..50 {
        let room = room_of_two(&world).await.to_string();
        let leave = async |person: &Person| person.call("rooms/leave", &[("id", &room)]).await.status.as_u16();
        let (olga, mia) = tokio::join!(leave(&world.olga), leave(&world.mia));
        let stays = match (olga, mia) {
            (200, 422) => &world.mia,
            (422, 200) => &world.olga,
            both => panic!("{round}: {both:?}"),
        };
        assert_eq!(stays.call("rooms/get", &[("id", &room)]).await.json()["mine"], true, "{round}");
    }
}

/// On PostgreSQL alone: SQLite has one write under way at a time.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_put_out_amid_a_write_is_out_once_it_has_ended() {
    let world = World::new(support::postgres::database().await).await;
    for function in ["sessions/end", "accounts/set_active"] {
        let (mia, session) = world.elsewhere(&world.mia).await;
        let viewer = match function {
            "sessions/end" => Viewer::of_session(world.db(), session).await.unwrap(),
            // What holds the person is not to be what holds a session.
            _ => world.viewer(&mia).await,
        };
        let mut write = world.db().begin(&*mia.name).await.unwrap();
        Held::room(&mut write, &viewer, world.closed).await.unwrap();
        let form = [of("id", session), of("user", mia.id), of("active", false)];
        let (ada, asked) =
            (world.ada.clone(), world.ada.request(Method::POST, &format!("/api/{function}")).form(&form));
        let end = tokio::spawn(async move { ada.send(asked).await.status });
        until("it waits, or has ended", async || end.is_finished() || somebody_waits(&world).await).await;
        assert!(!end.is_finished(), "{function}");
        assert_eq!(mia.call("people/me", &[]).await.status, 200, "{function}");
        write.commit().await.unwrap();
        assert_eq!(end.await.unwrap(), 200, "{function}");
        assert_eq!(mia.call("people/me", &[]).await.status, 401, "{function}");
    }
}

/// Whether a write waits until another one lets go of something.
async fn somebody_waits(world: &World) -> bool {
    let waiting =
        "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    sqlx::query_scalar::<_, i64>(waiting).fetch_one(world.db().read()).await.unwrap() > 0
}
