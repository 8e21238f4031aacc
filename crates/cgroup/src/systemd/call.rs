//! Messages that we send: method calls.

use super::message::{Kind, LITTLE_ENDIAN, VERSION, field};
use super::wire::Writer;

/// A flag: who is not there is not started to answer.
const NO_AUTO_START: u8 = 2;

/// A method call.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub destination: &'a str,
    pub path: &'a str,
    pub interface: &'a str,
    pub member: &'a str,
    /// The types of the arguments.
    pub signature: &'a str,
    /// The arguments.
    pub body: Writer,
}

impl Call<'_> {
    /// The bytes to send. `serial` is not 0, and another one for each call.
    pub fn marshal(self, serial: u32) -> Vec<u8> {
        let body = self.body.into_bytes();
        let mut header = Writer::default();
        for byte in [LITTLE_ENDIAN, Kind::Call as u8, NO_AUTO_START, VERSION] {
            header.byte(byte);
        }
        header.u32(body.len() as u32);
        header.u32(serial);
        header.array(8, |fields| {
            text_field(fields, field::PATH, "o", self.path);
            text_field(fields, field::INTERFACE, "s", self.interface);
            text_field(fields, field::MEMBER, "s", self.member);
            text_field(fields, field::DESTINATION, "s", self.destination);
            if !self.signature.is_empty() {
                any_field(fields, field::SIGNATURE, "g", |value| value.signature(self.signature));
            }
        });
        header.align(8);
        let mut message = header.into_bytes();
        message.extend(body);
        message
    }
}

fn text_field(fields: &mut Writer, code: u8, signature: &str, text: &str) {
    any_field(fields, code, signature, |value| value.string(text));
}

fn any_field(fields: &mut Writer, code: u8, signature: &str, value: impl FnOnce(&mut Writer)) {
    fields.align(8);
    fields.byte(code);
    fields.variant(signature, value);
}

#[cfg(test)]
mod tests {
    use super::super::peer::body;
    use super::*;

    #[test]
    fn a_call_is_written_as_the_specification_has_it() {
        let call = Call {
            destination: "d.d",
            path: "/p",
            interface: "i.i",
            member: "M",
            signature: "s",
            body: body(&["x"]),
        };
        let expected = [
            b"l\x01\x02\x01\x06\0\0\0\x05\0\0\0\x47\0\0\0".as_slice(),
            b"\x01\x01o\0\x02\0\0\0/p\0\0\0\0\0\0",
            b"\x02\x01s\0\x03\0\0\0i.i\0\0\0\0\0",
            b"\x03\x01s\0\x01\0\0\0M\0\0\0\0\0\0\0",
            b"\x06\x01s\0\x03\0\0\0d.d\0\0\0\0\0",
            b"\x08\x01g\0\x01s\0\0",
            b"\x01\0\0\0x\0",
        ];
        let bytes = call.marshal(5);
        assert_eq!(bytes.escape_ascii().to_string(), expected.concat().escape_ascii().to_string());
    }
}
