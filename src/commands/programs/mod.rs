//! Commands by which other programs use what is in the vault.

pub(crate) mod ssh_agent;
