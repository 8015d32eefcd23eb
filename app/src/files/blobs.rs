//! The bytes of files, server only, under names that say nothing.

use std::io;
use std::sync::Arc;

use axum::body::Bytes;
use earshot_live::error::{Error, Kind};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, WriteMultipart};

use crate::files::storage::Storage;

/// Parts that may be on their way to the storage while the next one gathers.
const PARTS: usize = 1;

#[derive(Clone)]
pub struct Blobs {
    storage: Arc<dyn ObjectStore>,
    /// Bytes that are written at once.
    part: usize,
}

/// Bytes that were asked for, or a part of them.
pub struct Found {
    /// Of all.
    pub size: u64,
    /// Those that come, as positions among all.
    pub range: std::ops::Range<u64>,
    pub bytes: BoxStream<'static, object_store::Result<Bytes>>,
}

/// Under what the bytes of a new file are kept.
pub fn new_key() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Under what the thumbnail of a picture is kept.
pub fn thumbnail_key(key: &str) -> String {
    format!("{key}.thumbnail")
}

impl Blobs {
    /// # Errors
    /// As for [`Storage::open`].
    pub fn at(storage: &Storage) -> Result<Self, object_store::Error> {
        Ok(Self { storage: storage.open()?, part: storage.part() })
    }

    /// Stores something, and removes it again.
    ///
    /// # Errors
    /// What the storage says instead.
    pub async fn check(&self) -> Result<(), object_store::Error> {
        let key = Path::from(new_key());
        self.storage.put(&key, "earshot check".into()).await?;
        self.storage.delete(&key).await
    }

    /// Stores what `bytes` brings, little by little, and returns how much it was. Without `Ok` nothing is stored;
    /// parts of what was cut off a bucket clears away by a rule of its own.
    ///
    /// # Errors
    /// What `bytes` brings instead; `Internal` when they cannot be stored.
    pub async fn put(
        &self,
        key: &str,
        mut bytes: impl Stream<Item = Result<Bytes, Error>> + Unpin,
    ) -> Result<u64, Error> {
        let upload = self.storage.put_multipart(&Path::from(key)).await.map_err(not_stored)?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, self.part);
        let mut size = 0;
        while let Some(some) = bytes.next().await {
            let room = upload.wait_for_capacity(PARTS).await;
            match some.and_then(|some| room.map(|()| some).map_err(not_stored)) {
                Ok(some) => {
                    size += some.len() as u64;
                    upload.put(some);
                }
                Err(error) => {
                    if let Err(error) = upload.abort().await {
                        tracing::warn!(%error, "an upload that broke off was not cleared away");
                    }
                    return Err(error);
                }
            }
        }
        upload.finish().await.map_err(not_stored)?;
        Ok(size)
    }

    /// The bytes under `key`, all or a part.
    ///
    /// # Errors
    /// `NotFound` when there are none.
    pub async fn get(&self, key: &str, range: Option<GetRange>) -> Result<Found, Error> {
        let options = GetOptions { range, ..Default::default() };
        let found = self.storage.get_opts(&Path::from(key), options).await.map_err(refused)?;
        Ok(Found { size: found.meta.size, range: found.range.clone(), bytes: found.into_stream() })
    }

    /// All bytes under `key` at once.
    ///
    /// # Errors
    /// As for [`Blobs::get`].
    pub async fn read(&self, key: &str) -> Result<Bytes, Error> {
        let found = self.storage.get(&Path::from(key)).await.map_err(refused)?;
        found.bytes().await.map_err(refused)
    }

    /// Removes what is under `key`, if there is anything, and its thumbnail.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn remove(&self, key: &str) -> Result<(), Error> {
        for key in [key, &thumbnail_key(key)] {
            match self.storage.delete(&Path::from(key)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(refused(error)),
            }
        }
        Ok(())
    }
}

fn not_stored(error: object_store::Error) -> Error {
    tracing::error!(%error, "a file could not be stored");
    let mut causes = std::iter::successors(Some(&error as &dyn std::error::Error), |cause| cause.source());
    let is_full = |cause: &io::Error| cause.kind() == io::ErrorKind::StorageFull;
    if causes.any(|cause| cause.downcast_ref().is_some_and(is_full)) {
        let sentence = "There is no space left for files on the server. Please tell an administrator.".to_owned();
        return Error { kind: Kind::Internal, sentence };
    }
    Kind::Internal.into()
}

/// Logs why, and says what a person is told.
pub fn refused(error: object_store::Error) -> Error {
    tracing::error!(%error, "the store of files refused");
    match error {
        object_store::Error::NotFound { .. } => Kind::NotFound.into(),
        _ => Kind::Internal.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named() {
        let told = |kind| {
            let source = Box::new(io::Error::from(kind));
            not_stored(object_store::Error::Generic { store: "folder", source }).sentence
        };
        assert!(told(io::ErrorKind::StorageFull).contains("no space left"));
        assert!(!told(io::ErrorKind::PermissionDenied).contains("no space left"));
    }
}
