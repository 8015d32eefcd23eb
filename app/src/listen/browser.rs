//! The line in a page: does with the browser's means what the switchboard asks for, and reports when the page wakes up.

use std::sync::Mutex;

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::listen::event::{Event, Task};
use crate::listen::line::Line;
use crate::listen::switchboard::Switchboard;
use crate::listen::{api, transport};
use crate::object::Object;
use crate::patience::{PATIENCE, within};

/// Makes the page's line, to be found by every `Listen` below.
pub fn provide_line() {
    let (events, incoming) = unbounded();
    let line = Line::new(events);
    provide_context(line.clone());
    let incoming = Mutex::new(Some(incoming));
    // An effect, because only a browser has a socket.
    Effect::new(move |_| {
        if let Some(incoming) = incoming.lock().ok().and_then(|mut incoming| incoming.take()) {
            report_waking(&line);
            spawn_local(run(line.clone(), incoming));
        }
    });
}

fn report_waking(line: &Line) {
    let online = line.clone();
    let visible = line.clone();
    let handles = [
        window_event_listener_untyped("online", move |_| online.send(Event::Wake)),
        window_event_listener_untyped("visibilitychange", move |_| {
            if !document().hidden() {
                visible.send(Event::Wake);
            }
        }),
    ];
    on_cleanup(move || handles.into_iter().for_each(|handle| handle.remove()));
}

async fn run(line: Line, mut incoming: UnboundedReceiver<Event>) {
    let mut switchboard = Switchboard::new(js_sys::Math::random);
    while let Some(event) = incoming.next().await {
        for task in switchboard.handle(event) {
            perform(&line, task);
        }
    }
}

fn perform(line: &Line, task: Task) {
    match task {
        Task::Show(status) => drop(line.status.try_set(status)),
        Task::Refuse(object, why) => line.refuse(object, why),
        Task::Dial(number) => spawn_local(transport::dial(number, line.events.clone())),
        Task::Later(millis, event) => {
            let line = line.clone();
            spawn_local(async move {
                TimeoutFuture::new(millis).await;
                line.send(event);
            });
        }
        Task::Present(object, attendees) => line.show_present(object, attendees),
        Task::Authorise { number, socket_id, channels } => {
            let line = line.clone();
            spawn_local(async move {
                let answer = transport::authorise(&socket_id, &channels);
                let answer = within(TimeoutFuture::new(PATIENCE), answer).await;
                line.send(Event::Authorised(number, channels, answer));
            });
        }
        Task::CatchUp(numbers) => {
            let line = line.clone();
            spawn_local(async move {
                let objects: Vec<Object> = numbers.iter().map(|(object, _)| *object).collect();
                let answer = within(TimeoutFuture::new(PATIENCE), api::notices_after(numbers)).await;
                line.send(Event::CaughtUp(objects, answer));
            });
        }
    }
}
