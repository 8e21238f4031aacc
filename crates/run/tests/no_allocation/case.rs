//! The cases: who starts which container, and how it ends.

use crate::wish;
use run::{Started, Wish};
use spec::Spec;
use std::fs::OpenOptions;
use std::io::Write;
use std::process::{Command, ExitCode, ExitStatus};
use std::time::{Duration, Instant};
use sys::clone::{Fork, clone3, exit};
use sys::guard::{CAUGHT, Guard};
use testbed::kind::Kind;
use testbed::private::Private;
use testbed::scratch::Scratch;
use testbed::tools;

/// The environment variable with the case that a process is to perform.
pub const PERFORM: &str = "NO_ALLOCATION_CASE";

/// What takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A case.
pub struct Case {
    /// Its name.
    pub name: &'static str,
    whose: Kind,
    what: What,
}

enum What {
    /// A container that ends with this status.
    Container(fn() -> Spec, u8),
    /// A child that does allocate.
    Control(u64),
}

use Kind::{Range, Root, Single};
use What::{Container, Control};

const fn case(name: &'static str, whose: Kind, what: What) -> Case {
    Case { name, whose, what }
}

/// All of them.
pub const CASES: &[Case] = &[
    case("a_child_that_allocates_is_caught", Single, Control(0)),
    case("so_it_is_as_the_first_of_a_pid_namespace", Root, Control(libc::CLONE_NEWPID as u64)),
    case("root", Root, Container(wish::default, 0)),
    case("root_orphans", Root, Container(wish::orphans, 0)),
    case("root_terminal", Root, Container(wish::terminal, 0)),
    case("root_missing", Root, Container(wish::missing, 127)),
    case("root_directory", Root, Container(wish::directory, 126)),
    case("root_rootfs", Root, Container(wish::rootfs, 0)),
    case("root_ephemeral", Root, Container(wish::ephemeral, 0)),
    case("root_volumes", Root, Container(wish::volumes, 0)),
    case("root_no_init", Root, Container(wish::no_init, 0)),
    case("root_network_host", Root, Container(wish::network_host, 0)),
    case("root_userns_host", Root, Container(wish::userns_host, 0)),
    case("root_pass1", Root, Container(wish::pass1, 0)),
    case("root_pass2", Root, Container(wish::pass2, 0)),
    case("range", Range, Container(wish::default, 0)),
    case("range_rootfs", Range, Container(wish::rootfs, 0)),
    case("range_volumes", Range, Container(wish::volumes, 0)),
    case("single", Single, Container(wish::default, 0)),
    case("single_ephemeral", Single, Container(wish::ephemeral, 0)),
    case("single_pass2", Single, Container(wish::pass2, 0)),
];

impl Case {
    /// Performs the case in a process of its own. True: as it should.
    pub fn run(&self) -> bool {
        if !Kind::of_caller().expect("the caller is known").contains(&self.whose) {
            return skip(self.name, &format!("needs to run {}", self.whose));
        }
        if tools::find("busybox").is_none() {
            return skip(self.name, "busybox is missing");
        }
        let scratch = Scratch::new(&format!("no-allocation-{}", self.name)).expect("a scratch directory");
        let root = testbed::caller::is_root().expect("the caller is known");
        let private = root.then(|| Private::new(self.whose, scratch.path()).expect("a user of that kind"));
        let home = private.as_ref().map_or(scratch.path(), Private::home).to_owned();
        testbed::rootfs::make(&home.join("rootfs")).expect("a root filesystem");
        let program = scratch.path().join("program");
        std::fs::copy(std::env::current_exe().expect("this program"), &program)
            .expect("a copy that all can execute");
        let mut command = match &private {
            Some(private) => {
                private.give(&home).expect("chown");
                let mut command = private.command(false);
                command.arg(program);
                command
            }
            None => Command::new(program),
        };
        wait(command.current_dir(home).env(PERFORM, self.name)).success()
    }

    /// Performs it in this process.
    pub fn perform(&self, guard: &Guard) -> ExitCode {
        let (ended, expected) = match self.what {
            Container(wish, expected) => (container(&wish(), guard), expected),
            Control(namespaces) => (allocating_child(namespaces, guard), CAUGHT),
        };
        if ended == Ok(expected) {
            return ExitCode::SUCCESS;
        }
        eprintln!("{}: {ended:?} instead of {expected}", self.name);
        ExitCode::FAILURE
    }
}

/// The status with which the container ends, be it the command's or that of an error.
fn container(spec: &Spec, guard: &Guard) -> Result<u8, String> {
    let text = |error: spec::Error| error.to_string();
    loop {
        let facts = run::probe(spec).map_err(text)?;
        let plan = plan::plan(spec, &facts).map_err(text)?;
        guard.here_alone();
        let wish = Wish { spec, facts: &facts, plan: &plan, timeout: None, stepwise: false, last: false };
        match run::start(&wish, None, &mut |left| eprintln!("{left:?}")) {
            Ok(Started::Ended(end)) => return Ok(end.status),
            Ok(Started::Outdated) => {}
            Err(error) if error.status != spec::error::ENGINE_FAILED => return Ok(error.status),
            Err(error) => return Err(text(error)),
        }
    }
}

/// The status with which a child ends that allocates.
fn allocating_child(namespaces: u64, guard: &Guard) -> Result<u8, String> {
    guard.here_alone();
    match clone3(namespaces, None).map_err(|errno| errno.to_string())? {
        Fork::Child => {
            drop(std::hint::black_box(Box::new(7)));
            exit(0);
        }
        Fork::Parent(_, pidfd) => {
            use rustix::process::{WaitId, WaitIdOptions, waitid};
            let status = waitid(WaitId::PidFd(std::os::fd::AsFd::as_fd(&pidfd)), WaitIdOptions::EXITED);
            let status = status.map_err(|errno| errno.to_string())?.and_then(|status| status.exit_status());
            status.and_then(|status| u8::try_from(status).ok()).ok_or("it did not exit".to_owned())
        }
    }
}

fn wait(command: &mut Command) -> ExitStatus {
    let mut child = command.spawn().expect("a process");
    let deadline = Instant::now() + PATIENCE;
    loop {
        match child.try_wait().expect("a child can be waited for") {
            Some(status) => return status,
            None if Instant::now() > deadline => drop(child.kill()),
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Tells that a case is skipped, and why; `cargo xtask test` prints and counts these lines.
fn skip(name: &str, reason: &str) -> bool {
    let line = format!("SKIP: no_allocation {name}: {reason}\n");
    eprint!("{line}");
    if let Some(path) = std::env::var_os("CONTAINERCEPTION_SKIPS") {
        let file = OpenOptions::new().append(true).create(true).open(path);
        file.and_then(|mut file| file.write_all(line.as_bytes())).expect("the file of skips can be written");
    }
    true
}
