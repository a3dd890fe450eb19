//! Options that several commands take.

pub(crate) mod client_fields;
pub(crate) mod consent_terms;
pub(crate) mod contact_fields;
pub(crate) mod document;
pub(crate) mod document_file;
pub(crate) mod dry_run;
pub(crate) mod entries;
pub(crate) mod entry;
pub(crate) mod entry_fields;
pub(crate) mod evidence;
pub(crate) mod generated;
pub(crate) mod keys;
pub(crate) mod named_copy;
pub(crate) mod other_password;
pub(crate) mod paper_sender;
pub(crate) mod rejected_keys;
pub(crate) mod replaced;
pub(crate) mod signed_page;
pub(crate) mod signer;
