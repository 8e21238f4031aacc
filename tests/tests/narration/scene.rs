//! Somebody whose containers are started under `strace`.

use crate::trace;
use end_to_end::{Kind, Running, Somebody, err, skip};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};
use testbed::tools;

/// Somebody, and what stands between strace and containerception.
pub struct Scene {
    somebody: Somebody,
    /// Commands of the shell that come before.
    before: String,
    terminal: bool,
    /// What is traced: `run`, or `exec`.
    verb: &'static str,
}

/// Somebody of a kind, if whoever runs the tests can be that, and can trace.
pub fn scene(kind: Kind, test: &str) -> Option<Scene> {
    let somebody = Somebody::only(kind, test)?;
    let traces = |strace: &Path| Command::new(strace).args(["-qo/dev/null", "true"]).status();
    if !tools::find("strace").is_some_and(|strace| traces(&strace).is_ok_and(|status| status.success())) {
        skip(test, "strace is missing, or may not trace");
        return None;
    }
    if !testbed::caller::is_root().expect("the caller is known") {
        skip(
            test,
            "init lets nobody but root look into it, and newuidmap loses its rights when others trace it",
        );
        return None;
    }
    Some(Scene { somebody, before: ":".to_owned(), terminal: false, verb: "run" })
}

impl Scene {
    /// Whose.
    pub fn kind(&self) -> Kind {
        self.somebody.kind
    }

    /// The same, after commands of the shell.
    pub fn below(self, before: impl Into<String>) -> Scene {
        Scene { before: before.into(), ..self }
    }

    /// The same, with a terminal as stdin and stdout.
    pub fn on_a_terminal(self) -> Scene {
        Scene { terminal: true, ..self }
    }

    /// The same, but a command is executed in a container that runs, the name of which is the first argument.
    pub fn joining(self) -> Scene {
        Scene { verb: "exec", ..self }
    }

    /// The program, for commands that come before.
    pub fn program(&self) -> String {
        let command = self.somebody.containerception();
        quote(command.get_args().last().unwrap_or(command.get_program()))
    }

    /// A root filesystem.
    pub fn rootfs(&self, name: &str) -> String {
        self.somebody.rootfs(name).to_str().expect("a path in UTF-8").to_owned()
    }

    /// A file and a directory of this user's.
    pub fn volumes(&self) -> (String, String) {
        let (file, directory) = (self.somebody.home().join("file"), self.somebody.home().join("directory"));
        std::fs::write(&file, "").expect("a file");
        std::fs::create_dir(&directory).expect("a directory");
        [&file, &directory].iter().for_each(|path| self.somebody.give(path));
        let text = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
        (text(&file), text(&directory))
    }

    /// Starts a container, the first in a state directory; returns what was told of it, and what was traced.
    ///
    /// # Panics
    /// It cannot be started.
    pub fn start(&self, arguments: &[&str]) -> (String, Vec<trace::Call>) {
        let state = self.somebody.home().join("containerception");
        if self.kind() != Kind::Root && state.exists() {
            // Nothing else is in it, or else this fails.
            for name in ["containers", "ids", "mount"] {
                std::fs::remove_dir(state.join(name)).expect("an empty directory");
            }
            std::fs::remove_dir(state).expect("an empty state directory");
        }
        let (told, traced) = (self.somebody.home().join("told"), self.somebody.home().join("traced"));
        let mut command = Command::new(tools::find("strace").expect("strace"));
        command.args(["-f", "-y", "--pidns-translation", "-s", "4096", "-qo"]).arg(&traced);
        let shell = self.shell(arguments, &told);
        if self.terminal {
            command.args(["script", "-qec", &shell, "/dev/null"]);
        } else {
            command.args(["sh", "-c", &shell]);
        }
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        // Nobody types anything, not even the end.
        let output = Running::start(command.stdin(Stdio::piped())).finish();
        let told = std::fs::read_to_string(told).unwrap_or_default();
        assert!(output.status.success(), "{arguments:?}: {told}{}", err(&output));
        (told, trace::of_start(&std::fs::read_to_string(traced).expect("a trace")))
    }

    /// What a shell is to do.
    fn shell(&self, arguments: &[&str], told: &Path) -> String {
        let containerception = self.somebody.containerception();
        let home = containerception.get_current_dir().expect("a directory").as_os_str();
        let mut words: Vec<OsString> =
            vec!["env".into(), [OsStr::new("XDG_RUNTIME_DIR"), home].join("=".as_ref())];
        for (name, value) in containerception.get_envs() {
            words.push([name, value.unwrap_or_default()].join("=".as_ref()));
        }
        if self.kind() == Kind::Root {
            let before = format!("mount -t tmpfs none /run; {}; exec \"$@\"", self.before);
            words.extend(["unshare", "--mount", "sh", "-ec", &before, "sh"].map(OsString::from));
        }
        words.push(containerception.get_program().to_owned());
        words.extend(containerception.get_args().map(OsStr::to_owned));
        words.extend([self.verb, "--explain=2"].iter().chain(arguments).map(OsString::from));
        let words: Vec<String> = words.iter().map(|word| quote(word)).collect();
        format!("cd {} && exec {} 2>{}", quote(home), words.join(" "), quote(told.as_os_str()))
    }
}

/// A word of the shell.
fn quote(word: &OsStr) -> String {
    format!("'{}'", word.to_str().expect("words in UTF-8").replace('\'', r"'\''"))
}
