//! Commands about clients and contacts.

pub mod client;
pub mod contact;
