//! Clients and contacts.

pub(crate) mod client;
mod closing;
pub(crate) mod contact;
pub(crate) mod fields;
pub(crate) mod me;
pub(crate) mod parting;
