//! From a failed step to an error that a person can act on: the code, the likely cause, the fix.

use crate::board::Failure;
use crate::probe;
use plan::facts::State;
use plan::mount::Place;
use plan::{Op, Plan, Tell};
use spec::catalogue::{self, Code};
use spec::error::{Error, NOT_EXECUTABLE, NOT_FOUND, REPORT};

pub(crate) mod cgroup;
mod command;
mod image;
mod join;
mod names;
pub(crate) mod outer;
mod overlay;
mod quota;
mod shortage;
mod state;
mod world;

pub use names::errno_name;
pub(crate) use shortage::{general, unprepared};
pub(crate) use state::unusable;

/// What is known about a failure.
pub(crate) struct Case<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The container's name.
    pub name: &'a str,
    /// Where its state goes, if it is being started.
    pub state: Option<&'a State>,
    /// What failed.
    pub failure: Failure,
    /// The first bytes of what could not be executed.
    pub head: Vec<u8>,
    /// What a helper said.
    pub message: Option<String>,
    /// What the step itself said.
    pub error: Option<Error>,
    /// Whether the step was not performed, because what it leaves could not be written down.
    pub not_recorded: bool,
}

/// Makes the error.
pub(crate) fn diagnose(case: &Case<'_>) -> Error {
    let Some(step) = case.plan.steps.get(case.failure.step) else {
        return Error::new(catalogue::INTERNAL, "a step failed that is not in the plan").fix(REPORT);
    };
    let errno = case.failure.errno;
    if errno == libc::ECANCELED {
        return Error::new(catalogue::GIVEN_UP, "the start was given up").step(told(case));
    }
    if let Some(error) = &case.error {
        return error.clone().step(told(case));
    }
    let too_little = (errno == libc::ENOMEM).then(|| cgroup::too_little_memory(case.plan)).flatten();
    if let Some(error) = too_little {
        return error.step(place(case));
    }
    let error = match &step.op {
        _ if case.not_recorded
            && let Some(state) = case.state =>
        {
            state::not_recorded(state, errno)
        }
        Op::Process(plan::process::Op::Execute { candidates, arguments, .. }) => {
            return command::diagnose(case, candidates, arguments);
        }
        Op::Process(plan::process::Op::ChangeDirectory { path }) => workdir(&path.to_string_lossy(), errno),
        Op::Join(op) => join::diagnose(case, op),
        Op::Process(plan::process::Op::Clone { .. } | plan::process::Op::Fork)
        | Op::Cgroup(plan::cgroup::Op::Namespace)
        | Op::Network(plan::network::Op::Namespace) => namespaces_refused(errno),
        Op::Cgroup(op) => cgroup::diagnose(op, errno),
        Op::Identity(plan::identity::Op::StartHelpers { .. } | plan::identity::Op::AwaitHelpers) => {
            helper(case)
        }
        Op::State(_) => {
            case.state.map_or_else(|| failed(&step.op, errno), |state| state::diagnose(state, errno))
        }
        Op::Quota(op) => quota::diagnose(op, errno),
        Op::Mount(_) | Op::File(_) if let Some(error) = shortage::on_disk(case.plan, errno) => error,
        Op::Mount(op) => mount(case.plan, op, errno, case.failure.item),
        Op::Namespace(_) => {
            general(errno).or_else(|| outer::refused(errno)).unwrap_or_else(|| failed(&step.op, errno))
        }
        Op::Security(plan::security::Op::Limit { .. }) if errno == libc::EPERM => capabilities(),
        _ => general(errno).unwrap_or_else(|| failed(&step.op, errno)),
    };
    error.step(place(case))
}

/// In a user namespace of its own a container can have every capability; with the host's ids, the caller's.
fn capabilities() -> Error {
    Error::new(catalogue::STEP_FAILED, "some of these capabilities cannot be kept")
        .why("whoever runs this does not have all of them, and --userns host adds none")
        .fix("capsh --print shows the caller's; leave the others out of --cap-add, or --userns host")
}

fn failed(op: &Op, errno: i32) -> Error {
    Error::new(catalogue::STEP_FAILED, format!("cannot {}", op.title()))
        .why(cause(errno))
        .fix("containerception explain CX9001 tells how to find out more; sudo dmesg | tail shows what the kernel says")
}

/// What an errno means where nothing more is known.
fn cause(errno: i32) -> String {
    match errno {
        libc::EPERM | libc::EACCES => {
            "the kernel, or a security module such as AppArmor, refuses it to this process".to_owned()
        }
        libc::EIO => "a device or a file system of the host has failed".to_owned(),
        other => format!("the kernel answered {}", errno_name(other)),
    }
}

/// `step 9 of 21  mount a fresh proc on /proc: EPERM`.
fn place(case: &Case<'_>) -> String {
    format!("{}: {}", told(case), errno_name(case.failure.errno))
}

fn told(case: &Case<'_>) -> String {
    let (number, total) = (case.failure.step + 1, case.plan.steps.len());
    let title = case.plan.steps.get(case.failure.step).map(|step| step.op.title()).unwrap_or_default();
    format!("step {number} of {total}  {title}")
}

fn sysctl(path: &str) -> Option<u64> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// What it means where the kernel refuses to make namespaces.
pub(crate) fn namespaces_refused(errno: i32) -> Error {
    let refused = || Error::new(catalogue::USER_NAMESPACE_REFUSED, "the kernel refuses a user namespace");
    match errno {
        libc::ENOSPC | libc::EUSERS if sysctl("/proc/sys/user/max_user_namespaces") == Some(0) => refused()
            .why("user.max_user_namespaces is 0")
            .fix("as root: sysctl user.max_user_namespaces=15000"),
        libc::EPERM | libc::ENOSYS | libc::EACCES if outer::is_filtered() => refused()
            .why("the container around this one filters system calls")
            .fix(outer::fix().unwrap_or_default()),
        libc::EPERM | libc::EACCES if sysctl("/proc/sys/kernel/unprivileged_userns_clone") == Some(0) => refused()
            .why("kernel.unprivileged_userns_clone is 0")
            .fix("as root: sysctl kernel.unprivileged_userns_clone=1"),
        libc::EPERM | libc::EACCES if sysctl("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == Some(1) => refused()
            .why("AppArmor keeps user namespaces to programs that have a profile")
            .fix("as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0"),
        libc::EPERM | libc::EACCES => refused()
            .why("a security module forbids it, or this process lives in a chroot")
            .fix("containerception explain CX2001 tells how to find out which"),
        libc::ENOSPC | libc::EUSERS => Error::new(catalogue::NAMESPACE_LIMIT, "no more namespaces may be made")
            .why(format!("the kernel nests pid and user namespaces 32 deep, and {} containers are around this; or a limit of user.max_*_namespaces is reached", probe::depth()))
            .fix("start it further out; sysctl user shows the limits, of which one can be raised"),
        libc::EAGAIN => Error::new(catalogue::TOO_MANY_PROCESSES, "no more processes may be made")
            .why("a limit of processes is reached: RLIMIT_NPROC of this user, or a pids control group around it")
            .fix("ulimit -u shows the first, pids.max the second; --pids-limit counts init and the command"),
        _ => general(errno).unwrap_or_else(|| {
            Error::new(catalogue::NAMESPACE_REFUSED, "the kernel refuses the namespaces")
                .why(cause(errno))
                .fix("containerception explain CX2004 tells how to find out which")
        }),
    }
}

fn helper(case: &Case<'_>) -> Error {
    let said = case.message.clone().filter(|said| !said.is_empty());
    if said.is_none()
        && let Some(error) = general(case.failure.errno)
    {
        return error;
    }
    Error::new(catalogue::ID_MAP_HELPER, "newuidmap or newgidmap did not map the ids")
        .why(said.unwrap_or_else(|| "it could not be started".to_owned()))
        .fix("they must be set-user-ID root (package uidmap), and the ranges of /etc/subuid and /etc/subgid yours")
}

fn workdir(path: &str, errno: i32) -> Error {
    if let Some(error) = general(errno) {
        return error;
    }
    let error = Error::new(catalogue::WORKDIR_MISSING, format!("cannot start in {path}"));
    match errno {
        libc::ENOENT => {
            error.why("the container has no such directory").fix("make it first, or choose another with -w")
        }
        libc::EXDEV => error.why("it lies outside the container").fix("choose a directory of the container"),
        libc::EACCES => {
            error.why("the command's user may not enter it").fix("choose another with -w, or another user")
        }
        libc::ENOTDIR => error.why("it is not a directory").fix("choose a directory with -w"),
        _ => error.why(cause(errno)).fix("choose another with -w"),
    }
}

fn mount(plan: &Plan, op: &plan::mount::Op, errno: i32, item: usize) -> Error {
    use plan::mount::Op::{Bind, BindEach, Enter, New, Put, Take};
    let place = match op {
        Put { at, .. } | New { at, .. } | Bind { at, .. } => Some(at),
        _ => None,
    };
    match (op, place, errno) {
        (New { kind, .. }, _, libc::EPERM) if *kind == c"proc" => proc_refused(),
        (_, Some(Place::Asked(path)), libc::EXDEV) => Error::new(
            catalogue::VOLUME_LEAVES_ROOT,
            format!("the destination /{} leaves the root filesystem", path.to_string_lossy()),
        )
        .why("a symbolic link on the way is absolute, or leads above the root")
        .fix("give the path that the link means, without the link"),
        (Put { .. } | New { .. }, Some(Place::Asked(path)), libc::EINVAL) => unlike(&path.to_string_lossy()),
        (_, Some(Place::Asked(path) | Place::Inside(path)), _) if point_failed(errno) => Error::new(
            catalogue::MOUNT_POINT,
            format!("cannot mount on /{} in the container", path.to_string_lossy()),
        )
        .why(point_cause(errno))
        .fix("make it a plain directory (or file) of the root filesystem, or choose another place"),
        (Enter { .. }, _, libc::EACCES) => {
            Error::new(catalogue::ROOTFS_UNREADABLE, "the root filesystem cannot be entered")
                .why("it is closed to others, and belongs to somebody who does not exist in the container")
                .fix("chmod go+rx the directory, or give it to the user who runs this")
        }
        (BindEach { binds, .. }, _, libc::ENOENT) => {
            let source =
                binds.get(item).map(|(source, _)| source.to_string_lossy().into_owned()).unwrap_or_default();
            Error::new(catalogue::MOUNT_REFUSED, format!("{source} cannot be bound into the container"))
                .why("it is missing on this side")
                .fix("a /dev must have null, zero, full, random, urandom and tty")
        }
        (Take { source, .. }, _, libc::ESTALE) => Error::new(
            catalogue::ROOTFS_NOT_PRIVATE,
            format!("{} is not what it was a moment ago", source.to_string_lossy()),
        )
        .why("somebody exchanged it, or a directory of its path, while the container was made")
        .fix("keep it where nobody else may rename: every directory above must be yours or root's alone to write"),
        (Take { source, .. }, _, libc::ENOENT | libc::EACCES) => {
            Error::new(catalogue::ROOTFS_UNREADABLE, format!("cannot take {}", source.to_string_lossy()))
                .why(errno_name(errno))
                .fix("every directory of its path must be open (x) to you")
        }
        (Take { source, mapped_by: Some(_), recursive: true, .. }, _, libc::EINVAL)
            if let Some(error) = overlay::mounts_below(source) => error,
        (New { .. }, _, libc::EINVAL) if let Some(error) = overlay::refused(plan, op) => error,
        _ => general(errno).or_else(|| outer::refused(errno)).unwrap_or_else(|| refused(op, errno)),
    }
}

/// What it means where the kernel refuses a fresh `/proc`.
pub(crate) fn proc_refused() -> Error {
    let unknown = || "containerception explain CX2003 tells how to find out what hides them".to_owned();
    Error::new(catalogue::PROC_REFUSED, "cannot mount a fresh /proc inside this container")
        .why("the outer container hides parts of its /proc, and the kernel refuses a clearer view inside")
        .fix(outer::fix().unwrap_or_else(unknown))
}

/// `move_mount(2)` answers EINVAL where one of the two is a directory and the other is not.
fn unlike(path: &str) -> Error {
    Error::new(catalogue::MOUNT_POINT, format!("cannot mount on /{path} in the container"))
        .why("a directory is to be mounted on something else, or the reverse")
        .fix("mount a directory on a directory and a file on a file; ls -ld inside shows what is there")
}

fn point_failed(errno: i32) -> bool {
    matches!(
        errno,
        libc::ELOOP
            | libc::ENOENT
            | libc::ENOTDIR
            | libc::EACCES
            | libc::EROFS
            | libc::EOVERFLOW
            | libc::EEXIST
    )
}

fn point_cause(errno: i32) -> String {
    match errno {
        libc::ELOOP => "it is a symbolic link, and none is followed there",
        libc::ENOENT => "a symbolic link on the way leads nowhere, or nothing can be made there",
        libc::ENOTDIR => "a part of the way to it is not a directory",
        libc::EACCES | libc::EOVERFLOW => {
            "it is missing, and its directory belongs to somebody who does not exist in the container"
        }
        libc::EROFS => "it is missing, and what it would be made in is read-only",
        _ => return errno_name(errno),
    }
    .to_owned()
}

fn refused(op: &plan::mount::Op, errno: i32) -> Error {
    let error = Error::new(catalogue::MOUNT_REFUSED, format!("cannot {}", op.title()));
    match errno {
        libc::EPERM | libc::EACCES => error
            .why("the kernel, or a security module such as AppArmor, refuses it to this user namespace")
            .fix("containerception explain CX2005 tells how to find out which"),
        libc::EINVAL if writes_to_disk(op) => error
            .why("the directory on disk cannot be what an overlay writes to: it lies on NFS, for one")
            .fix("set XDG_DATA_HOME to a directory on ext4, xfs, btrfs or tmpfs; root's is /var/lib/containerception"),
        libc::EINVAL => error
            .why("the file system does not take this kind of mount")
            .fix("containerception explain CX2005 tells which do"),
        libc::ENODEV => error.why("the kernel does not have this file system").fix("load its module as root"),
        _ => error.why(cause(errno)).fix("containerception explain CX2005 tells how to find out more"),
    }
}

fn writes_to_disk(op: &plan::mount::Op) -> bool {
    let plan::mount::Op::New { options, .. } = op else { return false };
    options.iter().any(|(name, _)| name.as_c_str() == c"volatile")
}

/// An error about the command itself, with the status that shells give it.
fn about_command(code: Code, what: String) -> Error {
    let status = if code == catalogue::COMMAND_NOT_FOUND { NOT_FOUND } else { NOT_EXECUTABLE };
    Error::new(code, what).status(status)
}
