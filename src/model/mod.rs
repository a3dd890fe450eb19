//! The domain, pure: no I/O, no clock, no randomness of its own, and nothing else of this crate
//! but the error type.
//!
//! [`vault::Vault`] holds the records of one payload. [`records`] has each
//! kind and how it merges, [`text`] what things may be called and how large anything may be.

pub(crate) mod change;
pub mod consent;
pub mod entry;
pub mod findings;
pub(crate) mod history;
pub(crate) mod incidents;
pub(crate) mod inject;
pub mod logins;
pub(crate) mod masking;
pub mod merge;
pub mod people;
pub mod records;
pub mod rotation;
pub(crate) mod sharing;
pub mod ssh;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
pub mod transfer;
pub mod vault;
pub(crate) mod ways_in;

pub(crate) use records::record::depth as json_depth;
