//! Texts that a connected client sends, one on each line: the hub answers each and stays, and so does a page that hears them.
#![no_main]

use std::sync::{LazyLock, Mutex};

use earshot_hub::fuzzing::Client;
use earshot_live::listen::event::Event;
use earshot_live::listen::protocol::Protocol;
use earshot_live::pusher::frame::Frame;
use fuzz::World;
use libfuzzer_sys::fuzz_target;

static WORLD: LazyLock<Mutex<World>> = LazyLock::new(Mutex::default);

fuzz_target!(|text: &str| {
    let world = WORLD.lock().expect("one at a time");
    world.runtime.block_on(async {
        let client = Client::connect(&world.context);
        for line in text.lines() {
            client.says(line).await;
        }
        client.leaves().await;
        assert_eq!(world.context.hub.sockets(), 0);
    });
    let mut page = Protocol::new(|| 0.5);
    for frame in text.lines().filter_map(|line| serde_json::from_str::<Frame>(line).ok()) {
        // Tasks are not carried out: what is asked here is that the page understands or ignores it.
        let commands = page.handle(Event::Frame(0, frame));
        assert!(commands.len() < 10);
    }
});
