//! Limits of each process alone (`getrlimit(2)`): `--ulimit NAME=SOFT[:HARD]`.

use crate::catalogue::BAD_ULIMIT;
use crate::error::{Error, Result};
use crate::limit::number::plain;
use crate::near::nearest;
use crate::resources::Bound;

/// A limit of each process. It is inherited, and a process without CAP_SYS_RESOURCE can only lower the hard one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rlimit {
    /// What is limited.
    pub resource: RlimitName,
    /// What holds; a process may raise it as far as `hard`.
    pub soft: Bound,
    /// At least `soft`.
    pub hard: Bound,
}

macro_rules! names {
    ($($variant:ident = $number:literal, $name:literal, $what:literal;)*) => {
        /// What can be limited, by the kernel's numbers (`asm-generic/resource.h`; those of Alpha, MIPS and SPARC differ).
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum RlimitName {
            $(#[doc = $what] $variant = $number,)*
        }

        impl RlimitName {
            /// All of them, by number.
            pub const ALL: &[RlimitName] = &[$(RlimitName::$variant),*];

            /// Its name in `--ulimit`: the kernel's without `RLIMIT_`, in small letters.
            pub fn name(self) -> &'static str {
                match self {
                    $(RlimitName::$variant => $name,)*
                }
            }

            /// Its number for `prlimit(2)`.
            pub fn number(self) -> u32 {
                self as u32
            }
        }
    };
}

names! {
    Cpu = 0, "cpu", "Seconds of CPU time.";
    Fsize = 1, "fsize", "Bytes of a file that is written.";
    Data = 2, "data", "Bytes of data: heap and other private memory.";
    Stack = 3, "stack", "Bytes of the stack.";
    Core = 4, "core", "Bytes of a core file.";
    Rss = 5, "rss", "Bytes of resident memory; without effect since Linux 2.4.30.";
    Nproc = 6, "nproc", "Processes of the user.";
    Nofile = 7, "nofile", "One more than the highest file descriptor.";
    Memlock = 8, "memlock", "Bytes of locked memory.";
    As = 9, "as", "Bytes of address space; docker has no name for it.";
    Locks = 10, "locks", "Locks of files; without effect since Linux 2.4.25.";
    Sigpending = 11, "sigpending", "Signals that wait.";
    Msgqueue = 12, "msgqueue", "Bytes of POSIX message queues.";
    Nice = 13, "nice", "The best nice value, as 20 minus it.";
    Rtprio = 14, "rtprio", "The highest real-time priority.";
    Rttime = 15, "rttime", "Microseconds of real-time scheduling without a call that blocks.";
}

impl Rlimit {
    /// Parses `NAME=SOFT[:HARD]`; without a hard limit it is the soft one. A limit is a number in the kernel's unit, or
    /// `-1`, `unlimited` (as shells say) or `infinity` (as docker says) for none.
    ///
    /// # Errors
    /// `BAD_ULIMIT` for anything else, and for a soft limit above the hard one.
    pub fn parse(text: &str) -> Result<Self> {
        let Some((name, limits)) = text.split_once('=') else {
            return Err(bad(text, &text[text.len()..], "it has no value"));
        };
        let resource = RlimitName::ALL.iter().find(|resource| resource.name() == name);
        let resource = *resource.ok_or_else(|| no_such(text, name))?;
        let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
        let limit = Rlimit { resource, soft: bound(text, soft)?, hard: bound(text, hard)? };
        if limit.soft > limit.hard {
            return Err(bad(text, limits, "the soft limit is above the hard one"));
        }
        Ok(limit)
    }
}

/// The kernel has 64 bits, of which the highest number is no limit (`RLIM_INFINITY`); files and memory end at 63.
fn bound(whole: &str, text: &str) -> Result<Bound> {
    if matches!(text, "-1" | "unlimited" | "infinity") {
        return Ok(Bound::Unlimited);
    }
    let number = plain(text).filter(|number| i64::try_from(*number).is_ok());
    number.map(Bound::At).ok_or_else(|| bad(whole, text, "a limit is a number, or unlimited"))
}

fn no_such(whole: &str, name: &str) -> Error {
    let names: Vec<&str> = RlimitName::ALL.iter().map(|resource| resource.name()).collect();
    let error = bad(whole, name, "there is no limit of that name");
    match nearest(name, names.iter().copied()) {
        Some(meant) => error.fix(format!("did you mean {meant}?")),
        None => error.fix(format!("write NAME=SOFT[:HARD]; the names are {}", names.join(", "))),
    }
}

fn bad(whole: &str, part: &str, why: &str) -> Error {
    Error::new(BAD_ULIMIT, format!("{whole:?} is not a ulimit: {why}"))
        .at(whole, part)
        .fix("write NAME=SOFT[:HARD], such as nofile=1024:4096 or core=unlimited")
}

#[cfg(test)]
mod tests {
    use super::*;
    use Bound::{At, Unlimited};

    #[test]
    fn ulimits() {
        for (text, soft, hard) in [
            ("nofile=1024:4096", At(1024), At(4096)),
            ("nofile=1024", At(1024), At(1024)),
            ("nofile=0:-1", At(0), Unlimited),
            ("nofile=-1", Unlimited, Unlimited),
            ("nofile=unlimited:infinity", Unlimited, Unlimited),
            ("nofile=9223372036854775807", At(i64::MAX as u64), At(i64::MAX as u64)),
        ] {
            assert_eq!(
                Rlimit::parse(text).unwrap(),
                Rlimit { resource: RlimitName::Nofile, soft, hard },
                "{text}"
            );
        }
    }

    #[test]
    fn names_and_numbers_are_the_kernels() {
        let numbers = [
            ("as", libc::RLIMIT_AS),
            ("core", libc::RLIMIT_CORE),
            ("cpu", libc::RLIMIT_CPU),
            ("data", libc::RLIMIT_DATA),
            ("fsize", libc::RLIMIT_FSIZE),
            ("locks", libc::RLIMIT_LOCKS),
            ("memlock", libc::RLIMIT_MEMLOCK),
            ("msgqueue", libc::RLIMIT_MSGQUEUE),
            ("nice", libc::RLIMIT_NICE),
            ("nofile", libc::RLIMIT_NOFILE),
            ("nproc", libc::RLIMIT_NPROC),
            ("rss", libc::RLIMIT_RSS),
            ("rtprio", libc::RLIMIT_RTPRIO),
            ("rttime", libc::RLIMIT_RTTIME),
            ("sigpending", libc::RLIMIT_SIGPENDING),
            ("stack", libc::RLIMIT_STACK),
        ];
        assert_eq!(numbers.len(), RlimitName::ALL.len());
        for (name, number) in numbers {
            let resource = Rlimit::parse(&format!("{name}=1")).unwrap().resource;
            assert_eq!(i64::from(resource.number()), i64::from(number), "{name}");
        }
    }

    #[test]
    fn what_is_no_ulimit_is_pointed_at() {
        for (text, guilty) in [
            ("", 0..0),
            ("nofile", 6..6),
            ("nofile=", 7..7),
            ("nofile=1:", 9..9),
            ("nofile=1:2:3", 9..12),
            ("nofile=2:1", 7..10),
            ("nofile=-1:1", 7..11),
            ("nofile=1k", 7..9),
            ("nofile=-2", 7..9),
            ("nofile=+1", 7..9),
            ("nofile=9223372036854775808", 7..26),
            ("NOFILE=1", 0..6),
            ("=1", 0..0),
            ("größe=1", 0..7),
        ] {
            let error = Rlimit::parse(text).unwrap_err();
            assert_eq!((error.code, error.at.unwrap().range), (BAD_ULIMIT, guilty), "{text}");
        }
        assert_eq!(Rlimit::parse("nofiel=1").unwrap_err().fix.unwrap(), "did you mean nofile?");
    }
}
