//! Commands about clients, contacts and who keeps the vault.

mod agreements;
pub(crate) mod client;
mod client_list;
mod closing;
pub(crate) mod contact;
mod contact_show;
pub(crate) mod me;
mod parting;
mod past_end;
