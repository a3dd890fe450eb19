//! A vault's public identity: what others encrypt to and check signatures with, the card that
//! tells them, and new keys in the place of old ones.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::crypto::signing::documents::CARD;
use crate::crypto::{AgeIdentity, Document, Signer, SigningKey, fingerprint_words};
use crate::error::{Error, Result};
use crate::model::records::identity::PublicKey;
use crate::model::records::stamping::Author;
use crate::model::vault::Vault;
use crate::model::ways_in::NewKeys;

/// What anyone may know of a vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicIdentity {
    /// The vault's id.
    pub vault_id: Uuid,
    /// The age recipient that shares for it are encrypted to.
    pub recipient: String,
    /// The signing key's public half, in OpenSSH form.
    pub signer: String,
    /// The signing key's fingerprint, `SHA256:…`.
    pub fingerprint: String,
    /// The fingerprint of signer and recipient together, in words.
    pub words: String,
}

/// The body of a card.
#[derive(Serialize)]
struct CardBody<'a> {
    #[serde(flatten)]
    identity: &'a PublicIdentity,
    created: Timestamp,
    /// Whom these keys took the place of.
    previous: Option<&'a PublicIdentity>,
}

impl PublicIdentity {
    /// The public identity of a vault.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when a key inside is damaged.
    pub fn of(vault: &Vault) -> Result<Self> {
        let age = AgeIdentity::from_secret(&vault.identity.age)?;
        let signing = SigningKey::from_openssh_pem(&vault.identity.signing)?;
        Ok(Self::new(vault.vault_id, &age, signing.signer()))
    }

    fn new(vault_id: Uuid, age: &AgeIdentity, signer: Signer) -> Self {
        let recipient = age.recipient();
        Self {
            vault_id,
            signer: signer.to_openssh(),
            fingerprint: signer.fingerprint(),
            words: fingerprint_words(signer, &recipient),
            recipient,
        }
    }

    fn public_key(&self) -> PublicKey {
        PublicKey {
            openssh: self.signer.clone(),
            fingerprint: self.fingerprint.clone(),
        }
    }

    fn card_body(&self, previous: Option<&Self>, created: Timestamp) -> Result<String> {
        let body = CardBody {
            identity: self,
            created,
            previous,
        };
        serde_json::to_string(&body)
            .map_err(|why| Error::failed(format!("cannot write the card: {why}")))
    }
}

/// The card to send to others. Where the vault's keys took the place of others, it is the one
/// that both have signed.
///
/// # Errors
/// As [`PublicIdentity::of`].
pub fn card(vault: &Vault, now: Timestamp) -> Result<String> {
    if let Some(card) = &vault.identity.card {
        return Ok(card.clone());
    }
    let signing = SigningKey::from_openssh_pem(&vault.identity.signing)?;
    let body = PublicIdentity::of(vault)?.card_body(None, now)?;
    Document::sign(CARD, body, &[&signing])?.to_json()
}

/// New keys for a vault, with the card that the old and the new signing key have signed.
///
/// # Errors
/// As [`PublicIdentity::of`].
pub fn new_keys(vault: &Vault, now: Timestamp) -> Result<NewKeys> {
    let old = PublicIdentity::of(vault)?;
    let old_signing = SigningKey::from_openssh_pem(&vault.identity.signing)?;
    let (age, signing) = (AgeIdentity::generate(), SigningKey::generate());
    let new = PublicIdentity::new(vault.vault_id, &age, signing.signer());
    let body = new.card_body(Some(&old), now)?;
    Ok(NewKeys {
        age: age.secret(),
        signing: signing.to_openssh_pem()?,
        card: Document::sign(CARD, body, &[&old_signing, &signing])?.to_json()?,
        old_signer: old.public_key(),
        new_signer: new.public_key(),
    })
}

/// Puts new keys in the place of those that they were made for.
///
/// # Errors
/// [`crate::error::Kind::Conflict`] when the vault has other keys by now.
pub fn rotate(vault: &mut Vault, keys: NewKeys, author: &Author<'_>) -> Result<()> {
    if PublicIdentity::of(vault)?.public_key() != keys.old_signer {
        return Err(
            Error::conflict("the vault's keys were replaced by another process meanwhile")
                .hint("nothing was written; see what they are now: vault id"),
        );
    }
    vault.rotate_identity(keys, author);
    Ok(())
}
