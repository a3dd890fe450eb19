//! What this device remembers of a vault.

pub(crate) mod clipboard_mark;
pub mod folder;
pub(crate) mod journal;
pub mod pin;
pub mod prompts;
pub mod sync_record;
