//! Commands about entries: what is kept, under which name, and what became of it.

pub mod add;
pub mod attach;
pub mod edit;
pub(crate) mod edit_text;
pub mod edit_toml;
pub mod find;
pub mod generate;
pub mod history;
pub mod list;
pub mod mv;
pub mod rm;
pub mod show;
pub mod trash;
