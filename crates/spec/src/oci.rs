//! What the OCI runtime specification describes in JSON.

pub mod resources;
