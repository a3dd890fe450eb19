//! Commands about the program itself: help, manual pages, completions, the tour.

pub mod complete;
pub mod completions;
pub mod help;
pub mod man;
pub mod tour;
