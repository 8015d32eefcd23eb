//! The signatures of protocol 7: HMAC-SHA256 with the app's secret, in lower-case hex.
//! <https://pusher.com/docs/channels/library_auth_reference/auth-signatures/>

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a private channel's signature covers.
pub fn channel_text(socket_id: &str, channel: &str) -> String {
    format!("{socket_id}:{channel}")
}

/// What a presence channel's signature covers.
pub fn presence_text(socket_id: &str, channel: &str, channel_data: &str) -> String {
    format!("{socket_id}:{channel}:{channel_data}")
}

/// What the signature of `pusher:signin` covers.
pub fn user_text(socket_id: &str, user_data: &str) -> String {
    format!("{socket_id}::user::{user_data}")
}

/// What the signature of a request to the HTTP API covers: everything in its query but the signature itself.
pub fn request_text(method: &str, path: &str, query: &[(String, String)]) -> String {
    let signed = query.iter().filter(|(name, _)| name != "auth_signature");
    let mut signed: Vec<String> = signed.map(|(name, value)| format!("{name}={value}")).collect();
    signed.sort();
    format!("{method}\n{path}\n{}", signed.join("&"))
}

/// The signature of a text, in lower-case hex.
pub fn sign(secret: &str, text: &str) -> String {
    hex::encode(mac(secret, text).finalize().into_bytes())
}

/// Compares in constant time.
pub fn verify(secret: &str, text: &str, signature: &str) -> bool {
    hex::decode(signature).is_ok_and(|bytes| mac(secret, text).verify_slice(&bytes).is_ok())
}

fn mac(secret: &str, text: &str) -> Hmac<Sha256> {
    // HMAC takes keys of any length: RFC 2104, section 2.
    #[expect(clippy::expect_used)]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(text.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "278d425bdf160c739803";
    const SECRET: &str = "7ad3773142a6692b25b8";

    /// The strings and results that Pusher documents, so that every signature of the protocol rests on one function.
    #[test]
    fn the_documented_vectors_hold() {
        let vectors = [
            (
                channel_text("1234.1234", "private-foobar"),
                "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4",
            ),
            (
                user_text("1234.1234", r#"{"id":"12345"}"#),
                "4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba",
            ),
            (
                presence_text("1234.1234", "presence-foobar", r#"{"user_id":10,"user_info":{"name":"Mr. Channels"}}"#),
                "31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80",
            ),
            (
                format!(
                    "POST\n/apps/3/events\nauth_key={KEY}&auth_timestamp=1353088179&auth_version=1.0\
                     &body_md5=ec365a775a4cd0599faeb73354201b6f"
                ),
                "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c",
            ),
        ];
        for (text, expected) in vectors {
            assert_eq!(sign(SECRET, &text), expected, "{text}");
            assert!(verify(SECRET, &text, expected));
        }
    }

    #[test]
    fn another_signature_is_refused() {
        let good = sign(SECRET, "1234.1234:private-foobar");
        assert!(!verify(SECRET, "1234.1234:private-other", &good));
        assert!(!verify("other", "1234.1234:private-foobar", &good));
        for bad in ["", "zz", &good[..62], &good.replace('5', "6")] {
            assert!(!verify(SECRET, "1234.1234:private-foobar", bad), "{bad}");
        }
    }
}
