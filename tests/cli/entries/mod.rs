//! Entries: what is kept, under which name, and what became of it.

pub(crate) mod add;
pub(crate) mod attach;
pub(crate) mod edit_editor;
pub(crate) mod edit_rm;
pub(crate) mod fields;
pub(crate) mod find;
pub(crate) mod generate;
pub(crate) mod history;
pub(crate) mod list_part;
pub(crate) mod mv;
pub(crate) mod mv_whole;
pub(crate) mod names;
pub(crate) mod picker;
mod purge;
pub(crate) mod rm_several;
pub(crate) mod show_list;
pub(crate) mod sought;
pub(crate) mod trash;
pub(crate) mod tty_entries;
