//! Commands that other programs ask for secrets, each in its own words.

pub(crate) mod helper;
