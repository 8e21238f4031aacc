//! The profile of every container that does not bring its own.
//!
//! An allow-list, because the kernel grows: a list of forbidden calls lets the next dangerous one through until
//! somebody hears of it (CVE-2021-41133, flatpak and the new mount calls).
//!
//! What is not allowed fails in one of two ways, and which of them is part of the design:
//!
//! - **EPERM**, for calls that we know and refuse: the program learns that it may not.
//! - **ENOSYS**, for numbers that we do not know: the program learns that this kernel is too old for it, and falls
//!   back to an older call. A library that tries a new call gives up on EPERM, but not on ENOSYS.

use crate::allowed;
use crate::numbers::*;
use crate::profile::{Action, Case, Profile, Rule, Test, Verdict};

/// The architecture that this program is built for, as seccomp_data names it (linux/audit.h): the ELF machine,
/// with the bits for 64-bit and little-endian.
pub const AUDIT_ARCH: u32 = 0xC000_0000 | MACHINE_OF_ELF as u32;
#[cfg(target_arch = "x86_64")]
const MACHINE_OF_ELF: u16 = EM_X86_64;
#[cfg(target_arch = "aarch64")]
const MACHINE_OF_ELF: u16 = EM_AARCH64;

/// What a container may call, so that ordinary programs run, a container inside can be made, and the parts of the
/// kernel that its exploits come from are out of reach.
///
/// Another architecture's entry (`int 0x80`, 32-bit ARM) ends the process. Its table has other numbers, so it would
/// need a second filter. An errno would be no help: a 32-bit program cannot even exit(2) then, and one of musl's
/// spins for ever in its attempt. SIGSYS is a clear end, and the kernel logs it.
pub const DEFAULT: Profile<'static> = profile(RULES.split_at(FOR_HOST_IDS).1);

/// The same for a container whose root is the host's: no user namespace can be made.
///
/// All capabilities come back in a user namespace, and with them a fresh `/proc` and control groups that can be
/// written. What protects those from root inside is that it is not the host's root; where it is, writing to
/// `/proc/sys/kernel/core_pattern` is enough to get out. `clone3(2)` has its flags in memory, where no filter can see
/// them; ENOSYS makes callers fall back to `clone(2)`.
pub const HOST_IDS: Profile<'static> = profile(RULES);

const fn profile(rules: &'static [Rule<'static>]) -> Profile<'static> {
    Profile { arch: AUDIT_ARCH, foreign: Action::KillProcess, default: Action::Errno(ENOSYS as u16), rules }
}

/// How many rules stand before those of [`DEFAULT`].
const FOR_HOST_IDS: usize = 2;

/// The first rule that names a call decides it.
const RULES: &[Rule<'static>] = &[
    Rule { calls: &[SYS_clone, SYS_unshare], verdict: NO_USER_NAMESPACE },
    Rule::errno(&[SYS_clone3], ENOSYS as u16),
    Rule::allow(allowed::FILES),
    Rule::allow(allowed::ATTRIBUTES),
    Rule::allow(allowed::POLLING),
    Rule::allow(allowed::MEMORY),
    Rule::allow(allowed::PROCESSES),
    Rule::allow(allowed::IDS),
    Rule::allow(allowed::SIGNALS),
    Rule::allow(allowed::TIME),
    Rule::allow(allowed::SCHEDULING),
    Rule::allow(allowed::IPC),
    Rule::allow(allowed::NETWORK),
    Rule::allow(allowed::CONTAINERS),
    Rule::allow(allowed::LEGACY),
    Rule::errno(KERNEL, EPERM as u16),
    Rule::errno(MACHINE, EPERM as u16),
    Rule::errno(UNNAMESPACED, EPERM as u16),
    Rule::errno(REFUSED_LEGACY, EPERM as u16),
    Rule { calls: &[SYS_ioctl], verdict: IOCTL },
    Rule { calls: &[SYS_socket], verdict: SOCKET },
    Rule { calls: &[SYS_personality], verdict: PERSONALITY },
];

const REFUSE: Action = Action::Errno(EPERM as u16);

/// The flags are the first argument of both calls.
const NO_USER_NAMESPACE: Verdict<'static> = Verdict {
    cases: &[Case {
        test: Test { argument: 0, mask: CLONE_NEWUSER as u64, value: CLONE_NEWUSER as u64 },
        then: REFUSE,
    }],
    otherwise: Action::Allow,
};

/// Both requests put input into a terminal as if somebody had typed it, a way out through a shared one:
/// CVE-2017-5226 and, on the console, CVE-2023-28100.
const IOCTL: Verdict<'static> = Verdict {
    cases: &[
        Case { test: Test::int(1, TIOCSTI as u32), then: REFUSE },
        Case { test: Test::int(1, TIOCLINUX as u32), then: REFUSE },
    ],
    otherwise: Action::Allow,
};

/// VSOCK reaches the hypervisor, past the network namespace. ALG is the kernel's ciphers, through which files that a
/// container may only read were written (CVE-2026-31431); here those are the host's own /usr.
const SOCKET: Verdict<'static> = Verdict {
    cases: &[
        Case { test: Test::int(0, AF_ALG as u32), then: REFUSE },
        Case { test: Test::int(0, AF_VSOCK as u32), then: REFUSE },
    ],
    otherwise: Action::Allow,
};

/// The two bits that change what uname(2) tells, PER_LINUX32 and UNAME26, and the question that changes nothing. The
/// other bits take away what protects a process, such as READ_IMPLIES_EXEC, or let it pose as another system.
const PERSONALITY: Verdict<'static> = Verdict {
    cases: &[
        Case { test: Test { argument: 0, mask: !0x2_0008 & 0xffff_ffff, value: 0 }, then: Action::Allow },
        Case { test: Test::int(0, 0xffff_ffff), then: Action::Allow },
    ],
    otherwise: REFUSE,
};

/// Parts of the kernel that its exploits come from, and ways to replace it.
#[rustfmt::skip]
const KERNEL: &[c_long] = &[
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
    SYS_kexec_load, SYS_kexec_file_load, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_lookup_dcookie,
    SYS_nfsservctl, SYS_fanotify_init, SYS_lsm_set_self_attr,
];

/// What belongs to whoever runs the machine: power, swap, accounting, log, clock, quotas, where memory lies.
#[rustfmt::skip]
const MACHINE: &[c_long] = &[
    SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_syslog, SYS_settimeofday, SYS_clock_settime, SYS_quotactl,
    SYS_quotactl_fd, SYS_vhangup, SYS_mbind, SYS_set_mempolicy, SYS_get_mempolicy, SYS_set_mempolicy_home_node,
    SYS_migrate_pages, SYS_move_pages,
];

/// What no namespace separates: keyrings, and any file of a mount by its number (the «shocker» escape of 2014).
const UNNAMESPACED: &[c_long] = &[SYS_add_key, SYS_request_key, SYS_keyctl, SYS_open_by_handle_at];

/// Hardware ports, and calls that Linux has dropped: an old kernel may still have them.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
const REFUSED_LEGACY: &[c_long] = &[
    SYS_iopl, SYS_ioperm, SYS_uselib, SYS_ustat, SYS_sysfs, SYS__sysctl, SYS_create_module, SYS_get_kernel_syms,
    SYS_query_module, SYS_getpmsg, SYS_putpmsg, SYS_afs_syscall, SYS_tuxcall, SYS_security, SYS_vserver,
];
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_LEGACY: &[c_long] = &[];
