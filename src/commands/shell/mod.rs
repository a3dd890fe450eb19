//! Commands about the program itself: help, manual pages, completions, the tour.

pub(crate) mod complete;
mod complete_names;
pub(crate) mod completions;
pub(crate) mod help;
pub(crate) mod man;
pub(crate) mod tour;
