//! Consents: who allowed what, and whether that covers a share.

pub mod agreed_terms;
pub mod asked;
pub mod changed;
pub mod changes;
pub mod closing;
pub mod ending;
pub(crate) mod find;
pub(crate) mod granted;
pub(crate) mod holders;
pub(crate) mod parted;
pub(crate) mod parting;
pub mod permit;
pub(crate) mod renewal;
pub(crate) mod replaced;
pub(crate) mod requests;
pub(crate) mod scope;
pub mod terms;
