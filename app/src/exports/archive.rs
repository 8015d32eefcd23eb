//! The archive that an export becomes, server only: the messages as JSON and as a page to be read, and the files beside them.
//! It grows in temporary files that have no name and go with the process; a thread that may block writes each piece.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};

use axum::body::Bytes;
use earshot_live::error::{Error, Kind};
use earshot_live::timestamp::Timestamp;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::exports::html::Page;
use crate::files::blobs::refused;
use crate::files::{self, names};
use crate::messages::Message;
use crate::rooms::Room;

/// Pieces that may wait between who reads and who writes, and bytes of one.
const WAITING: usize = 4;
const PIECE: usize = 256 * 1024;

pub struct Archive {
    zip: ZipWriter<File>,
    json: BufWriter<File>,
    html: BufWriter<File>,
    page: Page,
    empty: bool,
}

/// A message in the JSON.
#[derive(Serialize)]
struct Entry<'a> {
    id: i64,
    author: Author<'a>,
    posted: String,
    edited: Option<String>,
    deleted: Option<String>,
    /// The message that it answers.
    reply_to: Option<i64>,
    body: &'a str,
    files: Vec<Attachment<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    id: i64,
    name: &'a str,
}

#[derive(Serialize)]
struct Attachment<'a> {
    name: &'a str,
    size: i64,
    path: String,
}

impl Archive {
    /// Begins one of `room`, for the person named `by`.
    ///
    /// # Errors
    /// `Internal` when there is no place for it.
    pub fn begin(room: &Room, by: &str) -> Result<Self, Error> {
        let begin = || {
            let exported = Timestamp::now();
            let (mut json, mut html) = (BufWriter::new(tempfile::tempfile()?), BufWriter::new(tempfile::tempfile()?));
            let (name, at) = (serde_json::to_string(&room.name)?, exported.rfc3339());
            write!(json, "{{\"room\":{{\"id\":{},\"name\":{name}}},\"exported\":\"{at}\",\"messages\":[", room.id)?;
            let page = Page::default();
            html.write_all(Page::head(&room.name, by, exported).as_bytes())?;
            Ok(Self { zip: ZipWriter::new(tempfile::tempfile()?), json, html, page, empty: true })
        };
        begin().map_err(failed)
    }

    /// Adds messages, oldest first.
    ///
    /// # Errors
    /// `Internal` when there is no place for them.
    pub async fn add(mut self, messages: Vec<Message>) -> Result<Self, Error> {
        blocking(move || {
            for message in &messages {
                self.json.write_all(if self.empty { b"\n" } else { b",\n" })?;
                self.empty = false;
                serde_json::to_writer(&mut self.json, &Entry::of(message))?;
                self.html.write_all(self.page.message(message).as_bytes())?;
            }
            Ok(self)
        })
        .await
    }

    /// Adds a file under its name in the archive.
    ///
    /// # Errors
    /// `Internal` when there is no place for it, or its bytes do not come.
    pub async fn add_file(
        mut self,
        file: &files::File,
        mut bytes: BoxStream<'static, object_store::Result<Bytes>>,
    ) -> Result<Self, Error> {
        let (name, size) = (names::in_archive(file.id, &file.name), file.size.unsigned_abs());
        let (pieces, mut incoming) = mpsc::channel::<Bytes>(WAITING);
        let writing = blocking(move || {
            // What people attach is mostly packed already.
            self.zip.start_file(name, options(CompressionMethod::Stored, size))?;
            while let Some(piece) = incoming.blocking_recv() {
                self.zip.write_all(&piece)?;
            }
            Ok(self)
        });
        let reading = async move {
            while let Some(piece) = bytes.next().await {
                if pieces.send(piece.map_err(refused)?).await.is_err() {
                    // Whoever writes has met an error, and says which.
                    break;
                }
            }
            Ok::<_, Error>(())
        };
        let (archive, read) = tokio::join!(writing, reading);
        read?;
        archive
    }

    /// Closes it, and returns all its bytes.
    ///
    /// # Errors
    /// `Internal` when there is no place for it.
    pub async fn finish(mut self) -> Result<impl Stream<Item = Result<Bytes, Error>> + Unpin, Error> {
        let file = blocking(move || {
            self.json.write_all(b"\n]}\n")?;
            self.html.write_all(Page::TAIL.as_bytes())?;
            let mut zip = self.zip;
            for (name, file) in [("messages.json", self.json), ("messages.html", self.html)] {
                let mut file = file.into_inner()?;
                zip.start_file(name, options(CompressionMethod::Deflated, file.stream_position()?))?;
                file.rewind()?;
                io::copy(&mut file, &mut zip)?;
            }
            let mut file = zip.finish()?;
            file.rewind()?;
            Ok(file)
        });
        Ok(read(file.await?))
    }
}

/// The bytes of `file`, piece by piece.
fn read(mut file: File) -> impl Stream<Item = Result<Bytes, Error>> + Unpin {
    let (pieces, mut incoming) = mpsc::channel(WAITING);
    spawn_blocking(move || {
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            let read = (&mut file).take(PIECE as u64).read_to_end(&mut piece).map_err(failed);
            let last = !matches!(read, Ok(1..));
            if matches!(read, Ok(0)) || pieces.blocking_send(read.map(|_| piece.into())).is_err() || last {
                return;
            }
        }
    });
    futures::stream::poll_fn(move |context| incoming.poll_recv(context))
}

impl<'a> Entry<'a> {
    fn of(message: &'a Message) -> Self {
        let attachment = |file: &'a files::File| {
            let path = names::in_archive(file.id, &file.name);
            Attachment { name: &file.name, size: file.size, path }
        };
        Self {
            id: message.id,
            author: Author { id: message.author.id, name: &message.author.name },
            posted: message.posted.rfc3339(),
            edited: message.edited.map(Timestamp::rfc3339),
            deleted: message.deleted.map(Timestamp::rfc3339),
            reply_to: message.reply_to.as_ref().map(|quote| quote.id),
            body: &message.body,
            files: message.files.iter().map(attachment).collect(),
        }
    }
}

fn options(method: CompressionMethod, size: u64) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method).large_file(size > u64::from(u32::MAX) / 2)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, Error> {
    spawn_blocking(work).await.map_err(|_| Kind::Internal)?.map_err(failed)
}

fn failed(error: io::Error) -> Error {
    tracing::error!(%error, "an export could not be written");
    match error.kind() {
        io::ErrorKind::StorageFull => {
            let sentence = "The server has no place left for this export. Please tell an administrator.".into();
            Error { kind: Kind::Internal, sentence }
        }
        _ => Kind::Internal.into(),
    }
}
