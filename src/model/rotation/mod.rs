//! Rotation: which secrets are due, and why.

pub(crate) mod compromised;
pub(crate) mod due;
pub(crate) mod exposure;
pub mod pending;
