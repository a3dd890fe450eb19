//! Clients, contacts and who keeps the vault: adding them and changing them.

pub mod client_changes;
pub mod contact_changes;
pub(crate) mod contacts;
pub mod fields;
pub(crate) mod lost_keys;
pub mod me_changes;
pub mod past_records;
pub mod processing;
