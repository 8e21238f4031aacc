//! `run`: options to spec, spec to plan, plan to container.

mod spec_of;

use crate::narrate::{self, Narration};
use crate::options::Run;
use crate::patience;
use plan::Plan;
use run::Started;
use spec::Spec;
use spec::error::Result;
use std::io::{IsTerminal, Write};

/// Runs a container; returns the exit status of its command.
pub fn run(options: &Run) -> Result<u8> {
    let spec = spec_of::spec(options)?;
    loop {
        let facts = run::probe(&spec)?;
        let plan = plan::plan(&spec, &facts)?;
        if options.dry_run {
            print_plan(&plan, options.explain.unwrap_or(1));
            return Ok(0);
        }
        tell_what_is_missing(&plan, &spec, options);
        let mut narration = options.explain.map(Narration::new);
        let narrator = narration.as_mut().map(|narration| {
            Box::new(|plan: &Plan, board: &run::board::Board| narration.tell(plan, board))
                as run::Narrator<'_>
        });
        let mut warn =
            |left: &run::journal::Left| say(&format!("warning: cannot remove {}: {}", left.path, left.why));
        match run::start(&plan, &facts, narrator, &mut warn)? {
            Started::Ended(status) => return Ok(status),
            Started::RangeTaken => {}
        }
    }
}

fn print_plan(plan: &Plan, level: u8) {
    // A reader that stops reading, such as head, has what it wanted.
    let _ = std::io::stdout().lock().write_all(narrate::plan(plan, level).as_bytes());
}

/// Says on stderr what this container lacks: with --explain all of it, on a terminal what surprises, and always what
/// the early passes of the lesson do not protect from.
fn tell_what_is_missing(plan: &Plan, spec: &Spec, options: &Run) {
    if let Some(pass) = options.pass {
        missing_protection(pass, plan.ids.is_some()).iter().for_each(|missing| say(missing));
    }
    if options.no_init {
        say(
            "note: --no-init: the command is PID 1: it must reap orphans and handle TERM and INT itself, and a command that clears its death signal outlives containerception",
        );
    }
    let single = |ids: &plan::identity::Ids| ids.source == plan::identity::Source::Single;
    let surprises = plan.ids.as_ref().is_some_and(single) && std::io::stderr().is_terminal();
    if options.explain.is_some() {
        plan.notes.iter().for_each(|note| say(&format!("note: {note}")));
    } else if surprises && spec.root != spec::Root::Host {
        say("note: this user has no subordinate ids: root is the only user in the container (man subuid)");
    }
}

/// What a pass of the lesson does not protect from; `own_users` if it has a user namespace, as it must for an ordinary
/// user.
fn missing_protection(pass: u8, own_users: bool) -> Option<String> {
    let (has, lacks) = match pass {
        1 => return Some("note: pass 1 only forks and executes: nothing is protected".to_owned()),
        2 => ("has its own processes, mounts and host name", "files, network and resources"),
        3 => ("has its own root filesystem as well", "network and resources"),
        4 => ("also limits processes", "capabilities, system calls and network"),
        _ => return None,
    };
    let users = if own_users {
        " are the host's\nnote: only root can do this without a user namespace: this pass has one already, which is the lesson of pass 5"
    } else {
        " are the host's, and so are users"
    };
    Some(format!("note: pass {pass} {has}; {lacks}{users}"))
}

fn say(line: &str) {
    patience::say(&format!("{line}\n"));
}
