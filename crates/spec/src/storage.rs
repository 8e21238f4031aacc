//! Where what a container writes over a root filesystem goes until it is thrown away.

use crate::catalogue::BAD_USAGE;
use crate::error::{Error, Result};
use crate::limit;

/// The writable layer of a root filesystem that is copied on write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Storage {
    /// Memory, at most so many bytes; `None`: a tenth of the machine's, at most 1 GiB.
    Memory(Option<u64>),
    /// A directory on disk, at most so many bytes, where its file system can hold that; `None`: nothing bounds it.
    Disk(Option<u64>),
}

impl Storage {
    /// From `size=SIZE` and `medium=disk`, also several with commas between them; of several sizes the last counts.
    ///
    /// # Errors
    /// `BAD_SIZE`; `BAD_USAGE` for another option.
    pub fn parse<'a>(options: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let (mut size, mut disk) = (None, false);
        for whole in options {
            for option in whole.split(',') {
                match option.split_once('=') {
                    Some(("size", text)) => {
                        size = Some(limit::size(text).map_err(|error| error.within(whole, text))?);
                    }
                    Some(("medium", "disk")) => disk = true,
                    Some(("medium", medium)) => return Err(unknown(whole, option, medium)),
                    Some((name, _)) => return Err(unknown(whole, option, name)),
                    None => return Err(unknown(whole, option, option)),
                }
            }
        }
        Ok(if disk { Storage::Disk(size) } else { Storage::Memory(size) })
    }

    /// The bound that was asked for, in bytes.
    pub fn size(self) -> Option<u64> {
        let (Storage::Memory(size) | Storage::Disk(size)) = self;
        size
    }
}

fn unknown(whole: &str, option: &str, part: &str) -> Error {
    Error::new(BAD_USAGE, format!("{option:?} is not a storage option"))
        .at(whole, part)
        .fix("write --storage-opt size=64m, --storage-opt medium=disk, or both")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::BAD_SIZE;

    #[test]
    fn what_can_be_asked_for() {
        for (options, storage) in [
            (&[][..], Storage::Memory(None)),
            (&["size=1m", "size=2k"], Storage::Memory(Some(2048))),
            (&["medium=disk", "medium=disk"], Storage::Disk(None)),
            (&["size=1m", "medium=disk"], Storage::Disk(Some(1 << 20))),
            (&["medium=disk,size=1m"], Storage::Disk(Some(1 << 20))),
        ] {
            assert_eq!(Storage::parse(options.iter().copied()).unwrap(), storage, "{options:?}");
        }
    }

    #[test]
    fn what_cannot() {
        let code = |option| Storage::parse([option]).unwrap_err().code;
        for bad in
            ["", "size", "64m", "medium=memory", "medium=", "Size=1m", "size=1m,", "medium=disk;size=1m"]
        {
            assert_eq!(code(bad), BAD_USAGE, "{bad}");
        }
        for bad in ["size=", "size=1m,size=0", "medium=disk,size=1x"] {
            assert_eq!(code(bad), BAD_SIZE, "{bad}");
        }
    }

    #[test]
    fn the_guilty_part_is_pointed_at() {
        for (option, range) in [
            ("size=1x", 6..7),
            ("medium=tape", 7..11),
            ("sise=1m", 0..4),
            ("medium=disk,size=1x", 18..19),
            ("size=1m,medium=tape", 15..19),
        ] {
            assert_eq!(Storage::parse([option]).unwrap_err().at.unwrap().range, range, "{option}");
        }
    }
}
