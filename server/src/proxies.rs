//! Whom a request comes from, where proxies stand before this server.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The proxies that are believed about whom they speak for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    /// Addresses and networks, divided by commas.
    pub fn read(text: &str) -> Option<Self> {
        let network = |text: &str| text.parse().ok().or_else(|| Some(IpNet::from(text.parse::<IpAddr>().ok()?)));
        text.split(',').map(|entry| network(entry.trim())).collect::<Option<_>>().map(Self)
    }

    /// Whether it is the address of one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|proxies| proxies.contains(&address))
    }

    /// Where a request comes from that `peer` has brought: what the nearest proxy says, and the one before it if that one is
    /// ours, too. What a client has written there itself stands before, and is never reached.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        // What is no text in one entry says nothing of the others.
        let lines = headers.get_all("x-forwarded-for").iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
        let lines: Vec<_> = lines.collect();
        let entries: Vec<&str> = lines.iter().flat_map(|line| line.split(',')).map(str::trim).collect();
        let mut client = peer.to_canonical();
        // Elements of a list may be empty (RFC 9110, 5.6.1).
        for entry in entries.into_iter().rev().filter(|entry| !entry.is_empty()) {
            if !self.contain(client) {
                break;
            }
            let Some(said) = address(entry) else { break };
            client = said;
        }
        client
    }
}

/// An address as proxies write it: alone, in brackets, or with a port.
fn address(entry: &str) -> Option<IpAddr> {
    let alone = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry);
    let address = alone.parse().ok().or_else(|| Some(entry.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        let headers = forwarded.iter().map(|line| ("x-forwarded-for".parse().unwrap(), line.parse().unwrap()));
        Proxies::read(proxies).unwrap().client(peer.parse().unwrap(), &headers.collect()).to_string()
    }

    #[test]
    fn a_proxy_that_is_ours_is_believed_and_nobody_else() {
        let ours = "127.0.0.1, 10.1.0.0/16, fd00::/8";
        for peer in ["127.0.0.1", "::ffff:127.0.0.1", "10.1.2.3", "fd00::7"] {
            assert_eq!(client(ours, peer, &["192.0.2.7"]), "192.0.2.7", "{peer}");
        }
        assert_eq!(client(ours, "198.51.100.1", &["192.0.2.7"]), "198.51.100.1");
        assert_eq!(client(ours, "127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn what_a_client_claims_itself_is_not_reached() {
        assert_eq!(client("127.0.0.1", "127.0.0.1", &["203.0.113.9, 192.0.2.7"]), "192.0.2.7");
        assert_eq!(client("127.0.0.1", "127.0.0.1", &["203.0.113.9", "192.0.2.7"]), "192.0.2.7");
        // Behind two proxies of ours, it is the outer one that knows.
        assert_eq!(client("127.0.0.1,10.1.0.1", "127.0.0.1", &["203.0.113.9, 192.0.2.7, 10.1.0.1"]), "192.0.2.7");
        assert_eq!(client("127.0.0.1,10.1.0.1", "127.0.0.1", &["unknown, 10.1.0.1"]), "10.1.0.1");
    }

    #[test]
    fn an_empty_entry_says_nothing_of_the_others() {
        for forwarded in [&["192.0.2.7, "][..], &["192.0.2.7,,"], &["192.0.2.7", ""], &[",192.0.2.7 ,"]] {
            assert_eq!(client("127.0.0.1", "127.0.0.1", forwarded), "192.0.2.7", "{forwarded:?}");
        }
    }

    #[test]
    fn what_is_no_text_hides_nothing_that_a_proxy_says() {
        let line = HeaderValue::from_bytes(b"caf\xe9, 192.0.2.7").unwrap();
        let headers = HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), line)]);
        let proxies = Proxies::read("127.0.0.1").unwrap();
        assert_eq!(proxies.client([127, 0, 0, 1].into(), &headers).to_string(), "192.0.2.7");
    }

    #[test]
    fn an_address_may_have_a_port() {
        for entry in ["192.0.2.7:4711", "::ffff:192.0.2.7"] {
            assert_eq!(client("127.0.0.1", "127.0.0.1", &[entry]), "192.0.2.7", "{entry}");
        }
        for entry in ["2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:4711"] {
            assert_eq!(client("127.0.0.1", "127.0.0.1", &[entry]), "2001:db8::7", "{entry}");
        }
    }
}
