//! What the commands do.

mod completions;
mod doctor;
mod events;
mod exec;
mod gc;
mod inspect;
mod kill;
mod nest;
mod pause;
pub mod plan;
mod ps;
mod resources;
mod rm;
pub mod run;
mod stats;
mod tree;
mod update;

use crate::options::{Command, Options};
use crate::{explain, init};
use ::plan::Container;
use ::run::record::Record;
use spec::Name;
use spec::catalogue::INTERNAL;
use spec::error::{Error, REPORT, Result};

/// A container that runs, by its name.
fn container(name: &str) -> Result<(Record, Container)> {
    let record = ::run::record::find(&Name::parse(name)?)?;
    let container = record.container().ok_or_else(|| {
        Error::new(INTERNAL, format!("the record of {} contradicts itself", record.name)).fix(REPORT)
    })?;
    Ok((record, container))
}

/// Does what was typed; returns the exit status.
pub fn dispatch(options: Options) -> Result<u8> {
    match options.command {
        Command::Run(options) => run::run(&options),
        Command::Nest { levels, run } => nest::nest(levels, *run),
        Command::Tree { format } => tree::tree(format).map(|()| 0),
        Command::Depth => nest::depth().map(|()| 0),
        Command::Ps { recursive, format } => ps::ps(format, recursive).map(|()| 0),
        Command::Exec(options) => exec::exec(&options),
        Command::Kill { container, signal } => kill::kill(&container, &signal).map(|()| 0),
        Command::Inspect { container } => inspect::inspect(&container).map(|()| 0),
        Command::Update { limits, container } => update::update(&limits, &container).map(|()| 0),
        Command::Pause { container } => pause::pause(&container).map(|()| 0),
        Command::Resume { container } => pause::resume(&container).map(|()| 0),
        Command::Stats { containers, format, no_stream } => {
            stats::stats(&containers, format, no_stream).map(|()| 0)
        }
        Command::Events { container, format } => events::events(&container, format).map(|()| 0),
        Command::Init { dir, programs } => init::init(&dir, &programs).map(|()| 0),
        Command::Rm { dir } => rm::rm(&dir).map(|()| 0),
        Command::Gc => gc::gc().map(|()| 0),
        Command::Completions { shell } => completions::completions(&shell).map(|()| 0),
        Command::Doctor { format } => doctor::doctor(format),
        Command::Plan(command) => plan::plan(&command).map(|()| 0),
        Command::Explain { code } => explain::explain(code.as_deref()).map(|()| 0),
    }
}
