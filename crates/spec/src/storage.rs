//! Where what a container writes over a root filesystem goes until it is thrown away.

use crate::catalogue::{BAD_USAGE, CONFLICT};
use crate::error::{Error, Result};
use crate::limit;

/// The writable layer of a root filesystem that is copied on write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Storage {
    /// Memory, at most so many bytes; `None`: a tenth of the machine's, at most 1 GiB.
    Memory(Option<u64>),
    /// A directory on disk. Nothing bounds it: quotas count what a user has, not what a directory holds.
    Disk,
}

impl Storage {
    /// From `size=SIZE` and `medium=disk`; of several sizes the last counts.
    ///
    /// # Errors
    /// `BAD_SIZE`; `BAD_USAGE` for another option; `CONFLICT` for both, since the size could not be held.
    pub fn parse<'a>(options: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let (mut bound, mut disk) = (None, false);
        for option in options {
            match option.split_once('=') {
                Some(("size", size)) => {
                    bound = Some(limit::size(size).map_err(|error| error.within(option, size))?);
                }
                Some(("medium", "disk")) => disk = true,
                Some(("medium", medium)) => return Err(unknown(option, medium)),
                Some((name, _)) => return Err(unknown(option, name)),
                None => return Err(unknown(option, option)),
            }
        }
        match (bound, disk) {
            (Some(_), true) => Err(Error::new(CONFLICT, "medium=disk takes no size=")
                .why("nothing bounds what a directory on disk holds")
                .fix("leave one of the two out")),
            (None, true) => Ok(Storage::Disk),
            (bound, false) => Ok(Storage::Memory(bound)),
        }
    }
}

fn unknown(option: &str, part: &str) -> Error {
    Error::new(BAD_USAGE, format!("{option:?} is not a storage option"))
        .at(option, part)
        .fix("write --storage-opt size=64m or --storage-opt medium=disk")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::BAD_SIZE;

    #[test]
    fn what_can_be_asked_for() {
        assert_eq!(Storage::parse([]).unwrap(), Storage::Memory(None));
        assert_eq!(Storage::parse(["size=1m", "size=2k"]).unwrap(), Storage::Memory(Some(2048)));
        assert_eq!(Storage::parse(["medium=disk", "medium=disk"]).unwrap(), Storage::Disk);
    }

    #[test]
    fn what_cannot() {
        let code = |options: &[&str]| Storage::parse(options.iter().copied()).unwrap_err().code;
        for bad in ["", "size", "64m", "medium=memory", "medium=", "Size=1m", "medium=disk,size=1m"] {
            assert_eq!(code(&[bad]), BAD_USAGE, "{bad}");
        }
        let guilty = |option| Storage::parse([option]).unwrap_err().at.unwrap().range;
        assert_eq!((guilty("size=1x"), guilty("medium=tape"), guilty("sise=1m")), (6..7, 7..11, 0..4));
        assert_eq!(code(&["size="]), BAD_SIZE);
        assert_eq!(code(&["medium=disk", "size=1m"]), CONFLICT);
        assert_eq!(code(&["size=1m", "medium=disk"]), CONFLICT);
    }
}
