//! `gc`.

use run::probe::state;
use rustix::io::Errno;
use spec::catalogue::{CGROUP_BUSY, STATE_DIRECTORY};
use spec::error::{Error, Result, reason};

/// Undoes what dead runs of this user have left.
pub fn gc() -> Result<()> {
    let uid = rustix::process::geteuid().as_raw();
    let root = state::root(uid)?;
    let mut left = match run::journal::gc(&root) {
        // Nothing ran since the machine was started.
        Err(Errno::NOENT) => Vec::new(),
        Err(errno) => {
            state::check(&root, uid)?;
            let what = format!("the state directory {} cannot be read", root.to_string_lossy());
            return Err(Error::new(STATE_DIRECTORY, what).why(reason(&errno)).fix(
                "dmesg shows if a disk has failed; XDG_RUNTIME_DIR chooses another directory, but for root",
            ));
        }
        Ok(left) => left,
    };
    left.extend(run::storage::gc(uid));
    match left.first() {
        None => Ok(()),
        Some(first) => Err(Error::new(CGROUP_BUSY, format!("{} cannot be removed", first.path))
            .why(first.why.clone())
            .fix("end what is in it, then say containerception gc again")),
    }
}
