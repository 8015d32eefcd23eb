//! Files that are about to be posted: each comes to the server as soon as it is chosen, and waits there for its message.

use earshot_live::error::Error;
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use web_sys::{FileList, XmlHttpRequest};

use crate::files::{File, MAX_FILES, MaxFile, readable_size, upload};

/// Uploads at the same time. A browser has few connections, and talk goes on meanwhile.
const AT_ONCE: usize = 2;

/// The trays of the page, for all rooms. What lies there for one goes on its way while its author reads another.
#[derive(Clone, Copy)]
pub struct Trays {
    most: u64,
    items: RwSignal<Vec<Item>>,
    /// The room for which not all was taken that was chosen, and why.
    refused: RwSignal<Option<(i64, Error)>>,
    /// How many there were so far.
    count: StoredValue<u32>,
}

/// What lies there for one room.
#[derive(Clone, Copy)]
pub struct Tray {
    room: i64,
    all: Trays,
}

/// One file in a tray.
#[derive(Clone)]
pub struct Item {
    pub key: u32,
    room: i64,
    pub name: String,
    pub size: i64,
    pub state: ArcRwSignal<State>,
    way: SendWrapper<Way>,
}

#[derive(Clone)]
struct Way {
    file: web_sys::File,
    request: XmlHttpRequest,
}

#[derive(Clone, Debug, PartialEq)]
pub enum State {
    Waiting,
    /// With the part that is there, from 0 to 1.
    Sending(f64),
    Done(File),
    Failed(Error),
}

/// Makes the page's trays, to be found by every component below.
pub fn provide_trays() -> Trays {
    let MaxFile(most) = expect_context();
    let items = RwSignal::new(Vec::<Item>::new());
    // Who leaves the page sends nothing any more.
    on_cleanup(move || {
        if let Some(items) = items.try_get_untracked() {
            items.iter().for_each(Item::abort);
        }
    });
    let trays = Trays { most, items, refused: RwSignal::new(None), count: StoredValue::new(0) };
    provide_context(trays);
    trays
}

impl Trays {
    pub fn expect() -> Self {
        expect_context()
    }

    pub fn of(self, room: i64) -> Tray {
        Tray { room, all: self }
    }

    /// What is too large is not even begun.
    fn first_state(self, size: f64) -> State {
        if size <= self.most as f64 {
            return State::Waiting;
        }
        let most = readable_size(self.most as i64);
        State::Failed(Error::too_large(format!("This file is too large: {most} is the most.")))
    }

    /// Begins as many uploads as may run.
    fn go_on(self) {
        let Some(items) = self.items.try_get_untracked() else { return };
        let in_state = |is: fn(&State) -> bool| items.iter().filter(move |item| item.state.with_untracked(is));
        let running = in_state(|state| matches!(state, State::Sending(_))).count();
        for item in in_state(|state| *state == State::Waiting).take(AT_ONCE.saturating_sub(running)) {
            item.state.set(State::Sending(0.0));
            spawn_local(self.send(item.clone()));
        }
    }

    async fn send(self, item: Item) {
        let Way { file, request } = &*item.way;
        let state = item.state.clone();
        let sent = upload::send(item.room, file, request, move |part| state.set(State::Sending(part))).await;
        item.state.set(sent.map_or_else(State::Failed, State::Done));
        self.go_on();
    }
}

impl Tray {
    /// Takes up what was chosen, dropped or pasted, and begins to send it.
    pub fn add(self, files: &FileList) {
        let Self { room, all } = self;
        all.refused.set(None);
        let mut places = MAX_FILES.saturating_sub(untrack(|| self.items()).len());
        for file in (0..files.length()).filter_map(|index| files.get(index)) {
            if places == 0 {
                let sentence = format!("At most {MAX_FILES} files can be sent with one message.");
                all.refused.set(Some((room, Error::invalid(sentence))));
                break;
            }
            // A browser without requests has no page that could have come here.
            let Ok(request) = XmlHttpRequest::new() else { break };
            let item = Item {
                key: all.count.with_value(|count| *count),
                room,
                name: file.name(),
                size: file.size() as i64,
                state: ArcRwSignal::new(all.first_state(file.size())),
                way: SendWrapper::new(Way { file, request }),
            };
            places -= 1;
            all.count.update_value(|count| *count += 1);
            all.items.update(|items| items.push(item));
        }
        all.go_on();
    }

    pub fn remove(self, key: u32) {
        self.all.items.update(|items| {
            items.iter().filter(|item| item.key == key).for_each(Item::abort);
            items.retain(|item| item.key != key);
        });
        self.all.go_on();
    }

    pub fn try_again(self, item: &Item) {
        item.state.set(self.all.first_state(item.size as f64));
        self.all.go_on();
    }

    /// What lies here, tracked.
    pub fn items(self) -> Vec<Item> {
        self.all.items.with(|items| items.iter().filter(|item| item.room == self.room).cloned().collect())
    }

    /// Why not all that was chosen lies here, tracked.
    pub fn refused(self) -> Option<Error> {
        self.all.refused.with(|refused| refused.clone().filter(|(room, _)| *room == self.room).map(|(_, why)| why))
    }

    /// Whether something is still on its way, tracked.
    pub fn is_busy(self) -> bool {
        self.any(|state| matches!(state, State::Waiting | State::Sending(_)))
    }

    /// Whether something has not got through, tracked.
    pub fn has_failed(self) -> bool {
        self.any(|state| matches!(state, State::Failed(_)))
    }

    /// Empties the tray, for the message with which these files go.
    pub fn take(self) -> Vec<File> {
        self.all.refused.set(None);
        let mine = |items: &mut Vec<Item>| items.extract_if(.., |item| item.room == self.room).collect::<Vec<_>>();
        let taken = self.all.items.try_update(mine).unwrap_or_default();
        let done = |item: Item| if let State::Done(file) = item.state.get_untracked() { Some(file) } else { None };
        taken.into_iter().filter_map(done).collect()
    }

    fn any(self, is: impl Fn(&State) -> bool) -> bool {
        self.items().iter().any(|item| item.state.with(&is))
    }
}

impl Item {
    fn abort(&self) {
        // One that has not begun, or has ended, has nothing to abort.
        let _ = self.way.request.abort();
    }
}
