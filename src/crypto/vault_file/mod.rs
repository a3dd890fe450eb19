//! The vault's file: an age file whose header is signed.

pub(crate) mod container;
pub(crate) mod header;
pub(crate) mod padding;
mod payload;
