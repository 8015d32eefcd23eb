//! Who is at a room, and who is typing there.

use earshot_live::listen::event::Change;
use earshot_live::listen::{Attendee, Client};
use leptos::prelude::*;
use serde::Deserialize;

use crate::entities::ROOM;
use crate::people::{Avatar, Person, current, names};

/// Somebody who is at a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    person: Person,
    typing: bool,
}

/// What `/rest/pusher/auth` has signed of each: a [`Person`] without the id.
#[derive(Deserialize)]
struct Told {
    name: String,
    picture: Option<i64>,
}

impl Guest {
    fn of(Attendee { user, info, typing }: &Attendee) -> Option<Self> {
        let Told { name, picture } = Told::deserialize(info).ok()?;
        Some(Self { person: Person { id: user.parse().ok()?, name, picture }, typing: *typing })
    }
}

/// Those who are shown by name; of the others their number.
const SHOWN: usize = 3;

/// The others who are at `room`, for as long as this is mounted.
pub fn attend(room: i64, me: i64) -> Memo<Vec<Guest>> {
    let (client, object) = (expect_context::<Client>(), ROOM.object(room));
    let (present, called) = (client.present, names());
    Effect::new(move |_| {
        client.presence(Change::Attend(object));
        let client = client.clone();
        on_cleanup(move || client.presence(Change::Depart(object)));
    });
    // What they are called since this page heard of another name.
    let others = move |here: &Vec<Attendee>| {
        let mut others: Vec<Guest> = here.iter().filter_map(Guest::of).filter(|one| one.person.id != me).collect();
        for Guest { person, .. } in &mut others {
            person.name = called(person.id).unwrap_or_else(|| std::mem::take(&mut person.name));
        }
        others.sort_by_key(|one| one.person.id);
        others
    };
    Memo::new(move |_| present.with(|present| present.get(&object).map(others).unwrap_or_default()))
}

#[component]
pub fn Here(others: Memo<Vec<Guest>>) -> impl IntoView {
    let shown = move || others.get().into_iter().take(SHOWN);
    let more = move || others.with(Vec::len).saturating_sub(SHOWN);
    view! {
        <ul class="here" aria-label="Here now">
            <For each=shown key=|one| one.person.id let(one)>
                <Present person=one.person/>
            </For>
            {move || (more() > 0).then(|| view! { <li class="hint">"+"{more()}<span class="unseen">" more"</span></li> })}
        </ul>
    }
}

#[component]
fn Present(person: Person) -> impl IntoView {
    let now = current(person.clone());
    let name = move || now.with(|person| person.name.clone());
    view! {
        <li title=name>
            <Avatar person/>
            <span class="unseen">{name}</span>
        </li>
    }
}

/// One sentence on those who are typing, or nothing.
pub fn typing(others: &[Guest]) -> Option<String> {
    let names: Vec<&str> = others.iter().filter(|one| one.typing).map(|one| one.person.name.as_str()).collect();
    match names[..] {
        [] => None,
        [one] => Some(format!("{one} is typing…")),
        [one, other] => Some(format!("{one} and {other} are typing…")),
        _ => Some("Several people are typing…".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_type_are_named_as_long_as_they_are_few() {
        let others = |typing: &[bool]| -> Vec<Guest> {
            let names = ["Bob", "Cleo", "Dan"];
            let one = |(id, typing): (usize, &bool)| Guest {
                person: Person { id: id as i64, name: names[id].into(), picture: None },
                typing: *typing,
            };
            typing.iter().enumerate().map(one).collect()
        };
        assert_eq!(typing(&others(&[false, false, false])), None);
        assert_eq!(typing(&others(&[false, true, false])).as_deref(), Some("Cleo is typing…"));
        assert_eq!(typing(&others(&[true, false, true])).as_deref(), Some("Bob and Dan are typing…"));
        assert_eq!(typing(&others(&[true, true, true])).as_deref(), Some("Several people are typing…"));
    }
}
