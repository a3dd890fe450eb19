//! The refusal of a share: nothing of it is kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ChainHead, ShareRef, heads, own_name, sign, words::ReplyWords};
use crate::crypto::signing::documents::REFUSAL;
use crate::error::Result;
use crate::exchange::identity::PublicIdentity;
use crate::model::vault::Vault;

/// The body of a refusal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShareRefusal {
    /// Its own id.
    pub id: Uuid,
    /// Which share is not taken.
    pub share: ShareRef,
    /// Who refuses it.
    pub recipient: PublicIdentity,
    /// When.
    pub refused: Timestamp,
    /// What the recipient says, in the language of the share.
    pub statement: String,
    /// Why, in their own words.
    pub reason: Option<String>,
    /// How far the recipient's log had come.
    pub log: Vec<ChainHead>,
}

/// Signs that a share is not taken. `lang` is the share's language, `called` what its sender calls
/// this vault's owner.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] when a key of the vault is damaged.
pub fn refuse(
    vault: &Vault,
    share: ShareRef,
    (lang, called): (&str, &str),
    reason: Option<String>,
    now: Timestamp,
) -> Result<String> {
    let refusal = ShareRefusal {
        id: Uuid::new_v4(),
        share,
        recipient: PublicIdentity::of(vault)?,
        refused: now,
        statement: ReplyWords::of(lang).refused(&own_name(vault, called)),
        reason,
        log: heads(vault),
    };
    sign(vault, REFUSAL, &refusal)
}
