//! Shares that went out, and what came in by one.

pub mod asking;
pub(crate) mod came_files;
pub(crate) mod duties;
pub(crate) mod earlier;
pub(crate) mod found;
pub(crate) mod incoming;
pub(crate) mod ledger;
pub(crate) mod outgoing;
pub(crate) mod performance;
pub(crate) mod received;
pub(crate) mod replies;
pub(crate) mod who;
