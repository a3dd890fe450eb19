//! Consents: who allowed what, and whether that covers a share.

pub mod agreed_terms;
pub mod asked;
pub mod changed;
pub mod changes;
pub(crate) mod ending;
pub(crate) mod find;
pub mod permit;
pub(crate) mod requests;
pub(crate) mod scope;
pub mod terms;
