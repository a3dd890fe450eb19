//! Commands that keep the vault safe and prove that it is whole.

pub(crate) mod backup;
pub(crate) mod backups;
pub(crate) mod doctor;
pub(crate) mod log;
pub(crate) mod restore;
pub(crate) mod verify;
