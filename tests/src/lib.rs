//! What the end-to-end tests share: the binary, the kinds of users, a root filesystem, and how a test is skipped.

pub mod disk;
mod running;

pub use running::{Running, eventually};
use std::fs;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
pub use testbed::kind::Kind;
use testbed::private::Private;
use testbed::scratch::Scratch;

/// The binary under test: the one that `cargo xtask test` built, or the release build of this workspace.
pub fn binary() -> PathBuf {
    named_binary("CONTAINERCEPTION_RELEASE", "release")
}

/// The build in which rules of the security design can be put out of force, if there is one.
pub fn faults_binary() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CONTAINERCEPTION_FAULTS") {
        return Some(path.into());
    }
    // Beside target/TRIPLE, as `cargo xtask test` builds it.
    let target = binary().ancestors().nth(2)?.to_owned();
    let path = target.parent()?.join("faults").join(target.file_name()?).join("release/containerception");
    path.exists().then_some(path)
}

fn named_binary(variable: &str, profile: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    // The test runs from target/TRIPLE/PROFILE/deps.
    let test = std::env::current_exe().expect("the path of this test");
    let target = test.ancestors().nth(3).expect("a target directory").to_owned();
    let path = target.join(profile).join("containerception");
    assert!(path.exists(), "{} is missing: cargo build --release", path.display());
    path
}

/// Tells that a test, or a part of it, is skipped, and why; `cargo xtask test` prints and counts these lines.
pub fn skip(test: &str, reason: &str) {
    let line = format!("SKIP: {test}: {reason}\n");
    eprint!("{line}");
    if let Some(path) = std::env::var_os("CONTAINERCEPTION_SKIPS") {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        file.and_then(|mut file| file.write_all(line.as_bytes())).expect("the file of skips can be written");
    }
}

/// Whether one of `programs` is missing on this machine; the test is skipped then. A container of the host's own
/// programs needs them outside, too.
pub fn lacks(test: &str, programs: &[&str]) -> bool {
    let missing: Vec<&str> =
        programs.iter().copied().filter(|name| testbed::tools::find(name).is_none()).collect();
    if !missing.is_empty() {
        skip(test, &format!("{} is not installed", missing.join(", ")));
    }
    !missing.is_empty()
}

/// Somebody who starts containers, with a directory of their own that goes in the end.
pub struct Somebody {
    /// Which kind of user.
    pub kind: Kind,
    /// `None` where the tests themselves are run by an ordinary user: then it is that one.
    private: Option<Private>,
    scratch: Scratch,
}

impl Somebody {
    /// One of `kind`; `test` names the directory, and must differ between tests.
    pub fn new(kind: Kind, test: &str) -> Self {
        let scratch = Scratch::new(&format!("{test}-{}", kind.word())).expect("a scratch directory");
        let root = testbed::caller::is_root().expect("the caller is known");
        let private = root.then(|| Private::new(kind, scratch.path()).expect("a user of that kind"));
        assert!(private.as_ref().is_none_or(|private| private.is_root() == (kind == Kind::Root)));
        let somebody = Somebody { kind, private, scratch };
        if !root {
            // Apart from the program, which has the name that a state directory has there.
            fs::DirBuilder::new().mode(0o700).create(somebody.home()).expect("a home");
        }
        // By a process of its own: while this one had the copy open for writing, another test's thread could fork, and
        // a program that anybody has open so cannot be executed (ETXTBSY).
        let copied = Command::new("cp").arg(binary()).arg(somebody.program()).status();
        assert!(copied.is_ok_and(|status| status.success()), "a copy that all can execute");
        somebody
    }

    /// All kinds that whoever runs the tests can be. The others are skipped, and told unless their turn comes.
    pub fn all(test: &str) -> Vec<Somebody> {
        let kinds = Kind::of_caller().expect("the caller is known");
        for kind in [Kind::Root, Kind::Range, Kind::Single] {
            if !kinds.contains(&kind) && !Kind::take_turns() {
                skip(test, &format!("not {kind}: the tests are run by an ordinary user"));
            }
        }
        kinds.into_iter().map(|kind| Somebody::new(kind, test)).collect()
    }

    /// The one kind, if whoever runs the tests can be that.
    pub fn only(kind: Kind, test: &str) -> Option<Somebody> {
        if Kind::of_caller().expect("the caller is known").contains(&kind) {
            return Some(Somebody::new(kind, test));
        }
        skip(test, &format!("needs to run {kind}"));
        None
    }

    /// A directory of this user alone (mode 0700), where a `--rootfs` of root's may lie.
    pub fn home(&self) -> PathBuf {
        self.private
            .as_ref()
            .map_or_else(|| self.scratch.path().join("home"), |private| private.home().to_owned())
    }

    /// A new root filesystem of busybox in the user's directory.
    pub fn rootfs(&self, name: &str) -> PathBuf {
        let path = self.home().join(name);
        testbed::rootfs::make(&path).expect("a root filesystem of busybox");
        self.give(&path);
        path
    }

    /// Gives a tree to this user.
    pub fn give(&self, path: &Path) {
        if let Some(private) = &self.private {
            private.give(path).expect("chown");
        }
    }

    /// `PROGRAM` as this user, to which arguments are to be added. It is executed in place of intermediate helpers, so
    /// that the pid of the spawned child is the program's own.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let Some(private) = &self.private else { return Command::new(program) };
        let mut command = private.command(false);
        command.arg(program);
        command
    }

    /// The program that this user runs: a copy, so that its processes can be told from those of other tests.
    pub fn program(&self) -> PathBuf {
        self.scratch.path().join("containerception")
    }

    /// `containerception` as this user, in the user's directory, with nothing to read.
    pub fn containerception(&self) -> Command {
        let mut command = self.command(self.program());
        command.current_dir(self.home()).stdin(Stdio::null());
        command
    }

    /// A line as one types it: sh(1) as this user, for whom `containerception` is in the PATH.
    pub fn shell(&self, line: &str) -> Command {
        let mut command = self.command("sh");
        command.args(["-c", line]).current_dir(self.home()).stdin(Stdio::null());
        command.env(
            "PATH",
            format!("{}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", self.scratch.path().display()),
        );
        command
    }

    /// `containerception run ARGUMENTS…`, which goes on while the test does.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.containerception().arg("run").args(arguments))
    }

    /// `containerception run ARGUMENTS…` to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.start(arguments).finish()
    }

    /// Where this user's containers keep their state.
    pub fn state(&self) -> PathBuf {
        match (&self.private, self.kind) {
            (_, Kind::Root) => PathBuf::from("/run/containerception"),
            (Some(private), _) => private.home().join("containerception"),
            (None, _) => std::env::var_os("XDG_RUNTIME_DIR").map_or_else(
                || PathBuf::from(format!("/tmp/containerception-{}", testbed::caller::uid().unwrap_or(0))),
                |d| PathBuf::from(d).join("containerception"),
            ),
        }
    }

    /// Where this user's containers write to that write to disk.
    pub fn storage(&self) -> PathBuf {
        let data = match (&self.private, self.kind) {
            (_, Kind::Root) => PathBuf::from("/var/lib"),
            (Some(private), _) => private.home().join(".local/share"),
            (None, _) => std::env::var_os("XDG_DATA_HOME").map_or_else(
                || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".local/share"),
                PathBuf::from,
            ),
        };
        data.join("containerception")
    }
}

/// What a command printed on stdout.
pub fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a command printed on stderr.
pub fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
