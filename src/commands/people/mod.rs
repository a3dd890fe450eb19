//! Commands about clients, contacts and who keeps the vault.

mod agreements;
pub(crate) mod client;
pub(crate) mod contact;
mod contact_show;
pub(crate) mod me;
mod parting;
mod past_end;
