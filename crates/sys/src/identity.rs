//! `setfsuid(2)` and `setfsgid(2)`: as whom files are looked for and made.

use crate::{Errno, Result};

/// The calling thread makes and opens files as `uid` and `gid` from here on, without the rights of root over those of
/// others; back as 0 it has them again.
///
/// # Errors
/// EPERM: the caller may not, or the id does not exist in its user namespace.
pub fn set_file_ids(uid: u32, gid: u32) -> Result<()> {
    // SAFETY: both take a number and change nothing that memory safety rests on.
    let set = unsafe {
        libc::setfsgid(gid);
        libc::setfsuid(uid);
        // An id that does not exist changes nothing; what is returned is the one that is in force, not an error.
        (libc::setfsuid(u32::MAX) as u32, libc::setfsgid(u32::MAX) as u32)
    };
    if set == (uid, gid) { Ok(()) } else { Err(Errno::PERM) }
}
