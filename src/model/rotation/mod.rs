//! Rotation: which secrets are due, and why.

pub(crate) mod due;
pub mod exposure;
pub mod pending;
