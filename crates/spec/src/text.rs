//! Text from a command line as the kernel takes it.

use crate::catalogue::{BAD_ENVIRONMENT, BAD_USAGE, BAD_WORKDIR};
use crate::error::{Error, Result};
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;

/// A C string of `text`. Arguments cannot hold NUL bytes, so that only generated text can fail.
pub fn c_string(text: &OsStr) -> Result<CString> {
    CString::new(text.as_bytes()).map_err(|_| {
        Error::new(BAD_USAGE, format!("{text:?} contains a NUL byte")).fix("remove the NUL byte")
    })
}

/// An environment entry: `NAME=VALUE`, or `NAME` for the caller's own value, which `lookup` gives. A name that the
/// caller does not have gives nothing.
///
/// # Errors
/// `BAD_ENVIRONMENT` for an entry without a name.
pub fn environment_entry(
    text: &OsStr,
    lookup: impl Fn(&OsStr) -> Option<std::ffi::OsString>,
) -> Result<Option<CString>> {
    let bytes = text.as_bytes();
    if matches!(bytes, [] | [b'=', ..]) {
        return Err(Error::new(BAD_ENVIRONMENT, format!("environment entry {text:?} has no name"))
            .at(bytes, bytes.get(..1).unwrap_or_default())
            .fix("write -e NAME=VALUE, or -e NAME to pass on your own value"));
    }
    if bytes.contains(&b'=') {
        return c_string(text).map(Some);
    }
    let Some(value) = lookup(text) else { return Ok(None) };
    c_string(OsStr::from_bytes(&[bytes, b"=", value.as_bytes()].concat())).map(Some)
}

/// A working directory: an absolute path inside the container.
///
/// # Errors
/// `BAD_WORKDIR` for a relative or empty path, and for one with `..`, which could only mean a place outside.
pub fn workdir(text: &OsStr) -> Result<CString> {
    let path = text.as_bytes();
    let bad = |part: &[u8], what: &str, fix: &str| {
        Err(Error::new(BAD_WORKDIR, format!("working directory {text:?} {what}")).at(path, part).fix(fix))
    };
    if path.first() != Some(&b'/') {
        return bad(path, "is not absolute", "start it with /: it is a path inside the container");
    }
    if let Some(part) = path.split(|b| *b == b'/').find(|part| *part == b"..") {
        return bad(part, "contains ..", "write the path inside the container without ..");
    }
    c_string(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_entries() {
        let none = |_: &OsStr| None;
        let some = |_: &OsStr| Some("v".into());
        let entry = |text: &str, have: bool| {
            environment_entry(text.as_ref(), if have { &some as &dyn Fn(&OsStr) -> _ } else { &none })
        };
        assert_eq!(entry("A=b=c", false).unwrap().unwrap().as_bytes(), b"A=b=c");
        assert_eq!(entry("A=", false).unwrap().unwrap().as_bytes(), b"A=");
        assert_eq!(entry("A", true).unwrap().unwrap().as_bytes(), b"A=v");
        assert_eq!(entry("A", false).unwrap(), None);
        assert_eq!(entry("=x", true).unwrap_err().code, BAD_ENVIRONMENT);
        assert_eq!(entry("=x", true).unwrap_err().at.unwrap().range, 0..1);
        assert_eq!(entry("", true).unwrap_err().code, BAD_ENVIRONMENT);
    }

    #[test]
    fn workdirs() {
        assert_eq!(workdir("/a/b..c".as_ref()).unwrap().as_bytes(), b"/a/b..c");
        for bad in ["", "a", "./a", "/a/../../etc", "/.."] {
            assert_eq!(workdir(bad.as_ref()).unwrap_err().code, BAD_WORKDIR, "{bad}");
        }
        assert_eq!(workdir("/ä/../x".as_ref()).unwrap_err().at.unwrap().range, 4..6);
    }
}
