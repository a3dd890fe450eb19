//! The notice that shares have ended: signed by who made them, it closes at once what came with them.
//! There is no secret in it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::arrived::contact_with;
use super::at_most;
use super::identity::PublicIdentity;
use super::reply::{ShareRef, sign};
use crate::crypto::signing::documents::NOTICE;
use crate::crypto::{Document, Signer};
use crate::error::{Error, Kind, Result};
use crate::model::json_depth;
use crate::model::records::received::Received;
use crate::model::records::record_id::number;
use crate::model::text::limits::{JSON_DEPTH, SHARE_ITEMS};
use crate::model::vault::Vault;
use uuid::Uuid;

/// The body of a notice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// Its own id.
    pub id: Uuid,
    /// Who made the shares.
    pub sender: PublicIdentity,
    /// When it was made.
    pub made: Timestamp,
    /// The shares that have ended.
    #[serde(deserialize_with = "at_most::list::<SHARE_ITEMS, _, _>")]
    pub ended: Vec<EndedRef>,
}

/// A share that has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndedRef {
    /// Which one.
    pub share: ShareRef,
    /// When.
    pub time: Timestamp,
}

/// A notice whose signature is good; whether it is about what was received is still to be judged.
#[derive(Clone, Debug)]
pub struct SignedNotice {
    signer: Signer,
    notice: Notice,
    document: String,
}

/// Signs that these shares, which are over, have ended.
///
/// # Errors
/// [`crate::error::Kind::NotFound`] for a share that this vault did not make.
pub fn write(vault: &Vault, shares: &[Uuid], id: Uuid, now: Timestamp) -> Result<String> {
    let mut ended = Vec::new();
    let ledger = vault.ledger(now)?;
    for share in shares {
        let line = ledger.iter().find(|line| line.share.id == *share);
        let line = line.ok_or_else(|| Error::not_found(format!("no share {}", number(*share))))?;
        ended.push(EndedRef {
            share: ShareRef {
                id: *share,
                payload_sha256: line.share.payload_sha256.clone(),
                manifest_sha256: line.share.manifest_sha256(),
            },
            time: line.end.map_or(now, |end| end.time),
        });
    }
    let notice = Notice {
        id,
        sender: PublicIdentity::of(vault)?,
        made: now,
        ended,
    };
    sign(vault, NOTICE, &notice)
}

impl SignedNotice {
    /// Reads a notice; none where the text is another document, or no document at all.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is malformed or not signed by who it names.
    pub fn parse(text: &str) -> Result<Option<Self>> {
        let document = match Document::parse(NOTICE, text) {
            Ok(document) => document,
            Err(why) if why.kind() == Kind::Usage => return Ok(None),
            Err(why) => return Err(why),
        };
        let malformed = || Error::integrity("the notice is malformed");
        if json_depth(document.body()) > JSON_DEPTH {
            return Err(malformed());
        }
        let notice: Notice = serde_json::from_str(document.body()).map_err(|_| malformed())?;
        notice.sender.check()?;
        let mut signers = document.signers();
        match (signers.next(), signers.next()) {
            (Some(signer), None) if signer.to_openssh() == notice.sender.signer => Ok(Some(Self {
                signer,
                notice,
                document: document.to_json()?,
            })),
            _ => Err(Error::integrity(
                "the notice is not signed by the sender that it names",
            )),
        }
    }

    /// The document in its one spelling, to be kept.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// The shares of a vault that it closes, each with when it ended. What was never received, or
    /// is not the sender's, is refused.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] where none was received;
    /// [`crate::error::Kind::Integrity`] where one is another's.
    pub fn closes(&self, vault: &Vault) -> Result<Vec<(Uuid, Timestamp)>> {
        let mut closed = Vec::new();
        for ended in &self.notice.ended {
            let received = vault.received.find(ended.share.id)?;
            let Some(received) = received.filter(|it| it.is_lent()) else {
                continue;
            };
            if received.payload_sha256 != ended.share.payload_sha256
                || !self.is_of_sender(vault, received)?
            {
                return Err(Error::integrity(format!(
                    "share {} was not made by who signed this notice",
                    number(received.id)
                )));
            }
            closed.push((received.id, ended.time));
        }
        if closed.is_empty() {
            return Err(
                Error::not_found("none of the shares in this notice was received here")
                    .hint("vault shares --received shows what was"),
            );
        }
        Ok(closed)
    }

    /// Whether the signer made a share: by the same key, or by another key of the same contact.
    fn is_of_sender(&self, vault: &Vault, received: &Received) -> Result<bool> {
        if received.signer == self.signer.to_openssh() {
            return Ok(true);
        }
        let contact = contact_with(vault, self.signer)?.map(|(id, _)| id);
        Ok(contact.is_some() && contact == received.contact)
    }
}
