//! Whatever happens, and however badly its notices travel: at rest every page shows what a fresh one would.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tokio::task::JoinSet;

use crate::support::database::Database;
use crate::support::page::{Faults, Page};
use crate::support::person::{Answer, Person};
use crate::support::server::Server;
use crate::support::world::World;
use crate::support::{self, on_both};

on_both!(
    at_rest_every_page_equals_a_fresh_one,
    who_is_put_out_and_let_in_again_is_live_again,
    who_is_removed_while_away_has_left_when_back,
    who_was_away_longer_than_notices_are_kept_reads_everything_anew,
);

const STEPS: u32 = 400;
/// Requests that are under way at the same time.
const AT_ONCE: usize = 4;
const BAD: Faults = Faults { lost: 0.1, twice: 0.2, late: 0.2 };

/// What is there to act on.
struct Play {
    world: World,
    /// Where requests go, in no order.
    urls: Vec<String>,
    dice: StdRng,
    messages: Vec<(Person, i64)>,
    pages: Vec<Page>,
    under_way: JoinSet<(Person, Answer)>,
}

impl Play {
    fn someone(&mut self) -> Person {
        let world = &self.world;
        [&world.ada, &world.olga, &world.mia, &world.sam]
            .choose(&mut self.dice)
            .map(|person| person.at(self.urls.choose(&mut self.dice).unwrap()))
            .unwrap()
    }

    fn some_room(&mut self) -> i64 {
        if self.dice.random_bool(0.3) { self.world.open } else { self.world.closed }
    }

    /// One thing begins to happen. What somebody may not do is refused, and nothing happens.
    async fn step(&mut self) {
        match self.dice.random_range(0..100) {
            0..40 => {
                let (author, room) = (self.someone(), self.some_room());
                let text = self.dice.random::<u64>().to_string();
                let mut form = vec![("room", room.to_string()), ("body", text.clone()), ("client_id", text)];
                if let Some((_, answered)) = self.messages.choose(&mut self.dice).filter(|_| room == self.world.closed)
                {
                    form.push(("reply_to", answered.to_string()));
                }
                self.begin(author, "messages/post", &form).await;
            }
            40..45 => {
                if let Some((_, message)) = self.messages.choose(&mut self.dice).cloned() {
                    let someone = self.someone();
                    let form = [("message", message.to_string()), ("emoji", "👍".to_owned())];
                    self.begin(someone, "reactions/toggle", &form).await;
                }
            }
            45..65 => {
                if let Some((author, id)) = self.messages.choose(&mut self.dice).cloned() {
                    let body = format!("edited {}", self.dice.random::<u32>());
                    self.begin(author, "messages/edit", &[("id", id.to_string()), ("body", body)]).await;
                }
            }
            65..75 => {
                if let Some((author, id)) = self.messages.choose(&mut self.dice).cloned() {
                    self.begin(author, "messages/delete", &[("id", id.to_string())]).await;
                }
            }
            75..80 => {
                let name = format!("Room {}", self.dice.random::<u32>());
                let form = [("id", self.world.closed.to_string()), ("name", name)];
                self.begin(self.world.olga.clone(), "rooms/rename", &form).await;
            }
            80..86 => {
                let member = if self.dice.random() { self.world.mia.id } else { self.world.sam.id };
                let function = if self.dice.random() { "rooms/add_member" } else { "rooms/remove_member" };
                let form = [("id", self.world.closed.to_string()), ("user", member.to_string())];
                self.begin(self.world.olga.clone(), function, &form).await;
            }
            86..94 => self.pages.choose(&mut self.dice).into_iter().for_each(Page::cut),
            _ => self.reopen().await,
        }
    }

    async fn begin(&mut self, person: Person, function: &'static str, form: &[(&'static str, String)]) {
        if self.under_way.len() == AT_ONCE {
            self.end_one().await;
        }
        let form = form.to_vec();
        self.under_way.spawn(async move {
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = person.call(function, &form).await;
            (person, answer)
        });
    }

    /// Posts answer with the id of a message.
    async fn end_one(&mut self) {
        if let Some(ended) = self.under_way.join_next().await {
            let (person, answer) = ended.unwrap();
            self.messages.extend(answer.json().as_i64().map(|id| (person, id)));
        }
    }

    /// Whoever has been put out and let in again opens the room anew.
    async fn reopen(&mut self) {
        for page in &mut self.pages {
            if page.shown().is_none()
                && let Ok(again) = Page::try_open(&page.person, page.room).await
            {
                again.set_faults(BAD);
                *page = again;
            }
        }
    }
}

async fn at_rest_every_page_equals_a_fresh_one(database: Database) {
    play(World::new(database).await, Vec::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_rest_every_page_equals_a_fresh_one_on_three_servers() {
    let world = World::new(support::postgres::database().await).await;
    let others = [Server::beside(&world.server).await, Server::beside(&world.server).await];
    play(world, others.into()).await;
}

/// Each page listens on one server; what is done is done on any of them.
async fn play(world: World, others: Vec<Server>) {
    let seed = rand::random();
    let servers = std::iter::once(&world.server).chain(&others);
    let urls: Vec<String> = servers.map(|server| server.url.clone()).collect();
    let mut pages = Vec::new();
    for person in [&world.ada, &world.olga, &world.mia, &world.sam] {
        for room in [world.open, world.closed] {
            let at = &urls[pages.len() % urls.len()];
            pages.extend(Page::try_open(&person.at(at), room).await);
        }
    }
    pages.iter().for_each(|page| page.set_faults(BAD));
    let dice = StdRng::seed_from_u64(seed);
    let mut play = Play { world, urls, dice, messages: Vec::new(), pages, under_way: JoinSet::new() };
    for _ in 0..STEPS {
        play.step().await;
    }
    while !play.under_way.is_empty() {
        play.end_one().await;
    }
    for page in &play.pages {
        page.set_faults(Faults::default());
        page.wake();
    }
    for page in &play.pages {
        // A page that has left its room stays away, also when its person has been let in again.
        if page.shown().is_some() || page.fresh().await.is_none() {
            page.until_fresh(&format!("seed {seed}")).await;
        }
    }
}

/// Mia's, in the closed room.
async fn change_membership(world: &World, function: &str) {
    let form = [("id", &*world.closed.to_string()), ("user", &*world.mia.id.to_string())];
    assert_eq!(world.olga.call(function, &form).await.status, 200);
}

async fn who_is_put_out_and_let_in_again_is_live_again(database: Database) {
    let world = World::new(database).await;
    let page = Page::open(&world.mia, world.closed).await;
    page.until_live().await;
    page.go_offline().await;
    // So quickly that the page cannot tell.
    change_membership(&world, "rooms/remove_member").await;
    change_membership(&world, "rooms/add_member").await;
    page.come_back();
    let id = world.olga.post(world.closed, "welcome back").await;
    page.until_has(id).await;
    let next = world.olga.post(world.closed, "and live").await;
    page.until_has(next).await;
}

async fn who_is_removed_while_away_has_left_when_back(database: Database) {
    let world = World::new(database).await;
    let page = Page::open(&world.mia, world.closed).await;
    page.until_live().await;
    page.go_offline().await;
    change_membership(&world, "rooms/remove_member").await;
    let unheard = world.olga.post(world.closed, "without Mia").await;
    page.come_back();
    page.until_gone().await;
    assert!(
        world
            .mia
            .call_json("messages/reload", serde_json::json!({ "room": world.closed, "ids": [unheard] }))
            .await
            .status
            == 404
    );
}

async fn who_was_away_longer_than_notices_are_kept_reads_everything_anew(database: Database) {
    let world = World::new(database).await;
    let page = Page::open(&world.mia, world.open).await;
    page.until_live().await;
    page.go_offline().await;
    let form = [("id", &*world.open_message.to_string()), ("body", "changed meanwhile")];
    world.mia.call("messages/edit", &form).await;
    world.olga.post(world.open, "said meanwhile").await;
    let soon = earshot_live::timestamp::Timestamp(earshot_live::timestamp::Timestamp::now().0 + 1_000_000);
    earshot_live::store::notices::forget_before(world.db(), soon).await.unwrap();
    page.come_back();
    page.until_fresh("after reading everything anew").await;
    let id = world.olga.post(world.open, "live again").await;
    page.until_has(id).await;
    page.until_fresh("live again").await;
}
