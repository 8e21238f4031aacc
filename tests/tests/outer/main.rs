//! Inside containers of other engines: what works there, what is lost, and what is said of it.

mod docker;
mod engines;
mod in_docker;
mod matrix;
