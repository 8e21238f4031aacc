//! The command: found and executed.

use std::ffi::CString;
use std::io;
use sys::Errno;
use sys::exec::{CStringArray, execve};

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A command in the three forms that `execve(2)` takes it.
pub struct Program {
    /// Where to try it, in order.
    candidates: Vec<CString>,
    arguments: CStringArray,
    environment: CStringArray,
}

impl Program {
    /// Builds all strings beforehand. No command is an error.
    pub fn new(words: impl Iterator<Item = String>) -> io::Result<Program> {
        let words = words.map(CString::new).collect::<Result<Vec<_>, _>>()?;
        let name = words.first().ok_or_else(|| io::Error::other("no COMMAND"))?;
        Ok(Program {
            candidates: candidates(name.to_str().map_err(io::Error::other)?)?,
            environment: CStringArray::new(vec![CString::new(format!("PATH={PATH}"))?]),
            arguments: CStringArray::new(words),
        })
    }

    /// Tries one candidate after the other. Returns only if none could be executed.
    pub fn execute(&self) -> Errno {
        let mut failure = Errno::NOENT;
        for candidate in &self.candidates {
            match execve(candidate, &self.arguments, &self.environment) {
                Errno::NOENT => {}
                errno => failure = errno,
            }
        }
        failure
    }
}

fn candidates(name: &str) -> io::Result<Vec<CString>> {
    if name.contains('/') {
        return Ok(vec![CString::new(name)?]);
    }
    Ok(PATH
        .split(':')
        .map(|directory| CString::new(format!("{directory}/{name}")))
        .collect::<Result<_, _>>()?)
}
