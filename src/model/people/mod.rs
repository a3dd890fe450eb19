//! Clients, contacts and who keeps the vault: adding them and changing them.

pub mod client_changes;
pub mod contact_changes;
pub(crate) mod contacts;
pub mod fields;
pub mod me_changes;
