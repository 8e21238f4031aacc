//! Memory and swap: what docker adds, and what does not fit together.

use super::{Bound, Memory};
use crate::catalogue::CONFLICT;
use crate::convert;
use crate::error::{Error, Result};

impl Memory {
    /// The same, with as much swap as memory if only memory has a limit (docker's default). [`super::Resources::check`]
    /// comes first: this one is not said by the user, and contradicts nothing.
    #[must_use]
    pub fn with_default_swap(mut self) -> Self {
        if let (Some(Bound::At(bytes)), None) = (self.max, self.with_swap) {
            self.with_swap = Some(Bound::At(bytes.saturating_mul(2).min(i64::MAX as u64)));
        }
        self
    }

    /// Whether the limits fit together, as docker and the kernel want it.
    ///
    /// # Errors
    /// `CONFLICT`.
    pub(super) fn check(&self) -> Result<()> {
        convert::swap_max(self.max, self.with_swap)?;
        let max = self.max.unwrap_or(Bound::Unlimited);
        if self.low.is_some_and(|low| low > max) {
            return Err(Error::new(CONFLICT, "more memory is reserved than there may be")
                .fix("say --memory with at least the size of --memory-reservation"));
        }
        if self.high.is_some_and(|high| high != Bound::Unlimited && high > max) {
            return Err(Error::new(CONFLICT, "memory is slowed down only above its limit")
                .why("above --memory nothing is left to be slowed down")
                .fix("say --memory-high with less than the size of --memory"));
        }
        if self.no_oom_kill == Some(true) && max == Bound::Unlimited {
            return Err(Error::new(CONFLICT, "the OOM killer is to be off, and memory has no limit")
                .why("it would be off at the container's own limit, never at the end of the host's memory")
                .fix("say --memory as well, or leave out --oom-kill-disable"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Bound::{At, Unlimited};

    #[test]
    fn docker_gives_as_much_swap_as_memory() {
        let swap =
            |max, with_swap| Memory { max, with_swap, ..Memory::default() }.with_default_swap().with_swap;
        assert_eq!(swap(Some(At(5)), None), Some(At(10)));
        assert_eq!(swap(Some(At(5)), Some(At(5))), Some(At(5)));
        assert_eq!(swap(Some(At(5)), Some(Unlimited)), Some(Unlimited));
        assert_eq!(swap(Some(Unlimited), None), None);
        assert_eq!(swap(None, None), None);
        assert_eq!(swap(Some(At(u64::MAX)), None), Some(At(i64::MAX as u64)));
    }

    #[test]
    fn what_fits_together() {
        let memory = Memory { max: Some(At(10)), ..Memory::default() };
        for good in [
            Memory::default(),
            Memory { low: Some(At(10)), high: Some(At(10)), with_swap: Some(At(10)), ..memory.clone() },
            Memory { high: Some(Unlimited), no_oom_kill: Some(true), ..memory.clone() },
            Memory { low: Some(At(1)), high: Some(At(2)), no_oom_kill: Some(false), ..Memory::default() },
            Memory { with_swap: Some(Unlimited), ..Memory::default() },
        ] {
            assert_eq!(good.check(), Ok(()), "{good:?}");
        }
    }

    #[test]
    fn what_does_not() {
        let memory = Memory { max: Some(At(10)), ..Memory::default() };
        for bad in [
            Memory { low: Some(At(11)), ..memory.clone() },
            Memory { high: Some(At(11)), ..memory.clone() },
            Memory { with_swap: Some(At(9)), ..memory },
            Memory { with_swap: Some(At(9)), ..Memory::default() },
            Memory { max: Some(Unlimited), with_swap: Some(At(9)), ..Memory::default() },
            Memory { no_oom_kill: Some(true), ..Memory::default() },
            Memory { no_oom_kill: Some(true), max: Some(Unlimited), ..Memory::default() },
        ] {
            let error = bad.check().expect_err("it does not fit");
            assert!(error.code == CONFLICT && error.fix.is_some(), "{bad:?}");
        }
    }
}
