//! What several servers on one PostgreSQL have to tell each other. A notice is read from its row by each of them, in commit
//! order ([`unseen`]); NOTIFY carries only the word that there are some, joined for many commits, and what the notifiers say
//! among themselves ([`letter`]). A NOTIFY inside each transaction would make all commits wait for each other.

mod letter;
mod unseen;

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use letter::{Letter, Letters};
use sqlx::postgres::PgListener;
use sqlx::{AnyConnection, Connection};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use unseen::Unseen;

use crate::store::aftermath::Aftermath;

/// The channel of PostgreSQL's NOTIFY.
const CHANNEL: &str = "earshot";
/// How often to look without having been woken, and to be heard of by the others.
const BEAT: Duration = Duration::from_secs(1);
/// Between two looks at least: whoever asks meanwhile is answered together.
const GATHER: Duration = Duration::from_millis(3);
/// Silence after which a connection is taken for dead: at least one's own beats are heard.
const SILENCE: Duration = Duration::from_secs(5);
/// How long a request waits until everything is heard, before it is told that the server is busy.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Pause before the next try to connect.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes that wait to be told. Beyond that all are let go of, and everything is told anew.
const MAX_UNTOLD: usize = 16 << 20;
/// Bytes that wait, from which on clients and programs are told to wait, too.
const MANY_UNTOLD: usize = 1 << 20;

/// A handle to the relay; clones share it. Without a PostgreSQL, or until it is run, there is nobody to be told or heard.
#[derive(Clone, Default)]
pub struct Relay(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// This server's name; none before it runs.
    name: OnceLock<String>,
    /// Something was committed here: the others are to be woken.
    committed: AtomicBool,
    /// Looks at what was committed: how many have begun, and the latest that was done.
    begun: AtomicU64,
    done: watch::Sender<u64>,
    wake: Notify,
    untold: Mutex<Untold>,
}

#[derive(Default)]
struct Untold {
    words: Vec<String>,
    /// Bytes of the words.
    size: usize,
    overflown: bool,
}

impl Relay {
    /// Whether other servers may be there to be told and heard.
    pub fn is_running(&self) -> bool {
        self.0.name.get().is_some()
    }

    /// By what the other servers know this one: another name with each start.
    pub fn name(&self) -> &str {
        self.0.name.get().map_or("", String::as_str)
    }

    /// Tells the notifiers of all other servers, which hear it by [`crate::store::Notifier::told`] as long as they are connected.
    pub fn tell(&self, word: impl FnOnce() -> String) {
        if !self.is_running() {
            return;
        }
        let word = word();
        let mut untold = self.untold();
        untold.size += word.len();
        untold.overflown |= untold.size > MAX_UNTOLD;
        if !untold.overflown {
            untold.words.push(word);
        }
        drop(untold);
        self.0.wake.notify_one();
    }

    /// Whether more waits to be told than the others take.
    pub fn is_busy(&self) -> bool {
        self.untold().size > MANY_UNTOLD
    }

    /// Waits until everything that was committed before this call, on whichever server, has been handed over here. What was
    /// told before it has been sent then, unless the connection was lost.
    ///
    /// # Errors
    /// When the database does not answer in time.
    pub async fn catch_up(&self) -> Result<(), sqlx::Error> {
        if !self.is_running() {
            return Ok(());
        }
        let next = self.0.begun.load(SeqCst) + 1;
        let mut done = self.0.done.subscribe();
        self.0.wake.notify_one();
        let in_time = timeout(TIMEOUT, done.wait_for(|done| *done >= next)).await;
        in_time.is_ok().then_some(()).ok_or(sqlx::Error::PoolTimedOut)
    }

    /// Something is about to be committed here.
    pub(super) fn expect_commit(&self) {
        self.0.committed.store(true, SeqCst);
    }

    /// Wakes the other servers after a commit, and waits until its notices have been handed over here.
    pub(super) async fn announce_commit(&self) {
        self.0.committed.store(true, SeqCst);
        if let Err(error) = self.catch_up().await {
            tracing::warn!(%error, "what was committed is handed over as soon as the database can be asked");
        }
    }

    /// Hands over what any server commits, for as long as the future is run. Whoever asks before it runs waits for it.
    pub(super) fn run(&self, url: String, aftermath: Arc<Aftermath>) -> impl Future<Output = ()> + Send + 'static {
        self.0.name.get_or_init(|| uuid::Uuid::new_v4().simple().to_string());
        let relay = self.clone();
        async move {
            loop {
                let Err(error) = relay.session(&url, &aftermath).await;
                tracing::warn!(%error, "the other servers cannot be heard");
                sleep(PAUSE).await;
            }
        }
    }

    /// From connecting to the loss of either connection.
    async fn session(&self, url: &str, aftermath: &Aftermath) -> Result<Infallible, sqlx::Error> {
        let connecting = timeout(TIMEOUT, connect(url)).await.map_err(|_| gone("the database does not answer"))?;
        let (listener, sql, unseen) = connecting?;
        if self.0.begun.load(SeqCst) > 0 || self.0.committed.load(SeqCst) {
            // Nobody says what was committed since the last session, or before the first: a database that was started again may
            // even give numbers of transactions twice.
            aftermath.missed();
        }
        self.0.committed.store(true, SeqCst);
        aftermath.notifier.met();
        let (never, _) = tokio::try_join!(self.receive(listener, aftermath), self.look(sql, unseen, aftermath))?;
        Ok(never)
    }

    async fn receive(&self, mut listener: PgListener, aftermath: &Aftermath) -> Result<Infallible, sqlx::Error> {
        let mut letters = Letters::default();
        loop {
            let heard = timeout(SILENCE, listener.try_recv()).await.map_err(|_| gone("nothing was heard"))?;
            let piece = heard?.ok_or_else(|| gone("the connection has ended"))?;
            let Some(letter) = letters.complete(piece.payload()) else { continue };
            if letter.from != self.name() {
                aftermath.notifier.told(&letter.from, &letter.words);
                if letter.committed {
                    self.0.wake.notify_one();
                }
            }
        }
    }

    /// Looks again and again, whenever it is woken.
    async fn look(
        &self,
        mut sql: AnyConnection,
        mut unseen: Unseen,
        aftermath: &Aftermath,
    ) -> Result<Infallible, sqlx::Error> {
        let mut told = None::<Instant>;
        loop {
            let begun = Instant::now();
            let number = self.0.begun.fetch_add(1, SeqCst) + 1;
            let letter = self.letter(aftermath);
            let told_lately = told.is_some_and(|told| told.elapsed() < BEAT);
            let work = async {
                if letter.committed || !letter.words.is_empty() || !told_lately {
                    letter.send(&mut sql).await?;
                    told = Some(Instant::now());
                }
                unseen.hand_over(&mut sql, aftermath).await
            };
            timeout(SILENCE, work).await.map_err(|_| gone("the database does not answer"))??;
            self.0.done.send_replace(number);
            let _ = timeout(BEAT, self.0.wake.notified()).await;
            sleep_until(begun + GATHER).await;
        }
    }

    /// What is to be told now.
    fn letter(&self, aftermath: &Aftermath) -> Letter {
        let committed = self.0.committed.swap(false, SeqCst);
        let mut untold = std::mem::take(&mut *self.untold());
        if untold.overflown {
            aftermath.notifier.met();
            untold = std::mem::take(&mut *self.untold());
        }
        Letter { from: self.name().to_owned(), committed, words: untold.words }
    }

    fn untold(&self) -> MutexGuard<'_, Untold> {
        // A panic while it was held would be a bug elsewhere; the list is still good.
        self.0.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection to listen, one to look, and from when on.
async fn connect(url: &str) -> Result<(PgListener, AnyConnection, Unseen), sqlx::Error> {
    let mut listener = PgListener::connect(url).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    let mut sql = AnyConnection::connect(url).await?;
    let unseen = Unseen::from_now(&mut sql).await?;
    Ok((listener, sql, unseen))
}

fn gone(why: &str) -> sqlx::Error {
    sqlx::Error::Protocol(why.into())
}
