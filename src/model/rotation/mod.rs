//! Rotation: which secrets are due, and why.

pub mod exposure;
pub mod pending;
