//! Consents: who allowed what, and whether that covers a share.

pub mod agreed_terms;
pub mod changes;
pub mod find;
pub mod permit;
pub mod requests;
pub mod scope;
