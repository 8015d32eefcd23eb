//! Makes exports, one after the other, server only. What is not finished when the server ends begins again with its next
//! start: the row says so, nothing else has to be kept.

use std::sync::Arc;
use std::time::Duration;

use earshot_live::error::{Error, Kind};
use earshot_live::store::{APPLICATION, Db};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use crate::access::{self, Access, Viewer};
use crate::exports::archive::Archive;
use crate::exports::store::{self, Job};
use crate::files::blobs::{Blobs, new_key};
use crate::files::store as files;
use crate::messages::Message;
use crate::messages::store as messages;
use crate::rooms::store as rooms;
use crate::work::EXPORTING;

/// Messages that one step writes.
const STEP: i64 = 100;
/// How often to look for exports that another server has taken in and not finished.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
const AFTER_A_FAILURE: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub struct Worker {
    db: Db,
    blobs: Blobs,
    ordered: Arc<Notify>,
}

impl Worker {
    pub fn new(db: Db, blobs: Blobs) -> Self {
        Self { db, blobs, ordered: Arc::default() }
    }

    /// Says that there is something to do.
    pub fn wake(&self) {
        self.ordered.notify_one();
    }

    /// Works until the server ends.
    pub async fn work(&self) {
        loop {
            match self.work_off().await {
                // Whether it was woken or not, it looks.
                Ok(()) => drop(timeout(LOOK_AGAIN, self.ordered.notified()).await),
                Err(error) => {
                    tracing::warn!(%error, "no export can be made now");
                    sleep(AFTER_A_FAILURE).await;
                }
            }
        }
    }

    async fn work_off(&self) -> Result<(), Error> {
        if store::next(&self.db, 0).await?.is_none() {
            return Ok(());
        }
        self.db.alone(EXPORTING, self.make_all()).await.map(drop)
    }

    /// # Errors
    /// When one of them cannot be made now. The others are made all the same.
    async fn make_all(&self) -> Result<(), Error> {
        let (mut after, mut done) = (0, Ok(()));
        while let Some(job) = store::next(&self.db, after).await? {
            after = job.id;
            // Boxed: it holds much, and would be moved often.
            match Box::pin(self.make(job)).await {
                Ok(()) => {}
                // The export, the room or its owner has gone, or it is not the owner's to see any more.
                Err(error) if matches!(error.kind, Kind::NotFound | Kind::SignedOut) => {
                    store::end(&self.db, job).await?
                }
                // It is begun again after a pause.
                Err(error) if error.kind == Kind::Busy => done = Err(error),
                Err(error) => store::fail(&self.db, job, &error.sentence).await?,
            }
        }
        done
    }

    async fn make(&self, job: Job) -> Result<(), Error> {
        let (of_room, of_export) = self.rights(job).await?;
        let room = rooms::get(&self.db, &of_room).await?;
        let (total, last) = messages::extent(&self.db, &of_room).await?;
        store::progress(&self.db, &of_export, 0, total).await?;
        let mut archive = Archive::begin(&room, &of_room.viewer().name)?;
        let (mut done, mut after) = (0, 0);
        loop {
            let (of_room, of_export) = self.rights(job).await?;
            let step = messages::following(&self.db, &of_room, after, last, STEP).await?;
            let Some(newest) = step.last() else { break };
            (done, after) = (done + step.len() as i64, newest.id);
            archive = self.add_files(archive, of_room.viewer(), &step).await?;
            archive = archive.add(step).await?;
            store::progress(&self.db, &of_export, done, total).await?;
        }
        self.keep(job, archive).await
    }

    /// Asked for anew at each step: they may end at any time.
    async fn rights(&self, job: Job) -> Result<(Access<access::Room>, Access<access::Export>), Error> {
        self.db.catch_up().await?;
        let owner = Viewer::on_behalf(self.db.read(), job.owner_id).await?;
        let of_room = Access::room(&self.db, &owner, job.room_id).await?;
        Ok((of_room, Access::export(&self.db, &owner, job.id).await?))
    }

    async fn add_files(&self, mut archive: Archive, viewer: &Viewer, step: &[Message]) -> Result<Archive, Error> {
        for file in step.iter().flat_map(|message| &message.files) {
            let key = match self.key(viewer, file.id).await {
                // A message that was deleted meanwhile has taken its files along.
                Err(error) if error.kind == Kind::NotFound => continue,
                key => key?,
            };
            let found = self.blobs.get(&key, None).await.map_err(|_| unreadable(&file.name))?;
            archive = archive.add_file(file, found.bytes).await?;
        }
        Ok(archive)
    }

    /// Under what the bytes of a file are kept.
    async fn key(&self, viewer: &Viewer, file: i64) -> Result<String, Error> {
        let access = Access::file(&self.db, viewer, file).await?;
        Ok(files::stored(&self.db, &access).await?.key)
    }

    async fn keep(&self, job: Job, archive: Archive) -> Result<(), Error> {
        let key = new_key();
        let mut tx = self.db.begin(APPLICATION).await?;
        files::announce(&mut tx, &key).await?;
        tx.commit().await?;
        let size = self.blobs.put(&key, archive.finish().await?).await?;
        let (_, of_export) = self.rights(job).await?;
        let finished = store::finish(&self.db, &of_export, &key, size as i64).await;
        if finished.is_err() {
            store::let_go(&self.db, &key).await?;
        }
        finished
    }
}

/// An export that lacks something would not be one.
fn unreadable(name: &str) -> Error {
    Error { kind: Kind::Internal, sentence: format!("The file {name} cannot be read. Please tell an administrator.") }
}
