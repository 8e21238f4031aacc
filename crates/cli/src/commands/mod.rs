//! What the commands do.

mod completions;
mod doctor;
mod exec;
mod gc;
mod inspect;
mod kill;
pub mod plan;
mod ps;
mod resources;
mod rm;
pub mod run;

use crate::options::{Command, Options};
use crate::{explain, init};
use spec::error::Result;

/// Does what was typed; returns the exit status.
pub fn dispatch(options: Options) -> Result<u8> {
    match options.command {
        Command::Run(options) => run::run(&options),
        Command::Ps { format } => ps::ps(format).map(|()| 0),
        Command::Exec(options) => exec::exec(&options),
        Command::Kill { container, signal } => kill::kill(&container, &signal).map(|()| 0),
        Command::Inspect { container } => inspect::inspect(&container).map(|()| 0),
        Command::Update { .. }
        | Command::Pause { .. }
        | Command::Resume { .. }
        | Command::Stats { .. }
        | Command::Events { .. } => Ok(1),
        Command::Init { dir, programs } => init::init(&dir, &programs).map(|()| 0),
        Command::Rm { dir } => rm::rm(&dir).map(|()| 0),
        Command::Gc => gc::gc().map(|()| 0),
        Command::Completions { shell } => completions::completions(&shell).map(|()| 0),
        Command::Doctor { format } => doctor::doctor(format),
        Command::Plan(command) => plan::plan(&command).map(|()| 0),
        Command::Explain { code } => explain::explain(code.as_deref()).map(|()| 0),
    }
}
