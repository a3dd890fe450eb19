//! What a vault is opened with, and whether that fits.

use crate::crypto::{Identities, KeyKeeper, MasterKey, UnlockedWith};

/// What a vault is opened with.
#[derive(Debug)]
pub enum UnlockKey {
    /// The master key: for reading and for changes.
    Master(MasterKey),
    /// Whoever keeps the master key: good for as much, for as long as it is kept.
    Kept(Box<dyn KeyKeeper>),
    /// Other ways in: for reading and for `passwd`.
    Identities(Identities),
}

impl UnlockKey {
    pub(super) fn way_in(&self) -> UnlockedWith<'_> {
        match self {
            Self::Master(key) => UnlockedWith::Password(key),
            Self::Kept(keeper) => UnlockedWith::Password(&**keeper),
            Self::Identities(keys) => UnlockedWith::Identities(keys),
        }
    }

    /// What the next file key can be wrapped with.
    pub(super) fn keeper(&self) -> Option<&dyn KeyKeeper> {
        match self.way_in() {
            UnlockedWith::Password(keeper) => Some(keeper),
            UnlockedWith::Identities(_) => None,
        }
    }
}
