//! Volumes and file systems in memory, as they are written on a command line.

use crate::catalogue::{BAD_TMPFS, BAD_VOLUME};
use crate::error::{Error, Result};
use crate::limit;
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
        let bad = |why: &str| {
            Error::new(BAD_VOLUME, format!("{text:?} is not a volume: {why}"))
                .fix("write -v SOURCE:DESTINATION[:ro][:idmap], the destination an absolute path inside")
        };
        let parts: Vec<&[u8]> = text.as_bytes().split(|b| *b == b':').collect();
        let [source, destination, options @ ..] = parts.as_slice() else {
            return Err(bad("it has no destination"));
        };
        if source.is_empty() {
            return Err(bad("its source is empty"));
        }
        let mut volume = Volume {
            source: c_string(OsStr::from_bytes(source))?,
            destination: inside(destination).map_err(bad)?,
            read_only: false,
            id_mapped: false,
        };
        for option in options {
            match *option {
                b"ro" => volume.read_only = true,
                b"rw" => volume.read_only = false,
                b"idmap" => volume.id_mapped = true,
                _ => return Err(bad("its options are ro, rw and idmap")),
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
        let bad = |why: &str| {
            Error::new(BAD_TMPFS, format!("{text:?} is not a tmpfs: {why}"))
                .fix("write --tmpfs DESTINATION[:size=64m], the destination an absolute path inside")
        };
        let mut parts = text.as_bytes().splitn(2, |b| *b == b':');
        let destination = inside(parts.next().unwrap_or_default()).map_err(bad)?;
        let size = match parts.next().map(std::str::from_utf8) {
            None => None,
            Some(Ok(option)) => {
                Some(limit::size(option.strip_prefix("size=").ok_or_else(|| bad("its option is size="))?)?)
            }
            Some(Err(_)) => return Err(bad("its option is size=")),
        };
        Ok(Tmpfs { destination, size })
    }
}

/// An absolute path inside the container, as a path relative to its root. `..` is refused: inside the root it means
/// nothing that cannot be written without it.
fn inside(path: &[u8]) -> std::result::Result<CString, &'static str> {
    let Some(relative) = path.strip_prefix(b"/") else { return Err("its destination is not absolute") };
    let parts: Vec<&[u8]> =
        relative.split(|b| *b == b'/').filter(|part| !matches!(*part, b"" | b".")).collect();
    if parts.contains(&&b".."[..]) {
        return Err("its destination contains ..");
    }
    if parts.is_empty() {
        return Err("its destination is the root itself; say --rootfs for that");
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
