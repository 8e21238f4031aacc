use proptest::prelude::*;

use super::super::peer::{body, message};
use super::*;

/// Reads bytes as a connection would.
fn read(bytes: &[u8]) -> Result<Message, Garbled> {
    let length = bytes.first_chunk().map_or(Err(Garbled("short")), Message::length)?;
    bytes.get(..length).map_or(Err(Garbled("short")), Message::parse)
}

fn refusal() -> Vec<u8> {
    let fields = [(4, "s", "org.example.No"), (7, "s", ":1.2"), (6, "s", ":1.3")];
    message(Kind::Error, Some(9), &fields, "s", body(&["not today"]))
}

#[test]
fn what_was_written_is_read() {
    let bytes = refusal();
    let error = read(&bytes).unwrap();
    assert_eq!((error.kind, error.fields.reply_serial), (Kind::Error, Some(9)));
    assert_eq!(error.fields.error_name.as_deref(), Some("org.example.No"));
    assert_eq!(error.fields.sender.as_deref(), Some(":1.2"));
    assert_eq!((error.error_text(), error.body("s").unwrap().string()), ("not today", Ok("not today")));
    assert!(error.body("u").is_err(), "another type");
}

#[test]
fn fields_that_are_not_known_are_passed_over() {
    let bytes = message(Kind::Signal, None, &[(99, "s", "x"), (100, "o", "/"), (3, "s", "M")], "", body(&[]));
    assert_eq!(read(&bytes).unwrap().fields.member.as_deref(), Some("M"));
    assert!(read(&message(Kind::Signal, None, &[(99, "ay", "x")], "", body(&[]))).is_err());
    assert!(read(&message(Kind::Signal, None, &[(0, "s", "x")], "", body(&[]))).is_err(), "no kind of field");
    assert!(read(&message(Kind::Signal, None, &[(3, "o", "/")], "", body(&[]))).is_err(), "of another type");
}

#[test]
fn a_part_of_a_message_is_no_message() {
    let bytes = refusal();
    for length in 0..bytes.len() {
        assert!(Message::parse(&bytes[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn headers_that_are_not_ours_to_read_are_refused() {
    let changed = |at: usize, byte: u8| {
        let mut bytes = refusal();
        bytes[at] = byte;
        read(&bytes)
    };
    assert!(changed(0, b'B').is_err(), "big-endian");
    assert!(changed(1, 0).is_err(), "of no kind");
    assert_eq!(changed(1, 9).unwrap().kind, Kind::Other);
    assert!(changed(3, 2).is_err(), "another version");
    assert!(changed(7, 1).is_err() && changed(15, 1).is_err(), "a body or fields of 16 MiB");
    assert!(changed(8, 0).is_err(), "no serial");
    let typed = message(Kind::Return, Some(1), &[], "s", body(&[]));
    assert!(read(&typed).is_err(), "a type without a body");
    assert!(read(&message(Kind::Return, Some(1), &[], "", body(&["x"]))).is_err(), "a body without a type");
}

proptest! {
    #[test]
    fn no_bytes_make_a_panic(bytes: Vec<u8>) {
        let _any = (read(&bytes), Message::parse(&bytes));
    }

    /// Nearly a message: one byte differs.
    #[test]
    fn no_change_makes_a_panic(at in 0..refusal().len(), byte: u8) {
        let mut bytes = refusal();
        bytes[at] = byte;
        if let Ok(message) = read(&bytes) {
            prop_assert!(message.error_text().len() <= bytes.len());
        }
    }
}
