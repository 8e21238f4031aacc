//! What others hear of a container's end: who waits for its events makes a file beside its journal, to which the runtime
//! writes how it ended. Who has it open can read that when it is gone.

use crate::end::End;
use crate::journal::beside;
use ::cgroup::death::Cause;
use plan::Container;
use rustix::fs::{Access, AtFlags, CWD, Mode, OFlags, accessat, openat};
use serde::{Deserialize, Serialize};
use std::ffi::CStr;
use std::fs::File;
use std::io::{Read, Write};

/// The name of the file.
pub(crate) const EVENTS: &str = "events";

/// The name of the file that says that somebody ends the container: every SIGKILL looks alike.
pub(crate) const ENDED: &str = "ended";

/// The most that is read of it (R9).
const MOST: u64 = 1 << 16;

/// How a container ended.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
pub struct Exit {
    /// The exit status of its command.
    pub status: u8,
    /// Whose limit of memory it was, if the kernel ended processes of it: `memory` is its own, `below` one inside, `outside`
    /// one around it or the machine, `unclear`.
    pub killed: Option<String>,
    /// The limit, in bytes.
    pub limit: Option<u64>,
    /// How many processes the kernel ended.
    pub kills: u64,
    /// Somebody ended it by `kill`, whatever the kernel had done before.
    #[serde(default)]
    pub by_somebody: bool,
}

impl Exit {
    fn of(end: &End) -> Self {
        let (killed, limit, kills) = match &end.killed {
            None => (None, None, 0),
            Some(Cause::Memory { limit, kills }) => (Some("memory"), *limit, *kills),
            Some(Cause::Below { kills }) => (Some("below"), None, *kills),
            Some(Cause::Outside { kills }) => (Some("outside"), None, *kills),
            Some(Cause::Unclear { limit, kills }) => (Some("unclear"), *limit, *kills),
        };
        Exit {
            status: end.status,
            killed: killed.map(str::to_owned),
            limit,
            kills,
            by_somebody: end.by_somebody,
        }
    }
}

/// Tells whoever waits how the container of `journal` ended.
pub(crate) fn tell(journal: &CStr, end: &End) {
    let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    if let Ok(file) = openat(CWD, beside(journal, EVENTS), flags, Mode::empty())
        && let Ok(text) = serde_json::to_vec(&Exit::of(end))
    {
        // Who waits may have no room for it; the container has ended all the same.
        let _ = File::from(file).write_all(&text);
    }
}

/// Notes that the container is about to be ended by SIGKILL, so that its runtime does not take the kernel for it.
pub fn about_to_end(container: &Container) {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    // Where there is no room for it, it ends all the same.
    let _ = openat(CWD, beside(&container.journal, ENDED), flags, Mode::RUSR);
}

/// Whether that was noted.
pub(crate) fn was_ended(journal: &CStr) -> bool {
    accessat(CWD, beside(journal, ENDED), Access::EXISTS, AtFlags::SYMLINK_NOFOLLOW).is_ok()
}

/// One who waits for the end of a container.
#[derive(Debug)]
pub struct Listener(File);

impl Listener {
    /// Begins to wait.
    ///
    /// # Errors
    /// Those of open(2).
    pub fn new(container: &Container) -> std::io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let path = beside(&container.journal, EVENTS);
        Ok(Listener(openat(CWD, path, flags, Mode::RUSR | Mode::WUSR)?.into()))
    }

    /// How it ended. `None` if it has not, or if its runtime was killed.
    pub fn exit(&mut self) -> Option<Exit> {
        let mut text = Vec::new();
        (&self.0).take(MOST).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }
}
