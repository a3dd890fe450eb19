//! One share by its number, whichever side of it this vault is on.

use jiff::Timestamp;
use uuid::Uuid;

use super::ledger::LedgerLine;
use crate::error::Result;
use crate::model::records::hand_over::HandOver;
use crate::model::records::received::Received;
use crate::model::records::record_id::RecordId;
use crate::model::vault::Vault;

/// A share that a number names.
#[derive(Clone, Copy, Debug)]
pub enum FoundShare<'a> {
    /// It was lent to a contact from here.
    Lent(LedgerLine<'a>),
    /// It was handed over to its client from here.
    HandedOver(&'a HandOver),
    /// It came from somebody else.
    Received(&'a Received),
}

impl<'a> FoundShare<'a> {
    /// Its id.
    pub fn id(self) -> Uuid {
        match self {
            Self::Lent(line) => line.share.id,
            Self::HandedOver(it) => it.id,
            Self::Received(it) => it.id,
        }
    }

    /// SHA-256 of the document's body, lower-case hex; none where there was no document in it.
    pub fn payload_sha256(self) -> Option<&'a str> {
        match self {
            Self::Lent(line) if line.share.login.is_some() => None,
            Self::Lent(line) => Some(&line.share.payload_sha256),
            Self::HandedOver(it) => it.payload_sha256.as_deref(),
            Self::Received(it) => Some(&it.payload_sha256),
        }
    }

    /// What it says of itself without a secret; none where there was no document in it.
    pub fn manifest(self) -> Option<&'a str> {
        match self {
            Self::Lent(line) if line.share.login.is_some() => None,
            Self::Lent(line) => Some(&line.share.manifest),
            Self::HandedOver(it) => it.manifest.as_deref(),
            Self::Received(it) => Some(&it.manifest),
        }
    }
}

impl Vault {
    /// The share whose number starts so.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], or [`crate::error::Kind::Usage`] when several do;
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn found_share(&self, start: &RecordId, now: Timestamp) -> Result<FoundShare<'_>> {
        let ids = (self.shares.ids()?.into_iter())
            .chain(self.handed_over.ids()?)
            .chain(self.received.ids()?);
        let id = start.find(ids, "share", "vault shares")?;
        if let Some(it) = self.handed_over.find(id)? {
            return Ok(FoundShare::HandedOver(it));
        }
        let mut ledger = self.ledger(now)?.into_iter();
        match ledger.find(|line| line.share.id == id) {
            Some(line) => Ok(FoundShare::Lent(line)),
            None => self.received.by_id(id).map(FoundShare::Received),
        }
    }
}
