//! An address as a QR code.

use earshot_live::error::{Error, Kind};
use qrcode::QrCode;
use qrcode::render::svg::Color;

/// Pixels; the page gives it another size.
const SIDE: u32 = 200;

/// Black on white also where the page is dark: that is what cameras look for.
///
/// # Errors
/// `Internal` when the text is too long.
pub fn svg(text: &str) -> Result<String, Error> {
    let code = QrCode::new(text).map_err(|error| {
        tracing::error!(%error, "an address does not fit into a QR code");
        Error::from(Kind::Internal)
    })?;
    let svg = code.render().min_dimensions(SIDE, SIDE).dark_color(Color("#000")).light_color(Color("#fff")).build();
    // What stands before it is for files of their own.
    Ok(svg.find("<svg").map_or_else(String::new, |start| svg[start..].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::svg;

    #[test]
    fn a_code_brings_neither_styles_nor_scripts() {
        let svg = svg("https://chat.example.org/join/0123456789abcdef0123456789abcdef").unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"), "{svg}");
        assert!(!svg.contains("style") && !svg.contains("script"), "{svg}");
    }
}
