use app::entities::{LEFT, ROOM, USER};
use earshot_live::error::Kind;
use earshot_live::object::{Notice, Reference};
use earshot_live::pusher::frame::Member;
use earshot_live::pusher::{channel, close};
use earshot_live::store::Notifier;
use earshot_live::timestamp::Timestamp;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::*;
use crate::hub::holders::Holder;
use crate::hub::testing::{TIMEOUT, client, events, heard_until, listen, publish};

const MAP: &str = "presence-map";

fn come(hub: &Hub, id: SocketId, user: &str) {
    listen(hub, id, MAP, Some(Member { user_id: user.into(), user_info: None }));
    hub.change(|registry| registry.greet(id, MAP, registry.channels.presence(MAP)));
}

/// What came before the mark, which is published now, and the mark.
async fn heard(hub: &Hub, far: &UnixStream) -> Vec<String> {
    publish(hub, MAP, "mark");
    events(&heard_until("mark", far).await).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_newcomer_is_told_who_is_there_and_nothing_older() {
    let hub = Hub::default();
    let (ada, of_ada) = client(&hub);
    let (bob, of_bob) = client(&hub);
    let (cleo, of_cleo) = client(&hub);
    // Nothing of it is brought to anyone before the last of them is there.
    come(&hub, ada, "ada");
    come(&hub, bob, "bob");
    hub.change(|registry| registry.close(bob));
    come(&hub, cleo, "cleo");
    hub.change(|registry| registry.close(cleo));
    drop((of_bob, of_cleo));
    let (dora, of_dora) = client(&hub);
    come(&hub, dora, "dora");
    hub.change(|registry| registry.close(ada));
    assert_eq!(heard(&hub, &of_dora).await, ["subscription_succeeded", "member_removed", "mark"]);
    drop(of_ada);
}

#[tokio::test]
async fn those_who_are_there_hear_who_comes_and_goes_in_that_order() {
    let hub = Hub::default();
    let (ada, of_ada) = client(&hub);
    come(&hub, ada, "ada");
    for _ in 0..2 {
        let (bob, _of_bob) = client(&hub);
        come(&hub, bob, "bob");
        hub.change(|registry| registry.close(bob));
    }
    let expected = ["member_added", "member_removed", "member_added", "member_removed", "mark"];
    assert_eq!(heard(&hub, &of_ada).await[1..], expected);
}

#[tokio::test]
async fn who_is_ended_hears_what_was_published_before_and_nothing_of_what_comes_after() {
    let hub = Hub::default();
    let (ada, mut of_ada) = client(&hub);
    assert!(hub.registry().sign_in(ada, "ada"));
    come(&hub, ada, "ada");
    publish(&hub, MAP, "before");
    hub.terminate("ada");
    publish(&hub, MAP, "after");
    let mut bytes = Vec::new();
    timeout(TIMEOUT, of_ada.read_to_end(&mut bytes)).await.expect("the socket is ended").unwrap();
    assert!(bytes.ends_with(&close::UNAUTHORISED.to_be_bytes()));
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("\"before\"") && !text.contains("\"after\""), "{text}");
}

/// The channel of a room, to which each of these people listens, and what they hear.
fn listeners<const N: usize>(hub: &Hub, room: Object, people: [i64; N]) -> (String, [UnixStream; N]) {
    let channel = channel::of(room);
    let heard = people.map(|user| {
        let (id, far) = client(hub);
        hub.registry().bind(id, Holder { user, session: user });
        listen(hub, id, &channel, None);
        listen(hub, id, MAP, None);
        far
    });
    (channel, heard)
}

#[tokio::test]
async fn who_has_left_hears_nothing_more_of_the_room_not_even_what_was_on_its_way() {
    let hub = Hub::default();
    let room = ROOM.object(7);
    let (channel, [out, stays]) = listeners(&hub, room, [1, 2]);
    publish(&hub, &channel, "before");
    let reference = Reference { entity: USER, id: 1, seq: 1, changed: Timestamp(0), by: "Ada".into() };
    hub.notify(&[Notice { object: room, action: LEFT, reference }]);
    publish(&hub, &channel, "after");
    assert_eq!(heard(&hub, &out).await, ["subscription_error", "mark"]);
    assert_eq!(heard(&hub, &stays).await[..3], ["before", "left", "after"]);
}

#[tokio::test]
async fn a_right_that_ends_while_it_is_being_checked_opens_nothing() {
    let hub = Hub::default();
    let (id, far) = client(&hub);
    let object = ROOM.object(7);
    let channel = channel::of(object);
    hub.registry().bind(id, Holder { user: 1, session: 1 });
    hub.registry().begin(id, &channel).unwrap();
    hub.change(|registry| registry.revoke(Revocation::OfPerson { user: 1, object }));
    let opened = hub.change(|registry| registry.activate(id, &channel, None));
    assert_eq!(opened.map_err(|error| error.kind), Err(Kind::NotFound));
    assert_eq!(events(&heard_until("pusher:subscription_error", &far).await), ["subscription_error"]);
}

#[tokio::test]
async fn who_has_left_hears_nothing_from_those_who_have_looked_up_the_listeners_before() {
    let hub = Hub::default();
    let (id, far) = client(&hub);
    listen(&hub, id, MAP, None);
    let listeners = hub.registry().channels.listeners(MAP);
    hub.change(|registry| registry.unsubscribe(id, MAP));
    let late = bytes(&Frame::on_channel(MAP, "late", ()));
    listeners.values().for_each(|listener| listener.send(&late));
    listen(&hub, id, MAP, None);
    assert_eq!(heard(&hub, &far).await, ["mark"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn who_comes_and_goes_in_several_places_at_once_is_told_of_in_that_order() {
    let hub = Hub::default();
    let (ada, of_ada) = client(&hub);
    come(&hub, ada, "ada");
    let here = hub.clone();
    let told = tokio::spawn(async move { heard_until("mark", &of_ada).await });
    let restless = (0..2).map(|_| {
        let hub = here.clone();
        tokio::spawn(async move {
            for _ in 0..500 {
                let (bob, _of_bob) = client(&hub);
                come(&hub, bob, "bob");
                hub.change(|registry| registry.close(bob));
            }
        })
    });
    for task in restless.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    publish(&hub, MAP, "mark");
    let told = told.await.unwrap();
    let told: Vec<&str> = events(&told).into_iter().filter(|event| event.starts_with("member_")).collect();
    assert!(told.len() > 2 && told.len().is_multiple_of(2), "{told:?}");
    assert!(told.chunks(2).all(|pair| pair == ["member_added", "member_removed"]), "{told:?}");
}
