//! Messages that come in: answers, signals, and what is not for us ("Message Protocol" in the specification).
//!
//! A message is a header, which has a fixed part and an array of fields, and a body of the types that the field
//! `SIGNATURE` says.

use super::wire::{Garbled, Reader};

/// The fixed part of a header, with the length of the array of fields at its end.
pub(super) const FIXED: usize = 16;

/// The longest message that is read. The specification allows 128 MiB; systemd's signals, all of which come over
/// its private socket, have some hundred bytes.
const LONGEST: usize = 16 << 20;

pub(super) const LITTLE_ENDIAN: u8 = b'l';
pub(super) const VERSION: u8 = 1;

/// The codes of header fields.
pub(super) mod field {
    pub const PATH: u8 = 1;
    pub const INTERFACE: u8 = 2;
    pub const MEMBER: u8 = 3;
    pub const ERROR_NAME: u8 = 4;
    pub const REPLY_SERIAL: u8 = 5;
    pub const DESTINATION: u8 = 6;
    pub const SENDER: u8 = 7;
    pub const SIGNATURE: u8 = 8;
}

/// The kinds of messages. Others may come, and are not for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Call = 1,
    Return = 2,
    Error = 3,
    Signal = 4,
    Other,
}

/// A message that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub kind: Kind,
    pub fields: Fields,
    body: Vec<u8>,
}

/// What the fields of a header say, as far as it is needed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Fields {
    pub path: Option<String>,
    pub interface: Option<String>,
    pub member: Option<String>,
    pub error_name: Option<String>,
    /// The serial of the call that this is the answer to.
    pub reply_serial: Option<u32>,
    pub sender: Option<String>,
    /// The types of the body.
    pub signature: String,
}

impl Message {
    /// How long the message is that begins with these bytes, in all.
    pub fn length(fixed: &[u8; FIXED]) -> Result<usize, Garbled> {
        let mut reader = Reader::new(fixed);
        let (endian, _kind, _flags, version) =
            (reader.byte()?, reader.byte()?, reader.byte()?, reader.byte()?);
        if endian != LITTLE_ENDIAN || version != VERSION {
            return Err(Garbled("no little-endian message of version 1"));
        }
        let (body, _serial, fields) = (reader.u32()? as usize, reader.u32()?, reader.u32()? as usize);
        let length = fields
            .checked_next_multiple_of(8)
            .and_then(|fields| fields.checked_add(FIXED)?.checked_add(body))
            .filter(|&length| length <= LONGEST);
        length.ok_or(Garbled("a message that is too long"))
    }

    /// Reads a whole message, and no more: of as many bytes as [`Message::length`] says.
    pub fn parse(bytes: &[u8]) -> Result<Message, Garbled> {
        let mut reader = Reader::new(bytes);
        let (_endian, kind, _flags, _version) =
            (reader.byte()?, reader.byte()?, reader.byte()?, reader.byte()?);
        let (length, serial) = (reader.u32()? as usize, reader.u32()?);
        let fields = Fields::parse(reader.array(8)?)?;
        reader.align(8)?;
        let body = reader.rest().to_vec();
        if body.len() != length || serial == 0 || body.is_empty() != fields.signature.is_empty() {
            return Err(Garbled("a header that does not fit its body"));
        }
        Ok(Message { kind: kind_of(kind)?, fields, body })
    }

    /// The body, if it is of these types.
    pub fn body(&self, signature: &str) -> Result<Reader<'_>, Garbled> {
        if self.fields.signature == signature {
            return Ok(Reader::new(&self.body));
        }
        Err(Garbled("a body of other types"))
    }

    /// What an error says for people: its first argument, if that is a string.
    pub fn error_text(&self) -> &str {
        let text = self.fields.signature.starts_with('s').then(|| Reader::new(&self.body).string().ok());
        text.flatten().unwrap_or_default()
    }
}

fn kind_of(code: u8) -> Result<Kind, Garbled> {
    Ok(match code {
        0 => return Err(Garbled("a message of no kind")),
        1 => Kind::Call,
        2 => Kind::Return,
        3 => Kind::Error,
        4 => Kind::Signal,
        _ => Kind::Other,
    })
}

impl Fields {
    fn parse(mut array: Reader<'_>) -> Result<Fields, Garbled> {
        let mut fields = Fields::default();
        while !array.is_at_end() {
            array.align(8)?;
            fields.read_one(&mut array)?;
        }
        Ok(fields)
    }

    fn read_one(&mut self, array: &mut Reader<'_>) -> Result<(), Garbled> {
        let text = |array: &mut Reader<'_>| {
            array.variant("s")?;
            array.string().map(|text| Some(text.to_owned()))
        };
        match array.byte()? {
            0 => return Err(Garbled("a field of no kind")),
            field::PATH => {
                array.variant("o")?;
                self.path = Some(array.object_path()?.to_owned());
            }
            field::INTERFACE => self.interface = text(array)?,
            field::MEMBER => self.member = text(array)?,
            field::ERROR_NAME => self.error_name = text(array)?,
            field::REPLY_SERIAL => {
                array.variant("u")?;
                self.reply_serial = Some(array.u32()?);
            }
            field::SENDER => self.sender = text(array)?,
            field::SIGNATURE => {
                array.variant("g")?;
                self.signature = array.signature()?.to_owned();
            }
            _ => skip(array)?,
        }
        Ok(())
    }
}

/// Passes the value of a field that is not needed, or that is newer than this text ("must ignore"). All that
/// there are have one of these types.
fn skip(array: &mut Reader<'_>) -> Result<(), Garbled> {
    match array.signature()? {
        "s" | "o" => array.string().map(drop),
        "g" => array.signature().map(drop),
        "u" => array.u32().map(drop),
        _ => Err(Garbled("a field of an unknown type")),
    }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
