//! Completes the name behind an `@` while it is written: a list of people below the hand, by keyboard or pointer.

use leptos::ev::KeyboardEvent;
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{Event, EventInit};

use crate::mentions::{api, everyone};
use crate::people::{Avatar, Person};
use crate::text::fold;

/// Names that are offered at a time.
const OFFERED: usize = 6;
/// Characters behind the sign that can still become a name.
const MAX_TYPED: usize = 60;
const LIST: &str = "mention-list";

/// The completion of one text field.
#[derive(Clone, Copy)]
pub struct Completion {
    room: i64,
    field: NodeRef<Textarea>,
    /// Whom one can mention here, once it was asked.
    people: RwSignal<Option<Vec<Person>>>,
    /// What stands behind the last sign before the caret, and where the sign is, in the units of the field.
    typed: RwSignal<Option<(u32, String)>>,
    /// The sign at which the list was closed.
    closed_at: StoredValue<Option<u32>>,
    selected: RwSignal<usize>,
}

impl Completion {
    pub fn new(room: i64, field: NodeRef<Textarea>) -> Self {
        Self {
            room,
            field,
            people: RwSignal::new(None),
            typed: RwSignal::new(None),
            closed_at: StoredValue::new(None),
            selected: RwSignal::new(0),
        }
    }

    /// Something was written, or the caret has moved.
    pub fn look(self) {
        let typed = self.before_caret().and_then(|before| {
            let typed = behind_sign(&before)?;
            let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or_default();
            Some((units(&before) - units(typed) - 1, typed.to_owned()))
        });
        let at = typed.as_ref().map(|(at, _)| *at);
        if at != self.closed_at.get_value() {
            self.closed_at.set_value(None);
        }
        if self.typed.with_untracked(|before| *before != typed) {
            self.selected.set(0);
            self.typed.set(typed.filter(|_| self.closed_at.get_value().is_none()));
        }
        if at.is_some() && self.people.with_untracked(Option::is_none) {
            self.people.set(Some(Vec::new()));
            spawn_local(async move {
                // Without an answer nobody is offered, and it is asked again at the next sign.
                self.people.try_set(api::candidates(self.room).await.ok());
            });
        }
    }

    /// Takes the keys that are meant for the list. Whether this was one. No key of a composition is.
    pub fn takes(self, event: &KeyboardEvent) -> bool {
        let offers = untrack(|| self.offers());
        let count = offers.len();
        if count == 0 {
            return false;
        }
        let selected = self.selected.get_untracked().min(count - 1);
        match event.key().as_str() {
            "ArrowDown" => self.selected.set((selected + 1) % count),
            "ArrowUp" => self.selected.set((selected + count - 1) % count),
            // A name that is complete is left alone: Enter sends the message.
            "Enter" if !event.shift_key() && !self.is_complete(&offers[selected]) => self.choose(&offers[selected]),
            "Tab" if !event.shift_key() => self.choose(&offers[selected]),
            "Escape" => self.close(),
            _ => return false,
        }
        event.prevent_default();
        true
    }

    /// The text was sent, and another begins.
    pub fn forget(self) {
        self.typed.set(None);
        self.closed_at.set_value(None);
    }

    pub fn close(self) {
        // A field that goes with its page loses the focus only after that.
        let typed = self.typed.try_get_untracked().flatten();
        self.closed_at.try_set_value(typed.map(|(at, _)| at));
        self.typed.try_set(None);
    }

    /// The id of the option that is selected, for the field's `aria-activedescendant`; tracked.
    pub fn active(self) -> Option<String> {
        let offers = self.offers();
        let selected = offers.get(self.selected.get().min(offers.len().saturating_sub(1)))?;
        Some(option_id(selected))
    }

    /// The id of the list while it is open, for the field's `aria-controls`; tracked.
    pub fn controls(self) -> Option<&'static str> {
        (!self.offers().is_empty()).then_some(LIST)
    }

    fn offers(self) -> Vec<Person> {
        let typed = self.typed.get();
        let offered = |(_, typed): &(u32, String)| {
            self.people.with(|people| people.as_ref().map(|people| fitting(typed, people)).unwrap_or_default())
        };
        typed.as_ref().map(offered).unwrap_or_default()
    }

    fn is_complete(self, person: &Person) -> bool {
        let same = |(_, typed): &(u32, String)| fold(typed) == fold(&person.name);
        self.typed.with_untracked(|typed| typed.as_ref().is_some_and(same))
    }

    fn choose(self, person: &Person) {
        let (Some(field), Some((at, typed))) = (self.field.get_untracked(), self.typed.get_untracked()) else { return };
        let end = at + 1 + u32::try_from(typed.encode_utf16().count()).unwrap_or_default();
        let name = format!("@{} ", person.name);
        let replaced = field.set_range_text_with_start_and_end_and_mode(&name, at, end, "end");
        if replaced.is_ok() {
            self.typed.set(None);
            let init = EventInit::new();
            init.set_bubbles(true);
            // What keeps the draft hears of it as of what is typed.
            drop(Event::new_with_event_init_dict("input", &init).map(|event| field.dispatch_event(&event)));
        }
    }

    fn before_caret(self) -> Option<String> {
        let field = self.field.get_untracked()?;
        let caret = field.selection_start().ok()??;
        let units: Vec<u16> = field.value().encode_utf16().take(caret as usize).collect();
        Some(String::from_utf16_lossy(&units))
    }
}

/// The people who are offered. The field that it belongs to has the focus all the time.
#[component]
pub fn MentionList(completion: Completion) -> impl IntoView {
    let offers = Memo::new(move |_| completion.offers());
    let selected = move || completion.selected.get().min(offers.with(Vec::len).saturating_sub(1));
    let chosen = Memo::new(move |_| offers.with(|offers| offers.get(selected()).map(|person| person.id)));
    let option = move |person: Person| {
        let (id, name, choice) = (option_id(&person), person.name.clone(), person.clone());
        let is_chosen = {
            let id = person.id;
            move || chosen.get() == Some(id)
        };
        view! {
            <li
                id=id
                role="option"
                aria-selected=move || is_chosen().to_string()
                on:mousedown=move |event| {
                    // The field keeps the focus.
                    event.prevent_default();
                    completion.choose(&choice);
                }
            >
                <Avatar person/>
                <span dir="auto">{name}</span>
            </li>
        }
    };
    let said = move || match offers.with(Vec::len) {
        0 => None,
        1 => Some("1 name fits".to_owned()),
        count => Some(format!("{count} names fit")),
    };
    view! {
        <Show when=move || !offers.with(Vec::is_empty)>
            <ul id=LIST class="mention-list" role="listbox" aria-label="Names">
                <For each=move || offers.get() key=|person| person.id children=option/>
            </ul>
        </Show>
        <span class="unseen" role="status">{said}</span>
    }
}

fn option_id(person: &Person) -> String {
    format!("mention-{}", person.id)
}

/// What stands behind the last sign in `before`, if it can become a name.
fn behind_sign(before: &str) -> Option<&str> {
    let at = before.rfind('@')?;
    let typed = &before[at + 1..];
    let begins_a_word = !before[..at].ends_with(|c: char| c.is_alphanumeric() || c == '@');
    let may_be_a_name = typed.chars().count() <= MAX_TYPED && !typed.contains('\n') && !typed.starts_with(' ');
    (begins_a_word && may_be_a_name).then_some(typed)
}

/// The people with whose name, or a word of it, `typed` begins, those by name first.
fn fitting(typed: &str, people: &[Person]) -> Vec<Person> {
    let all = everyone();
    let all = Person { id: all.id, name: all.name, picture: None };
    let typed = fold(typed);
    let lower = |person: &Person| fold(&person.name);
    let known = || people.iter().chain([&all]);
    // A name that was chosen and left behind asks for no more.
    if typed.ends_with(' ') && known().any(|person| lower(person) == typed.trim_end()) {
        return Vec::new();
    }
    let by_name = known().filter(|person| lower(person).starts_with(&typed));
    let by_word = known().filter(|person| {
        let name = lower(person);
        !name.starts_with(&typed) && name.split(' ').any(|word| word.starts_with(&typed))
    });
    by_name.chain(by_word).take(OFFERED).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(typed: &str) -> Vec<String> {
        let people = ["Ada Lovelace", "Bob", "Bobby Ada", "Émile", "Eve", "Fay", "Gil"];
        let person = |(id, name): (i64, &&str)| Person { id, name: (*name).to_owned(), picture: None };
        let people: Vec<Person> = (1..).zip(&people).map(person).collect();
        fitting(typed, &people).into_iter().map(|person| person.name).collect()
    }

    #[test]
    fn a_sign_that_begins_a_word_asks_for_a_name() {
        for (before, typed) in [("@", Some("")), ("hello @Ad", Some("Ad")), ("(@Ada Lo", Some("Ada Lo"))] {
            assert_eq!(behind_sign(before), typed, "{before}");
        }
        for before in ["", "ada@exam", "@Ada\nnext", "@ not", "@@", &format!("@{}", "x".repeat(MAX_TYPED + 1))] {
            assert_eq!(behind_sign(before), None, "{before}");
        }
    }

    #[test]
    fn names_fit_by_their_beginning_or_by_that_of_a_word() {
        assert_eq!(names("ada"), ["Ada Lovelace", "Bobby Ada"]);
        assert_eq!(names("BOB"), ["Bob", "Bobby Ada"]);
        assert_eq!(names("ada l"), ["Ada Lovelace"]);
        assert_eq!(names("ev"), ["Eve", "everyone"]);
        assert_eq!(names("é"), ["Émile", "Eve", "everyone"]);
        assert_eq!(names("e\u{301}m"), ["Émile"]);
        assert_eq!(names("").len(), OFFERED);
        assert_eq!(names("zoe"), [""; 0]);
    }

    #[test]
    fn a_name_that_is_left_behind_asks_for_no_more() {
        assert_eq!(names("bob "), [""; 0]);
        assert_eq!(names("bobby "), ["Bobby Ada"]);
    }
}
