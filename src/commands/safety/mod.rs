//! Commands that keep the vault safe and prove that it is whole.

pub mod backup;
pub mod backups;
pub mod doctor;
pub mod log;
pub mod restore;
pub mod verify;
