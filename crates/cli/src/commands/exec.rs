//! `exec`: one more command in a container that runs.

use super::run::{end, environment_of, print_plan, say};
use crate::narrate::{self, Narration};
use crate::options::Exec;
use plan::Plan;
use run::record;
use spec::catalogue::{INTERNAL, PAUSED};
use spec::error::{Error, REPORT, Result};
use spec::{Name, User, text};
use std::ffi::OsStr;
use std::io::IsTerminal;

/// Runs a command in a container; returns its exit status.
pub fn exec(options: &Exec) -> Result<u8> {
    let asked = spec(options)?;
    let (record, goes_by) = record::find_to_join(&Name::parse(&options.container)?)?;
    let container = record.container().ok_or_else(|| {
        Error::new(INTERNAL, format!("the record of {} contradicts itself", options.container)).fix(REPORT)
    })?;
    if run::freeze::is_paused(&container) {
        return Err(Error::new(PAUSED, format!("{} is paused", options.container))
            .fix(format!("let it go on: containerception resume {}", options.container)));
    }
    if !options.dry_run {
        run::sealed::begin_again(&container)?;
    }
    let account = run::peek::account(&container, asked.user.as_ref())?;
    let plan = plan::exec(&asked, &container, &account)?;
    if options.dry_run {
        print_plan(&plan, options.explain.unwrap_or_default());
        return Ok(0);
    }
    if let Some(form) = options.explain {
        say(&narrate::head(&plan, &[], form));
    }
    let mut narration = options.explain.map(Narration::new);
    let narrator = narration.as_mut().map(|narration| {
        Box::new(|plan: &Plan, board: &run::board::Board| narration.tell(plan, board)) as run::Narrator<'_>
    });
    end::told(&run::exec(&plan, &container, goes_by, narrator, None)?)
}

fn spec(options: &Exec) -> Result<spec::Exec> {
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let mut environment = Vec::new();
    if terminal {
        environment.extend(environment_of(OsStr::new("TERM"))?);
    }
    for entry in &options.env {
        environment.extend(environment_of(entry)?);
    }
    Ok(spec::Exec {
        command: options.command.iter().map(|word| text::c_string(word)).collect::<Result<_>>()?,
        environment,
        workdir: options.workdir.as_deref().map(text::workdir).transpose()?,
        user: options.user.as_deref().map(User::parse).transpose()?,
        terminal,
        narrate: options.explain.is_some() && !options.dry_run,
    })
}
