//! From what somebody sends to the picture that is kept: a square of one size, made anew, so that nothing else that was in
//! the file comes along.

use std::io::Cursor;
use std::sync::Arc;

use axum::body::Bytes;
use earshot_live::error::{Error, Kind};
use earshot_live::store::{APPLICATION, Db, Tx};
use earshot_live::timestamp::Timestamp;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Rgb, RgbImage};
use tokio::sync::Semaphore;

use crate::access::{self, Access, Held};
use crate::files::blobs::Blobs;
use crate::files::store as files;
use crate::people::PICTURE_SIDE;
use crate::profiles::{MAX_PICTURE, store};

/// The media type of what is kept.
pub const MEDIA_TYPE: &str = "image/jpeg";
const QUALITY: u8 = 88;
/// Pictures that may wait for their turn. Beyond that the server says that it is busy.
const MAX_WAITING: usize = 16;
const TAKEN: [ImageFormat; 3] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP];
/// Bytes that the pixels of a picture may take: those of a phone's largest fit.
const MAX_PIXELS: u64 = 256 * 1024 * 1024;

/// Makes and keeps pictures, one at a time: each takes much memory for a moment.
#[derive(Clone)]
pub struct Pictures {
    blobs: Blobs,
    waiting: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

impl Pictures {
    pub fn new(blobs: Blobs) -> Self {
        let [waiting, turn] = [MAX_WAITING, 1].map(|n| Arc::new(Semaphore::new(n)));
        Self { blobs, waiting, turn }
    }

    /// Gives the viewer the picture that `bytes` holds.
    ///
    /// # Errors
    /// `Invalid` when they hold none, or a too large one; `Busy` when too many wait already.
    pub async fn set(&self, db: &Db, me: &Access<access::User>, bytes: Bytes) -> Result<(), Error> {
        let _place = self.waiting.try_acquire().map_err(|_| Kind::Busy)?;
        let turn = self.turn.clone().acquire_owned().await.map_err(|_| Kind::Busy)?;
        // The turn travels with the work: a request that is given up does not let the next begin.
        let square = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            square(&bytes)
        });
        // A decoder that panics has met something that is not a picture.
        let square = Bytes::from(square.await.unwrap_or_else(|_| Err(unreadable()))?);
        let version = Timestamp::now().0;
        let key = key(me.id(), version);
        let mut tx = db.begin(APPLICATION).await?;
        files::announce(&mut tx, &key).await?;
        tx.commit().await?;
        self.blobs.put(&key, futures::stream::iter([Ok(square)])).await?;
        let mut tx = db.begin(&me.viewer().name).await?;
        let held = Held::me(&mut tx, me.viewer()).await?;
        files::settle(&mut tx, &key).await?;
        replace(&mut tx, &held, Some(version)).await?;
        Ok(tx.commit().await?)
    }

    /// Takes the viewer's picture away.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn remove(&self, db: &Db, me: &Access<access::User>) -> Result<(), Error> {
        let mut tx = db.begin(&me.viewer().name).await?;
        let held = Held::me(&mut tx, me.viewer()).await?;
        replace(&mut tx, &held, None).await?;
        Ok(tx.commit().await?)
    }

    /// The picture of `user`, of this version.
    ///
    /// # Errors
    /// `NotFound` when it has gone.
    pub async fn read(&self, user: i64, version: i64) -> Result<Bytes, Error> {
        self.blobs.read(&key(user, version)).await
    }
}

/// Gives the person a picture of this version, or none. The bytes of the one before follow it.
async fn replace(tx: &mut Tx, me: &Held<access::User>, version: Option<i64>) -> Result<(), Error> {
    match store::set_picture(tx, me, version).await? {
        Some(before) => files::let_go(tx, &key(me.id(), before)).await,
        None => Ok(()),
    }
}

fn key(user: i64, version: i64) -> String {
    format!("person-{user}-{version}")
}

/// A JPEG, the middle of the picture, whatever `bytes` calls itself.
fn square(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    if bytes.len() > MAX_PICTURE {
        let most = MAX_PICTURE / 1024 / 1024;
        return Err(Error::invalid(format!("This picture is too large: {most} MB is the most.")));
    }
    let format = image::guess_format(bytes).ok().filter(|format| TAKEN.contains(format));
    let format = format.ok_or_else(|| Error::invalid("Please choose a picture in PNG, JPEG or WebP."))?;
    let broken = |_| unreadable();
    let mut decoder = ImageReader::with_format(Cursor::new(bytes), format).into_decoder().map_err(broken)?;
    if decoder.total_bytes() > MAX_PIXELS {
        return Err(Error::invalid("This picture has too many pixels. Please choose a smaller one."));
    }
    let orientation = decoder.orientation().map_err(broken)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    picture.apply_orientation(orientation);
    // The middle first: scaled as a whole, a picture of one pixel's width would become endlessly long.
    let side = picture.width().min(picture.height());
    let middle = picture.crop_imm((picture.width() - side) / 2, (picture.height() - side) / 2, side, side);
    let square = on_white(&middle.resize_exact(PICTURE_SIDE, PICTURE_SIDE, FilterType::Triangle));
    let mut jpeg = Vec::new();
    square.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, QUALITY)).map_err(|_| Kind::Internal)?;
    Ok(jpeg)
}

fn unreadable() -> Error {
    Error::invalid("This picture cannot be read. Please choose another one.")
}

fn on_white(picture: &DynamicImage) -> RgbImage {
    let picture = picture.to_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [colour @ .., alpha] = picture.get_pixel(x, y).0;
        let alpha = u16::from(alpha);
        Rgb(colour.map(|part| ((u16::from(part) * alpha + 255 * (255 - alpha)) / 255) as u8))
    })
}

#[cfg(test)]
mod tests {
    use image::RgbaImage;

    use super::*;

    fn png(picture: RgbaImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_picture_becomes_a_square_of_its_middle_on_white() {
        // Red between clear sides.
        let wide = RgbaImage::from_fn(900, 300, |x, _| {
            image::Rgba([255, 0, 0, if (300..600).contains(&x) { 255 } else { 0 }])
        });
        let square = image::load_from_memory(&square(&png(wide)).unwrap()).unwrap().to_rgb8();
        assert_eq!(square.dimensions(), (PICTURE_SIDE, PICTURE_SIDE));
        let Rgb([red, green, _]) = *square.get_pixel(128, 128);
        assert!(red > 240 && green < 20, "{red} {green}");
        let clear = image::load_from_memory(&super::square(&png(RgbaImage::new(10, 10))).unwrap()).unwrap().to_rgb8();
        assert_eq!(clear.get_pixel(5, 5).0, [255; 3]);
    }

    #[test]
    fn a_long_thin_picture_is_no_burden() {
        for (width, height) in [(1, 100_000), (100_000, 1)] {
            let square = image::load_from_memory(&square(&png(RgbaImage::new(width, height))).unwrap()).unwrap();
            assert_eq!((square.width(), square.height()), (PICTURE_SIDE, PICTURE_SIDE));
        }
    }

    #[test]
    fn what_is_no_picture_is_told_so_whatever_it_calls_itself() {
        let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
        let gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00";
        for bytes in [&svg[..], gif, b"", b"<html>"] {
            assert!(square(bytes).unwrap_err().sentence.contains("PNG, JPEG or WebP"));
        }
        let whole = png(RgbaImage::new(40, 40));
        assert!(square(&whole[..whole.len() / 2]).unwrap_err().sentence.contains("cannot be read"));
        assert!(square(&vec![0; MAX_PICTURE + 1]).unwrap_err().sentence.contains("5 MB"));
    }

    #[test]
    fn a_small_file_that_holds_millions_of_pixels_is_not_unpacked() {
        let mut bomb = png(RgbaImage::new(1, 1));
        bomb[16..24].copy_from_slice(&[0, 0, 0x80, 0, 0, 0, 0x80, 0]);
        assert!(square(&bomb).is_err());
    }
}
