//! One more command in a container that runs: ours, and those of others.

use super::bundle::{Bundle, globals, resources};
use super::contender::{Contender, Start, Target, Task, not_installed, target};
use super::sleeper::Sleeper;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use testbed::kind::Kind;
use testbed::tools;

/// util-linux's, which enters and does no more: no group, no capabilities, no filter.
pub const NSENTER: &str = "nsenter";
/// crun's.
pub const CRUN_EXEC: &str = "crun exec";

const TARGETS: &[Target] = &[target(NSENTER, 1.5), target(CRUN_EXEC, 0.15)];

/// All contenders for `kind`, and the containers that run until they are dropped. `home` is as in
/// [`contender::all`](super::contender::all).
pub fn all(kind: Kind, home: &Path) -> io::Result<(Vec<Contender>, Vec<Sleeper>)> {
    let root = home.join("rootfs");
    let mut sleepers = Vec::new();
    let mut list = ours(kind, home, &root, &mut sleepers);
    for (name, runtime, id) in [(CRUN_EXEC, "crun", "sleep-crun"), ("runc exec", "runc", "sleep-runc")] {
        let resources = resources(kind);
        let bundle = Bundle { runtime, id, command: "\"sleep\",\"1000\"", resources };
        let run = bundle.make(kind, home, &root)?;
        let globals = globals(runtime, resources.is_some(), home);
        let verb = |words: &[&str]| [&globals[..], &owned(words)].concat();
        let (end, exec) = (verb(&["delete", "--force", id]), verb(&["exec", id, "true"]));
        list.push(theirs(name, runtime, [run, end, exec], &mut sleepers));
    }
    Ok((list, sleepers))
}

/// Ours, and nsenter into the same container.
fn ours(kind: Kind, home: &Path, root: &Path, sleepers: &mut Vec<Sleeper>) -> Vec<Contender> {
    let program: OsString = home.with_file_name("containerception").into();
    let name = format!("bench-{}", std::process::id());
    let verb = |words: &[&str]| [vec![program.clone()], owned(words)].concat();
    let mut run = verb(&["run", "--name", &name, "--rootfs"]);
    run.extend([root.into(), "sleep".into(), "1000".into()]);
    let sleeper = Sleeper::start(&run, &verb(&["kill", &name, "KILL"]));
    let pid = sleeper.as_ref().map(|sleeper| sleeper.command).map_err(io::Error::to_string);
    sleepers.extend(sleeper.ok());
    let exec = pid.clone().map(|_| Start::Words(verb(&["exec", &name, "true"])));
    let enter = pid.and_then(|pid| nsenter(kind, pid));
    vec![
        Contender::new("exec NAME true", Task::Exec, exec).of_ours(TARGETS),
        Contender::new(NSENTER, Task::Exec, enter),
    ]
}

/// By the command, not by init, into which only root may look.
fn nsenter(kind: Kind, command: u32) -> Result<Start, String> {
    let program = tools::find(NSENTER).ok_or_else(|| not_installed(NSENTER))?;
    let mut words = vec![program.into()];
    // Without subordinate ids the kernel denies setgroups(2), which nsenter calls unless told so.
    words.extend((kind == Kind::Single).then(|| "--preserve-credentials".into()));
    words.extend(owned(&["-t", &command.to_string()]));
    // All that the container has of its own. `-a` would enter the caller's time namespace, too, which takes root.
    words.extend(owned(&["-U", "-m", "-u", "-i", "-n", "-p", "-C", "true"]));
    Ok(Start::Words(words))
}

/// How others run, end, and execute a command.
fn theirs(
    name: &'static str,
    runtime: &str,
    verbs: [Vec<OsString>; 3],
    sleepers: &mut Vec<Sleeper>,
) -> Contender {
    let start = match tools::find(runtime) {
        None => Err(not_installed(runtime)),
        Some(program) => {
            let [run, end, exec] = verbs.map(|words| [vec![program.clone().into()], words].concat());
            let sleeper = Sleeper::start(&run, &end).map_err(|error| error.to_string());
            sleeper.map(|sleeper| {
                sleepers.push(sleeper);
                Start::Words(exec)
            })
        }
    };
    Contender::new(name, Task::Exec, start)
}

fn owned(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}
