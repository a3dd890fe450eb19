//! Which entry a program means that asks by an address, and the words in which such programs ask
//! and are answered.

pub mod browser;
pub mod fitting;
pub mod git_helpers;
pub mod git_lines;
pub mod open_page;
pub mod place;
pub mod place_kind;
pub(crate) mod registry;
