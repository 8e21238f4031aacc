//! Volumes and file systems in memory, as they are written on a command line.

use crate::catalogue::{BAD_TMPFS, BAD_VOLUME};
use crate::error::{Error, Result};
use crate::limit;
use crate::near::nearest;
use crate::text::c_string;
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;

/// A directory or file of the host inside the container: `SRC:DST[:ro][:idmap]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Volume {
    /// The path on the host, as it was written: relative to the caller's directory unless it starts with `/`.
    pub source: CString,
    /// The path inside, without the leading `/`.
    pub destination: CString,
    /// Whether it can only be read.
    pub read_only: bool,
    /// Whether the files of root outside are root's inside (an id-mapped mount).
    pub id_mapped: bool,
    /// Whether it is a device, which can be opened as one.
    pub device: bool,
}

impl Volume {
    /// A device, at the same or another place inside.
    pub fn device(device: crate::device::Device) -> Self {
        let crate::device::Device { source, destination, access } = device;
        Volume { source, destination, read_only: !access.write, id_mapped: false, device: true }
    }
}

/// An empty file system in memory: `DST[:size=SIZE][:ro]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tmpfs {
    /// The path inside, without the leading `/`.
    pub destination: CString,
    /// The most that it holds, in bytes.
    pub size: Option<u64>,
}

impl Volume {
    /// Parses `SRC:DST[:ro][:rw][:idmap]`.
    ///
    /// # Errors
    /// `BAD_VOLUME` for a missing part, a relative destination, `/` itself, and unknown options.
    pub fn parse(text: &OsStr) -> Result<Self> {
        let whole = text.as_bytes();
        let bad = |part: &[u8], why: &str| {
            Error::new(BAD_VOLUME, format!("{text:?} is not a volume: {why}"))
                .at(whole, part)
                .fix("write -v SOURCE:DESTINATION[:ro][:idmap], the destination an absolute path inside")
        };
        let parts: Vec<&[u8]> = whole.split(|b| *b == b':').collect();
        let [source, destination, options @ ..] = parts.as_slice() else {
            return Err(bad(end(whole), "it has no destination"));
        };
        if source.is_empty() {
            return Err(bad(source, "its source is empty"));
        }
        let mut volume = Volume {
            source: c_string(OsStr::from_bytes(source))?,
            destination: inside(destination).map_err(|why| bad(destination, why))?,
            read_only: false,
            id_mapped: false,
            device: false,
        };
        for option in options {
            match *option {
                b"ro" => volume.read_only = true,
                b"rw" => volume.read_only = false,
                b"idmap" => volume.id_mapped = true,
                _ => return Err(unknown_option(bad(option, "its options are ro, rw and idmap"), option)),
            }
        }
        Ok(volume)
    }
}

impl Tmpfs {
    /// Parses `DST[:size=SIZE]`.
    ///
    /// # Errors
    /// `BAD_TMPFS` for a relative destination and unknown options; `BAD_SIZE`.
    pub fn parse(text: &OsStr) -> Result<Self> {
        let whole = text.as_bytes();
        let bad = |part: &[u8], why: &str| {
            Error::new(BAD_TMPFS, format!("{text:?} is not a tmpfs: {why}"))
                .at(whole, part)
                .fix("write --tmpfs DESTINATION[:size=64m], the destination an absolute path inside")
        };
        let mut parts = whole.splitn(2, |b| *b == b':');
        let destination = parts.next().unwrap_or_default();
        let destination = inside(destination).map_err(|why| bad(destination, why))?;
        let size = |option: &[u8]| {
            let value = std::str::from_utf8(option).ok().and_then(|option| option.strip_prefix("size="));
            let value = value.ok_or_else(|| bad(option, "its option is size="))?;
            limit::size(value).map_err(|error| error.within(whole, value))
        };
        Ok(Tmpfs { destination, size: parts.next().map(size).transpose()? })
    }
}

/// The place behind the last byte, where something is missing.
fn end(text: &[u8]) -> &[u8] {
    text.get(text.len()..).unwrap_or_default()
}

/// Says which option was meant, if one is near.
fn unknown_option(error: Error, option: &[u8]) -> Error {
    let near = std::str::from_utf8(option).ok().and_then(|option| nearest(option, ["ro", "rw", "idmap"]));
    match near {
        Some(meant) => error.fix(format!("did you mean {meant}?")),
        None => error,
    }
}

/// An absolute path inside the container, as a path relative to its root. `..` is refused: inside the root it means
/// nothing that cannot be written without it.
pub(crate) fn inside(path: &[u8]) -> std::result::Result<CString, &'static str> {
    let Some(relative) = path.strip_prefix(b"/") else { return Err("its destination is not absolute") };
    let parts: Vec<&[u8]> =
        relative.split(|b| *b == b'/').filter(|part| !matches!(*part, b"" | b".")).collect();
    if parts.contains(&&b".."[..]) {
        return Err("its destination contains ..");
    }
    if parts.is_empty() {
        return Err("its destination is the root itself");
    }
    CString::new(parts.join(&b'/')).map_err(|_| "its destination contains a NUL byte")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::BAD_SIZE;

    #[test]
    fn volumes() {
        let volume = Volume::parse("data:/srv//./data/:ro:idmap".as_ref()).unwrap();
        assert_eq!(
            (volume.source.as_bytes(), volume.destination.as_bytes()),
            (&b"data"[..], &b"srv/data"[..])
        );
        assert!(volume.read_only && volume.id_mapped);
        assert!(!Volume::parse("/a:/b:rw".as_ref()).unwrap().read_only);
        for bad in ["", "/a", ":/b", "/a:b", "/a:", "/a:/", "/a:/b/../../c", "/a:/b:rx", "/a:/b:"] {
            assert_eq!(Volume::parse(bad.as_ref()).unwrap_err().code, BAD_VOLUME, "{bad}");
        }
    }

    /// What an error points at.
    fn guilty(error: Error) -> String {
        let at = error.at.expect("it points at something");
        at.text[at.range].to_owned()
    }

    #[test]
    fn errors_point_at_the_guilty_part() {
        let volume = |text: &str| guilty(Volume::parse(text.as_ref()).unwrap_err());
        assert_eq!(volume("/a:/b:ro:optoin"), "optoin");
        assert_eq!(volume("/a:b:ro"), "b");
        assert_eq!(volume("/a"), "");
        assert_eq!(volume("/größe:../ü"), "../ü");
        let tmpfs = |text: &str| guilty(Tmpfs::parse(text.as_ref()).unwrap_err());
        assert_eq!(tmpfs("/a:mode=7"), "mode=7");
        assert_eq!(tmpfs("a:size=1m"), "a");
        assert_eq!(tmpfs("/a:size=64q"), "q");
        let bytes = OsStr::from_bytes(b"/\xff:/b:\xfe");
        assert_eq!(guilty(Volume::parse(bytes).unwrap_err()), "\u{fffd}");
    }

    #[test]
    fn an_option_that_is_nearly_one_is_told_with_it() {
        let fix = |text: &str| Volume::parse(text.as_ref()).unwrap_err().fix.unwrap_or_default();
        assert_eq!(fix("/a:/b:idmpa"), "did you mean idmap?");
        assert!(fix("/a:/b:optoin").starts_with("write -v"));
    }

    #[test]
    fn tmpfses() {
        let tmpfs = Tmpfs::parse("/scratch:size=64m".as_ref()).unwrap();
        assert_eq!((tmpfs.destination.as_bytes(), tmpfs.size), (&b"scratch"[..], Some(64 << 20)));
        for bad in ["", "scratch", "/", "/a:mode=7", "/a:ro"] {
            assert_eq!(Tmpfs::parse(bad.as_ref()).unwrap_err().code, BAD_TMPFS, "{bad}");
        }
        assert_eq!(Tmpfs::parse("/a:size=x".as_ref()).unwrap_err().code, BAD_SIZE);
    }
}
