//! The vault's file: an age file whose header is signed.

pub mod container;
pub mod header;
pub(crate) mod padding;
