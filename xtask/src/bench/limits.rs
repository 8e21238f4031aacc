//! What limits cost at a start, ours beside crun's and runc's; and what it costs to be moved into a group, not to join it.
//!
//! Root's alone: others have groups only where a manager gives them some, and crun and runc would ask systemd.

use super::bundle::Bundle;
use super::contender::{self, CRUN, Contender, FLOOR, Start, Task};
use super::covered::Covered;
use super::limit::{self, Limit, NO_GROUP};
use std::ffi::OsString;
use std::io;
use std::path::Path;
use testbed::kind::Kind;
use testbed::tools;

/// Ours, in names and above columns.
pub const OURS: &str = "run";
/// runc, which cannot do without a group.
pub const RUNC: &str = "runc";
/// The floor whose inner process is moved by the outer one.
pub const MOVED: &str = "moved by cgroup.procs";

/// The name of the contender that is started with a limit.
pub fn name(runtime: &str, limit: &str) -> String {
    format!("{runtime}, {limit}")
}

/// All contenders. `home` is as in [`contender::all`].
pub fn all(home: &Path) -> io::Result<Vec<Contender>> {
    let mut list = vec![without(home), theirs(CRUN, NO_GROUP, None, home)?];
    for limit in limit::all() {
        list.push(ours(&limit, home));
        for runtime in [CRUN, RUNC] {
            list.push(theirs(runtime, limit.name, Some(&limit.resources), home)?);
        }
    }
    list.extend(joins(home));
    Ok(list)
}

fn ours(limit: &Limit, home: &Path) -> Contender {
    let options: Vec<&str> = limit.options.iter().map(String::as_str).collect();
    Contender::new(name(OURS, limit.name), Task::Limit, Ok(Start::Words(run(&options, home)))).of_ours(&[])
}

/// Ours without a group. Told to bound no processes, or it would bound them by RLIMIT_NPROC.
fn without(home: &Path) -> Contender {
    let words = run(&["--pids-limit", "-1"], home);
    let covered = Covered::new().map_err(|error| format!("control groups cannot be covered: {error}"));
    Contender::new(name(OURS, NO_GROUP), Task::Limit, covered.map(|place| Start::Within(place, words)))
        .of_ours(&[])
}

fn run(options: &[&str], home: &Path) -> Vec<OsString> {
    let words = [home.with_file_name("containerception").into(), "run".into(), "--rootfs".into(), root(home)];
    words.into_iter().chain(options.iter().map(OsString::from)).chain(["true".into()]).collect()
}

fn theirs(runtime: &'static str, limit: &str, resources: Option<&str>, home: &Path) -> io::Result<Contender> {
    let id = format!("limits-{runtime}-{}", limit.replace(' ', "-"));
    let bundle = Bundle { runtime, id: &id, command: "\"true\"", resources };
    let arguments = bundle.make(Kind::Root, home, &home.join("rootfs"))?;
    let program = tools::find(runtime).ok_or_else(|| contender::not_installed(runtime));
    let start = program.map(|path| Start::Words([vec![path.into()], arguments].concat()));
    Ok(Contender::new(name(runtime, limit), Task::Limit, start))
}

/// The floor, which moves itself as we do on v1; and the floor that is moved, as others are. Nothing else differs.
fn joins(home: &Path) -> [Contender; 2] {
    let join = |name: &str, option: Option<&str>| {
        let options = option.map(OsString::from);
        let words = [home.with_file_name(FLOOR).into()].into_iter().chain(options);
        let words = words.chain([root(home), "true".into()]).collect();
        Contender::new(name, Task::Join, Ok(Start::Words(words))).of_ours(&[])
    };
    [join("joins by tasks", None), join(MOVED, Some("--moved"))]
}

fn root(home: &Path) -> OsString {
    home.join("rootfs").into()
}
