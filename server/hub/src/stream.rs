//! The bytes below a WebSocket. After the upgrade the TCP stream is taken back from hyper: written to directly, a frame costs
//! one call of the system and no task has to wake for it. What is not plain TCP comes through a pipe.

use std::io::{self, IoSlice};
use std::net::Shutdown;

use bytes::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::net::{TcpStream, UnixStream};

pub enum Stream {
    Tcp(TcpStream),
    Pipe(UnixStream),
}

/// The same call on either kind of stream.
macro_rules! either {
    ($stream:expr, $inner:ident => $call:expr) => {
        match $stream {
            Stream::Tcp($inner) => $call,
            Stream::Pipe($inner) => $call,
        }
    };
}

impl Stream {
    /// Takes the stream back, with what was read from it already.
    ///
    /// # Errors
    /// When the system has no pipe to give.
    pub fn of(upgraded: Upgraded) -> io::Result<(Self, Bytes)> {
        match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => Ok((Self::Tcp(parts.io.into_inner()), parts.read_buf)),
            Err(upgraded) => {
                let (near, mut far) = UnixStream::pair()?;
                tokio::spawn(async move {
                    // Whichever side ends it, the other finds out by itself.
                    let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(upgraded), &mut far).await;
                });
                Ok((Self::Pipe(near), Bytes::new()))
            }
        }
    }

    pub async fn readable(&self) -> io::Result<()> {
        either!(self, stream => stream.readable().await)
    }

    pub async fn writable(&self) -> io::Result<()> {
        either!(self, stream => stream.writable().await)
    }

    /// Reads what is there; 0 at the end.
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        either!(self, stream => stream.try_read(buffer))
    }

    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        either!(self, stream => stream.try_write(bytes))
    }

    pub fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        either!(self, stream => stream.try_write_vectored(slices))
    }

    /// Ends it. What has ended already needs no ending.
    pub fn shutdown(&self, how: Shutdown) {
        let _ = either!(self, stream => SockRef::from(stream).shutdown(how));
    }
}
