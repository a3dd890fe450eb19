//! Commands about clients, contacts and who keeps the vault.

mod agreements;
pub(crate) mod client;
pub(crate) mod contact;
pub(crate) mod me;
mod parting;
