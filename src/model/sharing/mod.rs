//! Shares that went out, and what came in by one.

pub mod incoming;
pub mod ledger;
pub(crate) mod received;
pub mod replies;
