//! What others have shared with this vault: under which terms it is held, and that one share is
//! taken only once, even when its entries are gone.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::cell::{Cell, DeviceId};
use super::merging::list_of_both;
use super::record::record;
use super::share::{FiledDocument, ShareState};
use crate::error::Result;

record! {
    /// A share that was received.
    pub struct Received as "received share" of "vault show ENTRY" by received {
        required {
            /// The share's id, as its sender gave it.
            id: Uuid,
            /// The key that it was signed with, in OpenSSH form.
            signer: String,
            /// When it was received.
            received: Timestamp,
            /// What for.
            purpose: String,
            /// SHA-256 of the document's body, lower-case hex.
            payload_sha256: String,
            /// What the share says of itself without a secret, a text in JSON.
            manifest: String,
        }
        optional {
            /// The contact whose signing key it was, where there was one.
            contact: Option<Uuid>,
            /// The vault's generation before it was received: older backups do not hold it.
            generation: Option<u64>,
            /// What whoever holds it is bound to.
            obligations: Vec<String>,
            /// The client's own rules, as the sender passed them on.
            rules: Option<String>,
            /// The record of the client's consent that came with it, JSON.
            consent: Option<String>,
            /// Its end; none where it was handed over, and is this vault's own.
            expires: Option<Timestamp>,
            /// When its sender made it.
            made: Option<Timestamp>,
            /// The entries that it brought or updated, by their ids in this vault.
            entries: Vec<Uuid>,
            /// The same in the same order, by their ids in the sender's vault.
            origins: Vec<Uuid>,
            /// The file that it was read from; none for what came through a pipe.
            file: Option<FileRead>,
            /// The receipt that this vault signed.
            receipt: Option<String>,
            /// When its sender ended it, by a notice that they signed.
            ended: Cell<Option<Timestamp>>,
            /// The entries that its sender ended alone, by a notice or by a share in its place
            /// that brings them no more.
            ended_entries: Vec<EndedEntry>,
            /// The notices that ended something of it.
            notices: Vec<FiledDocument>,
            /// The statement of deletion that this vault signed.
            attestation: Cell<Option<String>>,
            /// Statements that some entries alone were deleted.
            deletions: Vec<OwnDeletion>,
        }
    }
}

record! {
    /// An entry of a share that was received, which its sender ended alone.
    pub struct EndedEntry {
        required {
            /// The entry, by its id in this vault.
            entry: Uuid,
            /// When it ended.
            time: Timestamp,
        }
        optional {
            /// The share that came in the place of the one that brought it, and without it; none
            /// where a notice ended it.
            left_out_of: Option<Uuid>,
        }
    }
}

record! {
    /// The statement of this vault that some entries of a share were deleted.
    pub struct OwnDeletion {
        required {
            /// The entries, by their ids in this vault.
            entries: Vec<Uuid>,
            /// The statement.
            statement: String,
        }
        optional {}
    }
}

list_of_both!(EndedEntry, OwnDeletion);

record! {
    /// A file that a share was read from.
    pub struct FileRead {
        required {
            /// Its path on that device.
            path: String,
            /// SHA-256 of it, lower-case hex.
            sha256: String,
            /// The device on which it was read.
            device: DeviceId,
        }
        optional {}
    }
}

impl Received {
    /// Whether it is lent, and not this vault's own.
    pub fn is_lent(&self) -> bool {
        self.expires.is_some()
    }

    /// What became of it by `now`.
    pub fn state(&self, now: Timestamp) -> ShareState {
        let of_each = |has: &dyn Fn(Uuid) -> bool| {
            !self.entries.is_empty() && self.entries.iter().all(|id| has(*id))
        };
        if self.attestation().is_some() || of_each(&|id| self.deletion_of(id).is_some()) {
            ShareState::Deleted
        } else if self.ended.value().is_some() || of_each(&|id| self.ended_for(id).is_some()) {
            ShareState::Revoked
        } else if self.expires.is_some_and(|end| end <= now) {
            ShareState::Expired
        } else {
            ShareState::Received
        }
    }

    /// The entry here that stands for one of the sender's.
    pub fn entry_for(&self, origin: Uuid) -> Option<Uuid> {
        let mut pairs = self.origins.iter().zip(&self.entries);
        pairs.find(|(it, _)| **it == origin).map(|(_, id)| *id)
    }

    /// When its sender ended it for an entry here: whole, or for that one alone.
    pub fn ended_for(&self, entry: Uuid) -> Option<Timestamp> {
        let parts = self.ended_entries.iter().filter(|it| it.entry == entry);
        let whole = self.ended.value().copied();
        parts.map(|it| it.time).chain(whole).min()
    }

    /// Whether it is over for an entry here: its sender ended it, or its time is up.
    pub fn is_over_for(&self, entry: Uuid, now: Timestamp) -> bool {
        self.ended_for(entry).is_some() || self.expires.is_some_and(|end| end <= now)
    }

    /// Notes that its sender ended it for an entry here alone, unless that is known.
    pub(crate) fn end_for(&mut self, ended: EndedEntry) {
        if self.ended_for(ended.entry).is_none() {
            self.ended_entries.push(ended);
        }
    }

    /// The statement that an entry here was deleted.
    pub fn deletion_of(&self, entry: Uuid) -> Option<&str> {
        let mut parts = self.deletions.iter();
        let part = parts.find(|it| it.entries.contains(&entry));
        self.attestation().or(part.map(|it| it.statement.as_str()))
    }

    /// The entries here that stand for some of the sender's, each once; none where one was never in
    /// it.
    pub(crate) fn entries_for(&self, origins: &[Uuid]) -> Option<Vec<Uuid>> {
        let origins: BTreeSet<&Uuid> = origins.iter().collect();
        origins.into_iter().map(|it| self.entry_for(*it)).collect()
    }

    /// The sender's entry that one here stands for.
    pub fn origin_of(&self, entry: Uuid) -> Option<Uuid> {
        let mut pairs = self.origins.iter().zip(&self.entries);
        pairs.find(|(_, it)| **it == entry).map(|(id, _)| *id)
    }

    /// The statement of deletion of all of it, once there is one.
    pub fn attestation(&self) -> Option<&str> {
        self.attestation.value().map(String::as_str)
    }
}
