//! What a filter decides, as plain data.

use libc::c_long;

/// What the kernel does with a system call: one of the `SECCOMP_RET_*` values of seccomp(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Perform the call.
    Allow,
    /// Fail it with this errno; the kernel caps it at 4095.
    Errno(u16),
    /// End the whole process with SIGSYS (Linux 4.14; older kernels end the thread).
    KillProcess,
}

impl Action {
    /// The 32-bit value that a filter returns for this action.
    #[must_use]
    pub fn code(self) -> u32 {
        match self {
            Action::Allow => libc::SECCOMP_RET_ALLOW,
            Action::Errno(errno) => libc::SECCOMP_RET_ERRNO | u32::from(errno),
            Action::KillProcess => libc::SECCOMP_RET_KILL_PROCESS,
        }
    }
}

/// A whole policy: what each system call of one architecture meets.
///
/// Two things hold for every profile, whatever its fields say: a call by another architecture's entry meets
/// `foreign`, and a number with the x32 bit (0x4000_0000) is answered with ENOSYS, so that no rule can be walked
/// around through a second table of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile<'a> {
    /// The `AUDIT_ARCH_*` value whose numbers the rules use.
    pub arch: u32,
    /// For calls made through any other architecture's entry (`int 0x80`, 32-bit ARM).
    pub foreign: Action,
    /// For calls that no rule names.
    pub default: Action,
    /// The first rule that names a call decides it.
    pub rules: &'a [Rule<'a>],
}

/// Calls that are treated alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule<'a> {
    /// By number.
    pub calls: &'a [c_long],
    /// What they meet.
    pub verdict: Verdict<'a>,
}

impl<'a> Rule<'a> {
    /// The rule that allows these calls.
    #[must_use]
    pub const fn allow(calls: &'a [c_long]) -> Self {
        Rule { calls, verdict: Verdict::always(Action::Allow) }
    }

    /// The rule that fails these calls with `errno`.
    #[must_use]
    pub const fn errno(calls: &'a [c_long], errno: u16) -> Self {
        Rule { calls, verdict: Verdict::always(Action::Errno(errno)) }
    }
}

/// The first case that matches decides, else `otherwise`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict<'a> {
    /// Tried in order; empty when the arguments do not matter.
    pub cases: &'a [Case],
    /// When no case matches.
    pub otherwise: Action,
}

impl Verdict<'_> {
    /// This action, whatever the arguments are.
    #[must_use]
    pub const fn always(action: Action) -> Self {
        Verdict { cases: &[], otherwise: action }
    }
}

/// One alternative of a [`Verdict`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// When.
    pub test: Test,
    /// Then.
    pub then: Action,
}

/// Matches when `argument & mask == value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Test {
    /// Which argument, 0 to 5. With any other the kernel refuses the program (EINVAL).
    pub argument: u8,
    /// The bits that count.
    pub mask: u64,
    /// What they must be.
    pub value: u64,
}

impl Test {
    /// Matches an argument that the kernel takes as a 32-bit `int` or `unsigned int`.
    ///
    /// The kernel drops the upper half of such an argument, so a filter that compares all 64 bits is passed by
    /// setting any upper bit: CVE-2019-7303 (snapd and TIOCSTI).
    #[must_use]
    pub const fn int(argument: u8, value: u32) -> Self {
        Test { argument, mask: u32::MAX as u64, value: value as u64 }
    }
}
