//! Backups, proofs, and the way back.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod backups_belong;
pub(crate) mod breach;
pub(crate) mod cut_off;
pub(crate) mod doctor;
pub(crate) mod incident;
pub(crate) mod log;
pub(crate) mod old_copy;
pub(crate) mod pin;
pub(crate) mod redact;
pub(crate) mod restore;
pub(crate) mod restore_in_place;
pub(crate) mod review;
pub(crate) mod scan;
pub(crate) mod scan_staged;
pub(crate) mod verify;
