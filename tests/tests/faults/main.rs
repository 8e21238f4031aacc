//! A host that fails: it is out of files, of space or of memory, loses the state directory, or takes nothing on stderr.
//! Each fault is a real one, made where it is nobody else's. What cannot be provoked so, `cargo xtask fault` forces.

mod arguments;
mod closed;
mod disk;
mod files;
mod memory;
mod names;
mod owner;
mod pipe;
mod removed;
mod space;

use end_to_end::{Running, Somebody, err, eventually, skip};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Mounts a tmpfs with the options `$1` at `$2`, in a mount namespace that goes with the command after it.
const MOUNT: &str = r#"mkdir -p "$2" && mount -t tmpfs -o "$1" none "$2" || exit 99; shift 2; exec "$@""#;

/// Tells on stderr what is left in the place for state: of the directories there, the skeleton stays.
const TELL: &str = r#"find "$STATE" -mindepth 1 2> /dev/null |
    grep -vE '/containerception(/(containers|ids|mount))?$' | sed 's/^/LEFT /' >&2"#;

/// Somebody with a file system for their state that is nobody else's.
struct Scene {
    somebody: Somebody,
    /// The name of containers, by which what they leave is found.
    name: String,
}

impl Scene {
    /// One for each kind of user. Only root can mount a file system.
    fn all(test: &str) -> Vec<Scene> {
        if !testbed::caller::is_root().expect("the caller is known") {
            skip(test, "only root can mount a file system to try it");
            return Vec::new();
        }
        Somebody::all(test).into_iter().map(Scene::of).collect()
    }

    fn of(somebody: Somebody) -> Scene {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Scene { somebody, name: format!("fault-{}-{count}", std::process::id()) }
    }

    /// Has sh run `script`, where `run` is `containerception run --name NAME`, and `$0` is `containerception`. State is on
    /// a tmpfs with these options, at `$STATE`.
    fn play(&self, options: &str, script: &str) -> Output {
        self.play_at(&self.state(), options, script)
    }

    /// The same with the tmpfs in another place.
    fn play_at(&self, place: &Path, options: &str, script: &str) -> Output {
        let uid = fs::metadata(self.somebody.home()).expect("a home").uid();
        let mode = if self.is_root() { 755 } else { 700 };
        let options = format!("uid={uid},gid={uid},mode={mode},{options}");
        let script = format!("run() {{ \"$0\" run --name {} \"$@\"; }}\n{script}", self.name);
        let inner = self.inner(&script);
        let mut outer = Command::new("unshare");
        outer.args(["--mount", "sh", "-c", MOUNT, "sh", &options]).arg(place);
        outer.arg(inner.get_program()).args(inner.get_args()).current_dir(self.somebody.home());
        outer.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
        Running::start(&mut outer).finish()
    }

    fn inner(&self, script: &str) -> Command {
        let mut inner = self.somebody.command("env");
        inner.args(["-i", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"]);
        inner.arg(format!("HOME={}", self.somebody.home().display()));
        inner.arg(format!("STATE={}", self.state().display()));
        if !self.is_root() {
            inner.arg(format!("XDG_RUNTIME_DIR={}", self.state().display()));
        }
        inner.args(["sh", "-c", script]).arg(self.somebody.program());
        inner
    }

    fn is_root(&self) -> bool {
        self.somebody.kind == end_to_end::Kind::Root
    }

    /// Where the directory of state is: root's place is fixed.
    fn state(&self) -> PathBuf {
        if self.is_root() { PathBuf::from("/run") } else { self.somebody.home().join("state") }
    }

    /// That this is an error of that code, which names a cause and a fix; returns what was said.
    fn assert_told(&self, output: &Output, code: &str) -> String {
        let said = err(output);
        let told = format!("{}: {:?}: {said}", self.somebody.kind, output.status);
        assert!(matches!(output.status.code(), Some(125..=127)), "{told}");
        assert!(said.starts_with(&format!("error[{code}]: ")), "{code} expected, {told}");
        for part in ["\n  why:  ", "\n  fix:  ", &format!("\n  more: containerception explain {code}\n")] {
            assert!(said.contains(part), "{part:?} is missing, {told}");
        }
        self.assert_clean(&said);
        said
    }

    /// That no group and no process is there any more, and that `said` tells of no file.
    fn assert_clean(&self, said: &str) {
        assert!(!said.contains("LEFT ") && !said.contains("panicked"), "{}: {said}", self.somebody.kind);
        let program = self.somebody.program();
        eventually("its processes are gone", || !runs(&program));
        assert_eq!(
            groups_named(Path::new("/sys/fs/cgroup"), &self.name),
            0,
            "{}: {said}",
            self.somebody.kind
        );
    }
}

/// A script, and after it what is left; its status stays.
fn and_tell(script: &str) -> String {
    format!("{script}\nstatus=$?\n{TELL}\nexit $status")
}

/// Whether any process has this program.
fn runs(program: &Path) -> bool {
    let processes = fs::read_dir("/proc").expect("/proc can be read");
    processes.flatten().any(|entry| fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == program))
}

/// How many control groups there are of containers of that name.
fn groups_named(directory: &Path, name: &str) -> usize {
    let Ok(entries) = fs::read_dir(directory) else { return 0 };
    let own = format!("containerception-{name}");
    let below = |entry: fs::DirEntry| {
        let is_own = entry.file_name().to_string_lossy().starts_with(&own);
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        usize::from(is_own) + if is_directory { groups_named(&entry.path(), name) } else { 0 }
    };
    entries.flatten().map(below).sum()
}
