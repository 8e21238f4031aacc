//! Reading pieces of a file whose offsets and lengths were read from the file itself, so may be anything.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::FileExt;

/// The text before the first NUL.
///
/// # Errors
/// `InvalidData` where there is none.
pub fn until_nul(bytes: &[u8]) -> io::Result<OsString> {
    let end = bytes.iter().position(|byte| *byte == 0).ok_or_else(|| invalid("a name has no end"))?;
    Ok(OsString::from_vec(bytes[..end].to_vec()))
}

/// Reads `length` bytes.
///
/// # Errors
/// `UnexpectedEof` where there are fewer, and as [`read_up_to`].
pub fn read_exactly(file: &File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let bytes = read_up_to(file, offset, length)?;
    if (bytes.len() as u64) < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
}

/// Reads `length` bytes, or as many as there are. The callers bound `length`: it is allocated.
///
/// # Errors
/// `InvalidData` for an offset that no file can have, and what `pread(2)` reports.
pub fn read_up_to(file: &File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).map_err(|_| invalid("it is too large"))?];
    let mut filled = 0;
    while filled < bytes.len() {
        let at =
            offset.checked_add(filled as u64).ok_or_else(|| invalid("an offset lies beyond all files"))?;
        match file.read_at(&mut bytes[filled..], at) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// For a file that contradicts itself.
pub fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
