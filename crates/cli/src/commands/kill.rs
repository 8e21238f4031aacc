//! `kill`: a signal for a container.

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use spec::Name;
use spec::catalogue::{BAD_SIGNAL, NO_SUCH_CONTAINER};
use spec::error::{Error, Result, reason};
use spec::near::nearest;

/// The signals that the container's init passes on to its command, and the one that ends it with all in it.
const SIGNALS: [(&str, Signal); 11] = [
    ("KILL", Signal::KILL),
    ("TERM", Signal::TERM),
    ("INT", Signal::INT),
    ("QUIT", Signal::QUIT),
    ("HUP", Signal::HUP),
    ("USR1", Signal::USR1),
    ("USR2", Signal::USR2),
    ("WINCH", Signal::WINCH),
    ("ALRM", Signal::ALARM),
    ("TSTP", Signal::TSTP),
    ("CONT", Signal::CONT),
];

/// Sends `signal` to the container `name`.
pub fn kill(name: &str, signal: &str) -> Result<()> {
    // As fingers have it from kill(1): kill -TERM NAME.
    let (name, signal) = name.strip_prefix('-').map_or((name, signal), |option| (signal, option));
    let name = Name::parse(name)?;
    let signal = parse(signal)?;
    let record = run::record::find(&name)?;
    let gone = || {
        Error::new(NO_SUCH_CONTAINER, format!("{} does not run any more", record.name))
            .fix("containerception ps shows what runs")
    };
    let init = Pid::from_raw(record.init).ok_or_else(gone)?;
    let held = pidfd_open(init, PidfdFlags::empty()).map_err(|_| gone())?;
    // The record is true while the container's runtime lives; the process is held, so that its number stays its own.
    run::record::find(&name)?;
    let ended = record.container().filter(|_| signal == Signal::KILL);
    ended.iter().for_each(run::events::about_to_end);
    pidfd_send_signal(&held, signal).map_err(|errno| gone().why(reason(&errno)))?;
    ended.map_or(Ok(()), |container| run::freeze::let_die(&container))
}

/// A signal by name, with or without `SIG`, or by number.
fn parse(text: &str) -> Result<Signal> {
    let upper = text.to_ascii_uppercase();
    let plain = upper.strip_prefix("SIG").unwrap_or(&upper);
    let known = SIGNALS.iter().find(|(name, signal)| *name == plain || plain.parse() == Ok(signal.as_raw()));
    known.map(|(_, signal)| *signal).ok_or_else(|| {
        let names = SIGNALS.map(|(name, _)| name);
        let error = Error::new(BAD_SIGNAL, format!("{text:?} is not a signal that can be sent"))
            .why("the container's init passes on some signals to the command, and no others");
        match nearest(plain, names) {
            Some(near) => error.fix(format!("did you mean {near}?")),
            None => error.fix(format!(
                "write one of {}; for others: containerception exec NAME kill -SIGNAL PID",
                names.join(" ")
            )),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals() {
        for text in ["TERM", "term", "SIGTERM", "sigterm", "15"] {
            assert_eq!(parse(text), Ok(Signal::TERM), "{text}");
        }
        for text in ["", "0", "-9", "STOP", "19", "CHLD", "TERM ", "99999999999", "ä"] {
            assert_eq!(parse(text).unwrap_err().code, BAD_SIGNAL, "{text}");
        }
    }
}
