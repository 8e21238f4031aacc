//! Who answers in the tests: the other end of a connection, with a script.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::thread::{self, JoinHandle};

use super::message::{FIXED, Kind, Message};
use super::wire::Writer;

/// The other end.
pub(super) struct Peer {
    pub stream: UnixStream,
}

/// A header field that is a string: its code, its type and its value.
pub(super) type Field<'a> = (u8, &'a str, &'a str);

/// Runs `script` at the other end of the stream that is returned.
pub(super) fn play(script: impl FnOnce(Peer) + Send + 'static) -> (OwnedFd, JoinHandle<()>) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    (ours.into(), thread::spawn(|| script(Peer { stream: theirs })))
}

impl Peer {
    /// Lets the other in.
    pub fn greet(&mut self) {
        let mut greeting = [0; 29];
        self.stream.read_exact(&mut greeting).unwrap();
        assert_eq!(&greeting, b"\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n");
        self.stream.write_all(b"DATA\r\nOK 0123456789abcdef\r\n").unwrap();
    }

    /// The next call: its serial, and what it says.
    pub fn next(&mut self) -> (u32, Message) {
        let mut bytes = vec![0; FIXED];
        self.stream.read_exact(&mut bytes).unwrap();
        bytes.resize(Message::length(bytes.first_chunk().unwrap()).unwrap(), 0);
        self.stream.read_exact(&mut bytes[FIXED..]).unwrap();
        (u32::from_le_bytes(bytes[8..12].try_into().unwrap()), Message::parse(&bytes).unwrap())
    }

    /// The next call, which is of this method.
    pub fn expect(&mut self, member: &str) -> (u32, Message) {
        let (serial, call) = self.next();
        assert_eq!((call.kind, call.fields.member.as_deref()), (Kind::Call, Some(member)));
        (serial, call)
    }

    /// Answers the next call, which is of this method.
    pub fn answer(&mut self, member: &str, sender: &str, signature: &str, texts: &[&str]) {
        let (serial, _) = self.expect(member);
        self.send(&message(Kind::Return, Some(serial), &[(7, "s", sender)], signature, body(texts)));
    }

    /// Says that a job has ended.
    pub fn job_removed(&mut self, sender: &str, job: &str, result: &str) {
        let mut body = Writer::default();
        body.u32(1);
        [job, "a.scope", result].iter().for_each(|text| body.string(text));
        let fields = [
            (1, "o", "/org/freedesktop/systemd1"),
            (2, "s", "org.freedesktop.systemd1.Manager"),
            (3, "s", "JobRemoved"),
            (7, "s", sender),
        ];
        self.send(&message(Kind::Signal, None, &fields, "uoss", body));
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }
}

/// Strings one after another.
pub(super) fn body(texts: &[&str]) -> Writer {
    let mut body = Writer::default();
    texts.iter().for_each(|text| body.string(text));
    body
}

/// The bytes of a message.
pub(super) fn message(
    kind: Kind,
    reply_to: Option<u32>,
    texts: &[Field<'_>],
    signature: &str,
    body: Writer,
) -> Vec<u8> {
    let body = body.into_bytes();
    let mut header = Writer::default();
    [b'l', kind as u8, 0, 1].into_iter().for_each(|byte| header.byte(byte));
    header.u32(body.len() as u32);
    header.u32(77);
    header.array(8, |fields| {
        for (code, signature, text) in texts {
            field(fields, *code, signature, |value| value.string(text));
        }
        if let Some(serial) = reply_to {
            field(fields, 5, "u", |value| value.u32(serial));
        }
        if !signature.is_empty() {
            field(fields, 8, "g", |value| value.signature(signature));
        }
    });
    header.align(8);
    [header.into_bytes(), body].concat()
}

fn field(fields: &mut Writer, code: u8, signature: &str, value: impl FnOnce(&mut Writer)) {
    fields.align(8);
    fields.byte(code);
    fields.variant(signature, value);
}
