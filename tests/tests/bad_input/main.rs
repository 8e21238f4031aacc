//! What cannot be done is refused with a code, a cause and a way out; the way out works; and nothing is left behind.

mod command;
mod host;
mod numbers;
mod place;
mod rootfs;
mod shown;
mod streams;
mod typed;
mod user;
mod volume;

use end_to_end::{Kind, Running, Somebody, err, eventually, out};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Runs a command line on a state directory of its own, and tells on stderr what that holds afterwards. Root's is
/// `/run/containerception`, in a mount namespace that this shell has to itself.
const ALONE: &str = r#"
if [ "$(id -u)" = 0 ]; then mount -t tmpfs none /run; state=/run; else state=$XDG_RUNTIME_DIR; fi
"$@"; status=$?
find "$state/containerception" -mindepth 1 2> /dev/null | grep -vE '/containerception/(containers|ids|mount)$' | sed 's/^/LEFT /' >&2
exit $status
"#;

/// Runs `run ARGUMENTS…`, which has to be refused with `status` and `code`, to say what to do, and to leave nothing.
/// Returns what it said on stderr.
fn refused(somebody: &Somebody, arguments: &[&str], status: i32, code: &str) -> String {
    let name = unique_name();
    let output = alone(somebody, &[&["run", "--name", &name], arguments].concat());
    let said = assert_refused(somebody, &output, status, code);
    assert_eq!(groups_named(Path::new("/sys/fs/cgroup"), &name), 0, "{said}");
    eventually("its processes are gone", || !runs(&somebody.program()));
    said
}

/// Runs `containerception ARGUMENTS…` on a state directory of its own.
fn alone(somebody: &Somebody, arguments: &[&str]) -> Output {
    Running::start(&mut alone_command(somebody, arguments)).finish()
}

fn alone_command(somebody: &Somebody, arguments: &[&str]) -> Command {
    let mut command = somebody.command("sh");
    command.args(["-c", ALONE, "sh"]).arg(somebody.program()).args(arguments);
    command.current_dir(somebody.home()).stdin(Stdio::null());
    if somebody.kind != Kind::Root {
        command.env("XDG_RUNTIME_DIR", somebody.home());
    }
    command
}

/// Runs `command` where root has made the mounts of `setup`, which go with it.
fn with_mounts(setup: &str, command: &Command) -> Output {
    let mut outer = Command::new("unshare");
    outer.args(["--mount", "sh", "-c", &format!("{setup}\nexec \"$@\""), "sh"]);
    outer.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    outer.current_dir(command.get_current_dir().expect("alone_command sets it"));
    outer.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Running::start(&mut outer).finish()
}

/// Somebody for what does not depend on who it is.
fn anybody(test: &str) -> Somebody {
    let kinds = Kind::of_caller().expect("the caller is known");
    Somebody::new(kinds[0], test)
}

/// That this is an error in the form of all errors, with an explanation. Returns it.
fn assert_refused(somebody: &Somebody, output: &Output, status: i32, code: &str) -> String {
    let said = err(output);
    let told = format!("{}: {said}", somebody.kind);
    assert_eq!(output.status.code(), Some(status), "{told}");
    assert!(said.starts_with(&format!("error[{code}]: ")), "{told}");
    let fix = said.lines().find_map(|line| line.strip_prefix("  fix:  "));
    assert!(fix.is_some_and(|fix| fix.len() > 8), "{told}");
    assert!(said.contains(&format!("  more: containerception explain {code}\n")), "{told}");
    assert!(!said.contains("LEFT "), "{told}");
    assert_eq!(out(output), "", "{told}");
    let page = Command::new(somebody.program()).args(["explain", code]).output().expect("it starts");
    assert!(out(&page).starts_with(&format!("# {code}: ")), "{told}");
    said
}

/// That `run ARGUMENTS…` works now.
fn works(somebody: &Somebody, arguments: &[&str]) {
    let output = alone(somebody, &[&["run"], arguments].concat());
    assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()), "{}", somebody.kind);
}

fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("bad-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// How many control groups there are of the container `name`.
fn groups_named(directory: &Path, name: &str) -> usize {
    let Ok(entries) = fs::read_dir(directory) else { return 0 };
    let below = |entry: fs::DirEntry| {
        let own = usize::from(entry.file_name().to_string_lossy() == format!("containerception-{name}"));
        let directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        own + if directory { groups_named(&entry.path(), name) } else { 0 }
    };
    entries.flatten().map(below).sum()
}

/// Whether any process has this program; each test has a copy of its own.
fn runs(program: &Path) -> bool {
    let processes = fs::read_dir("/proc").expect("/proc can be read");
    processes.flatten().any(|entry| fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == program))
}

/// A path as an argument.
fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}
