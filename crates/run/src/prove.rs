//! Reads limits back from the kernel, and compares them with what was asked for.

use crate::context::Context;
use crate::record::Limit;
use plan::cgroup::Proof;
use plan::limit::NotHeld;
use plan::limit::{effective, is_held, name_of};
use spec::catalogue::LIMIT_NOT_HELD;
use spec::error::Error;
use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use sys::{Errno, Result};

pub(crate) fn perform(ctx: &mut Context<'_>, proofs: &[Proof], best_effort: bool) -> Result<()> {
    let forgone = |proof: &&Proof| ctx.not_held.iter().any(|known| known.option == proof.option);
    let failed: Vec<NotHeld> = proofs.iter().filter(|proof| !forgone(proof)).filter_map(not_held).collect();
    match failed.first() {
        Some(first) if !best_effort => {
            ctx.error = Some(error(first));
            Err(Errno::RANGE)
        }
        _ => {
            ctx.not_held.extend(failed);
            Ok(())
        }
    }
}

/// What keeps a limit from being held, if something does.
pub(crate) fn not_held(proof: &Proof) -> Option<NotHeld> {
    let read = |file: &CStr| std::fs::read_to_string(OsStr::from_bytes(file.to_bytes()));
    let (file, written) = (name_of(&proof.file), proof.written.trim());
    let why = match read(&proof.file) {
        Ok(found) if is_held(written, &found) => return None,
        Ok(found) => format!("{file} was given {written:?} and shows {:?}", found.trim()),
        Err(error) => format!("{file} cannot be read back: {}", spec::error::reason(&error)),
    };
    Some(NotHeld { option: proof.option, why })
}

/// What the file of a limit shows now; for a set, what has become of it. `None` if it cannot be read.
pub fn shown(limit: &Limit) -> Option<String> {
    let file = Path::new(&limit.file);
    let name = file.file_name()?.to_str()?;
    let effective =
        effective(name).map(|effective| file.with_file_name(effective)).filter(|file| file.exists());
    std::fs::read_to_string(effective.as_deref().unwrap_or(file)).ok()
}

pub(crate) fn error(NotHeld { option, why }: &NotHeld) -> Error {
    Error::new(LIMIT_NOT_HELD, format!("{option} is not held as it was asked for"))
        .why(why.clone())
        .fix("ask for what this machine has, or add --best-effort to take what there is")
}
