//! Entries: finding them, changing them, and what their fields may hold.

pub(crate) mod add_edit_remove;
pub(crate) mod apply;
pub(crate) mod attachments;
pub mod changes;
pub mod field;
pub mod generate;
pub(crate) mod lookup;
pub mod metadata;
pub mod query;
pub mod rename;
pub mod strength;
pub mod totp;
pub mod trash;
