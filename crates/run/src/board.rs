//! The board: a page that all actors of a plan see.
//!
//! It holds how far the plan is, when each step began and ended, and what failed. It survives the death of whoever
//! wrote it, and writing to it is no system call, so that it works under any filter. Once the container's own code
//! could have run, what is read from it is untrusted input: every index is bounded.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use sys::page::SharedPage;

/// The most steps of which times are kept; later ones are performed all the same.
const STEPS: usize = 256;
/// The most bytes of the head of a file that could not be executed.
const HEAD: usize = 1024;

const DONE: usize = 0;
const FAILED: usize = 1;
const ITEM: usize = 2;
const HEAD_LENGTH: usize = 3;
const FOREGROUND: usize = 4;
const COMMAND: usize = 5;
const FREE: usize = 6;
const HEAD_WORDS: usize = 7;
const BEGAN: usize = HEAD_WORDS + HEAD / 8;
const ENDED: usize = BEGAN + STEPS;
const OTHERWISE: usize = ENDED + STEPS;
/// For the crash tests: whether an actor stands still, and who init is outside.
#[cfg(feature = "faults")]
const STOPPED: usize = OTHERWISE + STEPS;
#[cfg(feature = "faults")]
const INIT: usize = STOPPED + 1;
const WORDS: usize = OTHERWISE + STEPS + 2;

/// The board of one plan.
#[derive(Debug)]
pub struct Board(SharedPage<[AtomicU64; WORDS]>);

/// A step that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Its index.
    pub step: usize,
    /// What the kernel said.
    pub errno: i32,
    /// Which item of the step's list it was, for steps that have one.
    pub item: usize,
}

/// How a step went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Went {
    /// How long it took, in nanoseconds.
    pub nanoseconds: u64,
    /// Whether the kernel refused it and the other op was performed.
    pub otherwise: bool,
}

impl Board {
    /// Maps a new, empty board.
    pub fn new() -> sys::Result<Self> {
        SharedPage::new().map(Board)
    }

    /// How many steps are done.
    pub fn done(&self) -> usize {
        usize::try_from(self.0[DONE].load(SeqCst)).unwrap_or(usize::MAX)
    }

    /// The step begins.
    pub fn begin(&self, step: usize) {
        if step < STEPS {
            self.0[BEGAN + step].store(now(), SeqCst);
        }
    }

    /// The step is done. Both sides of a clone say so; the later one changes nothing.
    pub fn end(&self, step: usize) {
        if step < STEPS && self.0[ENDED + step].load(SeqCst) == 0 {
            self.0[ENDED + step].store(now(), SeqCst);
        }
        self.0[DONE].fetch_max(step as u64 + 1, SeqCst);
    }

    /// The kernel refused the step's op; the other one is performed.
    pub fn otherwise(&self, step: usize) {
        if step < STEPS {
            self.0[OTHERWISE + step].store(1, SeqCst);
        }
    }

    /// The item of its list that a step is at.
    pub fn item(&self, item: usize) {
        self.0[ITEM].store(item as u64, SeqCst);
    }

    /// The step failed. The first failure stays: where one side fails, the other may for want of it.
    pub fn fail(&self, step: usize, errno: i32) {
        let failure = (step as u64 + 1) << 32 | u64::from(errno as u32);
        let _ = self.0[FAILED].compare_exchange(0, failure, SeqCst, SeqCst);
    }

    /// The step that failed, if one did.
    pub fn failure(&self) -> Option<Failure> {
        let failure = self.0[FAILED].load(SeqCst);
        let step = usize::try_from(failure >> 32).ok()?.checked_sub(1)?;
        let errno = i32::try_from(failure as u32).ok().filter(|errno| (1..4096).contains(errno))?;
        Some(Failure { step, errno, item: usize::try_from(self.0[ITEM].load(SeqCst)).ok()? })
    }

    /// How a step went, if it is done. A step before it may not be, where another actor performs it alongside.
    pub fn went(&self, step: usize) -> Option<Went> {
        if step >= STEPS || step >= self.done() {
            return None;
        }
        let [began, ended, otherwise] = [BEGAN, ENDED, OTHERWISE].map(|at| self.0[at + step].load(SeqCst));
        (ended != 0).then_some(Went { nanoseconds: ended.saturating_sub(began), otherwise: otherwise != 0 })
    }

    /// Keeps whether the runtime is the foreground job of its terminal, as the command then is of its own.
    pub fn set_foreground(&self, is: bool) {
        self.0[FOREGROUND].store(is.into(), SeqCst);
    }

    /// Whether the runtime is the foreground job of its terminal.
    pub fn is_foreground(&self) -> bool {
        self.0[FOREGROUND].load(SeqCst) != 0
    }

    /// Nobody stops before the steps below `until` any more.
    pub fn set_free(&self, until: usize) {
        self.0[FREE].store(until as u64, SeqCst);
    }

    /// Whether nobody stops before `step`.
    pub fn is_free(&self, step: usize) -> bool {
        (step as u64) < self.0[FREE].load(SeqCst)
    }

    /// Keeps the pid of the command, as the joiner knows it.
    pub fn keep_command(&self, pid: i32) {
        self.0[COMMAND].store(pid as u64, SeqCst);
    }

    /// The pid of the command that a joiner has forked.
    pub fn command(&self) -> Option<i32> {
        i32::try_from(self.0[COMMAND].load(SeqCst)).ok().filter(|pid| *pid > 0)
    }

    /// Keeps the first bytes of a file that could not be executed, of which it tells the cause.
    pub fn keep_head(&self, head: &[u8]) {
        let length = head.len().min(HEAD);
        for (word, chunk) in head[..length].chunks(8).enumerate() {
            let mut bytes = [0; 8];
            bytes[..chunk.len()].copy_from_slice(chunk);
            self.0[HEAD_WORDS + word].store(u64::from_ne_bytes(bytes), SeqCst);
        }
        self.0[HEAD_LENGTH].store(length as u64, SeqCst);
    }

    /// The first bytes of the file that could not be executed.
    pub fn head(&self) -> Vec<u8> {
        let length = usize::try_from(self.0[HEAD_LENGTH].load(SeqCst)).unwrap_or(0).min(HEAD);
        let words = self.0[HEAD_WORDS..BEGAN].iter().flat_map(|word| word.load(SeqCst).to_ne_bytes());
        words.take(length).collect()
    }
}

#[cfg(feature = "faults")]
impl Board {
    /// An actor stands still, so that another can be killed.
    pub(crate) fn stop(&self) {
        self.0[STOPPED].store(1, SeqCst);
    }

    /// It goes on.
    pub(crate) fn resume(&self) {
        self.0[STOPPED].store(0, SeqCst);
    }

    /// Whether it stands still.
    pub(crate) fn is_stopped(&self) -> bool {
        self.0[STOPPED].load(SeqCst) != 0
    }

    /// Keeps the pid of init, as it is outside.
    pub(crate) fn keep_init(&self, pid: i32) {
        self.0[INIT].store(pid as u64, SeqCst);
    }

    /// The pid of init, or 0.
    pub(crate) fn init(&self) -> i32 {
        i32::try_from(self.0[INIT].load(SeqCst)).unwrap_or(0)
    }
}

fn now() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    (now.tv_sec as u64) * 1_000_000_000 + now.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_and_failure() {
        let board = Board::new().unwrap();
        assert_eq!((board.done(), board.failure(), board.went(0)), (0, None, None));
        board.begin(0);
        board.end(0);
        board.end(3);
        board.end(1);
        assert_eq!(board.done(), 4);
        assert!(board.went(0).is_some_and(|went| !went.otherwise));
        board.item(2);
        board.fail(7, libc::EPERM);
        board.fail(8, libc::EPERM);
        assert_eq!(board.failure(), Some(Failure { step: 7, errno: libc::EPERM, item: 2 }));
    }

    #[test]
    fn what_a_container_wrote_is_bounded() {
        let board = Board::new().unwrap();
        for word in board.0.iter() {
            word.store(u64::MAX, SeqCst);
        }
        assert_eq!(board.failure(), None);
        assert_eq!(board.head().len(), HEAD);
        assert_eq!(board.went(usize::MAX), None);
        board.begin(usize::MAX - 1);
    }

    #[test]
    fn heads() {
        let board = Board::new().unwrap();
        board.keep_head(b"#!/bin/sh\r\n");
        assert_eq!(board.head(), b"#!/bin/sh\r\n");
        board.keep_head(&[7; 9999]);
        assert_eq!(board.head(), [7; HEAD]);
    }
}
