use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;

use super::*;
use crate::testing::{TIMEOUT, events, heard_until, silent_client};

const MOMENT: Duration = Duration::from_secs(1);

/// Looks for silent sockets once: the first look is at once.
fn look(hub: &Hub) -> tokio::task::JoinHandle<()> {
    tokio::spawn(hub.clone().watch())
}

/// What there is to be read at this moment.
fn unread(far: &UnixStream) -> usize {
    far.try_read(&mut [0; 4096]).unwrap_or_default()
}

#[tokio::test]
async fn a_silent_socket_is_asked_once_whether_it_is_there_and_closed_when_it_does_not_answer() {
    let hub = Hub::default();
    let (_, lively) = silent_client(&hub, KEEP_ALIVE - SWEEP);
    let (_, silent) = silent_client(&hub, KEEP_ALIVE + MOMENT);
    let (_, mut gone) = silent_client(&hub, GIVE_UP + MOMENT);
    look(&hub);
    assert_eq!(events(&heard_until("pusher:ping", &silent).await), ["ping"]);
    let mut bytes = Vec::new();
    timeout(TIMEOUT, gone.read_to_end(&mut bytes)).await.expect("the socket is closed").unwrap();
    assert!(bytes.ends_with(&close::NO_PONG.to_be_bytes()), "{bytes:?}");
    assert_eq!((unread(&lively), hub.sockets()), (0, 2));

    let (_, next) = silent_client(&hub, KEEP_ALIVE + MOMENT);
    look(&hub);
    heard_until("pusher:ping", &next).await;
    assert_eq!((unread(&silent), hub.sockets()), (0, 3), "who was asked has time to answer");
}
