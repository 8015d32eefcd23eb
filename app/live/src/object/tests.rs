use super::*;
use crate::testing::{ACTIONS, MESSAGE, Noun, POSTED, ROOM, TEAM};

#[test]
fn what_is_declared_is_found_again_and_nothing_else() {
    assert_eq!([TEAM, MESSAGE].map(Noun::of), [Some(Noun::Team), Some(Noun::Message)]);
    assert_eq!(Noun::of(Entity::new("Wall")), None);
    assert!(ACTIONS.contains(&POSTED) && !ACTIONS.contains(&Action::new("painted")));
}

#[test]
fn an_object_is_read_as_it_is_written() {
    for object in [TEAM.object(1), ROOM.object(7), ROOM.object(i64::MAX)] {
        assert_eq!(object.to_string().parse(), Ok(object));
    }
}

#[test]
fn what_a_later_version_says_is_counted() {
    let notice = r#"{"object":"Room.7","action":"painted","entity":"Wall","id":1,"seq":9,"changed":0,"by":"Ada"}"#;
    let notice: Notice = serde_json::from_str(notice).unwrap();
    assert_eq!((notice.reference.changed_object().to_string(), notice.reference.seq), ("Wall.1".into(), 9));
}

#[test]
fn an_object_has_one_name_only() {
    let long = format!("{}.7", "R".repeat(MAX_NAME + 1));
    for text in
        ["Room.07", "Room.+7", "Room.0", "Room.-1", "Room.", "Room", "room.7", "Ro_om.7", "Room.7.7", ".7", "", &long]
    {
        assert_eq!(text.parse::<Object>(), Err(NoName), "{text}");
    }
}

#[test]
fn no_event_of_the_protocol_or_of_a_client_is_an_action() {
    for text in ["posted", "profile_changed", "step2"] {
        assert_eq!(text.parse::<Action>().map(|action| action.to_string()), Ok(text.to_owned()));
    }
    for text in ["", "_", "2nd", "Posted", "pusher:ping", "client-typing", &"a".repeat(MAX_NAME + 1)] {
        assert_eq!(text.parse::<Action>(), Err(NoName), "{text}");
    }
}
