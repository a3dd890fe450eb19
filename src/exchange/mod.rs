//! What goes from one person to another: built and checked here, from records and keys. No file
//! is read or written.

pub mod arrived;
mod at_most;
pub mod bundle;
pub mod card;
pub mod consent_check;
pub mod consent_record;
pub mod contact_keys;
pub mod identity;
pub mod reply;
pub mod request;
pub mod share;
