//! The domain, pure: no I/O, no clock, no randomness of its own, and nothing else of this crate
//! but the error type.
//!
//! [`vault::Vault`] holds the records of one payload. [`cell`] is how they merge, [`log`] what was
//! done, [`name`] what things may be called, [`limits`] how large anything may be.

pub mod change;
pub mod consent;
pub mod entry;
pub mod findings;
pub mod history;
pub mod inject;
pub mod people;
pub mod records;
pub mod rotation;
pub mod sharing;
pub mod text;
pub mod transfer;
pub mod vault;
pub(crate) mod ways_in;

pub(crate) use records::record::depth as json_depth;
