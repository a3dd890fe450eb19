//! What the recipient of a share signs and sends back: its parts, and how the sender reads it.

pub(crate) mod deletion;
pub(crate) mod receipt;
pub(crate) mod refusal;
mod words;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::identity::PublicIdentity;
use super::reply::deletion::Deletion;
use super::reply::receipt::Receipt;
use super::reply::refusal::ShareRefusal;
use crate::crypto::signing::documents::{DELETION, DocumentKind, RECEIPT, REFUSAL};
use crate::crypto::{Document, Signer, SigningKey};
use crate::error::{Error, Result};
use crate::model::json_depth;
use crate::model::records::cell::DeviceId;
use crate::model::records::event::sha256_hex;
use crate::model::records::record_id::number;
use crate::model::sharing::replies::SentOut;
use crate::model::text::limits::JSON_DEPTH;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// Which share it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareRef {
    /// The share's id.
    pub id: Uuid,
    /// SHA-256 of the share's body, lower-case hex.
    pub payload_sha256: String,
    /// SHA-256 of the share's manifest, lower-case hex.
    pub manifest_sha256: String,
}

/// How far the log of one device had come: a later log has only grown from there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// The device.
    pub device: DeviceId,
    /// Events so far.
    pub count: u64,
    /// SHA-256 of the last one, lower-case hex.
    pub head: String,
}

/// The heads of all chains of a vault.
#[must_use]
pub fn heads(vault: &Vault) -> Vec<ChainHead> {
    let chains = vault.log.chains().iter().map(|chain| ChainHead {
        device: chain.device,
        count: chain.count,
        head: chain.head.clone(),
    });
    chains.collect()
}

/// Who replies: the name that is noted in their own vault, or else what the sender calls them.
fn own_name(vault: &Vault, called: &str) -> String {
    one_line(vault.me.name.value().map_or(called, String::as_str))
}

/// Signs a reply with the vault's own key.
pub(in crate::exchange) fn sign(
    vault: &Vault,
    kind: DocumentKind,
    body: &impl Serialize,
) -> Result<String> {
    let body = serde_json::to_string(body)
        .map_err(|why| Error::failed(format!("cannot write the document: {why}")))?;
    let key = SigningKey::from_openssh_pem(&vault.identity.signing)?;
    Document::sign(kind, body, &[&key])?.to_json()
}

/// A reply whose signature is good. Whose key that is, and whether it fits what was shared, is
/// still to be judged.
#[derive(Clone, Debug)]
pub struct Reply {
    signer: Signer,
    content: ReplyContent,
    document: String,
}

/// What it says.
#[derive(Clone, Debug)]
pub enum ReplyContent {
    /// That the share has arrived.
    Receipt(Receipt),
    /// That it is deleted.
    Deletion(Deletion),
    /// That it is not taken.
    Refusal(ShareRefusal),
}

impl Reply {
    /// Reads a receipt, a refusal or a statement of deletion.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is none of them; [`crate::error::Kind::Integrity`] when it
    /// is malformed or not signed by the recipient that it names.
    pub fn parse(text: &str) -> Result<Self> {
        let (document, kind) = Document::parse_any(&[RECEIPT, DELETION, REFUSAL], text)
            .map_err(|why| no_reply(&why))?;
        let content = match kind {
            RECEIPT => ReplyContent::Receipt(body(&document)?),
            DELETION => ReplyContent::Deletion(body(&document)?),
            _ => ReplyContent::Refusal(body(&document)?),
        };
        let recipient = content.recipient();
        recipient.check()?;
        let mut signers = document.signers();
        match (signers.next(), signers.next()) {
            (Some(signer), None) if signer.to_openssh() == recipient.signer => Ok(Self {
                signer,
                content,
                document: document.to_json()?,
            }),
            _ => Err(Error::integrity(
                "the document is not signed by the recipient that it names",
            )),
        }
    }

    /// Who signed it.
    #[must_use]
    pub fn signer(&self) -> Signer {
        self.signer
    }

    /// What it says.
    #[must_use]
    pub fn content(&self) -> &ReplyContent {
        &self.content
    }

    /// What it says, alone.
    #[must_use]
    pub fn into_content(self) -> ReplyContent {
        self.content
    }

    /// The document in its one spelling, to be kept.
    #[must_use]
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Holds it against what went out, as the ledger has it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is about another content than the one that was
    /// shared.
    pub fn check_about(&self, sent: SentOut<'_>) -> Result<()> {
        let (about, id) = (self.content.share(), number(sent.id()));
        let manifest = sent.manifest().map(|it| sha256_hex(it.as_bytes()));
        let same = sent.payload_sha256() == Some(&about.payload_sha256)
            && manifest.as_ref() == Some(&about.manifest_sha256);
        if !same {
            return Err(Error::integrity(format!(
                "the {} is about another content than share {id} had",
                self.content.word()
            )));
        }
        let named = match &self.content {
            ReplyContent::Receipt(receipt) => &receipt.accepted,
            other => other.only(),
        };
        let shared = |id: &Uuid| sent.items().iter().any(|item| item.entry == *id);
        if !named.iter().all(shared) {
            return Err(Error::integrity(format!(
                "the {} names credentials that share {id} did not have",
                self.content.word()
            )));
        }
        if let ReplyContent::Receipt(receipt) = &self.content
            && receipt.duties != sent.duties()
        {
            return Err(Error::integrity(format!(
                "the receipt accepts other duties than share {id} had"
            )));
        }
        Ok(())
    }

    /// Whether the recipient's log, as it is told here and in another document of theirs that is on
    /// file, has only grown from the one that was signed first to the other.
    #[must_use]
    pub fn log_agrees_with(&self, filed: &str) -> bool {
        let Ok(filed) = Self::parse(filed) else {
            return true;
        };
        let mut both = [&self.content, &filed.content];
        // Nobody has deleted what they did not have: within a second that is the later one.
        both.sort_by_key(|it| (it.signed_at(), matches!(it, ReplyContent::Deletion(_))));
        let [earlier, later] = both;
        let same_vault = earlier.recipient().vault_id == later.recipient().vault_id;
        let grew = |before: &ChainHead| {
            let now = later.log().iter().find(|now| now.device == before.device);
            now.is_some_and(|now| {
                now.count > before.count || (now.count == before.count && now.head == before.head)
            })
        };
        !same_vault || earlier.log().iter().all(grew)
    }
}

impl ReplyContent {
    /// What it is called.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Receipt(_) => "receipt",
            Self::Deletion(_) => "statement of deletion",
            Self::Refusal(_) => "refusal",
        }
    }

    /// When it was signed.
    #[must_use]
    pub fn signed_at(&self) -> Timestamp {
        match self {
            Self::Receipt(receipt) => receipt.received,
            Self::Deletion(deletion) => deletion.deleted_at,
            Self::Refusal(refusal) => refusal.refused,
        }
    }

    /// Which share it is about.
    #[must_use]
    pub fn share(&self) -> &ShareRef {
        match self {
            Self::Receipt(receipt) => &receipt.share,
            Self::Deletion(deletion) => &deletion.share,
            Self::Refusal(refusal) => &refusal.share,
        }
    }

    /// The entries that it is about alone, by their ids in the sender's vault; none where it is
    /// about the whole share.
    #[must_use]
    pub fn only(&self) -> &[Uuid] {
        match self {
            Self::Deletion(deletion) => &deletion.entries,
            Self::Receipt(_) | Self::Refusal(_) => &[],
        }
    }

    fn recipient(&self) -> &PublicIdentity {
        match self {
            Self::Receipt(receipt) => &receipt.recipient,
            Self::Deletion(deletion) => &deletion.recipient,
            Self::Refusal(refusal) => &refusal.recipient,
        }
    }

    fn log(&self) -> &[ChainHead] {
        match self {
            Self::Receipt(receipt) => &receipt.log,
            Self::Deletion(deletion) => &deletion.log,
            Self::Refusal(refusal) => &refusal.log,
        }
    }
}

fn body<T: serde::de::DeserializeOwned>(document: &Document) -> Result<T> {
    let malformed = || Error::integrity("the document's content is malformed");
    if json_depth(document.body()) > JSON_DEPTH {
        return Err(malformed());
    }
    serde_json::from_str(document.body()).map_err(|_| malformed())
}

fn no_reply(why: &Error) -> Error {
    match why.kind() {
        crate::error::Kind::Usage => {
            Error::usage("neither a receipt, nor a refusal, nor a statement of deletion").hint(
                "give the file that the recipient's vault receive, decline or attest wrote; of a \
                     mail that says it: vault ack --mail MAIL",
            )
        }
        _ => why.clone(),
    }
}
