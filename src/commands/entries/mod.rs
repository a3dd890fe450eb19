//! Commands about entries: what is kept, under which name, and what became of it.

pub(crate) mod add;
pub(crate) mod attach;
pub(crate) mod attachments;
pub(crate) mod edit;
pub(crate) mod edit_text;
pub(crate) mod edit_toml;
pub(crate) mod find;
pub(crate) mod generate;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod mv;
pub(crate) mod purge;
pub(crate) mod rm;
pub(crate) mod show;
pub(crate) mod trash;
