//! What recipients send back, filed with the share that it is about.

use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::records::record_id::number;
use crate::model::records::share::{FiledDocument, Share};
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

impl Share {
    /// The document of this kind that is on file.
    pub fn filed(&self, kind: ReplyKind) -> Option<&FiledDocument> {
        match kind {
            ReplyKind::Receipt => self.receipt.value(),
            ReplyKind::Deletion => self.attestation.value(),
            ReplyKind::Refusal => self.refusal.value(),
        }
    }

    /// Whether exactly this document is on file.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`] when another of this kind is, or when it refuses what was
    /// received.
    pub fn has_filed(&self, kind: ReplyKind, document: &str) -> Result<bool> {
        match (self.filed(kind), self.receipt.value()) {
            (None, Some(receipt)) if kind == ReplyKind::Refusal => Err(Error::conflict(format!(
                "a receipt for share {} was filed on {}: they have it",
                number(self.id),
                receipt.time
            ))
            .hint(format!(
                "a refusal counts no longer then; to end it: vault revoke {}",
                number(self.id)
            ))),
            (None, _) => Ok(false),
            (Some(filed), _) if filed.document == document => Ok(true),
            // What is signed is better than what was mailed.
            (Some(filed), _) if filed.mailed_from.is_some() => Ok(false),
            (Some(filed), _) => Err(Error::conflict(format!(
                "another {} for share {} was filed on {}",
                kind.as_str(),
                number(self.id),
                filed.time
            ))
            .hint("the first one stands; ask the recipient why there are two")),
        }
    }
}

impl Vault {
    /// The share with this id in the ledger.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn own_share(&self, id: Uuid) -> Result<&Share> {
        self.shares.find(id)?.ok_or_else(|| {
            Error::not_found(format!("share {} was not made by this vault", number(id)))
                .hint("vault shares shows what was shared from here")
        })
    }

    /// Files a document with the share that it is about.
    pub(crate) fn file_reply(
        &mut self,
        id: Uuid,
        kind: ReplyKind,
        filed: FiledDocument,
        author: &Author<'_>,
    ) -> Result<()> {
        if self.own_share(id)?.has_filed(kind, &filed.document)? {
            return Ok(());
        }
        self.change(author, "ack", |edit| {
            let by_mail = filed.mailed_from.is_some();
            let filed = Some(filed);
            let share = edit.vault.shares.by_id_mut(edit.event.about(id))?;
            match kind {
                ReplyKind::Receipt => share.receipt.set(edit.stamp, filed),
                ReplyKind::Deletion => share.attestation.set(edit.stamp, filed),
                ReplyKind::Refusal => share.refusal.set(edit.stamp, filed),
            }
            edit.event.note("document", kind.as_str());
            if by_mail {
                edit.event.note("by", "mail");
            }
            Ok(())
        })
    }
}
