//! Black-box tests of the binary: what a user, a script or CI sees, a file per family of commands.
//!
//! Every test has a home directory of its own, an empty environment and no terminal unless it asks
//! for one. A call that is to fail is checked for more than its exit code: stdout stays empty, the
//! vault's folder stays byte for byte what it was, and the master password is printed nowhere.

mod access;
mod canaries;
mod children;
pub(crate) mod consent;
mod entries;
mod errors_json;
mod naughty;
mod no_terminal;
pub(crate) mod papers;
mod people;
mod programs;
mod reveal;
mod rotation;
pub(crate) mod safety;
mod secrets_on_stdin;
pub(crate) mod sharing;
mod shell;
mod signals;
pub(crate) mod sync;
mod transfer;
