//! Time on the CPUs: what does not fit together.

use super::{Bound, Cpu};
use crate::catalogue::CONFLICT;
use crate::error::{Error, Result};
use crate::limit::cpu::LONGEST;

impl Cpu {
    /// Whether the limits fit together, as docker and the kernel want it.
    ///
    /// # Errors
    /// `CONFLICT`.
    pub(super) fn check(&self) -> Result<()> {
        self.check_burst()?;
        if self.idle == Some(true) && self.shares.is_some() {
            return Err(Error::new(CONFLICT, "what runs only when nothing else wants to has no share")
                .why("the kernel refuses a share of an idle group")
                .fix("leave out the share (--cpu-shares), or idle"));
        }
        let runtime = self.realtime_runtime.and_then(|runtime| u64::try_from(runtime).ok());
        match (runtime, self.realtime_period) {
            (Some(runtime), Some(period)) if runtime > period => {
                Err(Error::new(CONFLICT, "the real-time run time is longer than its period")
                    .fix("say --cpu-rt-runtime with at most the time of --cpu-rt-period"))
            }
            _ => Ok(()),
        }
    }

    /// A burst is quota of earlier periods: at most one period's. The kernel refuses more (`tg_set_bandwidth`,
    /// `kernel/sched/core.c`), and without a quota it has no effect.
    fn check_burst(&self) -> Result<()> {
        let fits = |burst: u64| match self.quota {
            Some(Bound::At(quota)) => burst <= quota && burst.saturating_add(quota) <= LONGEST,
            Some(Bound::Unlimited) | None => burst == 0,
        };
        if self.burst.is_none_or(fits) {
            return Ok(());
        }
        Err(Error::new(CONFLICT, "the burst of CPU time is more than the quota")
            .why("a burst is quota that was not used before")
            .fix("say --cpu-quota with at least the time of --cpu-burst"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Bound::{At, Unlimited};

    #[test]
    fn what_fits_together() {
        for good in [
            Cpu::default(),
            Cpu { quota: Some(At(1000)), burst: Some(1000), ..Cpu::default() },
            Cpu { burst: Some(0), ..Cpu::default() },
            Cpu { idle: Some(false), shares: Some(2), ..Cpu::default() },
            Cpu { idle: Some(true), ..Cpu::default() },
            Cpu { realtime_runtime: Some(5), realtime_period: Some(5), ..Cpu::default() },
            Cpu { realtime_runtime: Some(-1), realtime_period: Some(5), ..Cpu::default() },
        ] {
            assert_eq!(good.check(), Ok(()), "{good:?}");
        }
    }

    #[test]
    fn what_does_not() {
        for bad in [
            Cpu { quota: Some(At(1000)), burst: Some(1001), ..Cpu::default() },
            Cpu { quota: Some(At(LONGEST)), burst: Some(1), ..Cpu::default() },
            Cpu { quota: Some(Unlimited), burst: Some(1), ..Cpu::default() },
            Cpu { burst: Some(1), ..Cpu::default() },
            Cpu { idle: Some(true), shares: Some(2), ..Cpu::default() },
            Cpu { realtime_runtime: Some(6), realtime_period: Some(5), ..Cpu::default() },
        ] {
            let error = bad.check().expect_err("it does not fit");
            assert!(error.code == CONFLICT && error.fix.is_some(), "{bad:?}");
        }
    }
}
