//! The share of one kind of user, run as that user.

use super::bundle::Groups;
use super::options::{Options, Section};
use super::report::{self, Memory};
use super::{contender, exec, limits, measure, memory};
use crate::Outcome;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use testbed::kind::Kind;
use testbed::rootfs;

/// Measures and prints. `home` is a directory of the caller's own; the programs under test lie beside it.
pub fn run(kind: Kind, home: &Path, options: &Options) -> Outcome {
    rootfs::make(&home.join("rootfs"))?;
    let groups = Groups;
    let wants = |section| options.wants(section, kind);
    let (mut contenders, mut sleepers) = (Vec::new(), Vec::new());
    if wants(Section::Start) {
        contenders.extend(contender::all(kind, home)?);
    }
    if wants(Section::Exec) {
        let (execs, running) = exec::all(kind, home)?;
        contenders.extend(execs);
        sleepers.extend(running);
    }
    if wants(Section::Limits) {
        contenders.extend(limits::all(home)?);
    }
    measure::warm_up(&mut contenders);
    let times = measure::rounds(&contenders, options.runs);
    let memory = wants(Section::Start).then(|| memory(home));
    drop((sleepers, groups));
    let report = report::Report { kind, contenders: &contenders, times: &times, memory: memory.as_ref() };
    if options.json {
        report.print_json()
    } else {
        report.print_table()
    }
    let complete = memory.is_none_or(|memory| memory.is_ok())
        && contenders.iter().all(|contender| contender.start.is_ok() || !contender.own);
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn memory(home: &Path) -> Memory {
    let (program, root) = (home.with_file_name("containerception"), home.join("rootfs"));
    let words: [OsString; 6] =
        [program.into(), "run".into(), "--rootfs".into(), root.into(), "sleep".into(), "0.2".into()];
    memory::peaks(&words).map_err(|error| error.to_string())
}
