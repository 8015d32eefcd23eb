//! A large demo world, to see how it feels and how fast it is: people, rooms of every kind, and as much talk as one likes.

use std::time::Instant;

use app::access::{self, Access, Held, Viewer};
use app::messages::bulk::{self, Said};
use app::people::passwords::Passwords;
use app::people::store::{self as people, NewPerson};
use app::rooms::{direct, store as rooms};
use earshot_live::error::Error;
use earshot_live::store::{Db, Tx};
use earshot_live::timestamp::Timestamp;
use rand::Rng;
use rand::seq::IndexedRandom;

use crate::demo::PASSWORD;
use crate::demo::words::{self, Words};

/// How much of everything.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Size {
    /// Fill the database with so many messages
    #[arg(long, default_value_t = 0)]
    pub messages: usize,
    #[arg(long, default_value_t = 1_000)]
    pub rooms: usize,
    #[arg(long, default_value_t = 1_000)]
    pub people: usize,
}

const SEED: u64 = 41;
/// People who talk in a room, and members of a closed one, at most.
const VOICES: usize = 12;
/// Of rooms: every so manieth is direct, or closed.
const DIRECT: usize = 10;
const CLOSED: usize = 4;
/// Messages in one transaction.
const COMMIT: usize = 50_000;
/// The time over which they were said.
const MICROS: i64 = 2 * 365 * 24 * 60 * 60 * 1_000_000;

/// Those who talk in a room.
type Voices = Vec<Access<access::Room>>;

/// Fills an empty database. It takes many transactions: one that was interrupted is to be thrown away.
///
/// # Errors
/// When the database refuses.
pub async fn fill(db: &Db, passwords: &Passwords, size: Size) -> Result<(), Error> {
    let mut words = Words::new(SEED);
    let hash = passwords.hash(PASSWORD.to_owned()).await?;
    let mut tx = db.begin("Demo").await?;
    let people = settle(&mut tx, &hash, size.people.max(2)).await?;
    let mut all = Vec::with_capacity(size.rooms);
    for number in 0..size.rooms.max(1) {
        all.push(room(&mut tx, &mut words, &people, number).await?);
    }
    tx.commit().await?;
    println!("{} people in {} rooms", people.len(), all.len());
    talk(db, &mut words, &all, size.messages).await?;
    db.settle().await?;
    Ok(())
}

pub fn email(number: usize) -> String {
    format!("person{number}@example.org")
}

/// The first is the administrator.
async fn settle(tx: &mut Tx, hash: &str, count: usize) -> Result<Vec<Viewer>, Error> {
    let mut settled = Vec::with_capacity(count);
    for number in 0..count {
        let new = NewPerson::check(&words::person(number), &email(number + 1))?;
        let id = people::add(tx, &new, hash, number == 0).await?;
        settled.push(Viewer::on_behalf(tx.sql(), id).await?);
    }
    Ok(settled)
}

async fn room(tx: &mut Tx, words: &mut Words, people: &[Viewer], number: usize) -> Result<Voices, Error> {
    let count = words.dice.random_range(2..=VOICES);
    let mut voices: Vec<&Viewer> = people.choose_multiple(&mut words.dice, count).collect();
    let id = if number % DIRECT == DIRECT - 1 {
        voices.truncate(words.dice.random_range(2..=3));
        let ids: Vec<i64> = voices.iter().map(|viewer| viewer.id).collect();
        let team = Held::team(tx, voices[0]).await?;
        direct::open(tx, &team, &ids).await?
    } else {
        let closed = number % CLOSED == CLOSED - 1;
        let team = Held::team(tx, voices[0]).await?;
        let id = rooms::create(tx, &team, &words::room(number), closed, None).await?;
        if closed {
            let access = Held::room_write(tx, voices[0], id).await?;
            for viewer in &voices[1..] {
                rooms::add_member(tx, &access, viewer.id).await?;
            }
        }
        id
    };
    let mut accesses = Vec::with_capacity(voices.len());
    for viewer in voices {
        accesses.push(Access::room(&mut *tx, viewer, id).await?);
    }
    Ok(accesses)
}

async fn talk(db: &Db, words: &mut Words, rooms: &[Voices], count: usize) -> Result<(), Error> {
    let (begun, end) = (Instant::now(), Timestamp::now().0);
    for first in (0..count).step_by(COMMIT) {
        let last = (first + COMMIT).min(count);
        let said = (first..last).map(|number| Said {
            access: voice(words, rooms),
            client_id: format!("demo-{number}"),
            body: words.sentence(),
            posted: Timestamp(end - MICROS + MICROS / count as i64 * number as i64),
        });
        let said: Vec<Said<'_>> = said.collect();
        let mut tx = db.begin("Demo").await?;
        bulk::post_all(&mut tx, &said).await?;
        tx.commit().await?;
        println!("{last} of {count} messages in {:.0} s", begun.elapsed().as_secs_f64());
    }
    Ok(())
}

/// Somebody in some room; a few rooms are much busier than the others.
fn voice<'a>(words: &mut Words, rooms: &'a [Voices]) -> &'a Access<access::Room> {
    let quiet: f64 = words.dice.random();
    let voices = &rooms[(quiet * quiet * rooms.len() as f64) as usize];
    &voices[words.dice.random_range(0..voices.len())]
}
