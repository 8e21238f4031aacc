//! `containerception run` on a terminal, as root, as a user with subordinate ids, as a user without.

mod jobs;
mod keys;
mod person;
mod piped;
mod process;
mod relayed;
mod restored;
mod seen;
mod step;
