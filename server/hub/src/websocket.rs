//! WebSocket frames (RFC 6455), as far as a hub needs them: clients send small texts, and what they are sent is written once
//! for many of them. How a header is laid out the library knows; what is accepted is decided here.

use std::io::Cursor;

use bytes::Bytes;
use earshot_live::pusher::close;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use crate::limits::MAX_FRAME;

/// Bytes of a ping or a close (RFC 6455, section 5.5).
const MAX_CONTROL: usize = 125;

/// What a client has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    Text(String),
    /// Some of a text whose end is still to come.
    Part,
    Ping(Bytes),
    Pong,
    Close,
}

/// Why a client is not understood any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    BadFrame,
    NotText,
    NotUtf8,
    TooBig,
}

impl Fault {
    /// The code to close with (RFC 6455, section 7.4.1).
    pub fn close_code(self) -> u16 {
        match self {
            Self::BadFrame => close::BAD_FRAME,
            Self::NotText => close::NOT_TEXT,
            Self::NotUtf8 => close::NOT_UTF8,
            Self::TooBig => close::TOO_BIG,
        }
    }
}

/// Makes messages of what is read from a client, in whatever pieces it comes.
#[derive(Default)]
pub struct Decoder {
    /// The beginning of a frame whose end is still to come.
    begun: Vec<u8>,
    /// The beginning of a text that comes in several frames.
    text: Option<Vec<u8>>,
}

impl Decoder {
    /// The messages that end within `input`.
    ///
    /// # Errors
    /// When this is no client that speaks WebSocket, or more than a frame may hold. After that nothing can be read.
    pub fn read(&mut self, input: &[u8]) -> Result<Vec<Received>, Fault> {
        // Nearly always a read brings whole frames: then nothing is kept.
        let begun = std::mem::take(&mut self.begun);
        let joined = if begun.is_empty() { None } else { Some([&begun, input].concat()) };
        let mut rest = joined.as_deref().unwrap_or(input);
        let mut messages = Vec::new();
        while let Some((message, length)) = self.frame(rest)? {
            messages.push(message);
            rest = &rest[length..];
        }
        self.begun = rest.to_vec();
        Ok(messages)
    }

    /// Bytes that wait for what belongs to them.
    #[cfg(fuzzing)]
    pub fn kept(&self) -> usize {
        self.begun.len() + self.text.as_ref().map_or(0, Vec::len)
    }

    /// The first frame in `input` and its length, or nothing when its end is still to come.
    fn frame(&mut self, input: &[u8]) -> Result<Option<(Received, usize)>, Fault> {
        let mut cursor = Cursor::new(input);
        let Some((header, length)) = FrameHeader::parse(&mut cursor).map_err(|_| Fault::BadFrame)? else {
            return Ok(None);
        };
        let Some(mask) = header.mask.filter(|_| !(header.rsv1 || header.rsv2 || header.rsv3)) else {
            return Err(Fault::BadFrame);
        };
        let length = usize::try_from(length).ok().filter(|length| *length <= MAX_FRAME).ok_or(Fault::TooBig)?;
        let rest = &input[usize::try_from(cursor.position()).unwrap_or(input.len())..];
        let Some(masked) = rest.get(..length) else { return Ok(None) };
        let payload: Vec<u8> = masked.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        let message = match header.opcode {
            OpCode::Data(Data::Text) if self.text.is_none() => self.text(payload, header.is_final)?,
            OpCode::Data(Data::Continue) => {
                let begun = self.text.take().ok_or(Fault::BadFrame)?;
                self.text([begun, payload].concat(), header.is_final)?
            }
            OpCode::Data(Data::Binary) => return Err(Fault::NotText),
            OpCode::Control(control) if header.is_final && length <= MAX_CONTROL => match control {
                Control::Ping => Received::Ping(payload.into()),
                Control::Pong => Received::Pong,
                Control::Close => Received::Close,
                Control::Reserved(_) => return Err(Fault::BadFrame),
            },
            OpCode::Data(_) | OpCode::Control(_) => return Err(Fault::BadFrame),
        };
        Ok(Some((message, input.len() - rest.len() + length)))
    }

    fn text(&mut self, text: Vec<u8>, ends: bool) -> Result<Received, Fault> {
        if text.len() > MAX_FRAME {
            return Err(Fault::TooBig);
        }
        if ends {
            return String::from_utf8(text).map(Received::Text).map_err(|_| Fault::NotUtf8);
        }
        self.text = Some(text);
        Ok(Received::Part)
    }
}

/// A text, to be sent to as many as like.
pub fn text(payload: &str) -> Bytes {
    frame(OpCode::Data(Data::Text), payload.as_bytes())
}

pub fn pong(payload: &[u8]) -> Bytes {
    frame(OpCode::Control(Control::Pong), payload)
}

pub fn close(code: u16) -> Bytes {
    frame(OpCode::Control(Control::Close), &code.to_be_bytes())
}

fn frame(opcode: OpCode, payload: &[u8]) -> Bytes {
    let header = FrameHeader { opcode, ..FrameHeader::default() };
    let mut bytes = Vec::with_capacity(header.len(payload.len() as u64) + payload.len());
    // Memory takes whatever is written to it.
    let _ = header.format(payload.len() as u64, &mut bytes);
    bytes.extend_from_slice(payload);
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MASK: [u8; 4] = [1, 2, 3, 4];

    fn masked(opcode: OpCode, is_final: bool, payload: &[u8]) -> Vec<u8> {
        let header = FrameHeader { opcode, is_final, mask: Some(MASK), ..FrameHeader::default() };
        let mut bytes = Vec::new();
        header.format(payload.len() as u64, &mut bytes).unwrap();
        bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    }

    const TEXT: OpCode = OpCode::Data(Data::Text);
    const MORE: OpCode = OpCode::Data(Data::Continue);
    const PING: OpCode = OpCode::Control(Control::Ping);

    #[test]
    fn messages_are_the_same_in_whatever_pieces_they_come() {
        let stream = [
            masked(TEXT, true, "one".as_bytes()),
            masked(TEXT, false, "t".as_bytes()),
            masked(PING, true, b"?"),
            masked(MORE, true, "wo".as_bytes()),
            masked(TEXT, true, "x".repeat(MAX_FRAME).as_bytes()),
        ]
        .concat();
        let expected = [
            Received::Text("one".into()),
            Received::Part,
            Received::Ping("?".into()),
            Received::Text("two".into()),
            Received::Text("x".repeat(MAX_FRAME)),
        ];
        for size in [1, 2, 7, 100, stream.len()] {
            let mut decoder = Decoder::default();
            let pieces = stream.chunks(size).flat_map(|piece| decoder.read(piece).unwrap());
            assert_eq!(pieces.collect::<Vec<_>>(), expected, "in pieces of {size}");
        }
    }

    #[test]
    fn what_no_client_may_send_is_a_fault() {
        let unmasked = text("hello").to_vec();
        let reserved = [&[0xf1_u8][..], &masked(TEXT, true, b"")[1..]].concat();
        let table = [
            (unmasked, Fault::BadFrame),
            (reserved, Fault::BadFrame),
            (masked(OpCode::Data(Data::Binary), true, b"1"), Fault::NotText),
            (masked(MORE, true, b"1"), Fault::BadFrame),
            ([masked(TEXT, false, b"1"), masked(TEXT, true, b"2")].concat(), Fault::BadFrame),
            (masked(PING, false, b"1"), Fault::BadFrame),
            (masked(PING, true, &[0; MAX_CONTROL + 1]), Fault::BadFrame),
            (masked(TEXT, true, &[0xff]), Fault::NotUtf8),
            (masked(TEXT, true, &[b'x'; MAX_FRAME + 1]), Fault::TooBig),
            ([masked(TEXT, false, &[b'x'; MAX_FRAME]), masked(MORE, true, b"x")].concat(), Fault::TooBig),
            // A length of eight bytes, of which nothing has come yet.
            ([&[0x81, 0xff][..], &u64::MAX.to_be_bytes(), &MASK].concat(), Fault::TooBig),
        ];
        for (input, fault) in table {
            assert_eq!(Decoder::default().read(&input), Err(fault), "{:?}", &input[..2]);
        }
    }
}
