//! Clients and contacts.

pub(crate) mod client;
pub(crate) mod contact;
