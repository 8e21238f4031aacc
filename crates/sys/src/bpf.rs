//! `bpf(2)`: programs that decide over the devices of a cgroup v2 group.
//!
//! A group may have several of them, and so may those above it: all are asked, and each can refuse. So a program of ours
//! takes nothing from those of systemd or of an outer container. It goes with the group.
//!
//! All calls but [`info`] need rights in the *initial* user namespace, which root in a container has not: CAP_BPF to
//! load (Linux 5.8), and CAP_NET_ADMIN to load, attach, detach and query, or CAP_SYS_ADMIN for both. Without them, EPERM;
//! so say a seccomp filter as docker's, and `kernel.unprivileged_bpf_disabled` makes no difference here, since this kind
//! of program was never for ordinary users. ENOSYS: a kernel without CONFIG_BPF_SYSCALL.

use crate::{Errno, Result, check};
use rustix::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// One instruction of eBPF: `struct bpf_insn` of `linux/bpf.h`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    code: u8,
    registers: u8,
    offset: i16,
    immediate: i32,
}

impl Instruction {
    /// What to do, the register (0 to 10) that is written, the one that is read, an offset, and a constant.
    pub fn new(code: u8, destination: u8, source: u8, offset: i16, immediate: i32) -> Self {
        Instruction { code, registers: source << 4 | destination & 0xf, offset, immediate }
    }
}

/// What the kernel tells of a program: the beginning of `struct bpf_prog_info`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Info {
    kind: u32,
    /// Its number, which no other program has while it exists.
    pub id: u32,
    /// A digest of its instructions: the same program has the same one on the same kernel.
    pub tag: [u8; 8],
    lengths: [u32; 2],
    texts: [u64; 2],
    load_time: u64,
    user_and_maps: [u32; 2],
    maps: u64,
    /// What it was named when it was loaded, filled up with NUL bytes.
    pub name: [u8; NAME],
}

/// `BPF_OBJ_NAME_LEN`, with the NUL byte at its end.
const NAME: usize = 16;

// Numbers of enum bpf_cmd, bpf_prog_type and bpf_attach_type, and flags, of `linux/bpf.h`; libc has none of them.
const PROG_LOAD: libc::c_long = 5;
const PROG_ATTACH: libc::c_long = 8;
const PROG_DETACH: libc::c_long = 9;
const PROG_GET_FD_BY_ID: libc::c_long = 13;
const OBJ_GET_INFO_BY_FD: libc::c_long = 15;
const PROG_QUERY: libc::c_long = 16;
const TYPE_CGROUP_DEVICE: u32 = 15;
const CGROUP_DEVICE: u32 = 6;
const ALLOW_MULTI: u32 = 1 << 1;
const REPLACE: u32 = 1 << 2;

/// What `PROG_LOAD` takes, up to the name: the kernel takes the rest for zero.
#[repr(C)]
struct Load {
    kind: u32,
    count: u32,
    instructions: u64,
    license: u64,
    log: [u32; 2],
    log_buffer: u64,
    kernel_version: u32,
    flags: u32,
    name: [u8; NAME],
}

/// What `PROG_ATTACH` and `PROG_DETACH` take.
#[repr(C)]
#[derive(Default)]
struct Attach {
    group: u32,
    program: u32,
    kind: u32,
    flags: u32,
    replaced: u32,
}

/// What `PROG_QUERY` takes, and returns in. All of it, since newer kernels write the last field whatever size they are told.
#[repr(C)]
#[derive(Default)]
struct Query {
    group: u32,
    kind: u32,
    flags: u32,
    attached_flags: u32,
    ids: u64,
    count: u32,
    padding: u32,
    flags_of_each: u64,
    links: [u64; 2],
    revision: u64,
}

/// What `PROG_GET_FD_BY_ID` takes.
#[repr(C)]
struct ById {
    id: u32,
    next: u32,
    flags: u32,
}

/// What `OBJ_GET_INFO_BY_FD` takes.
#[repr(C)]
struct InfoOf {
    program: u32,
    length: u32,
    info: u64,
}

/// Loads a program that is asked for each device that is made or opened (`BPF_PROG_TYPE_CGROUP_DEVICE`, Linux 4.15). It
/// returns 1 to allow and 0 to refuse. What exceeds 15 bytes of `name` is cut off. The descriptor is close-on-exec.
///
/// # Errors
/// EPERM without the rights; before Linux 5.11 also beyond RLIMIT_MEMLOCK. EINVAL or EACCES for a program that the
/// verifier does not take, EINVAL also on a kernel without CONFIG_CGROUP_BPF; E2BIG beyond a million instructions, and for
/// a program that takes the verifier longer than that.
pub fn load(program: &[Instruction], name: &str) -> Result<OwnedFd> {
    let mut arguments = Load {
        kind: TYPE_CGROUP_DEVICE,
        count: u32::try_from(program.len()).map_err(|_| Errno::TOOBIG)?,
        instructions: program.as_ptr() as u64,
        // Asked for only where a program calls functions that are for those under the GPL alone.
        license: c"MIT OR Apache-2.0".as_ptr() as u64,
        log: [0; 2],
        log_buffer: 0,
        kernel_version: 0,
        flags: 0,
        name: [0; NAME],
    };
    // The last byte stays NUL.
    for (to, from) in arguments.name[..NAME - 1].iter_mut().zip(name.bytes()) {
        *to = from;
    }
    // SAFETY: the kernel reads `count` instructions and a C string, which outlive the call, and writes nothing.
    let fd = unsafe { bpf(PROG_LOAD, &mut arguments) }?;
    // SAFETY: the kernel has made this descriptor, which nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// Has `program` asked for the devices of `group`, an open cgroup v2 directory, and of all groups below it.
///
/// # Errors
/// EPERM without the rights, or if a group here or above has a program that was attached without BPF_F_ALLOW_MULTI and
/// so wants to be the only one; EBADF for what is no v2 group; EINVAL if it is attached already; E2BIG beyond 64.
pub fn attach(group: BorrowedFd<'_>, program: BorrowedFd<'_>) -> Result<()> {
    change(PROG_ATTACH, group, Attach { program: number(program), flags: ALLOW_MULTI, ..Attach::default() })
}

/// Puts `new` in the place of `old` among the programs of `group` (BPF_F_REPLACE, Linux 5.6): at no time are both asked,
/// or neither.
///
/// # Errors
/// As [`attach`]; ENOENT if `old` is not attached there.
pub fn replace(group: BorrowedFd<'_>, old: BorrowedFd<'_>, new: BorrowedFd<'_>) -> Result<()> {
    let flags = ALLOW_MULTI | REPLACE;
    let arguments = Attach { program: number(new), replaced: number(old), flags, ..Attach::default() };
    change(PROG_ATTACH, group, arguments)
}

/// Has `program` not asked any more for `group`.
///
/// # Errors
/// EPERM without the rights; ENOENT if it is not attached there.
pub fn detach(group: BorrowedFd<'_>, program: BorrowedFd<'_>) -> Result<()> {
    change(PROG_DETACH, group, Attach { program: number(program), ..Attach::default() })
}

/// How many programs for devices `group` itself has, whoever attached them; their numbers are written to `ids`.
///
/// # Errors
/// EPERM without the rights; ENOSPC if there are more than `ids` has room for.
pub fn query(group: BorrowedFd<'_>, ids: &mut [u32]) -> Result<usize> {
    let mut arguments = Query {
        group: number(group),
        kind: CGROUP_DEVICE,
        ids: ids.as_mut_ptr() as u64,
        count: u32::try_from(ids.len()).unwrap_or(u32::MAX),
        ..Query::default()
    };
    // SAFETY: the kernel writes at most `count` numbers to `ids`, which is borrowed for as long as the call takes.
    unsafe { bpf(PROG_QUERY, &mut arguments) }?;
    Ok(arguments.count as usize)
}

/// Opens the program of that number.
///
/// # Errors
/// EPERM without CAP_SYS_ADMIN in the initial user namespace; ENOENT if there is none any more.
pub fn open(id: u32) -> Result<OwnedFd> {
    // SAFETY: takes numbers only.
    let fd = unsafe { bpf(PROG_GET_FD_BY_ID, &mut ById { id, next: 0, flags: 0 }) }?;
    // SAFETY: the kernel has made this descriptor, which nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// What the kernel tells of `program`. Needs no rights; on older kernels CAP_BPF where `kernel.unprivileged_bpf_disabled`
/// is set.
///
/// # Errors
/// As bpf(2); none is expected of a descriptor that is a program's.
pub fn info(program: BorrowedFd<'_>) -> Result<Info> {
    let mut info = Info::default();
    let mut arguments =
        InfoOf { program: number(program), length: size_of::<Info>() as u32, info: (&raw mut info) as u64 };
    // SAFETY: the kernel writes at most `length` bytes to `info`, any of which it may hold; it reads from there which
    // more it is to write and where, and all of that is zero: nothing.
    unsafe { bpf(OBJ_GET_INFO_BY_FD, &mut arguments) }?;
    Ok(info)
}

fn change(command: libc::c_long, group: BorrowedFd<'_>, arguments: Attach) -> Result<()> {
    // SAFETY: takes numbers only; which programs are asked is nothing that memory safety rests on.
    unsafe { bpf(command, &mut Attach { group: number(group), kind: CGROUP_DEVICE, ..arguments }) }.map(drop)
}

/// `bpf(2)`.
///
/// # Safety
/// `arguments` must be what `command` takes, from its beginning to the last field that is written, without padding, and
/// the addresses in it good for what is done there.
unsafe fn bpf<T>(command: libc::c_long, arguments: &mut T) -> Result<libc::c_long> {
    // SAFETY: the kernel reads as much of `arguments` as the size that is given says; the rest is promised.
    check(unsafe { libc::syscall(libc::SYS_bpf, command, std::ptr::from_mut(arguments), size_of::<T>()) })
}

fn number(fd: BorrowedFd<'_>) -> u32 {
    fd.as_raw_fd() as u32
}
