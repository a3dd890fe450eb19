//! Rotation: which secrets are due, and why.

pub(crate) mod before_purge;
pub(crate) mod compromised;
pub(crate) mod due;
pub(crate) mod elsewhere;
pub(crate) mod exposure;
pub(crate) mod in_use;
pub mod pending;
pub(crate) mod refused;
