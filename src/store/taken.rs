//! Copies of the vault that are open beside it, and what was taken in from them.

use std::collections::BTreeSet;

use super::reading::LockedVault;
use crate::crypto::MasterKey;
use crate::model::merge::vaults::Revived;
use crate::model::vault::Vault;

/// A copy that is open.
#[derive(Debug)]
pub struct OpenCopy {
    /// The file.
    pub file: LockedVault,
    /// Its records.
    pub vault: Vault,
    /// What opened it, where that is not the key of the vault itself.
    pub key: Option<MasterKey>,
}

/// Which file a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CopyMark {
    /// Its generation.
    pub(super) generation: u64,
    /// Its SHA-256.
    pub(super) sha256: [u8; 32],
}

/// What was taken into a session.
#[derive(Debug)]
pub(super) struct TakenIn {
    /// The copies, the one of the greatest generation last.
    pub(super) files: BTreeSet<CopyMark>,
    /// Entries that are there although one device had removed them.
    pub(super) revived: Revived,
    /// The key that the outcome's keys sign with, in OpenSSH form: where keys were made new apart,
    /// they may be those of a copy.
    pub(super) signer: String,
}

impl TakenIn {
    /// Nothing, into a vault that is signed by `signer`.
    pub(super) fn nothing(signer: String) -> Self {
        Self {
            files: BTreeSet::new(),
            revived: Revived::default(),
            signer,
        }
    }

    /// The greatest generation of the copies.
    pub(super) fn generation(&self) -> u64 {
        self.files.last().map_or(0, |mark| mark.generation)
    }
}

impl OpenCopy {
    pub(super) fn signer(&self) -> String {
        self.file.facts().signer.to_openssh()
    }

    /// Which file it is.
    #[must_use]
    pub fn mark(&self) -> CopyMark {
        CopyMark {
            generation: self.file.facts().generation,
            sha256: self.file.sealed.sha256(),
        }
    }
}
