use super::*;

fn written(rooms: &[i64]) -> Vec<Outgoing> {
    let outgoing = |(number, room): (usize, &i64)| Outgoing {
        client_id: number.to_string(),
        room: *room,
        body: String::new(),
        reply_to: None,
        files: Vec::new(),
        state: State::Sending,
    };
    rooms.iter().enumerate().map(outgoing).collect()
}

fn failed(kind: Kind) -> Result<i64, Error> {
    Err(kind.into())
}

fn turn(all: &[Outgoing]) -> Option<&str> {
    next(all).map(|outgoing| outgoing.client_id.as_str())
}

#[test]
fn what_comes_behind_a_message_in_its_room_waits_for_it() {
    let mut all = written(&[1, 1, 2, 1]);
    done(&mut all, "0", failed(Kind::Unreachable));
    assert_eq!(turn(&all), Some("2"), "another room does not wait");
    done(&mut all, "2", Ok(7));
    assert_eq!(turn(&all), None);
    again(&mut all, 1);
    for (client_id, id) in [("0", 8), ("1", 9), ("3", 10)] {
        assert_eq!(turn(&all), Some(client_id));
        done(&mut all, client_id, Ok(id));
    }
    assert_eq!(turn(&all), None);
}

#[test]
fn what_was_refused_keeps_nobody_waiting_and_is_not_sent_again_by_itself() {
    let mut all = written(&[1, 1]);
    done(&mut all, "0", failed(Kind::Invalid));
    assert_eq!(turn(&all), Some("1"));
    done(&mut all, "1", Ok(7));
    again(&mut all, 1);
    assert_eq!(turn(&all), None);
}

#[test]
fn what_was_discarded_while_it_was_on_its_way_is_gone() {
    let mut all = written(&[1]);
    done(&mut all, "unknown", Ok(7));
    assert_eq!(all, written(&[1]));
}
