//! Files that are about to be posted: each comes to the server as soon as it is chosen, and waits there for its message.

use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use web_sys::{FileList, XmlHttpRequest};

use crate::error::Error;
use crate::files::{File, MAX_FILES, MaxFile, readable_size, upload};

/// Uploads at the same time. A browser has few connections, and talk goes on meanwhile.
const AT_ONCE: usize = 2;

#[derive(Clone, Copy)]
pub struct Tray {
    room: i64,
    most: u64,
    pub items: RwSignal<Vec<Item>>,
    /// Why not all that was chosen lies here.
    pub refused: RwSignal<Option<Error>>,
    /// How many there were so far.
    count: StoredValue<u32>,
}

/// One file in the tray.
#[derive(Clone)]
pub struct Item {
    pub key: u32,
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

impl Tray {
    pub fn new(room: i64) -> Self {
        let MaxFile(most) = expect_context();
        let items = RwSignal::new(Vec::<Item>::new());
        // Who leaves the room sends nothing there any more.
        on_cleanup(move || {
            if let Some(items) = items.try_get_untracked() {
                items.iter().for_each(Item::abort);
            }
        });
        Self { room, most, items, refused: RwSignal::new(None), count: StoredValue::new(0) }
    }

    /// Takes up what was chosen, dropped or pasted, and begins to send it.
    pub fn add(self, files: &FileList) {
        self.refused.set(None);
        for file in (0..files.length()).filter_map(|index| files.get(index)) {
            if self.items.with_untracked(Vec::len) >= MAX_FILES {
                let sentence = format!("At most {MAX_FILES} files can be sent with one message.");
                self.refused.set(Some(Error::invalid(sentence)));
                break;
            }
            // A browser without requests has no page that could have come here.
            let Ok(request) = XmlHttpRequest::new() else { break };
            let item = Item {
                key: self.count.with_value(|count| *count),
                name: file.name(),
                size: file.size() as i64,
                state: ArcRwSignal::new(self.first_state(file.size())),
                way: SendWrapper::new(Way { file, request }),
            };
            self.count.update_value(|count| *count += 1);
            self.items.update(|items| items.push(item));
        }
        self.go_on();
    }

    pub fn remove(self, key: u32) {
        self.items.update(|items| {
            items.iter().filter(|item| item.key == key).for_each(Item::abort);
            items.retain(|item| item.key != key);
        });
        self.go_on();
    }

    pub fn try_again(self, item: &Item) {
        item.state.set(self.first_state(item.size as f64));
        self.go_on();
    }

    pub fn is_empty(self) -> bool {
        self.items.with(Vec::is_empty)
    }

    /// Whether something is still on its way.
    pub fn is_busy(self) -> bool {
        self.any(|state| matches!(state, State::Waiting | State::Sending(_)))
    }

    /// Whether something has not got through.
    pub fn has_failed(self) -> bool {
        self.any(|state| matches!(state, State::Failed(_)))
    }

    /// Empties the tray, for the message with which these files go.
    pub fn take(self) -> Vec<File> {
        self.refused.set(None);
        let items = self.items.try_update(std::mem::take).unwrap_or_default();
        let done = |item: Item| if let State::Done(file) = item.state.get_untracked() { Some(file) } else { None };
        items.into_iter().filter_map(done).collect()
    }

    fn any(self, is: impl Fn(&State) -> bool) -> bool {
        self.items.with(|items| items.iter().any(|item| item.state.with(&is)))
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
        let sent = upload::send(self.room, file, request, move |part| state.set(State::Sending(part))).await;
        item.state.set(sent.map_or_else(State::Failed, State::Done));
        self.go_on();
    }
}

impl Item {
    fn abort(&self) {
        // One that has not begun, or has ended, has nothing to abort.
        let _ = self.way.request.abort();
    }
}
