//! Ports for programs that tests start: below those that outgoing connections take, so that a port is still free when a program
//! listens on it, and when it is started again.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::sync::{Mutex, PoisonError};

const OF_OUTGOING_CONNECTIONS: &str = "/proc/sys/net/ipv4/ip_local_port_range";
/// Where they begin if the system does not say.
const USUALLY: u16 = 32_768;
const WIDTH: u16 = 12_000;
/// Ports that one program is given, if it finds that others have taken them.
const TRIES: usize = 5;

/// What shows others who ask here that a port was given out: a socket for datagrams that has its number.
static GIVEN: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());

/// Some, one after the other: a program that finds its port taken is started on the next.
pub fn free_ports() -> impl Iterator<Item = u16> {
    std::iter::repeat_with(free_port).take(TRIES)
}

/// A port on which nobody listens, and which nobody else is given as long as this process lives.
pub fn free_port() -> u16 {
    let end = first_of_outgoing().max(2 * WIDTH);
    let mut some = std::iter::repeat_with(|| rand::random_range(end - WIDTH..end)).take(WIDTH.into());
    some.find(|port| take(*port)).expect("a port is free")
}

fn take(port: u16) -> bool {
    let Ok(token) = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)) else { return false };
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    if free {
        GIVEN.lock().unwrap_or_else(PoisonError::into_inner).push(token);
    }
    free
}

fn first_of_outgoing() -> u16 {
    let range = std::fs::read_to_string(OF_OUTGOING_CONNECTIONS).unwrap_or_default();
    range.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(USUALLY)
}
