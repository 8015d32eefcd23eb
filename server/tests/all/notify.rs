//! Programs elsewhere say what they have changed, by the hub's HTTP API: that is a notice like any other.

use app::entities::ROOM;
use earshot_live::pusher::channel;
use serde_json::json;

use crate::support::database::Database;
use crate::support::on_both;
use crate::support::page::Page;
use crate::support::program::Program;
use crate::support::socket::{Socket, data};
use crate::support::world::World;

on_both!(a_notify_from_outside_is_a_notice_like_any_other, a_notify_says_what_has_changed_or_nothing);

async fn a_notify_from_outside_is_a_notice_like_any_other(database: Database) {
    let world = World::new(database).await;
    let program = Program::beside(&world.server);
    let room = ROOM.object(world.closed);
    let page = Page::open(&world.mia, world.closed).await;
    let mut socket = Socket::open(&world.server).await;
    let seq = data(&socket.subscribe(&world.olga, room).await)["seq"].as_i64().unwrap();
    // A program that has changed a row behind the server's back says so, and everyone reads it anew.
    let id = world.closed_message;
    let mut tx = world.db().begin("a program").await.unwrap();
    let change = sqlx::query("UPDATE messages SET body = $1 WHERE id = $2").bind("Changed from outside").bind(id);
    change.execute(tx.sql()).await.unwrap();
    tx.commit().await.unwrap();
    let about = json!({ "entity": "Message", "id": id }).to_string();
    assert_eq!(program.trigger(&channel::of(room), "edited", &about).await.status, 200);
    let frame = socket.frame().await;
    let told = data(&frame);
    assert_eq!((&frame["event"], &told["entity"], &told["id"]), (&json!("edited"), &json!("Message"), &json!(id)));
    assert_eq!((&told["seq"], &told["by"]), (&json!(seq + 1), &json!("Application")));
    page.until_fresh("a program has changed a row").await;
    assert_eq!(world.mia.read(world.closed, &[id]).await, ["Changed from outside"]);
    // An event that is no action of ours is passed on, and takes no number.
    assert_eq!(program.trigger(&channel::of(room), "rain", "3 mm").await.status, 200);
    assert_eq!(socket.frame().await["data"], "3 mm");
    world.olga.post(world.closed, "next").await;
    assert_eq!(data(&socket.frame().await)["seq"], seq + 2);
}

async fn a_notify_says_what_has_changed_or_nothing(database: Database) {
    let world = World::new(database).await;
    let program = Program::beside(&world.server);
    let room = ROOM.object(world.open);
    let name = channel::of(room);
    let mut socket = Socket::listening(&world.server, &world.olga, room).await;
    let message = world.open_message;
    let itself = json!(["Room", world.open]);
    let table = [
        (json!({ "entity": "Message", "id": message }).to_string(), json!(["Message", message])),
        (json!({ "entity": "Message", "id": message.to_string() }).to_string(), json!(["Message", message])),
        (String::new(), itself.clone()),
        ("null".into(), itself.clone()),
        ("\"\"".into(), itself.clone()),
        ("{}".into(), itself),
    ];
    for (about, expected) in table {
        assert_eq!(program.trigger(&name, "edited", &about).await.status, 200, "{about}");
        let told = data(&socket.frame().await);
        assert_eq!(json!([told["entity"], told["id"]]), expected, "{about}");
    }
    let wrong = [
        r#"{"entity":"Mesage","id":981}"#,
        r#"{"entity":"Other","id":981}"#,
        r#"{"entity":"Message"}"#,
        r#"{"id":981}"#,
        r#"{"entity":"Message","id":"one"}"#,
        r#"{"entity":"Message","id":0}"#,
        r#"{"entity":"Message","id":1.5}"#,
        r#"{"entity":"Message","id":null}"#,
        r#"{"message":981}"#,
        r#"{"entity":"Mesage","id":981,"seq":1}"#,
        r#"{"entity":"Message","id":981,"seq":null}"#,
        r#"{"seq":1}"#,
        "981",
        "Message 981",
    ];
    for about in wrong {
        let answer = program.trigger(&name, "edited", about).await;
        assert_eq!(answer.status, 400, "{about}");
        assert!(answer.body.contains("entity") && answer.body.trim().ends_with('.'), "{answer:?}");
    }
    assert!(socket.heard_so_far().await.is_empty());
}
