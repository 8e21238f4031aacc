//! Containers inside containers: `nest`, which starts some at once, and `depth`.

use super::run;
use crate::options::Run;
use spec::catalogue::{BAD_USAGE, INTERNAL};
use spec::error::{Error, Result, reason};
use std::env::args_os;
use std::ffi::OsString;
use std::io::Write;

/// Runs the command of `options` inside of `levels` containers, each of which starts the next one as anybody would.
pub fn nest(levels: u8, mut options: Run) -> Result<u8> {
    // The options are handed on as they were typed: whatever follows the number.
    let mut typed = args_os().skip_while(|word| word != "nest").skip(1);
    if typed.next().and_then(|word| word.to_str()?.parse().ok()) != Some(levels) {
        return Err(Error::new(BAD_USAGE, "the number of containers comes before the options")
            .fix("containerception nest 3 [OPTIONS] COMMAND"));
    }
    if levels > 1 {
        let next = ["containerception", "nest", &(levels - 1).to_string()].map(OsString::from);
        options.command = next.into_iter().chain(typed).collect();
    }
    run::run(&options)
}

/// Prints how deep this is.
pub fn depth() -> Result<()> {
    writeln!(std::io::stdout(), "{}", ::run::probe::depth())
        .map_err(|error| Error::new(INTERNAL, "nothing can be printed").why(reason(&error)))
}
