//! The notice that shares, or entries of them, have ended: signed by who made them, it closes at once
//! what came with them. There is no secret in it.

use std::collections::BTreeMap;

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
use crate::model::sharing::ledger::LedgerLine;
use crate::model::sharing::received::Closing;
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
    /// What has ended.
    #[serde(deserialize_with = "at_most::list::<SHARE_ITEMS, _, _>")]
    pub ended: Vec<EndedRef>,
}

/// A share that has ended, or some entries of one that goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndedRef {
    /// Which one.
    pub share: ShareRef,
    /// The entries that ended, by their ids in the sender's vault; none where it is the whole.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "at_most::list::<SHARE_ITEMS, _, _>"
    )]
    pub entries: Vec<Uuid>,
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

/// Signs what has ended of these shares: the whole, or the entries that ended alone.
///
/// # Errors
/// [`crate::error::Kind::NotFound`] for a share that this vault did not make;
/// [`crate::error::Kind::Refused`] for one of which nothing has ended, and past the limit of what
/// is read at once.
pub fn write(vault: &Vault, shares: &[Uuid], id: Uuid, now: Timestamp) -> Result<String> {
    let mut ended = Vec::new();
    let ledger = vault.ledger(now)?;
    for share in shares {
        let line = ledger.iter().find(|line| line.share.id == *share);
        let line = line.ok_or_else(|| Error::not_found(format!("no share {}", number(*share))))?;
        let before = ended.len();
        ended.extend(ended_of(*line));
        if ended.len() == before {
            let id = number(*share);
            return Err(Error::refused(format!("nothing of share {id} has ended"))
                .hint(format!("to end it: vault revoke {id}")));
        }
    }
    if ended.len() > SHARE_ITEMS {
        return Err(Error::refused(format!(
            "a notice names {SHARE_ITEMS} ends at most, this would be {}",
            ended.len()
        ))
        .hint("write one for each share: vault revoke SHARE --ended --out FILE"));
    }
    let notice = Notice {
        id,
        sender: PublicIdentity::of(vault)?,
        made: now,
        ended,
    };
    sign(vault, NOTICE, &notice)
}

/// What has ended of a share: all of it, or for each moment the entries that ended then.
fn ended_of(line: LedgerLine<'_>) -> Vec<EndedRef> {
    let share = line.share;
    let at = |time, entries| EndedRef {
        share: ShareRef {
            id: share.id,
            payload_sha256: share.payload_sha256.clone(),
            manifest_sha256: share.manifest_sha256(),
        },
        entries,
        time,
    };
    if let Some(end) = line.end {
        return vec![at(end.time, Vec::new())];
    }
    let mut parts: BTreeMap<Timestamp, Vec<Uuid>> = BTreeMap::new();
    for item in &share.items {
        if let Some(end) = line.end_of(item) {
            parts.entry(end.time).or_default().push(item.entry);
        }
    }
    parts.into_iter().map(|(time, ids)| at(time, ids)).collect()
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

    /// What of a vault it closes. What was never received, or is not the sender's, is refused.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] where none was received;
    /// [`crate::error::Kind::Integrity`] where one is another's, or never held what it names;
    /// [`crate::error::Kind::Refused`] for a key that its owner has lost.
    pub fn closes(&self, vault: &Vault) -> Result<Vec<Closing>> {
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
            let entries = match ended.entries.as_slice() {
                [] => None,
                origins => Some(received.entries_for(origins).ok_or_else(|| {
                    Error::integrity(format!(
                        "the notice names an entry that share {} never had",
                        number(received.id)
                    ))
                })?),
            };
            closed.push(Closing {
                share: received.id,
                entries,
                time: ended.time,
            });
        }
        if let Some((name, since)) = vault.lost_key(&self.signer.to_openssh())? {
            return Err(Error::refused(format!(
                "it is signed by a key that {name} has lost on {since}"
            ))
            .hint("somebody else may have made it: ask the sender by phone"));
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
