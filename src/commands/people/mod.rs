//! Commands about clients and contacts.

pub(crate) mod client;
pub(crate) mod contact;
