//! What a file is by its content, and the thumbnail of a picture, server only. What is decoded here comes from anywhere: it
//! may be broken on purpose, or unfold to a thousand times its size.

use std::io::Cursor;

use axum::body::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, ImageResult, Limits};

use crate::files::Pixels;

/// Pixels of a thumbnail's longer side.
const THUMBNAIL: u32 = 640;
/// Pixels of a picture's longer side. What is larger is kept, and not shown.
const MAX_SIDE: u32 = 16_384;
/// Bytes for a picture that is unpacked: the photographs of today's telephones fit.
const MAX_UNPACKED: u64 = 192 * 1024 * 1024;
/// Of 100.
const JPEG_QUALITY: u8 = 82;

/// Bytes from the beginning of a file by which it is known.
pub const HEAD: usize = 8 * 1024;

/// What browsers show as a picture without asking anything else about it.
pub struct Picture {
    pub size: Pixels,
    pub thumbnail: Vec<u8>,
}

/// The media type of what begins with `head`.
pub fn media_type(head: &[u8]) -> &'static str {
    match shown(head) {
        Some(format) => format.to_mime_type(),
        None => infer::get(head).map_or("application/octet-stream", |kind| kind.mime_type()),
    }
}

/// Whether it begins as a picture that is shown.
pub fn may_be_one(head: &[u8]) -> bool {
    shown(head).is_some()
}

fn shown(head: &[u8]) -> Option<ImageFormat> {
    use ImageFormat::{Gif, Jpeg, Png, WebP};
    image::guess_format(head).ok().filter(|format| matches!(format, Png | Jpeg | Gif | WebP))
}

/// Unpacks a picture and makes its thumbnail: work for a thread that may block. Nothing when it cannot be unpacked, or would
/// become too large.
pub fn unpack(bytes: &Bytes) -> Option<Picture> {
    let format = shown(bytes)?;
    let (size, thumbnail) = shrunk(bytes, format).ok()?;
    Some(Picture { size, thumbnail: encode(&thumbnail).ok()? })
}

/// How large the picture is, and its thumbnail, both upright.
fn shrunk(bytes: &[u8], format: ImageFormat) -> ImageResult<(Pixels, DynamicImage)> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_UNPACKED);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    limits.reserve(decoder.total_bytes())?;
    let orientation = decoder.orientation()?;
    let picture = DynamicImage::from_decoder(decoder)?;
    let (width, height) =
        if lies(orientation) { (picture.height(), picture.width()) } else { (picture.width(), picture.height()) };
    let larger = width.max(height) > THUMBNAIL;
    let mut thumbnail = if larger { picture.thumbnail(THUMBNAIL, THUMBNAIL) } else { picture };
    thumbnail.apply_orientation(orientation);
    Ok((Pixels { width, height }, thumbnail))
}

/// Whether the camera was held on its side.
fn lies(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

/// Encoded anew, it holds pixels and nothing else.
fn encode(thumbnail: &DynamicImage) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    if thumbnail.color().has_alpha() {
        thumbnail.to_rgba8().write_with_encoder(PngEncoder::new(&mut bytes))?;
    } else {
        thumbnail.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(width: u32, height: u32, format: ImageFormat) -> Bytes {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height).write_to(&mut bytes, format).unwrap();
        bytes.into_inner().into()
    }

    #[test]
    fn a_picture_gets_a_thumbnail_of_its_shape() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            let picture = unpack(&encoded(1_600, 800, format)).unwrap();
            assert_eq!(picture.size, Pixels { width: 1_600, height: 800 });
            let thumbnail = image::load_from_memory(&picture.thumbnail).unwrap();
            assert_eq!((thumbnail.width(), thumbnail.height()), (640, 320), "{format:?}");
        }
        let small = unpack(&encoded(20, 10, ImageFormat::Png)).unwrap();
        assert_eq!(image::load_from_memory(&small.thumbnail).unwrap().width(), 20);
    }

    #[test]
    fn a_picture_that_would_unfold_to_too_much_is_none() {
        // 20,000 by 20,000 pixels of nothing, in a few kilobytes.
        let mut bomb = encoded(8, 8, ImageFormat::Png).to_vec();
        bomb[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert!(unpack(&bomb.into()).is_none());
        assert!(unpack(&Bytes::from_static(b"\x89PNG\r\n\x1a\nand then something else")).is_none());
    }

    #[test]
    fn what_only_claims_to_be_a_picture_is_none() {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        for head in [&b"<html><script>alert(1)</script>"[..], svg, b"BM\0\0\0\0", b"%PDF-1.7", b""] {
            assert!(!may_be_one(head), "{head:?}");
        }
        assert_eq!(media_type(b"%PDF-1.7"), "application/pdf");
        assert_eq!(media_type(b"nothing known"), "application/octet-stream");
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        })
    }
}
