//! The client in a page: does with the browser's means what the protocol asks for, and reports when the page wakes up.

use std::sync::Mutex;

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::listen::client::Client;
use crate::listen::event::{Command, Event};
use crate::listen::protocol::Protocol;
use crate::listen::transport;
use crate::object::Object;
use crate::timeout::{TIMEOUT, within};

/// Makes the page's client, to be found by every `Listen` below.
pub fn provide_client() {
    let (events, incoming) = unbounded();
    let client = Client::new(events);
    provide_context(client.clone());
    let incoming = Mutex::new(Some(incoming));
    // An effect, because only a browser has a socket.
    Effect::new(move |_| {
        if let Some(incoming) = incoming.lock().ok().and_then(|mut incoming| incoming.take()) {
            report_waking(&client);
            spawn_local(run(client.clone(), incoming));
        }
    });
}

fn report_waking(client: &Client) {
    let online = client.clone();
    let visible = client.clone();
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

async fn run(client: Client, mut incoming: UnboundedReceiver<Event>) {
    let mut protocol = Protocol::new(js_sys::Math::random);
    while let Some(event) = incoming.next().await {
        for command in protocol.handle(event) {
            perform(&client, command);
        }
    }
}

fn perform(client: &Client, command: Command) {
    match command {
        Command::Show(status) => drop(client.status.try_set(status)),
        Command::Refuse(object, why) => client.refuse(object, why),
        Command::Dial(number) => spawn_local(transport::dial(number, client.events.clone())),
        Command::Later(pause, event) => {
            let client = client.clone();
            spawn_local(async move {
                sleep(pause).await;
                client.send(event);
            });
        }
        Command::Present(object, attendees) => client.show_present(object, attendees),
        Command::Authorise { number, socket_id, channels } => {
            let client = client.clone();
            spawn_local(async move {
                let answer = transport::authorise(&socket_id, &channels);
                let answer = within(sleep(TIMEOUT), answer).await;
                client.send(Event::Authorised(number, channels, answer));
            });
        }
        Command::CatchUp(numbers) => {
            let client = client.clone();
            spawn_local(async move {
                let objects: Vec<Object> = numbers.iter().map(|(object, _)| *object).collect();
                let answer = within(sleep(TIMEOUT), transport::notices_after(numbers)).await;
                client.send(Event::CaughtUp(objects, answer));
            });
        }
    }
}
