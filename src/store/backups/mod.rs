//! What a vault can be brought back from.

pub(crate) mod catalogue;
pub(crate) mod copies;
pub(crate) mod generations;
pub(crate) mod holding;
