//! The system calls that a container may make, by topic.
//!
//! With those that are refused they make up all that Linux 6.18 has, which a test checks: a call in no list does
//! not exist for the container (ENOSYS).

use crate::numbers::*;

#[rustfmt::skip]
pub(crate) const FILES: &[c_long] = &[
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_preadv2,
    SYS_pwritev2, SYS_lseek, SYS_openat, SYS_openat2, SYS_close, SYS_close_range, SYS_dup, SYS_dup3, SYS_fcntl,
    SYS_flock, SYS_pipe2, SYS_sendfile, SYS_splice, SYS_tee, SYS_vmsplice, SYS_copy_file_range, SYS_readahead,
    SYS_fadvise64, SYS_fallocate, SYS_truncate, SYS_ftruncate, SYS_sync, SYS_fsync, SYS_fdatasync, SYS_syncfs,
    SYS_sync_file_range, SYS_getdents64, SYS_getcwd, SYS_chdir, SYS_fchdir, SYS_umask, SYS_mkdirat, SYS_mknodat,
    SYS_unlinkat, SYS_linkat, SYS_symlinkat, SYS_readlinkat, SYS_renameat, SYS_renameat2, SYS_memfd_create,
    SYS_io_setup, SYS_io_destroy, SYS_io_submit, SYS_io_cancel, SYS_io_getevents, SYS_io_pgetevents,
    // Gives a handle; only open_by_handle_at, which is refused, turns one into a file.
    SYS_name_to_handle_at,
];

#[rustfmt::skip]
pub(crate) const ATTRIBUTES: &[c_long] = &[
    SYS_newfstatat, SYS_fstat, SYS_statx, SYS_statfs, SYS_fstatfs, SYS_faccessat, SYS_faccessat2, SYS_fchmod,
    SYS_fchmodat, SYS_fchmodat2, SYS_fchown, SYS_fchownat, SYS_utimensat, SYS_setxattr, SYS_lsetxattr,
    SYS_fsetxattr, SYS_getxattr, SYS_lgetxattr, SYS_fgetxattr, SYS_listxattr, SYS_llistxattr, SYS_flistxattr,
    SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, SYS_setxattrat, SYS_getxattrat, SYS_listxattrat,
    SYS_removexattrat, SYS_file_getattr, SYS_file_setattr, SYS_cachestat,
];

#[rustfmt::skip]
pub(crate) const POLLING: &[c_long] = &[
    SYS_pselect6, SYS_ppoll, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_epoll_pwait2, SYS_eventfd2,
    SYS_signalfd4, SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime, SYS_inotify_init1,
    SYS_inotify_add_watch, SYS_inotify_rm_watch, SYS_fanotify_mark,
];

#[rustfmt::skip]
pub(crate) const MEMORY: &[c_long] = &[
    SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_msync, SYS_mincore, SYS_madvise, SYS_mlock,
    SYS_mlock2, SYS_munlock, SYS_mlockall, SYS_munlockall, SYS_remap_file_pages, SYS_pkey_alloc, SYS_pkey_free,
    SYS_pkey_mprotect, SYS_memfd_secret, SYS_membarrier, SYS_map_shadow_stack, SYS_mseal, SYS_process_mrelease,
    // Asks for the rights of ptrace and for CAP_SYS_NICE over the other process.
    SYS_process_madvise,
];

#[rustfmt::skip]
pub(crate) const PROCESSES: &[c_long] = &[
    SYS_execve, SYS_execveat, SYS_exit, SYS_exit_group, SYS_wait4, SYS_waitid, SYS_set_tid_address,
    SYS_set_robust_list, SYS_get_robust_list, SYS_rseq, SYS_futex, SYS_futex_waitv, SYS_futex_wake, SYS_futex_wait,
    SYS_futex_requeue, SYS_prctl, SYS_getrlimit, SYS_setrlimit, SYS_prlimit64, SYS_getrusage, SYS_times, SYS_uname,
    SYS_sysinfo, SYS_getcpu, SYS_getrandom, SYS_restart_syscall, SYS_pidfd_open, SYS_pidfd_send_signal,
    // Debuggers. All of these are bound by ptrace's own checks, and since Linux 4.8 ptrace can't get around a filter.
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_getfd, SYS_kcmp,
    // More confinement, for whoever wants it.
    SYS_seccomp, SYS_landlock_create_ruleset, SYS_landlock_add_rule, SYS_landlock_restrict_self,
    SYS_lsm_get_self_attr, SYS_lsm_list_modules,
];

#[rustfmt::skip]
pub(crate) const IDS: &[c_long] = &[
    SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getresuid,
    SYS_getresgid, SYS_getgroups, SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid,
    SYS_setfsuid, SYS_setfsgid, SYS_setgroups, SYS_getpgid, SYS_setpgid, SYS_getsid, SYS_setsid,
    SYS_capget, SYS_capset,
];

#[rustfmt::skip]
pub(crate) const SIGNALS: &[c_long] = &[
    SYS_kill, SYS_tkill, SYS_tgkill, SYS_sigaltstack, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigpending,
    SYS_rt_sigsuspend, SYS_rt_sigtimedwait, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_rt_sigreturn,
];

#[rustfmt::skip]
pub(crate) const TIME: &[c_long] = &[
    SYS_nanosleep, SYS_clock_nanosleep, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_getitimer,
    SYS_setitimer, SYS_timer_create, SYS_timer_settime, SYS_timer_gettime, SYS_timer_getoverrun, SYS_timer_delete,
    // Everyone may read the clock's state. Setting it takes CAP_SYS_TIME in the first user namespace, and glibc's
    // adjtimex(3) makes the second of the two.
    SYS_adjtimex, SYS_clock_adjtime,
];

#[rustfmt::skip]
pub(crate) const SCHEDULING: &[c_long] = &[
    SYS_sched_yield, SYS_sched_setparam, SYS_sched_getparam, SYS_sched_setscheduler, SYS_sched_getscheduler,
    SYS_sched_setattr, SYS_sched_getattr, SYS_sched_setaffinity, SYS_sched_getaffinity, SYS_sched_get_priority_max,
    SYS_sched_get_priority_min, SYS_sched_rr_get_interval, SYS_setpriority, SYS_getpriority, SYS_ioprio_set,
    SYS_ioprio_get,
];

#[rustfmt::skip]
pub(crate) const IPC: &[c_long] = &[
    SYS_shmget, SYS_shmat, SYS_shmdt, SYS_shmctl, SYS_semget, SYS_semop, SYS_semtimedop, SYS_semctl, SYS_msgget,
    SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_mq_open, SYS_mq_unlink, SYS_mq_timedsend, SYS_mq_timedreceive,
    SYS_mq_notify, SYS_mq_getsetattr,
];

/// socket(2) itself is decided by its argument.
#[rustfmt::skip]
pub(crate) const NETWORK: &[c_long] = &[
    SYS_socketpair, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_connect, SYS_getsockname, SYS_getpeername,
    SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_sendmmsg, SYS_recvmmsg, SYS_setsockopt, SYS_getsockopt,
    SYS_shutdown,
];

/// What a nested container is made with. Docker's default refuses most of these, because whoever has a user
/// namespace reaches more of the kernel. That is the price of nesting; what protects the host is that the kernel
/// checks each against the user namespace that owns what it would change.
#[rustfmt::skip]
pub(crate) const CONTAINERS: &[c_long] = &[
    SYS_clone, SYS_clone3, SYS_unshare, SYS_setns, SYS_chroot, SYS_pivot_root, SYS_sethostname, SYS_setdomainname,
    SYS_mount, SYS_umount2, SYS_open_tree, SYS_open_tree_attr, SYS_move_mount, SYS_mount_setattr, SYS_fsopen,
    SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_statmount, SYS_listmount,
];

/// What x86_64 has besides: older forms of the above, which later architectures no longer got.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
pub(crate) const LEGACY: &[c_long] = &[
    SYS_open, SYS_creat, SYS_stat, SYS_lstat, SYS_access, SYS_pipe, SYS_dup2, SYS_getdents, SYS_rename, SYS_mkdir,
    SYS_rmdir, SYS_link, SYS_unlink, SYS_symlink, SYS_readlink, SYS_chmod, SYS_chown, SYS_lchown, SYS_mknod,
    SYS_utime, SYS_utimes, SYS_futimesat, SYS_poll, SYS_select, SYS_epoll_create, SYS_epoll_wait,
    SYS_epoll_ctl_old, SYS_epoll_wait_old, SYS_inotify_init, SYS_signalfd, SYS_eventfd, SYS_fork, SYS_vfork,
    SYS_getpgrp, SYS_pause, SYS_alarm, SYS_time, SYS_arch_prctl, SYS_modify_ldt, SYS_set_thread_area,
    SYS_get_thread_area,
    // Made by the kernel's own trampolines in a probed process, which a refusal would end. Newer kernels do not show
    // them to filters (uretprobe: 6.14).
    SYS_uretprobe, SYS_uprobe,
];
#[cfg(not(target_arch = "x86_64"))]
pub(crate) const LEGACY: &[c_long] = &[];
