use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use serde_json::json;

use super::*;
use crate::listen::Actions;
use crate::listen::channels::Listener;
use crate::pusher::MAX_SUBSCRIPTIONS;
use crate::pusher::rest::Verdict;
use crate::testing::{POSTED, ROOM};

const HERE: Object = ROOM.object(7);

/// A page that listens to these rooms, on a connection that is established, and what it has sent.
fn page(rooms: impl IntoIterator<Item = i64>) -> (Protocol, UnboundedReceiver<Frame>) {
    let mut page = Protocol::new(|| 0.0);
    for (id, room) in rooms.into_iter().enumerate() {
        let actions = Actions::new(|| {}).on(POSTED, |_| {});
        page.handle(Event::Listen(Listener { id: id as u64, object: ROOM.object(room), seq: 0, actions }));
    }
    let sent = connect(&mut page);
    (page, sent)
}

fn connect(page: &mut Protocol) -> UnboundedReceiver<Frame> {
    let number = page.connection.number;
    let (outgoing, sent) = unbounded();
    page.handle(Event::Opened(number, outgoing));
    let established = json!({ "socket_id": "1.2", "activity_timeout": 120 });
    page.handle(Event::Frame(number, Frame::new(frame::ESTABLISHED, established)));
    sent
}

fn grant(page: &mut Protocol, rooms: impl IntoIterator<Item = i64>) -> Vec<Command> {
    let granted = || Verdict::Granted { auth: "key:signature".into(), channel_data: None };
    let channels: Vec<String> = rooms.into_iter().map(|room| channel::of(ROOM.object(room))).collect();
    let answer = channels.iter().map(|name| (name.clone(), granted())).collect();
    page.handle(Event::Authorised(page.connection.number, channels, Ok(answer)))
}

/// After what time something is to happen.
fn pause(commands: &[Command], what: impl Fn(&Event) -> bool) -> Option<Duration> {
    commands.iter().find_map(|command| match command {
        Command::Later(pause, event) if what(event) => Some(*pause),
        _ => None,
    })
}

fn sent(frames: &mut UnboundedReceiver<Frame>) -> usize {
    std::iter::from_fn(|| frames.try_recv().ok()).filter(|frame| frame.event == "pusher:subscribe").count()
}

#[test]
fn who_is_not_admitted_comes_back_less_and_less_often() {
    let (mut page, _sent) = page([7]);
    let mut pauses = Vec::new();
    for _ in 0..8 {
        let number = page.connection.number;
        let refused = Err(Error { kind: Kind::Forbidden, sentence: "As many are connected as may be.".into() });
        let commands = page.handle(Event::Authorised(number, vec![channel::of(HERE)], refused));
        pauses.push(pause(&commands, |event| matches!(event, Event::Dial(_))).unwrap());
        page.handle(Event::Dial(page.connection.number));
        let _sent = connect(&mut page);
    }
    let second = Duration::from_secs(1);
    assert!(pauses.is_sorted() && pauses[0] < 2 * second && pauses[7] >= 30 * second, "{pauses:?}");
    // Once it is admitted, a lost connection is again an accident.
    grant(&mut page, [7]);
    let commands = page.handle(Event::Closed(page.connection.number, close::ABNORMAL));
    assert!(pause(&commands, |event| matches!(event, Event::Dial(_))).unwrap() < 2 * second);
}

#[test]
fn a_subscription_that_is_refused_is_tried_again_less_and_less_often() {
    let (mut page, _sent) = page([7]);
    let number = page.connection.number;
    let refused = || Frame::subscription_error(&channel::of(HERE), 422, "These are too many.");
    let is_tried = |event: &Event| matches!(event, Event::Reconsider(_));
    let again = |page: &mut Protocol| pause(&page.handle(Event::Frame(number, refused())), is_tried).unwrap();
    let pauses: Vec<u64> = (0..8).map(|_| again(&mut page).as_secs()).collect();
    assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 64, 64]);
    let succeeded = Frame::on_channel(channel::of(HERE), "pusher_internal:subscription_succeeded", json!({ "seq": 0 }));
    page.handle(Event::Frame(number, succeeded));
    assert_eq!(again(&mut page), AGAIN);
}

#[test]
fn a_page_subscribes_to_no_more_rooms_than_the_hub_allows() {
    let all = 1..=(MAX_SUBSCRIPTIONS as i64 + 1_500);
    let (mut page, mut frames) = page(all.clone());
    let commands = grant(&mut page, all);
    let subscribed = sent(&mut frames);
    assert!((MAX_SUBSCRIPTIONS / 2..MAX_SUBSCRIPTIONS).contains(&subscribed), "{subscribed}");
    let refused = commands.iter().filter(|command| matches!(command, Command::Refuse(_, Some(_)))).count();
    assert_eq!(subscribed + refused, MAX_SUBSCRIPTIONS + 1_500);
    // Where one leaves, there is a place.
    let left = page.subscribed.first().unwrap().id;
    page.handle(Event::Unlisten(left as u64 - 1));
    let outside = page.channels.objects().find(|object| !page.subscribed.contains(object)).unwrap();
    grant(&mut page, [outside.id]);
    assert_eq!(sent(&mut frames), 1);
}

#[test]
fn a_late_word_about_an_earlier_ping_ends_no_healthy_connection() {
    let (mut page, _sent) = page([7]);
    let number = page.connection.number;
    let commands = page.handle(Event::Wake);
    let overdue = commands.into_iter().find_map(|command| match command {
        Command::Later(_, event @ Event::Overdue(..)) => Some(event),
        _ => None,
    });
    page.handle(Event::Frame(number, Frame::plain("pusher:pong", ())));
    page.handle(Event::Check(number));
    page.handle(Event::Check(number));
    assert!(page.connection.is_established(), "asked a moment ago");
    page.handle(overdue.unwrap());
    assert!(page.connection.is_established());
}

#[test]
fn a_page_that_wakes_up_begins_a_connection_again_that_was_being_made() {
    let (mut page, _sent) = page([7]);
    page.handle(Event::Closed(page.connection.number, close::ABNORMAL));
    page.handle(Event::Dial(page.connection.number));
    let before = page.connection.number;
    let commands = page.handle(Event::Wake);
    assert!(commands.iter().any(|command| matches!(command, Command::Dial(number) if *number != before)));
    // What the first one still reports is of no interest.
    page.handle(Event::Closed(before, close::ABNORMAL));
    page.handle(Event::Overdue(before, NO_PING));
    let _sent = connect(&mut page);
    assert!(page.connection.is_established());
}

#[test]
fn a_connection_that_was_ended_is_not_taken_for_the_end_of_the_session() {
    let (mut page, _sent) = page([7]);
    grant(&mut page, [7]);
    let commands = page.handle(Event::Closed(page.connection.number, close::UNAUTHORISED));
    assert!(
        matches!(commands[..], [Command::Dial(_), ..]),
        "the server is asked who is there, and nothing is shown before"
    );
    assert!(!commands.iter().any(|command| matches!(command, Command::Show(_))));
    // One that is ended again and again, before anything was granted, takes its time.
    let _sent = connect(&mut page);
    let commands = page.handle(Event::Closed(page.connection.number, close::UNAUTHORISED));
    assert!(!commands.iter().any(|command| matches!(command, Command::Dial(_))));
}

#[test]
fn while_the_server_has_much_to_do_notices_are_heard_together_a_little_later() {
    let (heard, mut numbers) = unbounded();
    let hear = move |notice: &Notice| heard.unbounded_send(notice.reference.seq).unwrap();
    let actions = Actions::new(|| {}).on(POSTED, hear);
    let mut page = Protocol::new(|| 0.5);
    page.handle(Event::Listen(Listener { id: 0, object: HERE, seq: 0, actions }));
    let _sent = connect(&mut page);
    let number = page.connection.number;
    let mut hear = |seq: i64, jitter: u32| {
        let data = json!({ "entity": "Message", "id": 1, "seq": seq, "changed": 0, "by": "Ada" });
        let frame = Frame { jitter, ..Frame::on_channel(channel::of(HERE), "posted", data) };
        let commands = page.handle(Event::Frame(number, frame));
        let moment = pause(&commands, |event| matches!(event, Event::Hear(_)));
        let at_once: Vec<i64> = std::iter::from_fn(|| numbers.try_recv().ok()).collect();
        (at_once, moment)
    };
    assert_eq!(hear(1, 0), (vec![1], None));
    assert_eq!(hear(2, 100), (vec![], Some(Duration::from_millis(50))));
    assert_eq!(hear(3, 0), (vec![], None), "it does not overtake the one before");
    page.handle(Event::Hear(HERE));
    assert_eq!(std::iter::from_fn(|| numbers.try_recv().ok()).collect::<Vec<_>>(), [2, 3]);
}
