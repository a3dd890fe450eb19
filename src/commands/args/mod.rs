//! Options that several commands take.

pub mod client_fields;
pub mod consent_terms;
pub mod contact_fields;
pub mod document;
pub(crate) mod document_file;
pub mod entry;
pub mod entry_fields;
pub(crate) mod generated;
pub mod keys;
pub mod other_password;
