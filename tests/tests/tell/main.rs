//! What `containerception` tells without running anything, and while it does: for people, and for programs.

mod diff;
mod doctor;
mod explain;

use end_to_end::{Running, Somebody};
use std::process::Output;

/// `containerception ARGUMENTS…` to its end.
fn told(somebody: &Somebody, arguments: &[&str]) -> Output {
    Running::start(somebody.containerception().args(arguments)).finish()
}
