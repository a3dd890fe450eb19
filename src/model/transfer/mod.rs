//! Entries on their way from and to other programs.

pub mod import;
pub(crate) mod portable;
