//! Commands that put a new secret in the place of an old one.

pub(crate) mod due;
mod each;
pub(crate) mod exec;
mod handed;
pub(crate) mod rotate;
pub(crate) mod steps;
