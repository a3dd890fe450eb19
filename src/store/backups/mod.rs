//! What a vault can be brought back from.

pub mod catalogue;
pub mod copies;
pub mod generations;
