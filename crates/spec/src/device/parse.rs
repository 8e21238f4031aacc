//! Devices and rules for them, as they are written on a command line.

use super::{Access, Device, Kind, MAX_MAJOR, MAX_MINOR, Rule};
use crate::catalogue::BAD_DEVICE;
use crate::error::{Error, Result};
use crate::mount::inside;
use crate::text::c_string;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

impl Rule {
    /// Parses `TYPE MAJOR:MINOR ACCESS`, docker's `--device-cgroup-rule`, to a rule that allows: the type `a`, `b` or
    /// `c`, numbers or `*`, and of `r`, `w` and `m` each at most once.
    ///
    /// # Errors
    /// `BAD_DEVICE` for anything else, and for numbers that no device has.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |part: &str, why: &str| {
            Error::new(BAD_DEVICE, format!("{text:?} is not a rule for devices: {why}"))
                .at(text, part)
                .fix("write --device-cgroup-rule 'TYPE MAJOR:MINOR ACCESS', such as 'c 10:200 rw'")
        };
        let words: Vec<&str> = text.split(' ').collect();
        let [kind, numbers, access] = words[..] else {
            return Err(bad(text, "it is not three words with a space between each two"));
        };
        let (major, minor) = numbers.split_once(':').ok_or_else(|| bad(numbers, "there is no : in it"))?;
        Ok(Rule {
            allow: true,
            kind: kind_of(kind).ok_or_else(|| bad(kind, "the types are a, b and c"))?,
            major: number(major, MAX_MAJOR).ok_or_else(|| bad(major, "a major number is 0 to 4095, or *"))?,
            minor: number(minor, MAX_MINOR)
                .ok_or_else(|| bad(minor, "a minor number is 0 to 1,048,575, or *"))?,
            access: access_of(access.as_bytes()).ok_or_else(|| bad(access, ACCESS))?,
        })
    }
}

impl Device {
    /// Parses `SOURCE[:DESTINATION][:ACCESS]`, docker's `--device`. Inside it has the path that it has on the host, and
    /// the access `rwm`, if nothing else is said.
    ///
    /// # Errors
    /// `BAD_DEVICE` for a path that is not absolute, a destination with `..`, and another access than of `r`, `w` and
    /// `m` each at most once.
    pub fn parse(text: &OsStr) -> Result<Self> {
        let whole = text.as_bytes();
        let bad = |part: &[u8], why: &str| {
            Error::new(BAD_DEVICE, format!("{text:?} is not a device: {why}"))
                .at(whole, part)
                .fix("write --device SOURCE[:DESTINATION][:ACCESS], such as /dev/fuse or /dev/ttyUSB0:/dev/modem:rw")
        };
        let parts: Vec<&[u8]> = whole.split(|b| *b == b':').collect();
        let (source, destination, access) = match parts[..] {
            [source] => (source, source, None),
            [source, destination] if destination.starts_with(b"/") => (source, destination, None),
            [source, access] => (source, source, Some(access)),
            [source, destination, access] => (source, destination, Some(access)),
            _ => return Err(bad(whole, "it has more than three parts")),
        };
        if !source.starts_with(b"/") {
            return Err(bad(source, "its source is not absolute"));
        }
        let access = access.map(|access| access_of(access).ok_or_else(|| bad(access, ACCESS))).transpose()?;
        Ok(Device {
            source: c_string(OsStr::from_bytes(source))?,
            destination: inside(destination).map_err(|why| bad(destination, why))?,
            access: access.unwrap_or(Access::ALL),
        })
    }
}

const ACCESS: &str = "the access is of r, w and m, each at most once";

fn kind_of(letter: &str) -> Option<Kind> {
    [Kind::All, Kind::Character, Kind::Block].into_iter().find(|kind| kind.to_string() == letter)
}

/// `Some(None)` for all numbers.
fn number(text: &str, max: u32) -> Option<Option<u32>> {
    if text == "*" {
        return Some(None);
    }
    // Not by parse alone: that would take a sign.
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number <= max).map(Some)
}

fn access_of(letters: &[u8]) -> Option<Access> {
    let mut access = Access::NONE;
    for letter in letters {
        let may = match letter {
            b'r' => &mut access.read,
            b'w' => &mut access.write,
            b'm' => &mut access.make,
            _ => return None,
        };
        if std::mem::replace(may, true) {
            return None;
        }
    }
    (!letters.is_empty()).then_some(access)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an error points at.
    fn guilty<T>(parsed: Result<T>) -> String {
        let Err(error) = parsed else { panic!("it is taken") };
        assert_eq!(error.code, BAD_DEVICE, "{error}");
        let at = error.at.expect("it points at something");
        at.text[at.range].to_owned()
    }

    #[test]
    fn a_rule_reads_as_it_is_shown() {
        for text in ["c 1:3 rwm", "b 8:* r", "a *:* m", "c *:200 wm", "c 4095:1048575 rw"] {
            let rule = Rule::parse(text).unwrap();
            assert_eq!(rule.to_string(), text);
            assert!(rule.allow);
        }
        assert_eq!(Rule::parse("c 1:3 mwr").unwrap().to_string(), "c 1:3 rwm", "in any order");
    }

    #[test]
    fn the_guilty_part_of_a_rule() {
        for (text, part) in [
            ("", ""),
            ("c 1:3", "c 1:3"),
            ("c  1:3 rw", "c  1:3 rw"),
            ("c 1:3 rw ", "c 1:3 rw "),
            ("c 1:3\trw", "c 1:3\trw"),
            ("p 1:3 rw", "p"),
            ("C 1:3 rw", "C"),
            ("c 13 rw", "13"),
            ("c 4096:3 rw", "4096"),
            ("c +1:3 rw", "+1"),
            ("c -1:3 rw", "-1"),
            ("c :3 rw", ""),
            ("c 1:1048576 rw", "1048576"),
            ("c 1:2:3 rw", "2:3"),
            ("c 1:٣ rw", "٣"),
            ("c 1:** rw", "**"),
            ("c 1:3 rwx", "rwx"),
            ("c 1:3 rr", "rr"),
            ("c 1:3 ", ""),
        ] {
            assert_eq!(guilty(Rule::parse(text)), part, "{text:?}");
        }
    }

    fn device(text: &str) -> (String, String, String) {
        let Device { source, destination, access } = Device::parse(text.as_ref()).unwrap();
        (source.into_string().unwrap(), destination.into_string().unwrap(), access.to_string())
    }

    #[test]
    fn what_is_left_out_of_a_device() {
        let parts = |source: &str, destination: &str, access: &str| {
            (source.to_owned(), destination.to_owned(), access.to_owned())
        };
        assert_eq!(device("/dev/fuse"), parts("/dev/fuse", "dev/fuse", "rwm"));
        assert_eq!(device("/dev/fuse:r"), parts("/dev/fuse", "dev/fuse", "r"));
        assert_eq!(device("/dev/a:/dev/b"), parts("/dev/a", "dev/b", "rwm"));
        assert_eq!(device("/dev/a:/dev//b/:wr"), parts("/dev/a", "dev/b", "rw"));
        assert_eq!(device("/dev/../tmp/a:/b"), parts("/dev/../tmp/a", "b", "rwm"));
    }

    #[test]
    fn the_guilty_part_of_a_device() {
        for (text, part) in [
            ("", ""),
            ("fuse", "fuse"),
            ("vendor.com/gpu=all", "vendor.com/gpu=all"),
            (":/dev/b", ""),
            ("/", "/"),
            ("/dev/..", "/dev/.."),
            ("/dev/a:", ""),
            ("/dev/a:b", "b"),
            ("/dev/a:rwx", "rwx"),
            ("/dev/a:b:rw", "b"),
            ("/dev/a:/", "/"),
            ("/dev/a:/dev/../b", "/dev/../b"),
            ("/dev/a:/b:", ""),
            ("/dev/a:/b:rwmr", "rwmr"),
            ("/dev/a:/b:rw:r", "/dev/a:/b:rw:r"),
        ] {
            assert_eq!(guilty(Device::parse(text.as_ref())), part, "{text:?}");
        }
        assert_eq!(guilty(Device::parse(OsStr::from_bytes(b"/dev/\xff:\xfe"))), "\u{fffd}");
    }

    #[test]
    fn a_second_part_that_is_neither_is_told_as_an_access() {
        let error = Device::parse("/dev/a:modem".as_ref()).unwrap_err();
        assert!(error.what.ends_with("the access is of r, w and m, each at most once"), "{error}");
        assert!(error.fix.unwrap().contains("/dev/ttyUSB0:/dev/modem:rw"));
    }
}
