//! What went wrong with the state directory, and with what is written down there.

use super::{errno_name, general};
use plan::facts::State;
use spec::catalogue::{CONFLICT, NO_SPACE, STATE_DIRECTORY};
use spec::error::Error;
use std::ffi::CStr;

/// A step on the state directory.
pub(super) fn diagnose(state: &State, errno: i32) -> Error {
    if errno == libc::EEXIST {
        return taken(&state.id);
    }
    unusable(&state.root, errno).unwrap_or_else(|| cannot(&state.journal, "made", errno))
}

/// What a step leaves could not be written down, so that the step was not performed.
pub(crate) fn not_recorded(state: &State, errno: i32) -> Error {
    if errno == libc::EEXIST {
        return taken(&state.id);
    }
    unusable(&state.root, errno).unwrap_or_else(|| cannot(&state.journal, "written", errno))
}

/// What an errno means in a directory of the host's, if it means the same whatever is done there.
pub(crate) fn unusable(directory: &CStr, errno: i32) -> Option<Error> {
    let shown = directory.to_string_lossy();
    match errno {
        libc::ENOSPC | libc::EDQUOT => Some(
            Error::new(NO_SPACE, format!("no space is left in {shown}"))
                .why("its file system has no free blocks or no free inodes, or your quota is used up")
                .fix(format!("df -h {shown} and df -i {shown} show which; remove what is not needed there")),
        ),
        errno => general(errno),
    }
}

fn taken(name: &str) -> Error {
    Error::new(CONFLICT, format!("a container with the name {name} runs already"))
        .fix("choose another --name, or end the one that runs")
}

fn cannot(journal: &CStr, done: &str, errno: i32) -> Error {
    let why = match errno {
        libc::EROFS => "its file system is read-only".to_owned(),
        libc::EIO => "its file system, or the disk below, has failed".to_owned(),
        errno => format!("the kernel answered {}", errno_name(errno)),
    };
    Error::new(STATE_DIRECTORY, format!("the journal {} cannot be {done}", journal.to_string_lossy()))
        .why(why)
        .fix("the state directory must be yours and writable; XDG_RUNTIME_DIR chooses another, but for root")
}
