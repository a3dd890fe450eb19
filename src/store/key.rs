//! What a vault is opened with, and whether that fits.

use super::session::{LockedVault, Session};
use crate::crypto::{Identities, KeyKeeper, MasterKey, WayIn};

/// What a vault is opened with.
#[derive(Debug)]
pub enum Key {
    /// The master key: for reading and for changes.
    Master(MasterKey),
    /// Whoever keeps the master key: good for as much, for as long as it is kept.
    Kept(Box<dyn KeyKeeper>),
    /// Other ways in: for reading and for `passwd`.
    Identities(Identities),
}

impl Key {
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

impl LockedVault {
    /// Ways in other than the password, as far as the header says.
    #[must_use]
    pub fn other_ways_in(&self) -> usize {
        // What age adds so that readers get used to what they do not know.
        let is_way = |tag: &&String| !tag.ends_with("-grease");
        self.sealed.other_tags().iter().filter(is_way).count()
    }

    /// Whether it may be encrypted to this SSH public key, as far as its header says.
    #[must_use]
    pub fn names_ssh_key(&self, openssh: &str) -> bool {
        self.sealed.names_ssh_key(openssh)
    }
}

impl Session {
    /// Whether the password of this key is the one that the vault has now.
    #[must_use]
    pub fn opens_with(&self, key: &MasterKey) -> bool {
        self.sealed.check_way_in(WayIn::Password(key)).is_ok()
    }
}
