//! Commands that keep the vault safe and prove that it is whole.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod backups;
pub(crate) mod breach;
pub(crate) mod doctor;
mod findings;
pub(crate) mod incident;
mod left_out;
pub(crate) mod log;
pub(crate) mod redact;
pub(crate) mod restore;
pub(crate) mod review;
pub(crate) mod scan;
pub(crate) mod verify;
