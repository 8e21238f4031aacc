//! What the default profile lets through, call by call.

mod common;

use common::{Call, execute, read};
use libc::*;
use linux_raw_sys::general as headers;
use seccomp::{AUDIT_ARCH, Action, DEFAULT, HOST_IDS, Instruction, compile};

const ALLOW: u32 = 0x7fff_0000;
const EPERM_RETURNED: u32 = 0x0005_0001;
const ENOSYS_RETURNED: u32 = 0x0005_0026;
const KILL_PROCESS: u32 = 0x8000_0000;

/// What the compiled default filter returns.
fn filter(nr: impl TryInto<u32>, args: [u64; 6]) -> u32 {
    filter_with(&compile(&DEFAULT), nr, args)
}

fn filter_with(program: &[Instruction], nr: impl TryInto<u32>, args: [u64; 6]) -> u32 {
    let nr = nr.try_into().ok().expect("a system call number");
    execute(program, &Call { nr, arch: AUDIT_ARCH, args }).0
}

fn assert_all(expected: u32, calls: &[c_long]) {
    for &nr in calls {
        assert_eq!(filter(nr, [0; 6]), expected, "call {nr}");
    }
}

#[test]
fn the_filter_is_small() {
    let program = compile(&DEFAULT);
    assert!(program.len() <= 200, "{} instructions", program.len());
    // Each outcome stands in it once: allow, EPERM, ENOSYS, kill.
    assert_eq!(program.iter().filter(|instruction| instruction.code == 0x06).count(), 4);
}

/// When the filter is installed the kernel runs it once for each number.
#[test]
fn each_call_is_decided_in_a_few_steps() {
    let program = compile(&DEFAULT);
    for nr in 0..600 {
        let (_, steps) = execute(&program, &Call { nr, arch: AUDIT_ARCH, args: [0; 6] });
        assert!(steps <= 14, "call {nr}: {steps} steps");
    }
}

#[test]
fn every_number_is_decided_as_the_profile_reads() {
    let program = compile(&DEFAULT);
    let args =
        [0, 1, 8, 38, 40, 0x5412, 0x541c, 0x2_0000, 0x2_0008, 0x4_0000, 0xffff_ffff, 1 << 32, u64::MAX];
    for nr in (0..=600).chain([0x4000_0000, 0x4000_0010, u32::MAX]) {
        for arch in [AUDIT_ARCH, 0x4000_0003, 0x4000_0028, 0] {
            for arg in args {
                let call = Call { nr, arch, args: [arg; 6] };
                assert_eq!(execute(&program, &call).0, read(&DEFAULT, &call).code(), "{call:x?}");
            }
        }
    }
}

/// No number of Linux 6.18 was forgotten: ENOSYS is for those that it does not have.
#[test]
fn every_call_of_the_kernel_is_known() {
    #[cfg(target_arch = "x86_64")]
    let known = [0..=336, 424..=469];
    #[cfg(target_arch = "aarch64")]
    let known = [0..=243, 260..=294, 424..=469];
    for nr in 0..600 {
        let listed = known.iter().any(|range| range.contains(&nr));
        assert_eq!(filter(nr, [0; 6]) != ENOSYS_RETURNED, listed, "call {nr}");
    }
}

/// A call that stands in two lists would be decided by the order of the rules, unnoticed.
#[test]
fn no_call_is_named_twice() {
    let mut calls: Vec<_> = DEFAULT.rules.iter().flat_map(|rule| rule.calls).collect();
    let named = calls.len();
    calls.sort_unstable();
    calls.dedup();
    assert_eq!(calls.len(), named);
}

#[test]
fn the_kernels_large_and_dangerous_parts_are_out_of_reach() {
    assert_all(EPERM_RETURNED, &[SYS_bpf, SYS_perf_event_open, SYS_userfaultfd]);
    assert_all(EPERM_RETURNED, &[SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register]);
    assert_all(EPERM_RETURNED, &[SYS_kexec_load, c_long::from(headers::__NR_kexec_file_load)]);
    assert_all(EPERM_RETURNED, &[SYS_init_module, SYS_finit_module, SYS_delete_module]);
    assert_all(EPERM_RETURNED, &[SYS_open_by_handle_at]);
    assert_all(EPERM_RETURNED, &[SYS_add_key, SYS_request_key, SYS_keyctl]);
}

#[test]
fn the_machine_belongs_to_the_host() {
    assert_all(EPERM_RETURNED, &[SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_syslog, SYS_vhangup]);
    assert_all(EPERM_RETURNED, &[SYS_settimeofday, SYS_clock_settime, SYS_quotactl, SYS_quotactl_fd]);
    assert_all(EPERM_RETURNED, &[SYS_lookup_dcookie, SYS_nfsservctl, SYS_fanotify_init]);
    assert_all(EPERM_RETURNED, &[SYS_mbind, SYS_move_pages, SYS_migrate_pages]);
    assert_all(EPERM_RETURNED, &[c_long::from(headers::__NR_lsm_set_self_attr)]);
    #[cfg(target_arch = "x86_64")]
    assert_all(EPERM_RETURNED, &[SYS_iopl, SYS_ioperm, SYS_uselib, SYS_ustat, SYS_sysfs]);
}

#[test]
fn a_nested_container_can_be_made() {
    assert_all(ALLOW, &[SYS_clone, SYS_clone3, SYS_unshare, SYS_setns, SYS_sethostname, SYS_setdomainname]);
    assert_all(ALLOW, &[SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_mknodat]);
    assert_all(ALLOW, &[SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_open_tree, SYS_move_mount]);
    assert_all(
        ALLOW,
        &[SYS_mount_setattr, SYS_seccomp, SYS_prctl, SYS_capset, SYS_pidfd_open, SYS_close_range],
    );
    assert_all(ALLOW, &[SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_getfd, SYS_kcmp]);
}

/// Where root inside is the host's root, a user namespace would give it back what its missing capabilities withhold.
#[test]
fn root_of_the_host_cannot_make_a_user_namespace() {
    let program = compile(&HOST_IDS);
    let filter = |nr: c_long, flags: u64| filter_with(&program, nr, [flags, 0, 0, 0, 0, 0]);
    let user = CLONE_NEWUSER as u64;
    for flags in [user, user | SIGCHLD as u64, user | 1 << 40, 0xffff_ffff] {
        assert_eq!(filter(SYS_clone, flags), EPERM_RETURNED, "{flags:x}");
        assert_eq!(filter(SYS_unshare, flags), EPERM_RETURNED, "{flags:x}");
    }
    for flags in [0, SIGCHLD as u64, CLONE_NEWNS as u64, !user & 0xffff_ffff] {
        assert_eq!(filter(SYS_clone, flags), ALLOW, "{flags:x}");
        assert_eq!(filter(SYS_unshare, flags), ALLOW, "{flags:x}");
    }
    assert_eq!(filter(SYS_clone3, 0), ENOSYS_RETURNED);
    assert!(program.len() <= 200);
    // All else is as in the default.
    for nr in (0..=600).filter(|nr| ![SYS_clone, SYS_unshare, SYS_clone3].contains(nr)) {
        let default = self::filter(nr, [0x5412; 6]);
        assert_eq!(filter_with(&program, nr, [0x5412; 6]), default, "call {nr}");
    }
}

/// The numbers that we had to write down ourselves, against the kernel's headers.
#[test]
fn our_own_numbers_are_the_kernels() {
    let allowed = [
        headers::__NR_io_pgetevents,
        headers::__NR_cachestat,
        headers::__NR_fchmodat2,
        headers::__NR_map_shadow_stack,
        headers::__NR_futex_wake,
        headers::__NR_futex_wait,
        headers::__NR_futex_requeue,
        headers::__NR_statmount,
        headers::__NR_listmount,
        headers::__NR_lsm_get_self_attr,
        headers::__NR_lsm_list_modules,
        headers::__NR_mseal,
        headers::__NR_setxattrat,
        headers::__NR_getxattrat,
        headers::__NR_listxattrat,
        headers::__NR_removexattrat,
        headers::__NR_open_tree_attr,
        headers::__NR_file_getattr,
        headers::__NR_file_setattr,
        #[cfg(target_arch = "x86_64")]
        headers::__NR_uretprobe,
    ];
    for nr in allowed {
        assert_eq!(filter(nr, [0; 6]), ALLOW, "call {nr}");
    }
}

/// The kernel drops the upper half of these arguments, so it must not count for the filter: CVE-2019-7303.
#[test]
fn input_cannot_be_pushed_into_a_terminal() {
    for request in [0x5412, 0x541c] {
        for upper in [0, 1 << 32, 1 << 63, 0xffff_ffff << 32] {
            let args = [0, upper | request, 0, 0, 0, 0];
            assert_eq!(filter(SYS_ioctl, args), EPERM_RETURNED, "{args:x?}");
        }
    }
    for request in [0x5401, 0x5411, 0x5413, 0x541b, 0x541d, 0x15412] {
        assert_eq!(filter(SYS_ioctl, [0x5412, request, 0x5412, 0x541c, 0, 0]), ALLOW, "{request:x}");
    }
}

#[test]
fn sockets_of_the_hypervisor_and_the_ciphers_are_refused() {
    for domain in 0..64_u64 {
        let expected = if [38, 40].contains(&domain) { EPERM_RETURNED } else { ALLOW };
        assert_eq!(filter(SYS_socket, [domain, 38, 40, 0, 0, 0]), expected, "{domain}");
        assert_eq!(filter(SYS_socket, [domain | 1 << 40, 1, 0, 0, 0, 0]), expected, "{domain}");
    }
}

#[test]
fn only_harmless_personalities() {
    for persona in [0, 8, 0x2_0000, 0x2_0008, 0xffff_ffff, 1 << 32, 8 | 1 << 63] {
        assert_eq!(filter(SYS_personality, [persona, 0, 0, 0, 0, 0]), ALLOW, "{persona:x}");
    }
    // READ_IMPLIES_EXEC, ADDR_NO_RANDOMIZE, MMAP_PAGE_ZERO, ADDR_COMPAT_LAYOUT, other systems, mixtures
    for persona in [0x40_0000, 0x4_0000, 0x10_0000, 0x20_0000, 1, 6, 0x4_0008, 0xffff_fffe, 0x7fff_ffff] {
        assert_eq!(filter(SYS_personality, [persona, 0, 0, 0, 0, 0]), EPERM_RETURNED, "{persona:x}");
    }
}

#[test]
fn foreign_tables_of_numbers_are_closed() {
    let program = compile(&DEFAULT);
    for arch in [0x4000_0003, 0x4000_0028, 0xC000_003E ^ 0xC000_00B7 ^ AUDIT_ARCH, 0x3E, 0, u32::MAX] {
        for nr in [0, 1, 20, 42, 60, 59] {
            assert_eq!(execute(&program, &Call { nr, arch, args: [0; 6] }).0, KILL_PROCESS, "{arch:x} {nr}");
        }
    }
    // x32, and the -1 by which a tracer cancels a call
    for nr in [0x4000_0000_u32, 0x4000_003b, 0x4000_0208, 0xffff_ffff] {
        assert_eq!(filter(nr, [0; 6]), ENOSYS_RETURNED, "{nr:x}");
    }
    assert_eq!(DEFAULT.foreign, Action::KillProcess);
}
