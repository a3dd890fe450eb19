//! Help, hints, completions, the manual, the tour and the README.

pub(crate) mod called;
pub(crate) mod completions;
pub(crate) mod dry_run;
pub(crate) mod grammar;
pub(crate) mod help;
pub(crate) mod hints;
pub(crate) mod man;
pub(crate) mod named_files;
pub(crate) mod order;
pub(crate) mod other_tools;
pub(crate) mod readme;
pub(crate) mod screens;
pub(crate) mod tour;
