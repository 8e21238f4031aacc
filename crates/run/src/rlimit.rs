//! Limits of each process, and how willingly the kernel ends it, set from outside.

use crate::context::Context;
use rustix::process::{Pid, Resource, Rlimit as Pair, getrlimit, prlimit};
use spec::Bound;
use spec::catalogue::LIMIT_REFUSED;
use spec::error::Error;
use spec::rlimit::{Rlimit, RlimitName};
use sys::{Errno, Result};

/// Sets a limit of the first process inside, or of the joiner.
pub(crate) fn set(ctx: &mut Context<'_>, rlimit: &Rlimit) -> Result<()> {
    let pid = ctx.init.as_ref().and_then(|(pid, _)| Pid::from_raw(*pid)).ok_or(Errno::SRCH)?;
    let resource = resource(rlimit.resource);
    let pair = Pair { current: number(rlimit.soft), maximum: number(rlimit.hard) };
    prlimit(Some(pid), resource, pair).map(drop).inspect_err(|errno| {
        if *errno == Errno::PERM {
            ctx.error = Some(above_own(rlimit, getrlimit(resource).maximum));
        }
    })
}

fn above_own(rlimit: &Rlimit, own: Option<u64>) -> Error {
    let name = rlimit.resource.name();
    let own = own.map_or_else(|| "unlimited".to_owned(), |own| own.to_string());
    Error::new(LIMIT_REFUSED, format!("--ulimit {name} cannot be held here"))
        .why(format!(
            "the hard limit of whoever starts this is {own}, and only CAP_SYS_RESOURCE may raise it"
        ))
        .fix(format!("--ulimit {name}={own} is the most; ulimit -H -a shows the limits of a shell"))
}

/// Rates the first process inside, or the joiner, for the kernel's choice of whom to end.
pub(crate) fn rate(ctx: &mut Context<'_>, score: i16) -> Result<()> {
    let pid = ctx.first_in_proc()?;
    let written = ctx.proc()?.write(pid, "oom_score_adj", &score.to_string());
    written.inspect_err(|errno| {
        if *errno == Errno::ACCESS {
            ctx.error = Some(below_own(score));
        }
    })
}

fn below_own(score: i16) -> Error {
    let own = std::fs::read_to_string("/proc/self/oom_score_adj").unwrap_or_default();
    let own = own.trim();
    Error::new(LIMIT_REFUSED, format!("--oom-score-adj {score} cannot be held here"))
        .why(format!("whoever starts this has {own}, and only CAP_SYS_RESOURCE may go below that"))
        .fix(format!("--oom-score-adj {own} is the least; proc_pid_oom_score_adj(5) tells more"))
}

fn number(bound: Bound) -> Option<u64> {
    if let Bound::At(number) = bound { Some(number) } else { None }
}

fn resource(name: RlimitName) -> Resource {
    match name {
        RlimitName::Core => Resource::Core,
        RlimitName::Cpu => Resource::Cpu,
        RlimitName::Data => Resource::Data,
        RlimitName::Fsize => Resource::Fsize,
        RlimitName::Locks => Resource::Locks,
        RlimitName::Memlock => Resource::Memlock,
        RlimitName::Msgqueue => Resource::Msgqueue,
        RlimitName::Nice => Resource::Nice,
        RlimitName::Nofile => Resource::Nofile,
        RlimitName::Nproc => Resource::Nproc,
        RlimitName::Rss => Resource::Rss,
        RlimitName::Rtprio => Resource::Rtprio,
        RlimitName::Rttime => Resource::Rttime,
        RlimitName::Sigpending => Resource::Sigpending,
        RlimitName::Stack => Resource::Stack,
        RlimitName::As => Resource::As,
    }
}
