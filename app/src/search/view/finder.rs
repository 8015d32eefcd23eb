//! What the palette knows and does.

use std::time::Duration;

use earshot_live::error::Error;
use earshot_live::listen::Keyed;
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;

use crate::rooms::{self, Room};
use crate::search::view::choice::Choice;
use crate::search::{Anything, api, page_of};
use crate::ui::Modal;

/// After so long without another letter the server is asked.
const PAUSE: Duration = Duration::from_millis(150);
/// Letters from which on it is worth asking.
const ENOUGH: usize = 2;

/// The state of the palette.
#[derive(Clone, Copy)]
pub struct Finder {
    rooms: Keyed<Room>,
    pub modal: Modal,
    pub typed: RwSignal<String>,
    /// Which of the choices Enter takes.
    pub active: RwSignal<usize>,
    pub trouble: RwSignal<Option<Error>>,
    found: RwSignal<Anything>,
    /// Counts what was asked: an answer to anything but the latest is of no use.
    asked: StoredValue<u32>,
}

impl Finder {
    /// `rooms`: those that the page knows.
    pub fn new(rooms: Keyed<Room>) -> Self {
        Self {
            rooms,
            modal: Modal::here(),
            typed: RwSignal::default(),
            active: RwSignal::new(0),
            trouble: RwSignal::new(None),
            found: RwSignal::default(),
            asked: StoredValue::new(0),
        }
    }

    /// Opens the palette, empty.
    pub fn open(self) {
        if !self.modal.is_open() {
            self.typed.set(String::new());
            self.ask();
            self.modal.open();
        }
    }

    /// What can be chosen now, tracked.
    pub fn choices(self) -> Vec<Choice> {
        Choice::offered(self.rooms.now(), self.found.get(), &self.typed.get())
    }

    /// Asks the server about what was typed, once no more is typed for a moment.
    pub fn ask(self) {
        self.active.set(0);
        self.trouble.set(None);
        let Self { asked, typed, found, .. } = self;
        // What was found for other words is not to be chosen by these.
        found.set(Anything::default());
        asked.update_value(|asked| *asked += 1);
        let number = asked.get_value();
        let latest = move || asked.try_get_value() == Some(number);
        spawn_local(async move {
            sleep(PAUSE).await;
            let Some(query) = typed.try_get_untracked().filter(|_| latest()) else { return };
            // What holds no word is refused, and nothing is found.
            let answer = if query.trim().chars().count() < ENOUGH { None } else { api::anything(query).await.ok() };
            if latest() {
                found.try_set(answer.unwrap_or_default());
            }
        });
    }

    /// Goes where the choice leads.
    pub fn choose(self, choice: Choice, navigate: &impl Fn(&str, NavigateOptions)) {
        let path = match choice {
            Choice::Room(room) => format!("/rooms/{}", room.id),
            Choice::Message(hit) => hit.permalink(),
            Choice::Page(words) => page_of(&words, None),
            Choice::Person(person) => {
                // The answer leads to the room.
                let number = self.asked.get_value();
                return spawn_local(async move {
                    let answer = rooms::api::direct(vec![person.id]).await;
                    // The palette may have been opened again for something else.
                    if self.asked.try_get_value() == Some(number) {
                        match answer {
                            Ok(_) => self.modal.close(),
                            Err(error) => self.trouble.set(Some(error)),
                        }
                    }
                });
            }
        };
        self.modal.close();
        navigate(&path, NavigateOptions::default());
    }
}
