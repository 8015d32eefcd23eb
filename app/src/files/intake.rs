//! Taking a file in, server only: its bytes go to the store as they come, and what it is shows in its content.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use earshot_live::error::{Error, Kind};
use earshot_live::shares::Shares;
use earshot_live::store::Db;
use futures::{Stream, StreamExt, stream};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::access::{self, Access, Held};
use crate::files::blobs::{Blobs, new_key, thumbnail_key};
use crate::files::picture::{self, HEAD, Picture};
use crate::files::store::{self, NewFile};
use crate::files::{File, names, readable_size};

/// Bytes of a picture that is unpacked for a thumbnail: a larger one is a file like any other.
const MAX_PICTURE: u64 = 64_000_000;
/// Uploads of all at the same time.
const MAX_UPLOADS: usize = 64;
/// Uploads of one person: two tabs' worth.
const MAX_UPLOADS_OF_ONE: usize = 4;
/// How long an upload may be silent before its place is given to another.
const MAX_SILENCE: Duration = Duration::from_secs(60);

#[derive(Clone)]
pub struct Intake {
    db: Db,
    blobs: Blobs,
    /// Bytes of one file.
    most: u64,
    places: Arc<Semaphore>,
    /// The places that each person has.
    people: Shares<i64>,
    /// Pictures are large while they are unpacked: one at a time.
    unpacking: Arc<Semaphore>,
}

impl Intake {
    pub fn new(db: Db, blobs: Blobs, most: u64) -> Self {
        let (places, unpacking) = (Arc::new(Semaphore::new(MAX_UPLOADS)), Arc::new(Semaphore::new(1)));
        Self { db, blobs, most, places, people: Shares::default(), unpacking }
    }

    /// Stores what `bytes` brings as a file of the viewer's, to be posted in the room. `announced`: how much is to come, if
    /// that is known.
    ///
    /// # Errors
    /// `TooLarge`; `Busy` when too many come in, of all or of the viewer; `Unreachable` when nothing more comes for long; what
    /// `bytes` brings instead.
    pub async fn take(
        &self,
        access: &Access<access::Room>,
        name: &str,
        announced: Option<u64>,
        bytes: impl Stream<Item = Result<Bytes, Error>> + Unpin,
    ) -> Result<File, Error> {
        if announced.is_some_and(|size| size > self.most) {
            return Err(self.too_large());
        }
        let _place = self.places.try_acquire().map_err(|_| Kind::Busy)?;
        let _share = self.people.take(access.viewer().id, MAX_UPLOADS_OF_ONE).ok_or_else(too_many)?;
        let key = new_key();
        let mut tx = self.db.begin(&access.viewer().name).await?;
        let held = Held::room(&mut tx, access.viewer(), access.id()).await?;
        store::make_room(&mut tx, &held).await?;
        store::announce(&mut tx, &key).await?;
        tx.commit().await?;
        let (size, head) = self.keep(&key, bytes).await?;
        let picture = if size <= MAX_PICTURE && picture::may_be_one(&head) { self.unpack(&key).await? } else { None };
        if let Some(picture) = &picture {
            let thumbnail = stream::iter([Ok(Bytes::copy_from_slice(&picture.thumbnail))]);
            self.blobs.put(&thumbnail_key(&key), thumbnail).await?;
        }
        let new = NewFile {
            key: &key,
            name: names::clean(name),
            media_type: picture::media_type(&head),
            size: size as i64,
            picture: picture.map(|picture| picture.size),
        };
        let mut tx = self.db.begin(&access.viewer().name).await?;
        // It may have taken long, and the right may have ended meanwhile.
        let held = Held::room(&mut tx, access.viewer(), access.id()).await?;
        let file = store::add(&mut tx, &held, new).await?;
        tx.commit().await?;
        Ok(file)
    }

    /// Stores the bytes, as long as they are not too many, and returns how many there were and how they begin.
    async fn keep(
        &self,
        key: &str,
        bytes: impl Stream<Item = Result<Bytes, Error>> + Unpin,
    ) -> Result<(u64, Vec<u8>), Error> {
        let (mut head, mut size) = (Vec::new(), 0);
        let in_time = stream::try_unfold(bytes, async |mut bytes| match timeout(MAX_SILENCE, bytes.next()).await {
            Ok(some) => Ok(some.transpose()?.map(|some| (some, bytes))),
            Err(_) => Err(Error::from(Kind::Unreachable)),
        });
        let counted = Box::pin(in_time).map(|some| {
            let some = some?;
            head.extend_from_slice(&some[..some.len().min(HEAD - head.len())]);
            size += some.len() as u64;
            if size > self.most { Err(self.too_large()) } else { Ok(some) }
        });
        let stored = self.blobs.put(key, counted).await?;
        Ok((stored, head))
    }

    async fn unpack(&self, key: &str) -> Result<Option<Picture>, Error> {
        let turn = self.unpacking.clone().acquire_owned().await.map_err(|_| Kind::Internal)?;
        // Others wait for the turn: a picture that does not come in time is a file like any other.
        let Ok(bytes) = timeout(MAX_SILENCE, self.blobs.read(key)).await else { return Ok(None) };
        let bytes = bytes?;
        // The turn travels with the work: a request that is given up does not let the next begin.
        let unpacked = spawn_blocking(move || {
            let _turn = turn;
            picture::unpack(&bytes)
        });
        // A decoder that panics has met something that is not a picture.
        Ok(unpacked.await.unwrap_or_default())
    }

    fn too_large(&self) -> Error {
        Error::too_large(format!("This file is too large: {} is the most.", readable_size(self.most as i64)))
    }
}

fn too_many() -> Error {
    let sentence = "As many of your files are on their way as may be. Please try again when one has arrived.";
    Error { kind: Kind::Busy, sentence: sentence.to_owned() }
}
