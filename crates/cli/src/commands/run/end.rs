//! What is said of a command that the kernel has ended.

use super::say;
use cgroup::death::Cause;
use plan::limit::size;
use run::End;
use spec::catalogue::KILLED_FOR_MEMORY;
use spec::error::{Error, Result};
use std::io::IsTerminal;

/// The status of a process that SIGKILL ended.
const KILLED: u8 = 137;

/// The exit status; an error with the same, if the kernel ended the command for want of memory.
pub fn told(end: &End) -> Result<u8> {
    match &end.killed {
        Some(cause) if end.status == KILLED && !end.by_somebody => Err(error(cause)),
        Some(cause) => {
            let then = if end.by_somebody {
                "; later somebody ended the container by containerception kill"
            } else {
                ""
            };
            let (killed, at) = (count(kills(cause)), at(cause));
            say(&format!("note: the kernel ended {killed} of the container{at}{then}\n"));
            Ok(end.status)
        }
        None => {
            if end.status == KILLED && end.counted && std::io::stderr().is_terminal() {
                say("note: killed by SIGKILL of somebody: the container was within its limit of memory\n");
            }
            Ok(end.status)
        }
    }
}

fn error(cause: &Cause) -> Error {
    let fix = match cause {
        Cause::Memory { .. } | Cause::Unclear { .. } => {
            "give it more by --memory; containerception stats NAME shows what a container takes"
        }
        Cause::Below { .. } => "raise the limit that the command itself has set",
        Cause::Outside { .. } => "free -m shows what the machine has; dmesg tells who was short of memory",
    };
    Error::new(KILLED_FOR_MEMORY, format!("killed by the kernel: {}", limit(cause)))
        .why(format!("the kernel ended {}{}", count(kills(cause)), at(cause)))
        .fix(fix)
        .status(KILLED)
}

fn limit(cause: &Cause) -> String {
    match cause {
        Cause::Memory { limit: Some(limit), .. } => {
            format!("memory limit {} of this container", size(*limit))
        }
        Cause::Memory { limit: None, .. } => "memory limit of this container".to_owned(),
        Cause::Below { .. } => "memory limit of a group inside this container".to_owned(),
        Cause::Outside { .. } => {
            "no memory was left outside, and the container was within its limit".to_owned()
        }
        Cause::Unclear { .. } => "memory limit of this container, or of a group around it".to_owned(),
    }
}

fn kills(cause: &Cause) -> u64 {
    match cause {
        Cause::Memory { kills, .. }
        | Cause::Below { kills }
        | Cause::Outside { kills }
        | Cause::Unclear { kills, .. } => *kills,
    }
}

fn count(kills: u64) -> String {
    if kills == 1 { "1 process".to_owned() } else { format!("{kills} processes") }
}

/// Where memory was short, as the end of a sentence.
fn at(cause: &Cause) -> &'static str {
    match cause {
        Cause::Memory { .. } => ", which had used up its memory",
        Cause::Below { .. } => ", at a limit that was set inside",
        Cause::Outside { .. } => ", for want of memory outside",
        Cause::Unclear { .. } => ", for want of memory",
    }
}
