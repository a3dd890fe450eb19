//! What this device remembers of a vault.

pub mod clipboard_mark;
pub mod folder;
pub mod journal;
pub mod pin;
