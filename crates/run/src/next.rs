//! What comes after a step.

use plan::Actor;

/// What performing an op leads to, beyond success.
pub(crate) enum Next {
    /// The next step.
    Step,
    /// This process is the newborn: it goes on as that actor.
    Born(Actor),
}
