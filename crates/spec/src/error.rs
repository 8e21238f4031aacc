//! The one error type: what went wrong, where in the plan, why, and what to do.

use crate::catalogue::Code;
use crate::excerpt::{Excerpt, printable};
use std::fmt;

/// The exit status of a failed engine, as docker and podman have it.
pub const ENGINE_FAILED: u8 = 125;
/// The exit status when the command exists and cannot be executed (POSIX shell, 2.8.2).
pub const NOT_EXECUTABLE: u8 = 126;
/// The exit status when the command is not there (POSIX shell, 2.8.2).
pub const NOT_FOUND: u8 = 127;

/// What to do about an error that is containerception's own.
pub const REPORT: &str = "report it, with the output of containerception run --dry-run and of uname -a";

/// An error as a person reads it. Built where the cause is known, printed once, by the command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    /// The stable code.
    pub code: Code,
    /// What went wrong, with the values that it went wrong with.
    pub what: String,
    /// Where in what was typed, if it was something typed.
    pub at: Option<Box<Excerpt>>,
    /// The step of the plan, as `step 9 of 21  mount proc on /proc: EPERM`.
    pub step: Option<String>,
    /// The likely cause.
    pub why: Option<String>,
    /// What to do about it.
    pub fix: Option<String>,
    /// The exit status: 125, or 126 and 127 for the command itself.
    pub status: u8,
}

/// What most functions of the upper rooms return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of the engine (status 125).
    pub fn new(code: Code, what: impl Into<String>) -> Self {
        Error { code, what: what.into(), at: None, step: None, why: None, fix: None, status: ENGINE_FAILED }
    }

    /// Points at `part`, which must be a slice of `whole`, what was typed.
    #[must_use]
    pub fn at(mut self, whole: impl AsRef<[u8]>, part: impl AsRef<[u8]>) -> Self {
        self.at = Some(Box::new(Excerpt::new(whole.as_ref(), part.as_ref())));
        self
    }

    /// Shows what this error points at in more of what was typed: it was found in `part`, a slice of `whole`.
    #[must_use]
    pub fn within(mut self, whole: impl AsRef<[u8]>, part: impl AsRef<[u8]>) -> Self {
        self.at = self.at.map(|at| Box::new(at.within(whole.as_ref(), part.as_ref())));
        self
    }

    /// Adds the likely cause.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Names the step of the plan.
    #[must_use]
    pub fn step(mut self, step: impl Into<String>) -> Self {
        self.step = Some(step.into());
        self
    }

    /// Sets the exit status.
    #[must_use]
    pub fn status(mut self, status: u8) -> Self {
        self.status = status;
        self
    }

    /// The command that prints the page of this error.
    pub fn more(&self) -> String {
        format!("containerception explain {}", self.code)
    }
}

/// Values in the text may be anything; printed, they are one line and no more than text.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error[{}]: {}", self.code, printable(&self.what))?;
        if let Some([text, carets]) = self.at.as_ref().and_then(|at| at.lines()) {
            writeln!(f, "  at:   {text}\n        {carets}")?;
        }
        if let Some(step) = &self.step {
            writeln!(f, "  {}", printable(step))?;
        }
        if let Some(why) = &self.why {
            writeln!(f, "  why:  {}", printable(why))?;
        }
        if let Some(fix) = &self.fix {
            writeln!(f, "  fix:  {}", printable(fix))?;
        }
        write!(f, "  more: {}", self.more())
    }
}

impl std::error::Error for Error {}

/// What the kernel answered, in words: the number that Rust puts behind them helps nobody.
pub fn reason(answer: &impl fmt::Display) -> String {
    let text = answer.to_string();
    text.split(" (os error ").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::BAD_VOLUME;

    #[test]
    fn an_error_has_its_parts_in_this_order() {
        let error = Error::new(BAD_VOLUME, "what").at("a:b", "").step("step").why("why").fix("fix");
        let text = "error[CX1007]: what\n  at:   a:b\n        ^^^\n  step\n  why:  why\n  fix:  fix\n  more: containerception explain CX1007";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn a_reason_has_no_number() {
        assert_eq!(reason(&std::io::Error::from_raw_os_error(13)), "Permission denied");
        assert_eq!(reason(&std::io::Error::other("of our own")), "of our own");
    }

    #[test]
    fn values_neither_drive_the_terminal_nor_add_lines() {
        let error = Error::new(BAD_VOLUME, "a\x1b[31m\n  fix:  reboot").why("\u{202e}");
        assert_eq!(error.to_string().lines().count(), 3, "{error}");
        assert!(!error.to_string().contains('\x1b'), "{error}");
    }
}
