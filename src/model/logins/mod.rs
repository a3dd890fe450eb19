//! Which entry a program means that asks by an address, and the words in which such programs ask
//! and are answered.

pub mod browser;
pub mod fitting;
pub mod git_lines;
pub mod place;
pub(crate) mod registry;
