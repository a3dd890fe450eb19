//! Help, manual pages, hints and completions, from the tree of commands that is handed in.

pub mod candidates;
pub mod errors;
pub mod groups;
pub(crate) mod habits;
pub mod hints;
pub mod pages;
pub mod typed;
