//! The law of every import: each value in the source is in the vault afterwards, or its row is
//! reported with the reason.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails panics"
)]

mod dotenv;
mod kdbx;
mod law;
mod own;
mod stores;
mod structured;
mod tables;
