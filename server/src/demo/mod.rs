//! A small demo world: four people, an open room, a closed room, some talk. `large` makes a large one.

pub mod large;
mod words;

use app::access::{Access, Held, Viewer};
use app::join_link::{self, JoinLink};
use app::messages::{self, NewMessage};
use app::people::passwords::Passwords;
use app::people::store::{self as people, NewPerson};
use app::rooms::store as rooms;
use earshot_live::error::Error;
use earshot_live::store::{Db, Tx};

use crate::config::Config;
use crate::demo::large::Size;

const PASSWORD: &str = "earshot-demo";
/// The first is the administrator.
const PEOPLE: [(&str, &str); 4] =
    [("Ada", "ada@example.org"), ("Bob", "bob@example.org"), ("Cleo", "cleo@example.org"), ("Dan", "dan@example.org")];

const OPEN_TALK: [(usize, &str); 6] = [
    (0, "Welcome to Earshot! This room is open to everyone."),
    (1, "Hello Ada. Do I have to reload to see what you write?"),
    (
        0,
        "No. When I send this, a notice says that something changed, and your page reads what it is, under your own rights.",
    ),
    (2, "So the notice itself gives nothing away?"),
    (0, "A number and a time. Open a second browser as somebody else and try it."),
    (
        3,
        "The protocol is Pusher's, by the way: https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/",
    ),
];

const CLOSED_TALK: [(usize, &str); 3] = [
    (1, "This room is closed: only Cleo and I are in it, and Ada as the administrator."),
    (2, "Dan cannot find it, not even by its number."),
    (1, "Exactly. For him it does not exist."),
];

/// Fills an empty database, and says how to sign in. One that has people in it stays as it is. `size`: of a large world, when
/// it has any messages.
///
/// # Errors
/// When the database refuses.
pub async fn fill(db: &Db, passwords: &Passwords, config: &Config, size: Size) -> anyhow::Result<()> {
    if size.messages > 0 {
        return fill_large(db, passwords, config, size).await;
    }
    if people::nobody_yet(db).await? {
        world(db, passwords).await?;
    }
    if let Some(ada) = people::credentials(db, PEOPLE[0].1).await? {
        println!("Open {} and sign in with the password {PASSWORD} as:", config.url);
        for (name, email) in PEOPLE {
            println!("  {email}  ({name}{})", if email == PEOPLE[0].1 { ", administrator" } else { "" });
        }
        // She may be no administrator any more.
        if let Ok(team) = Access::team_write(&Viewer::on_behalf(db.read(), ada.id).await?) {
            let link = JoinLink::new(&config.origin(), &join_link::store::token(db, &team).await?)?;
            println!("Others sign up at {}", link.url);
        }
    } else {
        println!("There are people here already: the demo world was not added.");
    }
    Ok(())
}

async fn fill_large(db: &Db, passwords: &Passwords, config: &Config, size: Size) -> anyhow::Result<()> {
    anyhow::ensure!(
        people::nobody_yet(db).await?,
        "There are people here already: a large demo world begins with nobody."
    );
    large::fill(db, passwords, size).await?;
    let (first, last) = (large::email(1), large::email(size.people));
    println!("Open {} and sign in with the password {PASSWORD} as {first} (administrator) to {last}.", config.url);
    Ok(())
}

/// One transaction: a fill that is interrupted leaves nothing, and can be repeated.
async fn world(db: &Db, passwords: &Passwords) -> Result<(), Error> {
    let hash = passwords.hash(PASSWORD.to_owned()).await?;
    let mut tx = db.begin(PEOPLE[0].0).await?;
    let mut world = Vec::new();
    for (index, (name, email)) in PEOPLE.into_iter().enumerate() {
        let id = people::add(&mut tx, &NewPerson::check(name, email)?, &hash, index == 0).await?;
        world.push(Viewer::on_behalf(tx.sql(), id).await?);
    }
    let team = Held::team(&mut tx, &world[0]).await?;
    let open = rooms::create(&mut tx, &team, "Lounge", false, None).await?;
    talk(&mut tx, &world, open, &OPEN_TALK).await?;
    let team = Held::team(&mut tx, &world[1]).await?;
    let closed = rooms::create(&mut tx, &team, "Plans", true, None).await?;
    let access = Held::room_write(&mut tx, &world[1], closed).await?;
    rooms::add_member(&mut tx, &access, world[2].id).await?;
    talk(&mut tx, &world, closed, &CLOSED_TALK).await?;
    Ok(tx.commit().await?)
}

async fn talk(tx: &mut Tx, world: &[Viewer], room: i64, lines: &[(usize, &str)]) -> Result<(), Error> {
    for (index, (who, line)) in lines.iter().enumerate() {
        let access = Held::room(tx, &world[*who], room).await?;
        let client_id = format!("demo-{room}-{index}");
        let new = NewMessage { body: line, client_id: &client_id, ..NewMessage::default() };
        messages::store::post(tx, &access, new).await?;
    }
    Ok(())
}
