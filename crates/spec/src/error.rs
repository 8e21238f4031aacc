//! The one error type: what went wrong, where in the plan, why, and what to do.

use crate::catalogue::Code;
use std::fmt;

/// The exit status of a failed engine, as docker and podman have it.
pub const ENGINE_FAILED: u8 = 125;
/// The exit status when the command exists and cannot be executed (POSIX shell, 2.8.2).
pub const NOT_EXECUTABLE: u8 = 126;
/// The exit status when the command is not there (POSIX shell, 2.8.2).
pub const NOT_FOUND: u8 = 127;

/// An error as a person reads it. Built where the cause is known, printed once, by the command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    /// The stable code.
    pub code: Code,
    /// What went wrong, with the values that it went wrong with.
    pub what: String,
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
        Error { code, what: what.into(), step: None, why: None, fix: None, status: ENGINE_FAILED }
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
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error[{}]: {}", self.code, self.what)?;
        if let Some(step) = &self.step {
            writeln!(f, "  {step}")?;
        }
        if let Some(why) = &self.why {
            writeln!(f, "  why:  {why}")?;
        }
        if let Some(fix) = &self.fix {
            writeln!(f, "  fix:  {fix}")?;
        }
        write!(f, "  more: containerception explain {}", self.code)
    }
}

impl std::error::Error for Error {}
