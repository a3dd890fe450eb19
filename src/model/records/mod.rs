//! The records of a vault, each in cells that say when they were written. None knows the vault.

pub(crate) mod absent;
pub mod access;
pub mod attachment;
pub(crate) mod base64_bytes;
pub mod cell;
pub mod client;
pub mod consent;
pub mod contact;
pub mod entry;
pub mod identity;
pub mod lazy;
pub mod log;
pub mod received;
pub(crate) mod record;
pub mod record_id;
pub mod share;
pub mod slot;
pub mod stamping;
pub mod way_in;
