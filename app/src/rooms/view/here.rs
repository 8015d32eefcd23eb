//! Who is at a room, and who is typing there.

use leptos::prelude::*;

use crate::listen::presence::Change;
use crate::listen::{Attendee, Client};
use crate::object::Object;
use crate::people::{Avatar, Person, current, names};

/// Those who are shown by name; of the others their number.
const SHOWN: usize = 3;

/// The others who are at `room`, for as long as this is mounted.
pub fn attend(room: i64, me: i64) -> Memo<Vec<Attendee>> {
    let (client, object) = (expect_context::<Client>(), Object::Room(room));
    let (present, called) = (client.present, names());
    Effect::new(move |_| {
        client.presence(Change::Attend(object));
        let client = client.clone();
        on_cleanup(move || client.presence(Change::Depart(object)));
    });
    // What they are called since this page heard of another name.
    let others = move |here: &Vec<Attendee>| {
        here.iter()
            .filter(|one| one.id != me)
            .map(|one| Attendee { name: called(one.id).unwrap_or_else(|| one.name.clone()), ..one.clone() })
            .collect()
    };
    Memo::new(move |_| present.with(|present| present.get(&object).map(others).unwrap_or_default()))
}

#[component]
pub fn Here(others: Memo<Vec<Attendee>>) -> impl IntoView {
    let shown = move || others.get().into_iter().take(SHOWN);
    let more = move || others.with(Vec::len).saturating_sub(SHOWN);
    view! {
        <ul class="here" aria-label="Here now">
            <For each=shown key=|one| one.id let(one)>
                <Present person=Person { id: one.id, name: one.name, picture: one.picture }/>
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
pub fn typing(others: &[Attendee]) -> Option<String> {
    let names: Vec<&str> = others.iter().filter(|one| one.typing).map(|one| one.name.as_str()).collect();
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
        let others = |typing: &[bool]| -> Vec<Attendee> {
            let names = ["Bob", "Cleo", "Dan"];
            let one = |(id, typing): (usize, &bool)| Attendee {
                id: id as i64,
                name: names[id].into(),
                picture: None,
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
