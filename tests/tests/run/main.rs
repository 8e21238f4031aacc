//! `containerception run`, as root, as a user with subordinate ids, as a user without.

mod disk;
mod environment;
mod files;
mod host;
mod init;
mod mounts_below;
mod network;
mod on_overlay;
mod quota;
mod rights;
mod rootfs;
mod signals;
mod status;
mod storage;
mod streams;
mod system;
mod typed;
mod users;
mod volumes;

use end_to_end::{Somebody, err, out};

/// What `run ARGUMENTS…` prints on stdout; it has to succeed, and to have nothing to say on stderr.
fn printed(somebody: &Somebody, arguments: &[&str]) -> String {
    let output = somebody.run(arguments);
    let said = (output.status.code(), err(&output));
    assert_eq!(said, (Some(0), String::new()), "{}: {arguments:?}", somebody.kind);
    out(&output)
}

/// The exit status of `run ARGUMENTS…`, and what it says on stderr.
fn ended(somebody: &Somebody, arguments: &[&str]) -> (Option<i32>, String) {
    let output = somebody.run(arguments);
    (output.status.code(), err(&output))
}
