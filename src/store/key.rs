//! What a vault is opened with, and whether that fits.

use crate::crypto::{Identities, KeyKeeper, MasterKey, WayIn};

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
    pub(super) fn way_in(&self) -> WayIn<'_> {
        match self {
            Self::Master(key) => WayIn::Password(key),
            Self::Kept(keeper) => WayIn::Password(&**keeper),
            Self::Identities(keys) => WayIn::Identities(keys),
        }
    }

    /// What the next file key can be wrapped with.
    pub(super) fn keeper(&self) -> Option<&dyn KeyKeeper> {
        match self.way_in() {
            WayIn::Password(keeper) => Some(keeper),
            WayIn::Identities(_) => None,
        }
    }
}
