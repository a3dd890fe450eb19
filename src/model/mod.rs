//! The domain, pure: no I/O, no clock, no randomness of its own, and nothing else of this crate
//! but the error type.

pub mod access;
mod base64_bytes;
pub mod kdf;
pub mod limits;
pub mod secret;
