//! `run`: options to spec, spec to plan, plan to container.

pub(super) mod end;
mod spec_of;

pub use spec_of::spec;

use crate::narrate::{self, Form, Narration};
use crate::options::Run;
use crate::patience;
use plan::Plan;
use plan::identity::{Ids, Source};
use plan::limit::NotHeld;
use run::{Started, Warning};
pub(super) use spec_of::environment_of;

use spec::error::Result;
use spec::{Spec, limit};
use std::io::{IsTerminal, Write};

/// How often one probes and plans, where other containers change the host meanwhile: with many that start at once, each
/// may be too late for a range of ids some times.
const ATTEMPTS: u32 = 20;

/// Runs a container; returns the exit status of its command.
pub fn run(options: &Run) -> Result<u8> {
    let spec = spec(options)?;
    let timeout = options.timeout.as_deref().map(limit::timeout).transpose()?;
    // Groups by the names of these that a dead run has left would be taken for somebody's.
    if spec.groups.parent.is_some() && !options.dry_run {
        let _told_again_by_the_plan = super::gc::gc();
    }
    let mut attempts = ATTEMPTS;
    loop {
        attempts -= 1;
        let facts = run::probe(&spec)?;
        let plan = plan::plan(&spec, &facts)?;
        if options.dry_run {
            print_plan(&plan, options.explain.unwrap_or_default());
            return Ok(0);
        }
        let notes = what_is_missing(&plan, &spec, options);
        say(&narrate::head(&plan, &notes, options.explain.unwrap_or_default()));
        let mut narration = options.explain.map(Narration::new);
        let narrator = narration.as_mut().map(|narration| {
            Box::new(|plan: &Plan, board: &run::board::Board| narration.tell(plan, board))
                as run::Narrator<'_>
        });
        plan.not_held.iter().for_each(|not_held| warn(&Warning::NotHeld(not_held)));
        let (stepwise, last) = (options.step, attempts == 0);
        let wish = run::Wish { spec: &spec, facts: &facts, plan: &plan, timeout, stepwise, last };
        match run::start(&wish, narrator, &mut warn)? {
            Started::Ended(end) => return end::told(&end),
            Started::Outdated => {}
        }
    }
}

pub(super) fn warn(warning: &Warning<'_>) {
    say(&match warning {
        Warning::Left(left) => format!("warning: cannot remove {}: {}\n", left.path, left.why),
        Warning::NotHeld(NotHeld { option, why }) => format!("warning: {option} is not held: {why}\n"),
        Warning::Lost(lost, regain) => {
            let lost = lost.iter().map(|loss| format!("warning: {}\n", loss.words()));
            let regain = regain.iter().map(|options| format!("  fix:  {options}\n"));
            lost.chain(regain).collect()
        }
    });
}

pub(super) fn print_plan(plan: &Plan, form: Form) {
    // A reader that stops reading, such as head, has what it wanted.
    let _ = std::io::stdout().lock().write_all(narrate::plan(plan, form).as_bytes());
}

/// What this container lacks: with --explain all of it, on a terminal what surprises, and always what the early passes of
/// the lesson do not protect from.
fn what_is_missing(plan: &Plan, spec: &Spec, options: &Run) -> Vec<String> {
    let mut notes = options.pass.map_or_else(Vec::new, |pass| missing_protection(pass, plan.ids.is_some()));
    if options.no_init {
        notes.push("--no-init: the command is PID 1: it must reap orphans and handle TERM and INT itself, and a command that clears its death signal outlives containerception".to_owned());
    }
    if options.explain.is_some() {
        notes.extend(plan.notes.iter().cloned());
    } else if std::io::stderr().is_terminal() {
        notes.extend(plan.ids.as_ref().into_iter().flat_map(|ids| surprises(ids, spec)));
    }
    notes
}

/// What somebody would find out by an error of their command only, and then not expect.
fn surprises(ids: &Ids, spec: &Spec) -> Vec<String> {
    match ids.source {
        Source::Single if spec.root != spec::Root::Host => {
            vec![
                "this user has no subordinate ids: root is the only user in the container (man subuid)"
                    .to_owned(),
            ]
        }
        Source::Reserved => spec
            .volumes
            .iter()
            .filter(|volume| !volume.read_only && !volume.id_mapped)
            .map(|volume| {
                let (from, to) = (volume.source.to_string_lossy(), volume.destination.to_string_lossy());
                format!("-v {from}:/{to}: root's files are nobody's inside, to be read but not written; :idmap makes them root's, :ro says that this is meant")
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What a pass of the lesson does not protect from; `own_users` if it has a user namespace, as it must for an ordinary
/// user.
fn missing_protection(pass: u8, own_users: bool) -> Vec<String> {
    let (has, lacks) = match pass {
        1 => return vec!["pass 1 only forks and executes: nothing is protected".to_owned()],
        2 => ("has its own processes, mounts and host name", "files, network and resources"),
        3 => ("has its own root filesystem as well", "network and resources"),
        4 => ("also limits processes", "capabilities, system calls and network"),
        _ => return Vec::new(),
    };
    let users = if own_users { "" } else { ", and so are users: root inside can do what root can" };
    let mut notes = vec![format!("pass {pass} {has}; {lacks} are the host's{users}")];
    if own_users {
        notes.push("only root can do this without a user namespace: this pass has one already, which is the lesson of pass 5".to_owned());
    }
    notes
}

pub(super) fn say(text: &str) {
    patience::say(text);
}
