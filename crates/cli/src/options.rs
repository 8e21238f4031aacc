//! What can be typed.

#![allow(
    rustdoc::broken_intra_doc_links,
    reason = "these comments are help texts, whose brackets are grammar"
)]

#[path = "options/limits.rs"]
mod limits;

pub use limits::{Fixed, Limits};

use crate::narrate::Form;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, ValueHint};
use std::ffi::OsString;
use std::path::PathBuf;

/// Runs containers, and tells how. No daemon, no set-up, root or not.
#[derive(Parser, Debug)]
#[command(name = "containerception", version, max_term_width = 100)]
pub struct Options {
    /// How an error is printed: as text, or as a line of json
    #[arg(long, value_name = "FORMAT", value_parser = ["text", "json"], hide_possible_values = true)]
    // Read before the line is parsed, whose errors have this form, too: see report.rs.
    pub error_format: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The command line as help shows it, for what is generated from it: without what is hidden.
pub fn shown() -> clap::Command {
    without_hidden(Options::command())
}

/// Clap can hide and add, and not remove: so all that is not hidden is added to a new command.
fn without_hidden(command: clap::Command) -> clap::Command {
    let arguments: Vec<_> =
        command.get_arguments().filter(|argument| !argument.is_hide_set()).cloned().collect();
    let commands: Vec<_> =
        command.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect();
    // Clap's names live as long as the program, which will not be long.
    clap::Command::new(&*command.get_name().to_owned().leak())
        .about(command.get_about().cloned().unwrap_or_default())
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .disable_version_flag(command.get_version().is_none())
        .args(arguments)
        .subcommands(commands.into_iter().map(without_hidden))
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run a command in a new container
    Run(Box<Run>),
    /// Run a command in containers one inside the other, each with the same options
    Nest {
        /// How many there are
        #[arg(value_parser = clap::value_parser!(u8).range(1..=64))]
        levels: u8,
        /// What each of them is.
        #[command(flatten)]
        run: Box<Run>,
    },
    /// Show the containers that run, and those inside of them, with what they use
    Tree {
        /// text, or json
        #[arg(long, value_enum, default_value_t = Format::Text, hide_default_value = true, hide_possible_values = true)]
        format: Format,
    },
    /// Print how many containers there are around this process, as they say
    Depth,
    /// List the containers that run
    Ps {
        /// Those inside of them as well, as NAME/INNER
        #[arg(short, long)]
        recursive: bool,
        /// table, json (a line each), or names
        #[arg(
            long,
            value_enum,
            value_name = "FORMAT",
            default_value = "table",
            hide_default_value = true,
            hide_possible_values = true
        )]
        format: PsFormat,
    },
    /// Run one more command in a container that runs
    Exec(Box<Exec>),
    /// Send a signal to a container: KILL ends all in it, others reach its command
    Kill {
        /// The container
        #[arg(allow_hyphen_values = true)]
        container: String,
        /// The signal, by name or number; -SIGNAL before the container will do as well
        #[arg(default_value = "KILL", allow_hyphen_values = true)]
        signal: String,
    },
    /// Print all that is known of a container that runs, as JSON
    Inspect {
        /// The container
        container: String,
    },
    /// Change the limits of a container that runs
    Update {
        /// The limits.
        #[command(flatten)]
        limits: Box<Limits>,
        /// The container
        container: String,
    },
    /// Stop all processes of a container, until it is resumed
    Pause {
        /// The container
        container: String,
    },
    /// Let the processes of a paused container go on
    #[command(alias = "unpause")]
    Resume {
        /// The container
        container: String,
    },
    /// Show what containers use: memory, CPU time, disks, processes
    Stats {
        /// The containers (default: all)
        containers: Vec<String>,
        /// table, or json (a line each)
        #[arg(
            long,
            value_enum,
            value_name = "FORMAT",
            default_value = "table",
            hide_default_value = true,
            hide_possible_values = true
        )]
        format: StatsFormat,
        /// Show it once, and end; what is not a terminal gets it once anyway
        #[arg(long)]
        no_stream: bool,
    },
    /// Tell what happens to a container: limits reached, processes ended for want of memory, pauses, the end
    Events {
        /// The container
        container: String,
        /// text, or json (a line each)
        #[arg(long, value_enum, default_value_t = Format::Text, hide_default_value = true, hide_possible_values = true)]
        format: Format,
    },
    /// Make a root filesystem from this machine's own programs
    Init {
        /// The directory to make
        #[arg(value_hint = ValueHint::DirPath)]
        dir: PathBuf,
        /// Programs beside the usual ones: names or paths
        programs: Vec<OsString>,
    },
    /// Remove a root filesystem, also one with files of subordinate ids
    Rm {
        /// The directory to remove
        #[arg(value_hint = ValueHint::DirPath)]
        dir: PathBuf,
    },
    /// Undo what killed runs have left behind
    Gc,
    /// Print the completion script of a shell: bash, fish or zsh
    #[command(hide = true)]
    Completions {
        /// The shell
        #[arg(value_parser = ["bash", "fish", "zsh"])]
        shell: String,
    },
    /// Examine this host: can containers be run, what do they lack, and what can be done about it
    Doctor {
        /// text for people, or json for programs
        #[arg(long, value_enum, default_value_t = Format::Text, hide_default_value = true, hide_possible_values = true)]
        format: Format,
    },
    /// Look at what runs would do, without doing it
    #[command(subcommand)]
    Plan(Plan),
    /// Print the page of an error code
    Explain {
        /// The code, such as CX2003; without it, the list of all
        code: Option<String>,
    },
}

/// How `ps` prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum PsFormat {
    /// For people.
    Table,
    /// A line of JSON each.
    Json,
    /// The names alone.
    Names,
}

/// How `stats` prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum StatsFormat {
    /// For people.
    Table,
    /// A line of JSON each.
    Json,
}

/// `exec`.
#[derive(Args, Debug)]
pub struct Exec {
    /// Set an environment variable: NAME=VALUE, or NAME for your own value
    #[arg(short, long, value_name = "NAME[=VALUE]", help_heading = "Command")]
    pub env: Vec<OsString>,
    /// Start in this directory (default: that of the container's command)
    #[arg(short, long, value_name = "DIR", help_heading = "Command")]
    pub workdir: Option<OsString>,
    /// Run as this user (default: that of the container's command): NAME or ID, optionally with :GROUP
    #[arg(short, long, value_name = "USER", help_heading = "Command", allow_hyphen_values = true)]
    pub user: Option<String>,
    /// Accepted: stdin is always passed on
    #[arg(short, long, help_heading = "Command")]
    pub interactive: bool,
    /// Accepted: a terminal is noticed
    #[arg(short, long, help_heading = "Command")]
    pub tty: bool,
    /// Tell each step: 1 what is done, 2 the calls, 3 why; json all of it, for programs
    #[arg(long, value_name = "LEVEL", num_args = 0..=1, require_equals = true, default_missing_value = "1",
        help_heading = "Explanation")]
    pub explain: Option<Form>,
    /// Print the plan and do nothing
    #[arg(long, help_heading = "Explanation")]
    pub dry_run: bool,
    /// The container
    pub container: String,
    /// The command and its arguments; options end here
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// For whom something is printed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// `plan`.
#[derive(Subcommand, Debug)]
pub enum Plan {
    /// Show which steps one run has, and another has not
    #[command(override_usage = "containerception plan diff '[OPTIONS] COMMAND' '[OPTIONS] COMMAND'")]
    Diff {
        /// What stands after run, in quotes; or a number: a pass of the lesson
        #[arg(value_name = "A", allow_hyphen_values = true)]
        before: OsString,
        /// The same, to compare it with
        #[arg(value_name = "B", allow_hyphen_values = true)]
        after: OsString,
    },
}

/// `run`.
#[derive(Args, Debug)]
pub struct Run {
    /// Use this directory as root filesystem, in place: what is written stays
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Root filesystem")]
    pub rootfs: Option<OsString>,
    /// With --rootfs: copy-on-write; what is written is thrown away
    #[arg(long, requires = "rootfs", help_heading = "Root filesystem")]
    pub ephemeral: bool,
    /// The root filesystem cannot be written to
    #[arg(long, help_heading = "Root filesystem")]
    pub read_only: bool,
    /// size=SIZE bounds the writable layer (default: a tenth of the memory, at most 1g); medium=disk puts it on disk,
    /// where a size takes root and project quotas, and without one nothing bounds it
    #[arg(long, value_name = "OPTION", help_heading = "Root filesystem")]
    pub storage_opt: Vec<String>,
    /// Show a file or directory of the host inside: SRC:DST[:ro][:idmap]
    #[arg(short, long, value_name = "SRC:DST", help_heading = "Root filesystem")]
    pub volume: Vec<OsString>,
    /// Mount an empty file system in memory: DST[:size=SIZE]
    #[arg(long, value_name = "DST", help_heading = "Root filesystem")]
    pub tmpfs: Vec<OsString>,

    /// Set an environment variable: NAME=VALUE, or NAME for your own value
    #[arg(short, long, value_name = "NAME[=VALUE]", help_heading = "Command")]
    pub env: Vec<OsString>,
    /// Start in this directory
    #[arg(short, long, value_name = "DIR", help_heading = "Command")]
    pub workdir: Option<OsString>,
    /// Run as this user: NAME or ID, optionally with :GROUP
    #[arg(short, long, value_name = "USER", help_heading = "Command", allow_hyphen_values = true)]
    pub user: Option<String>,
    /// Set the host name
    #[arg(long, value_name = "NAME", help_heading = "Command", allow_hyphen_values = true)]
    pub hostname: Option<String>,
    /// Name the container
    #[arg(long, value_name = "NAME", help_heading = "Command", allow_hyphen_values = true)]
    pub name: Option<String>,
    /// Accepted: stdin is always passed on
    #[arg(short, long, help_heading = "Command")]
    pub interactive: bool,
    /// Accepted: a terminal is noticed
    #[arg(short, long, help_heading = "Command")]
    pub tty: bool,
    /// Accepted: a container is always removed when it ends
    #[arg(long, help_heading = "Command")]
    pub rm: bool,
    /// Accepted: PID 1 always is a small init
    #[arg(long, conflicts_with = "no_init", help_heading = "Command")]
    pub init: bool,
    /// Make the command itself PID 1
    #[arg(long, help_heading = "Command")]
    pub no_init: bool,

    /// End the command after a time: TERM, and KILL 5 s later; the exit status is 124
    #[arg(long, value_name = "SECONDS", help_heading = "Command", allow_hyphen_values = true)]
    pub timeout: Option<String>,

    /// Give a capability, or ALL
    #[arg(long, value_name = "CAP", help_heading = "Isolation")]
    pub cap_add: Vec<String>,
    /// Take a capability away, or ALL
    #[arg(long, value_name = "CAP", help_heading = "Isolation")]
    pub cap_drop: Vec<String>,
    /// no-new-privileges=false, or seccomp=unconfined
    #[arg(long, value_name = "OPTION", help_heading = "Isolation")]
    pub security_opt: Vec<String>,
    /// private (ids of its own), or host (root inside is root outside)
    #[arg(long, value_name = "WHICH", default_value = "private", hide_default_value = true, help_heading = "Isolation",
        value_parser = ["private", "host"])]
    pub userns: String,
    /// none (loopback only); host or parent (the caller's network)
    #[arg(long, value_name = "WHICH", default_value = "none", hide_default_value = true, help_heading = "Isolation",
        value_parser = ["none", "host", "parent"])]
    pub network: String,
    /// Let no container be started inside: without its parts there, and without user namespaces
    #[arg(long, help_heading = "Isolation")]
    pub no_nest: bool,
    /// Show a device of the host inside, and allow it: DEV[:INSIDE][:rwm]
    #[arg(long, value_name = "DEV", help_heading = "Isolation")]
    pub device: Vec<OsString>,

    /// How much of the machine it may use.
    #[command(flatten)]
    pub limits: Limits,
    /// And what is set once.
    #[command(flatten)]
    pub fixed: Fixed,

    /// Tell each step: 1 what is done, 2 the calls, 3 why; json all of it, for programs
    #[arg(long, value_name = "LEVEL", num_args = 0..=1, require_equals = true, default_missing_value = "1",
        help_heading = "Explanation")]
    pub explain: Option<Form>,
    /// Print the plan and do nothing
    #[arg(long, help_heading = "Explanation")]
    pub dry_run: bool,
    /// Stop before each step, look around in the half-built container, and go on
    #[arg(long, conflicts_with = "dry_run", help_heading = "Explanation")]
    pub step: bool,
    /// Stop at a part of the lesson: 1 fork and exec, 2 namespaces, 3 root filesystem, 4 control groups, 5 all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5), help_heading = "Explanation")]
    pub pass: Option<u8>,

    /// The command and its arguments; options end here
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}
