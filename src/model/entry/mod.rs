//! Entries: finding them, changing them, and what their fields may hold.

pub(crate) mod add_edit_remove;
pub(crate) mod apply;
pub(crate) mod attachments;
pub mod changes;
pub(crate) mod field;
pub mod fields;
pub(crate) mod generate;
pub(crate) mod lookup;
pub(crate) mod metadata;
pub(crate) mod preset;
pub(crate) mod purge;
pub(crate) mod query;
pub(crate) mod record_names;
pub mod rename;
pub(crate) mod selected;
pub(crate) mod sought;
pub(crate) mod strength;
pub mod totp;
pub(crate) mod trash;
pub mod use_only;
