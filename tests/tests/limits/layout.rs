//! How control groups are laid out for somebody: the columns of the table in docs/limits.md.

use end_to_end::{Kind, Somebody};
use std::env;
use std::fmt;
use std::path::Path;
use testbed::leaks::systemd_runs;

/// A way in which a container can have groups, or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// Root, on a host with controllers of v1, or with some of them.
    V1,
    /// Root, on v2; containerception makes the groups.
    V2,
    /// Root, on v2; systemd makes a scope.
    Systemd,
    /// A user with a session, on v2; the user's systemd makes a scope.
    Session,
    /// A user without one, on v2.
    Undelegated,
    /// A user on v1.
    Alone,
}

impl Layout {
    /// All of them, in the order of the table.
    pub const ALL: [Layout; 6] =
        [Layout::V1, Layout::V2, Layout::Systemd, Layout::Session, Layout::Undelegated, Layout::Alone];

    /// Those that `somebody` can have here.
    pub fn of(somebody: &Somebody) -> Vec<Layout> {
        match (somebody.kind, is_v2()) {
            (Kind::Root, false) => vec![Layout::V1],
            (Kind::Root, true) if systemd_runs() => vec![Layout::V2, Layout::Systemd],
            (Kind::Root, true) => vec![Layout::V2],
            (_, false) => vec![Layout::Alone],
            (_, true) if has_session() => vec![Layout::Session],
            (_, true) => vec![Layout::Undelegated],
        }
    }

    /// Whether a container can have groups.
    pub fn has_groups(self) -> bool {
        !matches!(self, Layout::Undelegated | Layout::Alone)
    }

    /// Whether the groups are in a scope of systemd's.
    pub fn is_by_systemd(self) -> bool {
        matches!(self, Layout::Systemd | Layout::Session)
    }

    /// Whether a container can have a group of v2 with memory.
    pub fn is_v2_with_groups(self) -> bool {
        matches!(self, Layout::V2 | Layout::Systemd | Layout::Session)
    }

    /// The options that choose it, where there is more than one; `parent` is a group that is nobody else's.
    pub fn options(self, parent: &str) -> Vec<String> {
        let options: &[&str] = match self {
            Layout::V2 => &["--cgroup-manager", "cgroupfs", "--cgroup-parent", parent],
            Layout::Systemd => &["--cgroup-manager", "systemd"],
            _ => &[],
        };
        options.iter().map(|option| (*option).to_owned()).collect()
    }

    /// A word for the names of files.
    pub fn word(self) -> &'static str {
        match self {
            Layout::V1 => "v1-root",
            Layout::V2 => "v2-cgroupfs-root",
            Layout::Systemd => "v2-systemd-root",
            Layout::Session => "v2-session",
            Layout::Undelegated => "v2-no-delegation",
            Layout::Alone => "no-group",
        }
    }
}

/// The head of the column.
impl fmt::Display for Layout {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Layout::V1 => "v1, root",
            Layout::V2 => "v2 by cgroupfs, root",
            Layout::Systemd => "v2 by systemd, root",
            Layout::Session => "v2, user session",
            Layout::Undelegated => "v2, user without delegation",
            Layout::Alone => "v1, user",
        })
    }
}

/// Whether all controllers are in the one hierarchy (`cgroups(7)`).
pub fn is_v2() -> bool {
    Path::new("/sys/fs/cgroup/cgroup.controllers").exists()
}

/// Whether a systemd of the user's own answers to whoever runs the tests (`user@.service(5)`).
fn has_session() -> bool {
    env::var_os("XDG_RUNTIME_DIR")
        .is_some_and(|directory| Path::new(&directory).join("systemd/private").exists())
}
