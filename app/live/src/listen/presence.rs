//! Who is at the objects that this page shows, and who is typing there. Nothing of it is kept anywhere: it is what presence
//! channels and client events say at this moment.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::listen::connection::Connection;
use crate::listen::event::{Attendee, Change, Command, Event};
use crate::object::Object;
use crate::pusher::channel;
use crate::pusher::frame::{Frame, Member, Presences, text_or_number};

/// Between two words that somebody is typing.
const TELL_EVERY: Duration = Duration::from_secs(2);
/// After this somebody types no longer, if they have not said so again.
const TYPING_LASTS: Duration = Duration::from_secs(5);

/// The client event by which pages tell each other who types.
const TYPING: &str = "client-typing";

/// What it says.
#[derive(Serialize, Deserialize)]
struct Typing {
    typing: bool,
    /// Who does, for carriers that do not say whom an event comes from. Where they do, this counts for nothing.
    #[serde(deserialize_with = "text_or_number")]
    user: String,
}

#[derive(Default)]
struct Attendance {
    here: BTreeMap<String, Somebody>,
    /// The others were told that somebody types at this page, and not yet that nobody does.
    told: bool,
    /// They were told so a moment ago.
    just_told: bool,
}

struct Somebody {
    info: Value,
    /// The number of the last word that they type.
    typing: Option<u32>,
}

/// Who is at the objects that a page attends.
#[derive(Default)]
pub struct Presence {
    attended: BTreeMap<Object, Attendance>,
    words: u32,
}

impl Presence {
    /// The channels on which this page is present.
    pub fn channels(&self) -> impl Iterator<Item = String> {
        self.attended.keys().map(|object| channel::presence_of(*object))
    }

    /// Takes in what the page does, and returns what is to be done.
    pub fn change(&mut self, change: Change, connection: &Connection) -> Vec<Command> {
        match change {
            Change::Attend(object) => drop(self.attended.insert(object, Attendance::default())),
            Change::Depart(object) => {
                self.attended.remove(&object);
                return vec![Command::Present(object, Vec::new())];
            }
            Change::Type { object, me, typing } => {
                let Some(attendance) = self.attended.get_mut(&object) else { return Vec::new() };
                let is_known = if typing { attendance.just_told } else { !attendance.told };
                if is_known {
                    return Vec::new();
                }
                (attendance.told, attendance.just_told) = (typing, typing);
                let channel = Some(channel::presence_of(object));
                connection.send(Frame { channel, ..Frame::plain(TYPING, Typing { typing, user: me }) });
                if typing {
                    return vec![Command::Later(TELL_EVERY, Event::Presence(Change::TellAgain(object)))];
                }
            }
            Change::TellAgain(object) => {
                self.attended.get_mut(&object).into_iter().for_each(|attendance| attendance.just_told = false);
            }
            Change::TypingEnds(object, user, word) => {
                let somebody = self.somebody(object, &user).filter(|somebody| somebody.typing == Some(word));
                if let Some(somebody) = somebody {
                    somebody.typing = None;
                    return vec![self.show(object)];
                }
            }
        }
        Vec::new()
    }

    /// Takes in what is said on the presence channel of `object`.
    pub fn hear(&mut self, object: Object, frame: &Frame) -> Vec<Command> {
        let Some(attendance) = self.attended.get_mut(&object) else { return Vec::new() };
        match frame.event.as_str() {
            "pusher_internal:subscription_succeeded" => {
                let present = frame.payload::<Presences>().map(|present| present.presence.hash).unwrap_or_default();
                attendance.here =
                    present.into_iter().map(|(user, info)| (user, Somebody { info, typing: None })).collect();
            }
            "pusher_internal:member_added" => attendance.here.extend(frame.payload().ok().map(somebody)),
            "pusher_internal:member_removed" => {
                let gone = frame.payload::<Member>().ok();
                gone.and_then(|member| attendance.here.remove(&member.user_id));
            }
            "pusher:subscription_error" => attendance.here.clear(),
            TYPING => return self.hear_typing(object, frame),
            _ => return Vec::new(),
        }
        vec![self.show(object)]
    }

    fn hear_typing(&mut self, object: Object, frame: &Frame) -> Vec<Command> {
        self.words = self.words.wrapping_add(1);
        let word = self.words;
        let Ok(Typing { typing, user }) = frame.payload() else { return Vec::new() };
        let user = frame.user_id.clone().unwrap_or(user);
        let Some(somebody) = self.somebody(object, &user) else { return Vec::new() };
        somebody.typing = typing.then_some(word);
        let ends = Command::Later(TYPING_LASTS, Event::Presence(Change::TypingEnds(object, user, word)));
        std::iter::once(self.show(object)).chain(typing.then_some(ends)).collect()
    }

    /// Nobody knows any more who is where.
    pub fn lost(&mut self) -> Vec<Command> {
        self.attended.values_mut().for_each(|attendance| *attendance = Attendance::default());
        self.attended.keys().map(|object| self.show(*object)).collect()
    }

    fn somebody(&mut self, object: Object, user: &str) -> Option<&mut Somebody> {
        self.attended.get_mut(&object)?.here.get_mut(user)
    }

    fn show(&self, object: Object) -> Command {
        let here = self.attended.get(&object).into_iter().flat_map(|attendance| &attendance.here);
        let attendee = |(user, somebody): (&String, &Somebody)| Attendee {
            user: user.clone(),
            info: somebody.info.clone(),
            typing: somebody.typing.is_some(),
        };
        Command::Present(object, here.map(attendee).collect())
    }
}

fn somebody(member: Member) -> (String, Somebody) {
    (member.user_id, Somebody { info: member.user_info.unwrap_or_default(), typing: None })
}

#[cfg(test)]
mod tests {
    use futures::channel::mpsc::{UnboundedReceiver, unbounded};
    use serde_json::json;

    use super::*;
    use crate::pusher::frame::Established;
    use crate::testing::ROOM;

    const HERE: Object = ROOM.object(7);

    fn connected() -> (Connection, UnboundedReceiver<Frame>) {
        let (outgoing, sent) = unbounded();
        let mut connection = Connection::default();
        connection.dial();
        connection.opened(outgoing);
        connection.established(Established { socket_id: "1.2".into(), activity_timeout: 120 });
        (connection, sent)
    }

    fn attending() -> Presence {
        let mut presence = Presence::default();
        presence.change(Change::Attend(HERE), &Connection::default());
        let here = json!({ "presence": { "count": 1, "ids": ["2"], "hash": { "2": { "name": "Bob" } } } });
        let succeeded = Frame::on_channel("presence-Room.7", "pusher_internal:subscription_succeeded", here);
        assert_eq!(shown(presence.hear(HERE, &succeeded)), ["Bob"]);
        presence
    }

    /// The names of those that are shown, with a mark behind who types.
    fn shown(commands: Vec<Command>) -> Vec<String> {
        let attendees = commands.into_iter().find_map(|command| match command {
            Command::Present(HERE, attendees) => Some(attendees),
            _ => None,
        });
        let name = |attendee: Attendee| {
            attendee.info["name"].as_str().unwrap_or_default().to_owned() + if attendee.typing { "…" } else { "" }
        };
        attendees.expect("something is shown").into_iter().map(name).collect()
    }

    fn types(typing: bool) -> Typing {
        Typing { typing, user: "2".into() }
    }

    fn typing(user: &str, data: impl Serialize) -> Frame {
        let frame = Frame::on_channel("presence-Room.7", TYPING, data);
        Frame { user_id: Some(user.into()), ..frame }
    }

    #[test]
    fn those_who_come_and_go_are_shown_and_forgotten() {
        let mut presence = attending();
        let came = json!({ "user_id": "3", "user_info": { "name": "Cleo" } });
        let came = Frame::on_channel("presence-Room.7", "pusher_internal:member_added", came);
        assert_eq!(shown(presence.hear(HERE, &came)), ["Bob", "Cleo"]);
        let left = Frame::on_channel("presence-Room.7", "pusher_internal:member_removed", json!({ "user_id": "2" }));
        assert_eq!(shown(presence.hear(HERE, &left)), ["Cleo"]);
        assert!(shown(presence.lost()).is_empty());
    }

    #[test]
    fn typing_ends_when_it_is_said_and_after_a_silence() {
        let mut presence = attending();
        let nobody = Connection::default();
        assert_eq!(shown(presence.hear(HERE, &typing("2", types(true)))), ["Bob…"]);
        assert_eq!(shown(presence.hear(HERE, &typing("2", types(true)))), ["Bob…"]);
        // The silence that began with the first word was broken by the second.
        assert!(presence.change(Change::TypingEnds(HERE, "2".into(), 1), &nobody).is_empty());
        assert_eq!(shown(presence.change(Change::TypingEnds(HERE, "2".into(), 2), &nobody)), ["Bob"]);
        presence.hear(HERE, &typing("2", types(true)));
        assert_eq!(shown(presence.hear(HERE, &typing("2", types(false)))), ["Bob"]);
    }

    #[test]
    fn words_of_nobody_who_is_here_and_words_that_say_nothing_are_ignored() {
        let mut presence = attending();
        assert!(
            presence.hear(HERE, &typing("9", types(true))).is_empty(),
            "who an event comes from is not for it to say"
        );
        assert!(presence.hear(HERE, &typing("2", json!("<b>"))).is_empty());
        let forged =
            Frame { event: "client-pusher_internal:member_removed".into(), ..typing("2", json!({ "user_id": "2" })) };
        assert!(presence.hear(HERE, &forged).is_empty(), "who is here is for the server alone to say");
    }

    #[test]
    fn a_carrier_that_does_not_say_who_types_leaves_it_to_the_event() {
        let mut presence = attending();
        assert_eq!(shown(presence.hear(HERE, &Frame { user_id: None, ..typing("2", types(true)) })), ["Bob…"]);
    }

    #[test]
    fn others_are_told_of_typing_once_in_a_while_and_of_its_end_at_once() {
        let mut presence = attending();
        let (connection, mut sent) = connected();
        for typing in [true, true, false, false, true] {
            presence.change(Change::Type { object: HERE, me: "1".into(), typing }, &connection);
        }
        presence.change(Change::TellAgain(HERE), &connection);
        presence.change(Change::Type { object: HERE, me: "1".into(), typing: true }, &connection);
        presence.change(Change::TellAgain(HERE), &connection);
        presence.change(Change::Type { object: HERE, me: "1".into(), typing: false }, &connection);
        let told: Vec<bool> = std::iter::from_fn(|| sent.try_recv().ok())
            .map(|frame| frame.payload::<Typing>().unwrap().typing)
            .collect();
        assert_eq!(told, [true, false, true, true, false]);
    }
}
