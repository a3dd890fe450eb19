//! How two copies of a vault that were changed apart become one.

pub mod conflicts;
pub mod consents;
pub mod ended;
pub mod ends;
pub mod given_up;
mod one_client;
mod past_records;
mod purged;
pub mod report;
pub mod resolve;
mod settle;
#[cfg(test)]
mod tests;
pub mod vaults;
