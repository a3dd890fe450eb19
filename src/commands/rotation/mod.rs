//! Commands that put a new secret in the place of an old one.

pub(crate) mod due;
mod each;
pub(crate) mod exec;
pub(crate) mod rotate;
pub(crate) mod steps;
