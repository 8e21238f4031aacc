//! The numbers of the system calls: libc's, and here those that libc 0.2 lacks for one or more of our targets.
//!
//! Source: scripts/syscall.tbl and arch/x86/entry/syscalls/syscall_64.tbl of Linux 6.18, where 424 to 469 are the
//! same calls on both. Checked in the tests against the kernel's headers.
#![allow(non_upper_case_globals)]

// A definition below shadows the one of the glob, so libc may come to know it without harm.
pub(crate) use libc::*;

pub(crate) const SYS_cachestat: c_long = 451;
pub(crate) const SYS_fchmodat2: c_long = 452;
pub(crate) const SYS_map_shadow_stack: c_long = 453;
pub(crate) const SYS_futex_wake: c_long = 454;
pub(crate) const SYS_futex_wait: c_long = 455;
pub(crate) const SYS_futex_requeue: c_long = 456;
pub(crate) const SYS_statmount: c_long = 457;
pub(crate) const SYS_listmount: c_long = 458;
pub(crate) const SYS_lsm_get_self_attr: c_long = 459;
pub(crate) const SYS_lsm_set_self_attr: c_long = 460;
pub(crate) const SYS_lsm_list_modules: c_long = 461;
pub(crate) const SYS_mseal: c_long = 462;
pub(crate) const SYS_setxattrat: c_long = 463;
pub(crate) const SYS_getxattrat: c_long = 464;
pub(crate) const SYS_listxattrat: c_long = 465;
pub(crate) const SYS_removexattrat: c_long = 466;
pub(crate) const SYS_open_tree_attr: c_long = 467;
pub(crate) const SYS_file_getattr: c_long = 468;
pub(crate) const SYS_file_setattr: c_long = 469;

pub(crate) const SYS_io_pgetevents: c_long = if cfg!(target_arch = "x86_64") { 333 } else { 292 };
pub(crate) const SYS_kexec_file_load: c_long = if cfg!(target_arch = "x86_64") { 320 } else { 294 };

#[cfg(target_arch = "x86_64")]
pub(crate) const SYS_create_module: c_long = 174;
#[cfg(target_arch = "x86_64")]
pub(crate) const SYS_get_kernel_syms: c_long = 177;
#[cfg(target_arch = "x86_64")]
pub(crate) const SYS_query_module: c_long = 178;
#[cfg(target_arch = "x86_64")]
pub(crate) const SYS_uretprobe: c_long = 335;
#[cfg(target_arch = "x86_64")]
pub(crate) const SYS_uprobe: c_long = 336;
