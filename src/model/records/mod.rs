//! The records of a vault, each in cells that say when they were written. None knows the vault.

pub(crate) mod absent;
pub mod access;
pub(crate) mod attachment;
pub(crate) mod base64_bytes;
pub mod cell;
pub mod client;
pub mod consent;
pub(crate) mod contact;
pub mod entry;
pub(crate) mod fields;
pub(crate) mod hand_over;
pub mod identity;
pub(crate) mod lazy;
pub mod log;
pub(crate) mod me;
pub(crate) mod received;
pub(crate) mod record;
pub(crate) mod record_id;
pub(crate) mod renewals;
pub mod share;
pub mod slot;
pub(crate) mod stamped;
pub mod stamping;
pub(crate) mod table;
pub(crate) mod way_in;
