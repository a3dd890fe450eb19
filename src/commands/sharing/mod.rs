//! Commands about shares: what goes out, what comes in, and what is sent back.

pub mod ack;
pub mod attest;
pub mod receive;
pub mod revoke;
pub mod share;
pub(crate) mod share_key;
pub mod shares;
