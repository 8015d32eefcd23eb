//! Where the service is: for the server its HTTP API, for browsers its WebSockets. The settings are named as Laravel and Pusher's
//! libraries name them.

use earshot_live::pusher::rest::Endpoint;
use reqwest::Url;

/// Letters and digits, '-', '_' and '.', or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    let inside = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    !host.is_empty()
        && match inside {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)),
        }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The HTTP API, without a path.
    pub api: Url,
    /// Where browsers connect.
    pub endpoint: Endpoint,
}

impl Address {
    /// The address that `PUSHER_HOST`, `PUSHER_PORT` and `PUSHER_SCHEME` name; without a host that of the cluster at pusher.com.
    ///
    /// # Errors
    /// A sentence for each setting that is wrong.
    pub fn read<'a>(set: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Vec<String>> {
        let mut wrong = Vec::new();
        let tls = match set("PUSHER_SCHEME") {
            None | Some("https") => true,
            Some("http") => false,
            Some(other) => {
                wrong.push(format!("PUSHER_SCHEME is '{other}' and has to be http or https."));
                true
            }
        };
        let port = match set("PUSHER_PORT").map(str::parse) {
            None if tls => 443,
            None => 80,
            Some(Ok(port)) if port > 0 => port,
            Some(_) => {
                wrong.push("PUSHER_PORT has to be a number from 1 to 65535.".to_owned());
                1
            }
        };
        let (api, host) = match (set("PUSHER_HOST"), set("PUSHER_CLUSTER")) {
            (Some(host), _) => (host.to_owned(), host.to_owned()),
            (None, Some(cluster)) => (format!("api-{cluster}.pusher.com"), format!("ws-{cluster}.pusher.com")),
            (None, None) => {
                wrong.push("PUSHER_CLUSTER, or PUSHER_HOST, has to name the service.".to_owned());
                Default::default()
            }
        };
        let scheme = if tls { "https" } else { "http" };
        let api = format!("{scheme}://{api}:{port}").parse().ok().filter(|_: &Url| is_host(&host));
        if api.is_none() && !host.is_empty() {
            wrong.push(format!("PUSHER_HOST is '{host}' and has to be the name or address of a host."));
        }
        match api {
            Some(api) if wrong.is_empty() => Ok(Self { api, endpoint: Endpoint { host, port, tls } }),
            _ => Err(wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &'static str)]) -> Result<Address, Vec<String>> {
        Address::read(|name| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| *value))
    }

    #[test]
    fn a_cluster_is_one_of_pusher_com() {
        let address = read(&[("PUSHER_CLUSTER", "eu")]).unwrap();
        assert_eq!(address.api.as_str(), "https://api-eu.pusher.com/");
        assert_eq!(address.endpoint.origin(), "wss://ws-eu.pusher.com:443");
    }

    #[test]
    fn a_host_is_where_both_are() {
        let vars = [("PUSHER_HOST", "sockets.example.org"), ("PUSHER_PORT", "6001"), ("PUSHER_SCHEME", "http")];
        let address = read(&vars).unwrap();
        assert_eq!(address.api.as_str(), "http://sockets.example.org:6001/");
        assert_eq!(address.endpoint.origin(), "ws://sockets.example.org:6001");
        assert_eq!(read(&[("PUSHER_HOST", "[::1]")]).unwrap().endpoint.origin(), "wss://[::1]:443");
    }

    #[test]
    fn each_wrong_setting_is_named() {
        assert_eq!(read(&[("PUSHER_SCHEME", "ftp"), ("PUSHER_PORT", "0")]).unwrap_err().len(), 3);
        for host in ["a b", "a/b", "a;script-src", "user@host", "[::g]"] {
            let host: &'static str = host;
            assert!(read(&[("PUSHER_HOST", host)]).unwrap_err()[0].contains("PUSHER_HOST"), "{host}");
        }
    }
}
