//! Commands for a vault that is changed on several devices.

pub(crate) mod conflicts;
pub(crate) mod merge;
pub(crate) mod resolve;
