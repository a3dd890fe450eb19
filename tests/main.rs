//! Tests of the binary from outside: what a command does, what is promised, whether other programs
//! agree, and long histories of commands held against an oracle.

#![cfg(unix)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails panics"
)]

mod cli;
mod interop;
mod promises;
mod stories;
mod support;
mod terminal;
