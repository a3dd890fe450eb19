//! Copies of the vault that are open beside it, and what was taken in from them.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::reading::LockedVault;
use crate::crypto::MasterKey;
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

/// What was taken into a session.
#[derive(Debug)]
pub(super) struct TakenIn {
    /// The copies' SHA-256, the one of the greatest generation first.
    pub(super) files: Vec<[u8; 32]>,
    /// Their greatest generation.
    pub(super) generation: u64,
    /// Entries that one device put in the trash while another changed them.
    pub(super) removed_and_changed: BTreeSet<Uuid>,
}

impl OpenCopy {
    pub(super) fn signer(&self) -> String {
        self.file.facts().signer.to_openssh()
    }
}
