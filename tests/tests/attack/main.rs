//! Attacks on the container's walls, performed from where an attacker stands: an image, a command inside, another
//! user of the host. Each has the rule of the security design for which it stands (R1 to R21), and a CVE of somebody
//! who did not have that wall.
//!
//! `exec` has the attacks on whoever joins a container (R6). A rule that nothing else stands in for is put out of force
//! there, in a build that no release is (CONTAINERCEPTION_WITHOUT), to show that the attack is one.
//!
//! R8 and R10 to R12 (images), R13 (sysctls), R14 (systemd), R17 (a network to attack) and
//! R20 (hooks, restore) have no subject yet.

mod calls;
mod cgroup;
mod descriptor;
mod device;
mod exec;
mod host_ids;
mod init;
mod nested;
mod network;
mod parse;
mod path;
mod proc;
mod reach;
mod rights;
mod set_user_id;
mod state;
mod storage;
mod terminal;

use end_to_end::{Kind, Running, Somebody, err, out, skip};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a shell prints inside, with all that it says on stderr.
fn inside(somebody: &Somebody, options: &[&str], script: &str) -> String {
    let output = somebody.run(&[options, &["sh", "-c", script]].concat());
    out(&output) + &err(&output)
}

/// Runs each of `attacks` inside, and fails unless each fails.
fn all_refused(somebody: &Somebody, options: &[&str], attacks: &[&str]) {
    let script: String = attacks
        .iter()
        .map(|attack| format!("( {attack} ) > /dev/null 2>&1 && echo '{}'\n", quoted(attack)))
        .collect();
    let output = somebody.run(&[options, &["sh", "-c", &format!("{script}\necho tried")]].concat());
    assert_eq!(out(&output), "tried\n", "{}: these attacks succeeded", somebody.kind);
}

fn quoted(text: &str) -> String {
    text.replace('\'', "'\\''")
}

/// The tool with which attacks make system calls, compiled for this test.
fn tool(somebody: &Somebody, test: &str) -> Option<PathBuf> {
    if end_to_end::lacks(test, &["cc"]) {
        return None;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attack");
    let sources = ["tool.c", "hunt.c"].map(|name| source.join(name));
    let path = somebody.home().join("tool");
    let output =
        Command::new("cc").args(["-static", "-O1", "-o"]).arg(&path).args(sources).output().expect("cc");
    if !output.status.success() {
        skip(test, &format!("a static program cannot be compiled: {}", err(&output)));
        return None;
    }
    somebody.give(&path);
    Some(path)
}

/// Runs the tool inside, at `/tool`.
fn with_tool(somebody: &Somebody, tool: &Path, options: &[&str], arguments: &[&str]) -> Output {
    let volume = format!("{}:/tool:ro", text(tool));
    somebody.run(&[options, &["-v", &volume, "/tool"], arguments].concat())
}

/// What the tool prints.
fn told(somebody: &Somebody, tool: &Path, options: &[&str], arguments: &[&str]) -> String {
    let output = with_tool(somebody, tool, options, arguments);
    let text = out(&output) + &err(&output);
    text.trim_end().to_owned()
}

/// Runs `command` where root has mounted `source` at `target` as well.
fn with_bind(source: &Path, target: &Path, command: &Command) -> Output {
    let script = "mount --bind \"$1\" \"$2\" && shift 2 && exec \"$@\"";
    let mut outer = Command::new("unshare");
    outer.args(["--mount", "sh", "-c", script, "sh"]).arg(source).arg(target);
    outer.arg(command.get_program()).args(command.get_args()).stdin(Stdio::null());
    outer.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Running::start(&mut outer).finish()
}

/// A path as an argument.
fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Whether the tests are run by root, who can be each of the users and set traps for them.
fn by_root(test: &str) -> bool {
    let root = testbed::caller::is_root().expect("the caller is known");
    if !root {
        skip(test, "only root can set the trap");
    }
    root
}

/// Another user of the host than root.
fn another(test: &str) -> Option<Somebody> {
    Somebody::only(Kind::Single, test)
}
