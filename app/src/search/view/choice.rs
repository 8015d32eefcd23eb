//! What the palette offers.

use std::cmp::Reverse;

use leptos::prelude::*;

use crate::people::{Avatar, Person};
use crate::rooms::Room;
use crate::rooms::view::{Openness, Sign};
use crate::search::rank::best;
use crate::search::view::page::Snippet;
use crate::search::{Anything, Hit};
use crate::text::fold;

/// Rooms that are offered.
const ROOMS: usize = 7;

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    Room(Room),
    Person(Person),
    Message(Hit),
    /// All messages with these words, on a page of their own.
    Page(String),
}

impl Choice {
    /// Those that answer to what was `typed`: rooms out of `rooms`, and what the server has `found`.
    pub fn offered(mut rooms: Vec<Room>, found: Anything, typed: &str) -> Vec<Self> {
        // Of those that answer alike, the conversations with the newest talk come first.
        rooms.sort_by_cached_key(|room| (Reverse(room.latest), fold(&room.name)));
        let rooms = best(rooms, |room| &room.name, typed, ROOMS).into_iter().map(Self::Room);
        let people = found.people.into_iter().map(Self::Person);
        let messages = found.messages.into_iter().map(Self::Message);
        let page = Some(typed.trim()).filter(|typed| !typed.is_empty()).map(|typed| Self::Page(typed.to_owned()));
        rooms.chain(people).chain(messages).chain(page).collect()
    }

    pub fn group(&self) -> &'static str {
        match self {
            Self::Room(_) => "Rooms",
            Self::Person(_) => "People",
            Self::Message(_) | Self::Page(_) => "Messages",
        }
    }
}

/// A choice in one line.
#[component]
pub fn ChoiceLine(choice: Choice) -> impl IntoView {
    match choice {
        Choice::Room(room) => {
            view! { <Sign openness=Openness::of(&room)/> <span dir="auto">{room.name}</span> }.into_any()
        }
        Choice::Person(person) => {
            view! { <Avatar person=person.clone()/> <span dir="auto">{person.name}</span> }.into_any()
        }
        Choice::Message(hit) => view! {
            <Avatar person=hit.author.clone()/>
            <span class="said" dir="auto"><Snippet pieces=hit.snippet/></span>
            <small dir="auto">{hit.author.name} " in " {hit.room_name}</small>
        }
        .into_any(),
        Choice::Page(words) => view! { <span dir="auto">"All messages with “" {words} "”"</span> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readings::Reading;

    fn room(id: i64, name: &str, latest: Option<i64>) -> Room {
        let reading = Reading::default();
        Room { id, name: name.into(), closed: false, direct: latest.is_some(), mine: false, latest, reading, seq: 0 }
    }

    fn names(typed: &str) -> Vec<String> {
        let rooms =
            vec![room(1, "Plans", None), room(2, "Lounge", None), room(3, "Pia", Some(5)), room(4, "Pelle", Some(9))];
        let offered = Choice::offered(rooms, Anything::default(), typed);
        let name = |choice: Choice| match choice {
            Choice::Room(room) => room.name,
            choice => choice.group().to_owned(),
        };
        offered.into_iter().map(name).collect()
    }

    #[test]
    fn before_anything_is_typed_the_newest_conversations_come_first() {
        assert_eq!(names(""), ["Pelle", "Pia", "Lounge", "Plans"]);
    }

    #[test]
    fn what_was_typed_can_always_be_searched_for() {
        assert_eq!(names("pl"), ["Plans", "Pelle", "Messages"]);
        assert_eq!(names(" xyz "), ["Messages"]);
    }
}
