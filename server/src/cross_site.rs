//! Refuses writes that another site makes a browser send. Browsers say where a request comes from in `Sec-Fetch-Site`, older
//! ones in `Origin`; who sends neither is no browser and carries no cookies that were not given to it on purpose.
//! <https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html>

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use earshot_live::error::{Error, Kind};

use crate::fault::FaultPage;

/// `own` is the address by which browsers know this server.
pub async fn refuse(State((own, fault_page)): State<(Uri, FaultPage)>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let sentence = if is_unencrypted(request.headers(), &own) {
        format!("Nobody can sign in at this address, which is not encrypted. Please go to {own} instead.")
    } else if same_site(request.headers(), &own) {
        return next.run(request).await;
    } else {
        "This form was sent from another site and was not accepted.".to_owned()
    };
    fault_page.answer(Error { kind: Kind::Forbidden, sentence }, request.headers())
}

/// Whether a browser has come by http to a server that is at https: it would not keep the cookie, and nobody would know why. On
/// the same machine browsers keep it.
fn is_unencrypted(headers: &HeaderMap, own: &Uri) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()?.parse::<Uri>().ok());
    let is_local = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    own.scheme_str() == Some("https")
        && origin.is_some_and(|origin| origin.scheme_str() == Some("http") && !origin.host().is_some_and(is_local))
}

fn same_site(headers: &HeaderMap, own: &Uri) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let authority = origin.parse::<Uri>().ok().and_then(|uri| uri.authority().cloned());
    // A name by which this server was reached counts too: the address may be `localhost` or 127.0.0.1.
    authority.is_some_and(|origin| Some(&origin) == own.authority() || text(header::HOST) == Some(origin.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(headers: &[(&'static str, &str)]) -> bool {
        let headers =
            headers.iter().map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap()));
        same_site(&headers.collect(), &Uri::from_static("https://chat.example.org"))
    }

    #[test]
    fn a_write_comes_from_this_site_or_from_no_browser() {
        assert!(allowed(&[]));
        assert!(allowed(&[("sec-fetch-site", "same-origin")]));
        assert!(allowed(&[("sec-fetch-site", "none")]));
        assert!(allowed(&[("origin", "https://chat.example.org")]));
        assert!(allowed(&[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")]));
    }

    #[test]
    fn who_comes_without_encryption_is_sent_where_there_is_some() {
        let plain = |own, origin: &str| {
            is_unencrypted(&HeaderMap::from_iter([(header::ORIGIN, origin.parse().unwrap())]), &Uri::from_static(own))
        };
        assert!(plain("https://chat.example.org", "http://chat.example.org"));
        assert!(plain("https://chat.example.org", "http://192.0.2.1:3000"));
        assert!(!plain("https://chat.example.org", "https://chat.example.org"));
        assert!(!plain("https://chat.example.org", "http://localhost:3000"));
        assert!(!plain("http://192.0.2.1:3000", "http://192.0.2.1:3000"));
    }

    #[test]
    fn a_write_from_elsewhere_is_refused() {
        for site in ["cross-site", "same-site", "", "anything"] {
            assert!(!allowed(&[("sec-fetch-site", site), ("origin", "https://chat.example.org")]), "{site}");
        }
        for origin in ["https://evil.example", "null", "", "https://chat.example.org.evil.example"] {
            assert!(!allowed(&[("origin", origin), ("host", "chat.example.org")]), "{origin}");
        }
    }
}
