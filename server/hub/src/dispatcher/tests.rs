use std::sync::atomic::Ordering::Relaxed;

use earshot_live::pusher::frame::{Frame, Member, Subscribe};
use earshot_live::pusher::{channel, close, signature};
use earshot_live::store::Notifier;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::*;
use crate::limits::MAX_HELD;
use crate::subscribe::subscribe;
use crate::testing::{
    self, LEFT, ROOM, TIMEOUT, USER, client, ends_with, events, heard_until, listen, notice, publish,
};
use crate::{Context, Holder, bytes};

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
    let (Context { hub, .. }, program, _folder) = testing::context().await;
    let room = ROOM.object(7);
    let (channel, [out, stays]) = listeners(&hub, room, [1, 2]);
    publish(&hub, &channel, "before");
    program.out.lock().unwrap().insert((1, room));
    hub.notify(&[notice(room, LEFT, USER.object(1))]);
    publish(&hub, &channel, "after");
    assert_eq!(events(&heard_until("pusher:subscription_error", &out).await), ["subscription_error"]);
    assert_eq!(heard(&hub, &out).await, ["mark"]);
    assert_eq!(heard(&hub, &stays).await[..3], ["before", "left", "after"]);
}

#[tokio::test]
async fn whoever_loses_one_right_goes_on_with_the_others_and_misses_nothing() {
    let (Context { hub, .. }, program, _folder) = testing::context().await;
    let (room, other) = (ROOM.object(7), ROOM.object(8));
    let (channel, [user]) = listeners(&hub, room, [1]);
    program.out.lock().unwrap().insert((1, other));
    publish(&hub, &channel, "before");
    hub.notify(&[notice(other, LEFT, USER.object(1))]);
    hub.notify(&[notice(other, LEFT, USER.object(1))]);
    publish(&hub, &channel, "meanwhile");
    assert_eq!(events(&heard_until("meanwhile", &user).await), ["before", "meanwhile"]);
    publish(&hub, &channel, "after");
    assert_eq!(events(&heard_until("after", &user).await), ["after"]);
}

#[tokio::test]
async fn whoever_cannot_be_asked_about_comes_back_and_so_does_who_would_miss_something() {
    let (Context { hub, .. }, program, _folder) = testing::context().await;
    let (channel, [mut user]) = listeners(&hub, ROOM.object(7), [1]);
    // It is brought before the question is answered: whoever was asked first to do something does it first.
    publish(&hub, &channel, &"x".repeat(MAX_HELD));
    hub.notify(&[notice(ROOM.object(8), LEFT, USER.object(1))]);
    assert!(ends_with(&mut user, close::RECONNECT).await);

    let (_, [mut user]) = listeners(&hub, ROOM.object(7), [3]);
    *program.after_answer.lock().unwrap() = Some(Box::new(|| panic!("as it should")));
    hub.notify(&[notice(ROOM.object(8), LEFT, USER.object(3))]);
    assert!(ends_with(&mut user, close::RECONNECT).await);

    let (_, [mut user]) = listeners(&hub, ROOM.object(7), [2]);
    program.busy.store(true, Relaxed);
    hub.notify(&[notice(ROOM.object(8), LEFT, USER.object(2))]);
    assert!(ends_with(&mut user, close::RECONNECT).await);
}

#[tokio::test]
async fn what_is_said_of_one_session_is_not_taken_for_another_of_the_same_user() {
    let (Context { hub, .. }, program, _folder) = testing::context().await;
    let (name, ended) = (channel::of(ROOM.object(7)), 1..=3);
    let sockets = (1..=6).map(|session| {
        let (id, far) = client(&hub);
        hub.registry().bind(id, Holder { user: 1, session });
        listen(&hub, id, &name, None);
        (session, far)
    });
    let sockets: Vec<(i64, UnixStream)> = sockets.collect();
    program.ended.lock().unwrap().extend(ended.clone());
    hub.notify(&[notice(ROOM.object(8), LEFT, USER.object(1))]);
    publish(&hub, &name, "after");
    for (session, far) in sockets {
        let last = if ended.contains(&session) { "pusher:subscription_error" } else { "after" };
        assert_eq!(heard_until(last, &far).await.len(), 1, "{session}");
    }
}

#[tokio::test]
async fn a_right_that_ends_while_it_is_being_checked_opens_nothing() {
    let (context, program, _folder) = testing::context().await;
    let Context { hub, keys, .. } = &context;
    let (id, far) = client(hub);
    let room = ROOM.object(7);
    let name = channel::of(room);
    hub.registry().bind(id, Holder { user: 1, session: 1 });
    let (ends, of_program) = (hub.clone(), Arc::downgrade(&program));
    // The first answer is yes, and not true any more when it is there.
    *program.after_answer.lock().unwrap() = Some(Box::new(move || {
        of_program.upgrade().unwrap().out.lock().unwrap().insert((1, room));
        ends.notify(&[notice(room, LEFT, USER.object(1))]);
    }));
    let socket = hub.registry().sockets().next().cloned().unwrap();
    let auth = Some(keys.auth(&signature::channel_text(&id.to_string(), &name)));
    subscribe(&context, &socket, Subscribe { channel: name, auth, channel_data: None }).await;
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
