//! Files: what is attached to messages. Their rows say what there is, their bytes stand elsewhere ([`blobs`]).

#[cfg(feature = "ssr")]
pub mod blobs;
#[cfg(feature = "ssr")]
pub mod intake;
#[cfg(feature = "ssr")]
pub mod names;
#[cfg(feature = "ssr")]
pub mod picture;
#[cfg(feature = "ssr")]
pub mod storage;
#[cfg(feature = "ssr")]
pub mod store;
mod tray;
mod upload;
pub(crate) mod view;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

pub use tray::{Tray, Trays, provide_trays};

/// A file as those see it who may read its message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct File {
    pub id: i64,
    pub name: String,
    /// Bytes.
    pub size: i64,
    /// Of a picture that browsers show. Every other file is there to be downloaded.
    pub picture: Option<Pixels>,
}

/// How large a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pixels {
    pub width: u32,
    pub height: u32,
}

/// Files that one message may have.
pub const MAX_FILES: usize = 10;
/// Characters of a file's name.
pub const MAX_NAME: usize = 120;

/// Bytes that one file may have on this server.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct MaxFile(pub u64);

/// Takes what the server says of files over into the browser.
pub fn provide_max_file() {
    // Without a word from the server, as after an error, it decides by itself what is too much.
    let most = SharedValue::new(|| use_context().unwrap_or(MaxFile(u64::MAX))).into_inner();
    provide_context::<MaxFile>(most);
}

impl File {
    pub fn address(&self) -> String {
        format!("/files/{}", self.id)
    }

    pub fn thumbnail(&self) -> String {
        format!("/files/{}/thumbnail", self.id)
    }
}

impl Pixels {
    /// The size at which it fits into `width` and `height`, without being made larger.
    pub fn within(self, width: u32, height: u32) -> Self {
        let shrink = f64::min(f64::from(width) / f64::from(self.width), f64::from(height) / f64::from(self.height));
        let scaled = |length: u32| ((f64::from(length) * shrink.min(1.0)).round() as u32).max(1);
        Self { width: scaled(self.width), height: scaled(self.height) }
    }
}

/// `2.4 MB`: so many bytes, for people.
pub fn readable_size(bytes: i64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1e3;
    let mut unit = 0;
    // What would be rounded to 1000 is 1 of the next unit.
    while size >= 999.5 && unit + 1 < UNITS.len() {
        size /= 1e3;
        unit += 1;
    }
    if size < 9.95 { format!("{size:.1} {}", UNITS[unit]) } else { format!("{size:.0} {}", UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_in_the_unit_in_which_it_is_short() {
        let told = |bytes| readable_size(bytes);
        assert_eq!([told(0), told(999), told(1_000), told(25_000_000)], ["0 B", "999 B", "1.0 kB", "25 MB"]);
        assert_eq!([told(999_499), told(999_500), told(2_449_000)], ["999 kB", "1.0 MB", "2.4 MB"]);
    }

    #[test]
    fn a_picture_is_shown_smaller_and_never_larger() {
        let pixels = |width, height| Pixels { width, height };
        assert_eq!(pixels(4_000, 3_000).within(400, 320), pixels(400, 300));
        assert_eq!(pixels(16, 16).within(400, 320), pixels(16, 16));
        assert_eq!(pixels(1, 9_000).within(400, 320), pixels(1, 320));
    }
}
