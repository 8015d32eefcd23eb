use std::time::Duration;

use app::pusher::close;
use app::pusher::frame::Member;
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::*;
use crate::hub::socket::Socket;
use crate::hub::stream::Stream;

const MAP: &str = "presence-map";
const TIMEOUT: Duration = Duration::from_secs(60);

/// A client that is connected, and what it is sent.
fn client(hub: &Hub) -> (SocketId, UnixStream) {
    let (near, far) = UnixStream::pair().unwrap();
    let socket = Socket::new(Stream::Pipe(near));
    assert!(hub.registry().open(socket.clone(), [192, 0, 2, 1].into()));
    (socket.id, far)
}

fn come(hub: &Hub, id: SocketId, user: &str) {
    hub.change(|registry| {
        registry.begin(id, MAP).unwrap();
        registry.activate(id, MAP, Some(Member { user_id: user.into(), user_info: None })).unwrap();
        registry.greet(id, MAP, registry.channels.presence(MAP));
    });
}

/// What came before the mark, which is published now.
async fn heard(hub: &Hub, far: &UnixStream) -> Vec<String> {
    hub.publish([Publication::new(MAP, &Frame::on_channel(MAP, "mark", ()), None)]);
    let mut text = String::new();
    while !text.contains("\"mark\"") {
        timeout(TIMEOUT, far.readable()).await.expect("the mark is heard").unwrap();
        let mut buffer = [0; 4096];
        // Some bytes between the frames are no text.
        text += &far.try_read(&mut buffer).map_or("".into(), |length| String::from_utf8_lossy(&buffer[..length]));
    }
    let event = |piece: &str| {
        let frame: Value = serde_json::Deserializer::from_str(piece).into_iter().next()?.ok()?;
        frame["event"].as_str().map(|event| event.rsplit(':').next().unwrap_or(event).to_owned())
    };
    text.match_indices("{\"event\"").filter_map(|(place, _)| event(&text[place..])).collect()
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
    let publish = |event: &str| hub.publish([Publication::new(MAP, &Frame::on_channel(MAP, event, ()), None)]);
    publish("before");
    hub.terminate("ada");
    publish("after");
    let mut bytes = Vec::new();
    timeout(TIMEOUT, of_ada.read_to_end(&mut bytes)).await.expect("the socket is ended").unwrap();
    assert!(bytes.ends_with(&close::UNAUTHORISED.to_be_bytes()));
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("\"before\"") && !text.contains("\"after\""), "{text}");
}
