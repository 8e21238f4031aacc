//! What is crashed: a start, or an exec.

use testbed::processes::{Process, child_of, init_of_sleeper};

/// One of the two verbs that have a plan.
#[derive(Clone, Copy)]
pub enum Verb {
    /// `run`.
    Run,
    /// `exec`.
    Exec,
}

impl Verb {
    /// Those who perform its steps.
    pub fn actors(self) -> &'static [&'static str] {
        match self {
            Verb::Run => &["runtime", "init", "command"],
            Verb::Exec => &["runtime", "joiner", "command"],
        }
    }

    /// Who there is beside the runtime while the command runs, and can be killed from outside.
    pub fn beside(self) -> &'static str {
        match self {
            Verb::Run => "init",
            Verb::Exec => "command",
        }
    }

    /// The pid of that one, as soon as the command that the process `runtime` started is `sleep`.
    pub fn find_beside(self, runtime: u32) -> Option<u32> {
        match self {
            Verb::Run => init_of_sleeper(runtime),
            Verb::Exec => {
                child_of(runtime).filter(|pid| Process::of(*pid).is_some_and(|child| child.name == "sleep"))
            }
        }
    }
}
