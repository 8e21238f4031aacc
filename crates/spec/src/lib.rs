//! What a container should be: validated values, and the errors that every room speaks in.
//!
//! Nothing here touches the system. A [`Spec`] that exists is well-formed: each of its values was parsed by the
//! strict parser of its type, so that no later room checks again.

pub mod catalogue;
pub mod error;
