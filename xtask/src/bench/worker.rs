//! The share of one kind of user, run as that user.

use super::bundle::Groups;
use super::report::{self, Memory};
use super::{Options, contender, exec, measure, memory};
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
    let mut contenders = contender::all(kind, home)?;
    let (execs, sleepers) = exec::all(kind, home)?;
    contenders.extend(execs);
    measure::warm_up(&mut contenders);
    let times = measure::rounds(&contenders, options.runs);
    let memory = memory(home);
    drop((sleepers, groups));
    let report = report::Report { kind, contenders: &contenders, times: &times, memory: &memory };
    if options.json {
        report.print_json()
    } else {
        report.print_table()
    }
    let complete =
        memory.is_ok() && contenders.iter().all(|contender| contender.start.is_ok() || !contender.own);
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn memory(home: &Path) -> Memory {
    let (program, root) = (home.with_file_name("containerception"), home.join("rootfs"));
    let words: [OsString; 6] =
        [program.into(), "run".into(), "--rootfs".into(), root.into(), "sleep".into(), "0.2".into()];
    memory::peaks(&words).map_err(|error| error.to_string())
}
