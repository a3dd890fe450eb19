//! Bytes on disk: the vault file, its lock and backups, and what this device remembers of it.
//!
//! [`session`] is the way in: [`session::Store::read`] checks a file before anything is asked,
//! [`session::LockedVault::unlock`] opens it, [`change::Transaction`] writes the next generation.
//! The orders of reading and writing there are what makes a crash, a full disk or a race harmless.

pub mod backup;
pub mod change;
pub mod copied;
pub mod copies;
pub mod file;
pub mod fresh;
pub mod in_place;
pub mod journal;
pub mod kept;
mod key;
mod later;
pub mod lock;
pub mod pin;
mod place;
pub mod reveals;
pub mod scratch;
mod sealing;
pub mod session;
pub mod state;
pub mod surroundings;
mod waiting;
mod way_back;
