//! Bytes on disk: the vault file, its lock and backups, and what this device remembers of it.
//!
//! [`session`] is the way in: [`crate::store::reading::VaultPlace::read`] checks a file before anything
//! is asked, [`crate::store::reading::LockedVault::unlock`] opens it, [`transaction::Transaction`]
//! writes the next generation. The orders of reading and writing there are what makes a crash, a
//! full disk or a race harmless.

pub(crate) mod apart;
pub(crate) mod arrived;
pub(crate) mod backups;
pub(crate) mod broken;
pub(crate) mod clock;
pub mod device;
pub(crate) mod disk;
pub(crate) mod gate;
mod key;
mod later;
pub(crate) mod merging;
mod place;
pub mod reading;
pub(crate) mod replace_broken;
mod replaced;
mod sealing;
pub mod session;
pub(crate) mod session_journal;
pub(crate) mod surroundings;
pub(crate) mod taken;
pub mod transaction;
mod way_back;
pub mod ways_seen;
