//! Findings: what is not as it should be, of the vault and of the machine.

pub(crate) mod audit;
pub mod check;
mod compromised;
pub(crate) mod copy_due;
mod deletion_due;
pub(crate) mod doctor;
pub(crate) mod due;
pub(crate) mod finding;
mod known_due;
pub mod measures;
mod replies_due;
pub(crate) mod review;
pub(crate) mod review_answers;
pub(crate) mod review_due;
pub(crate) mod review_item;
pub(crate) mod rule;
pub(crate) mod unusual;
