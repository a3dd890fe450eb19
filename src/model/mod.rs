//! The domain, pure: no I/O, no clock, no randomness of its own, and nothing else of this crate
//! but the error type.
//!
//! [`vault::Vault`] holds the records of one payload. [`cell`] is how they merge, [`log`] what was
//! done, [`name`] what things may be called, [`limits`] how large anything may be.

pub mod access;
pub mod agreed_terms;
pub mod attachment;
pub(crate) mod base64_bytes;
pub mod cell;
pub mod changes;
pub mod check;
pub mod client;
pub mod client_changes;
pub mod clock;
pub mod consent;
pub mod consent_changes;
pub mod consent_requests;
pub mod consents;
pub mod contact;
pub mod contact_changes;
pub mod doctor;
pub mod dotenv;
pub mod endings;
pub mod entry;
pub mod exposure;
pub mod field;
pub mod filing;
pub mod finding;
pub mod generate;
pub mod identity;
pub mod import;
pub mod incoming;
pub mod kdf;
pub mod lazy;
pub mod ledger;
pub mod limits;
pub mod log;
mod lookup;
pub mod metadata;
pub mod name;
pub mod permit;
pub mod portable;
pub mod query;
pub mod quote;
pub mod received;
mod record;
pub mod record_id;
pub mod reference;
pub mod rename;
pub mod restore;
pub mod rotation;
pub mod scope;
pub mod secret;
pub mod selection;
pub mod share;
mod similar;
pub mod strength;
pub mod template;
pub mod text_file;
pub mod totp;
pub mod trash;
pub mod variable;
pub mod vault;
pub mod visible;
pub mod way_in;
pub mod when;
mod whose;

pub(crate) use record::depth as json_depth;
