//! Who starts which container, and what came of it.

use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use testbed::caller;
use testbed::groups;
use testbed::kind::Kind;
use testbed::leaks::Places;
use testbed::private::Private;
use testbed::rootfs;

/// A start that is not over by then hangs.
const LONGEST: Duration = Duration::from_secs(10);

/// The program under test and the user who runs it.
pub struct Subject {
    program: PathBuf,
    /// A directory of the user's own.
    home: PathBuf,
    /// None where the caller is the user.
    user: Option<Private>,
}

impl Subject {
    /// Prepares a user of `kind`, below `scratch`, for `program`.
    pub fn new(kind: Kind, scratch: &Path, program: &Path) -> Result<Subject, Box<dyn Error>> {
        let program = program.to_owned();
        if caller::is_root()? {
            let user = Private::new(kind, scratch)?;
            return Ok(Subject { program, home: user.home().to_owned(), user: Some(user) });
        }
        if Kind::of_caller()? != [kind] {
            return Err(format!("only root can be a user of another kind: {}", kind.word()).into());
        }
        let home = scratch.join(kind.word());
        fs::create_dir(&home)?;
        Ok(Subject { program, home, user: None })
    }

    /// The program under test.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Makes a root filesystem that is the user's.
    pub fn make_rootfs(&self) -> Result<PathBuf, Box<dyn Error>> {
        let root = self.home.join("rootfs");
        rootfs::make(&root)?;
        self.user.iter().try_for_each(|user| user.give(&root))?;
        Ok(root)
    }

    /// `containerception WORDS…`, as that user.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = match &self.user {
            Some(user) if !user.is_root() => {
                let mut command = user.command(false);
                command.arg(&self.program);
                command
            }
            // Root needs no other mounts; they would only hide what it leaves in these.
            Some(_) => Command::new(&self.program),
            None => {
                let mut command = Command::new(&self.program);
                command
                    .env("XDG_RUNTIME_DIR", &self.home)
                    .env("HOME", &self.home)
                    .env_remove("XDG_DATA_HOME");
                command
            }
        };
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The same under another program.
    pub fn by(&self, program: &[&str], words: &[&str]) -> Command {
        let command = self.command(words);
        let own = [command.get_program()].into_iter().chain(command.get_args());
        let mut all = program.iter().map(OsStr::new).chain(own);
        let mut by = Command::new(all.next().unwrap_or_default());
        by.args(all).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => by.env(name, value),
                None => by.env_remove(name),
            };
        }
        by
    }

    /// The path of a file of ours.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// Where this user's containers could leave something.
    pub fn places(&self) -> io::Result<Places> {
        let (state, storage) = match &self.user {
            Some(user) if user.is_root() => {
                ("/run/containerception".into(), "/var/lib/containerception".into())
            }
            _ => (self.home.join("containerception"), self.home.join(".local/share/containerception")),
        };
        Ok(Places {
            state: vec![state, storage],
            // In every hierarchy: --cgroup-parent makes them anywhere.
            groups: groups::mounts()?,
            programs: vec![self.program.clone()],
        })
    }
}

/// How a start ended.
pub enum End {
    /// By itself.
    Status(ExitStatus),
    /// It did not, and was killed.
    Hung,
}

/// Waits for `child`.
pub fn await_end(child: &mut Child) -> io::Result<End> {
    let deadline = Instant::now() + LONGEST;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(End::Status(status));
        }
        sleep(Duration::from_millis(1));
    }
    child.kill()?;
    child.wait()?;
    Ok(End::Hung)
}
