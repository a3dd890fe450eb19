//! Help, manual pages, hints and completions, from the tree of commands that is handed in.

pub(crate) mod candidates;
pub(crate) mod errors;
pub(crate) mod everything;
pub(crate) mod groups;
pub(crate) mod habits;
pub(crate) mod hints;
pub(crate) mod layout;
pub(crate) mod meant;
pub(crate) mod pages;
pub(crate) mod prose;
mod template_marks;
pub(crate) mod topics;
pub(crate) mod typed;
