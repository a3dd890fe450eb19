//! What recipients send back, filed with what it is about.

use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::hand_over::HandOver;
use crate::model::records::record_id::number;
use crate::model::records::share::{EntryDeletion, FiledDocument, Share, SharedItem};
use crate::model::records::stamping::Author;
use crate::model::text::words::words;
use crate::model::vault::Vault;

words! {
    /// What a recipient sends back; its word is that of the log.
    pub enum ReplyKind {
        /// That it has arrived.
        Receipt = "receipt",
        /// That it is deleted.
        Deletion = "deletion",
        /// That it is not taken.
        Refusal = "refusal",
    }
}

/// What went out, as far as it is answered.
#[derive(Clone, Copy, Debug)]
pub enum SentOut<'a> {
    /// It was lent to a contact.
    Lent(&'a Share),
    /// It was handed over to its client.
    HandedOver(&'a HandOver),
}

impl<'a> SentOut<'a> {
    /// Its id.
    pub fn id(self) -> Uuid {
        match self {
            Self::Lent(share) => share.id,
            Self::HandedOver(it) => it.id,
        }
    }

    /// What was in it.
    pub fn items(self) -> &'a [SharedItem] {
        match self {
            Self::Lent(share) => &share.items,
            Self::HandedOver(it) => &it.items,
        }
    }

    /// What its recipient is bound to.
    pub fn duties(self) -> &'a [String] {
        match self {
            Self::Lent(share) => &share.obligations,
            Self::HandedOver(_) => &[],
        }
    }

    /// SHA-256 of the document's body, lower-case hex; none where there was no document in it.
    pub fn payload_sha256(self) -> Option<&'a str> {
        match self {
            Self::Lent(share) => Some(&share.payload_sha256),
            Self::HandedOver(it) => it.payload_sha256.as_deref(),
        }
    }

    /// What it says of itself without a secret; none where there was no document in it.
    pub fn manifest(self) -> Option<&'a str> {
        match self {
            Self::Lent(share) => Some(&share.manifest),
            Self::HandedOver(it) => it.manifest.as_deref(),
        }
    }

    /// The statements that some of its entries alone were deleted.
    pub fn partial_deletions(self) -> &'a [EntryDeletion] {
        match self {
            Self::Lent(share) => &share.deletions,
            Self::HandedOver(_) => &[],
        }
    }

    /// The document of this kind that is on file.
    pub fn filed(self, kind: ReplyKind) -> Option<&'a FiledDocument> {
        match (self, kind) {
            (Self::Lent(share), ReplyKind::Receipt) => share.receipt.value(),
            (Self::Lent(share), ReplyKind::Deletion) => share.attestation.value(),
            (Self::Lent(share), ReplyKind::Refusal) => share.refusal.value(),
            (Self::HandedOver(it), ReplyKind::Receipt) => it.receipt.value(),
            (Self::HandedOver(_), _) => None,
        }
    }

    /// Whether exactly this document is on file.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] when another of this kind is, or when it refuses what was
    /// received; [`crate::error::Kind::Refused`] when it is no receipt of what was handed over.
    pub fn has_filed(self, kind: ReplyKind, document: &str) -> Result<bool> {
        let id = number(self.id());
        if matches!(self, Self::HandedOver(_)) && kind != ReplyKind::Receipt {
            return Err(Error::refused(format!(
                "{id} was handed over: it is theirs, and only its receipt is filed"
            ))
            .hint(format!("vault shares show {id} tells what went")));
        }
        match (self.filed(kind), self.filed(ReplyKind::Receipt)) {
            (None, Some(receipt)) if kind == ReplyKind::Refusal => Err(Error::conflict(format!(
                "a receipt for share {id} was filed on {}: they have it",
                receipt.time
            ))
            .hint(format!(
                "a refusal counts no longer then; to end it: vault revoke {id}"
            ))),
            (None, _) => {
                let mut parts = self.partial_deletions().iter();
                Ok(parts.any(|it| it.filed.document == document))
            }
            (Some(filed), _) if filed.document == document => Ok(true),
            // What is signed is better than what was mailed.
            (Some(filed), _) if filed.mailed_from.is_some() => Ok(false),
            (Some(filed), _) => Err(Error::conflict(format!(
                "another {} for share {id} was filed on {}",
                kind.as_str(),
                filed.time
            ))
            .hint("the first one stands; ask the recipient why there are two")),
        }
    }
}

impl Vault {
    /// What went out from this vault under an id.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn sent_out(&self, id: Uuid) -> Result<SentOut<'_>> {
        if let Some(handed_over) = self.handed_over.find(id)? {
            return Ok(SentOut::HandedOver(handed_over));
        }
        self.shares.find(id)?.map(SentOut::Lent).ok_or_else(|| {
            Error::not_found(format!("share {} was not made by this vault", number(id)))
                .hint("vault shares shows what was shared from here")
        })
    }

    /// Keeps the notice that was written of the end of shares.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`].
    pub fn file_notice(
        &mut self,
        shares: &[Uuid],
        filed: &FiledDocument,
        author: &Author<'_>,
    ) -> Result<()> {
        self.change(author, "revoke", |edit| {
            for id in shares {
                let share = edit.vault.shares.by_id_mut(edit.event.about(*id))?;
                share.notice.set(edit.stamp, Some(filed.clone()));
            }
            edit.event.note("document", "notice");
            Ok(())
        })
    }

    /// Files a document with what it answers; `entries` are those that a statement of deletion is
    /// about alone, none where it is the whole.
    pub(crate) fn file_reply(
        &mut self,
        id: Uuid,
        (kind, entries): (ReplyKind, &[Uuid]),
        filed: FiledDocument,
        author: &Author<'_>,
    ) -> Result<()> {
        let sent_out = self.sent_out(id)?;
        let is_lent = matches!(sent_out, SentOut::Lent(_));
        if sent_out.has_filed(kind, &filed.document)? {
            return Ok(());
        }
        self.change(author, "ack", |edit| {
            let by_mail = filed.mailed_from.is_some();
            let id = edit.event.about(id);
            edit.event.note("document", kind.as_str());
            if by_mail {
                edit.event.note("by", "mail");
            }
            if !entries.is_empty() {
                edit.event.subject.extend(entries);
                let share = edit.vault.shares.by_id_mut(id)?;
                let part = EntryDeletion::with(entries.to_vec(), filed);
                share.deletions.push(part);
                return Ok(());
            }
            let cell = match kind {
                _ if !is_lent => &mut edit.vault.handed_over.by_id_mut(id)?.receipt,
                ReplyKind::Receipt => &mut edit.vault.shares.by_id_mut(id)?.receipt,
                ReplyKind::Deletion => &mut edit.vault.shares.by_id_mut(id)?.attestation,
                ReplyKind::Refusal => &mut edit.vault.shares.by_id_mut(id)?.refusal,
            };
            cell.set(edit.stamp, Some(filed));
            Ok(())
        })
    }
}
