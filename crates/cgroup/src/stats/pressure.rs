//! Pressure: how long processes have waited for what they needed (`accounting/psi.rst` of the kernel). Only v2
//! groups have it, also that of a hybrid host, whichever controllers are there.

use std::time::Duration;

use crate::opened::Opened;
use crate::text::{number, paired};

/// The pressure on all that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pressure {
    /// Processes that wanted to run.
    pub cpu: Option<Resource>,
    /// Processes that waited for memory to be freed or read back.
    pub memory: Option<Resource>,
    /// Processes that waited for devices.
    pub io: Option<Resource>,
}

/// The pressure on one of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resource {
    /// When at least one process waited.
    pub some: Stall,
    /// When all that had something to do waited. Of CPUs only since Linux 5.13.
    pub full: Option<Stall>,
}

/// How much of the time it was so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stall {
    /// Of the last ten seconds, in percent.
    pub avg10: f64,
    /// Of the last minute, in percent.
    pub avg60: f64,
    /// Of the last five minutes, in percent.
    pub avg300: f64,
    /// Since the group was made.
    pub total: Duration,
}

pub(super) fn read(groups: &Opened<'_>) -> Pressure {
    let of = |name| resource(&groups.v2()?.text(name)?);
    Pressure { cpu: of("cpu.pressure"), memory: of("memory.pressure"), io: of("io.pressure") }
}

/// Lines of `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, and the same with `full`.
fn resource(text: &str) -> Option<Resource> {
    let line = |key| text.lines().find_map(|line| stall(line.strip_prefix(key)?));
    Some(Resource { some: line("some ")?, full: line("full ") })
}

fn stall(line: &str) -> Option<Stall> {
    let percent = |key| paired(line, key)?.parse().ok();
    let total = Duration::from_micros(number(paired(line, "total")?)?);
    Some(Stall { avg10: percent("avg10")?, avg60: percent("avg60")?, avg300: percent("avg300")?, total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_and_full() {
        let text = "some avg10=1.50 avg60=0.25 avg300=0.05 total=123456\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n";
        let resource = resource(text).unwrap();
        let some = Stall { avg10: 1.5, avg60: 0.25, avg300: 0.05, total: Duration::from_micros(123_456) };
        assert_eq!(resource.some, some);
        assert_eq!(resource.full.unwrap().total, Duration::from_micros(7));
    }

    #[test]
    fn an_old_kernel_has_no_full_of_cpus() {
        let resource = resource("some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n").unwrap();
        assert_eq!(resource.full, None);
    }

    #[test]
    fn what_has_another_form_is_not_counted() {
        for text in [
            "",
            "full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n",
            "some avg10=a avg60=0 avg300=0 total=1\n",
        ] {
            assert_eq!(resource(text), None, "{text:?}");
        }
    }
}
