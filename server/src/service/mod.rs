//! An outside service that speaks Pusher, in place of the hub. What was committed waits in `unsent` and is sent from there in
//! order, as soon as the service takes it: no write waits for the service, and no outage or restart loses a notice.

mod address;
mod api;

use std::time::Duration;

use app::work::SENDING;
use earshot_hub::Affected;
use earshot_live::object::Notice;
use earshot_live::pusher::frame::Frame;
use earshot_live::store::unsent::{self, Unsent};
use earshot_live::store::{Db, Notifier};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use crate::live::affects;

pub use address::Address;
pub use api::{Api, Failure, client};

/// Notices of one request (the most that a batch may have at pusher.com).
const BATCH: i64 = 10;
/// How often to look for what another process has left.
const LOOK: Duration = Duration::from_secs(5);
/// Pauses after a failure: the first, and the longest of those that double from it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

pub struct Service {
    api: Api,
    committed: Notify,
}

impl Notifier for Service {
    fn notify(&self, notices: &[Notice]) {
        if !notices.is_empty() {
            self.committed.notify_one();
        }
    }

    fn sends_later(&self) -> bool {
        true
    }
}

impl Service {
    pub fn new(api: Api) -> Self {
        Self { api, committed: Notify::new() }
    }

    /// Sends what was committed, for as long as it is run.
    pub async fn send(&self, db: &Db) {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.send_some(db).await {
                Ok(0) => drop(timeout(LOOK, self.committed.notified()).await),
                Ok(_) if pause > FIRST_PAUSE => {
                    tracing::info!("the Pusher service takes notices again");
                    pause = FIRST_PAUSE;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "notices wait: the Pusher service does not take them");
                    sleep(pause).await;
                    pause = LONGEST_PAUSE.min(2 * pause);
                }
            }
        }
    }

    /// Sends the next of them, unless another server is at it: the order is everyone's.
    async fn send_some(&self, db: &Db) -> Result<usize, Failure> {
        db.alone(SENDING, self.send_next(db)).await.map(Option::unwrap_or_default)
    }

    async fn send_next(&self, db: &Db) -> Result<usize, Failure> {
        let mut unsent = unsent::next(db, BATCH).await?;
        unsent.truncate(first_part(&unsent));
        if unsent.is_empty() {
            return Ok(0);
        }
        let frames: Vec<Frame> = unsent.iter().map(|unsent| Frame::from(&unsent.notice)).collect();
        self.api.publish(&frames).await?;
        // The service cannot end one subscription: all of a person's connections end, and come back for what they still may
        // hear.
        for user in unsent.iter().filter_map(|unsent| affects(&unsent.notice).user()) {
            self.api.terminate(user).await?;
        }
        unsent::sent(db, &unsent).await?;
        Ok(unsent.len())
    }
}

/// How many to send at once: up to the end of the commit that may take a right away. Who has lost it hears that, and nothing of
/// what comes after.
fn first_part(unsent: &[Unsent]) -> usize {
    let touches = |unsent: &Unsent| affects(&unsent.notice) != Affected::Nobody;
    let Some(first) = unsent.iter().position(touches) else {
        return unsent.len();
    };
    let moment = |unsent: &Unsent| unsent.notice.reference.changed;
    let of_commit = unsent[first..].iter().take_while(|later| moment(later) == moment(&unsent[first]));
    first + of_commit.count()
}

#[cfg(test)]
mod tests {
    use app::entities::{LEFT, MESSAGE, POSTED, REMOVED, ROOM, USER};
    use earshot_live::object::{Action, Entity, Reference};
    use earshot_live::timestamp::Timestamp;

    use super::*;

    fn at(moment: i64, action: Action, entity: Entity) -> Unsent {
        let reference = Reference { entity, id: 3, seq: 1, changed: Timestamp(moment), by: "Ada".into() };
        Unsent { id: 0, notice: Notice { object: ROOM.object(7), action, reference } }
    }

    #[test]
    fn what_comes_after_the_loss_of_a_right_waits_until_connections_have_ended() {
        let posted = |moment| at(moment, POSTED, MESSAGE);
        let left = at(2, LEFT, USER);
        let unsent = [posted(1), left, at(2, REMOVED, ROOM), posted(3), posted(4)];
        assert_eq!(first_part(&unsent), 3);
        assert_eq!(first_part(&unsent[3..]), 2);
        assert_eq!(first_part(&[]), 0);
    }
}
