//! The receipt of a share: made in the same change that stores it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ChainHead, ShareRef, heads, own_name, sign, words::ReplyWords};
use crate::crypto::signing::documents::RECEIPT;
use crate::error::Result;
use crate::exchange::identity::PublicIdentity;
use crate::model::records::event::sha256_hex;
use crate::model::records::stamping::Author;
use crate::model::sharing::incoming::{Incoming, StoredShare};
use crate::model::vault::Vault;

/// The body of a receipt.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// Its own id.
    pub id: Uuid,
    /// Which share has arrived.
    pub share: ShareRef,
    /// Where.
    pub recipient: PublicIdentity,
    /// When.
    pub received: Timestamp,
    /// The credentials that were stored, by their ids in the sender's vault.
    pub accepted: Vec<Uuid>,
    /// What the recipient says, in the language of the share.
    pub statement: String,
    /// What they keep to: every duty of the share; none where it was handed over.
    pub duties: Vec<String>,
    /// The client's own rules, which they keep to as well.
    pub rules: Option<String>,
    /// How far the recipient's log had come.
    pub log: Vec<ChainHead>,
}

/// Stores a share and signs its receipt, which is kept with it. `called` is what the sender calls
/// this vault's owner.
pub fn receive(
    vault: &mut Vault,
    incoming: Incoming,
    called: &str,
    accepted: Vec<Uuid>,
    author: &Author<'_>,
) -> Result<(StoredShare, String)> {
    let share = ShareRef {
        id: incoming.share,
        payload_sha256: incoming.payload_sha256.clone(),
        manifest_sha256: sha256_hex(incoming.manifest.as_bytes()),
    };
    let (name, words) = (own_name(vault, called), ReplyWords::of(&incoming.lang));
    let loan = incoming.loan.as_ref();
    let (duties, rules) = loan
        .map(|loan| (loan.obligations.clone(), loan.rules.clone()))
        .unwrap_or_default();
    let statement = match loan {
        Some(_) => words.received(&name),
        None => words.got_back(&name),
    };
    let stored = vault.receive(incoming, author)?;
    let receipt = Receipt {
        id: (author.new_id)(),
        recipient: PublicIdentity::of(vault)?,
        received: author.now,
        accepted,
        statement,
        duties,
        rules,
        log: heads(vault),
        share: share.clone(),
    };
    let receipt = sign(vault, RECEIPT, &receipt)?;
    vault.file_receipt(share.id, receipt.clone())?;
    Ok((stored, receipt))
}
