//! Commands by which other programs use what is in the vault, each in its own words.

pub(crate) mod helper;
pub(crate) mod ssh_agent;
