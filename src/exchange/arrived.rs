//! Reading a share: whether it is one, who signed it, for whom it is, and what it brings.

use std::collections::HashSet;
use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::bundle::{Bundle, BundleItem, Loan, PASSPHRASE, SharedFile, Value};
use super::consent_check;
use super::consent_check::Consented;
use super::letter::document_in;
use super::reply::ShareRef;
use crate::crypto::signing::documents::SHARE;
use crate::crypto::{Document, Opened, Signer};
use crate::error::{Error, Kind, Result};
use crate::model::consent::scope::SharedField;
use crate::model::entry::changes::Changes;
use crate::model::entry::totp;
use crate::model::records::event::sha256_hex;
use crate::model::records::slot::Slot;
use crate::model::sharing::incoming::{Incoming, IncomingItem, IncomingLoan};
use crate::model::text::name::{AttachmentName, ClientSlug, EntryPath};
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// A share whose signature is good and that is addressed to the key that opened it. Whether its
/// sender is to be trusted, and its terms, are still to be judged.
#[derive(Debug)]
pub struct Arrived {
    bundle: Bundle,
    manifest: String,
    signer: Signer,
    payload_sha256: String,
    /// The keys of whoever opened it; none for a passphrase.
    opened_by: Vec<String>,
}

impl Arrived {
    /// Reads what an encrypted file held. `own` are the keys of this vault, those that were
    /// replaced too: where one of them opened it, a consent for another is one for the same hands.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is no share; [`crate::error::Kind::Integrity`] when it
    /// is not signed by its sender or is malformed; [`crate::error::Kind::Locked`] when it was made
    /// for another key than the one that opened it.
    pub fn parse(opened: &Opened, own: &[String]) -> Result<Self> {
        let text = std::str::from_utf8(&opened.content)
            .map_err(|_| Error::usage("the file opens, but what is in it is no share"))?;
        let document = Document::parse(SHARE, document_in(text)?.expose())?;
        let (bundle, manifest) = Bundle::from_json(document.body())?;
        let identity = &bundle.sender.identity;
        let mut signers = document.signers();
        let signer = match (signers.next(), signers.next()) {
            (Some(signer), None) if signer.to_openssh() == identity.signer => signer,
            _ => {
                return Err(Error::integrity(
                    "the share is not signed by the sender that it names",
                ));
            }
        };
        identity.check()?;
        check_addressed(&bundle, opened.key.as_deref().unwrap_or(PASSPHRASE))?;
        let opened_by = match &opened.key {
            Some(key) if own.contains(key) => own.to_vec(),
            key => key.iter().map(|key| without_comment(key)).collect(),
        };
        Ok(Self {
            opened_by,
            payload_sha256: document.body_sha256(),
            signer,
            manifest,
            bundle,
        })
    }

    /// The share's id.
    pub fn share(&self) -> Uuid {
        self.bundle.share
    }

    /// When it was made.
    pub fn created(&self) -> Timestamp {
        self.bundle.created
    }

    /// The terms that it is lent under; none where it is handed over.
    pub fn loan(&self) -> Option<&Loan> {
        self.bundle.loan.as_ref()
    }

    /// All that is in it.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// The language of what people read of it.
    pub fn lang(&self) -> &str {
        &self.bundle.lang
    }

    /// What its sender calls whom it is for.
    pub fn called(&self) -> &str {
        self.bundle.recipient.called()
    }

    /// How the recipient's documents name it.
    pub fn share_ref(&self) -> ShareRef {
        ShareRef {
            id: self.bundle.share,
            payload_sha256: self.payload_sha256.clone(),
            manifest_sha256: sha256_hex(self.manifest.as_bytes()),
        }
    }

    /// Who signed it.
    pub fn signer(&self) -> Signer {
        self.signer
    }

    /// The fingerprint of the sender's keys in words; they were held against the keys.
    pub fn words(&self) -> &str {
        &self.bundle.sender.identity.words
    }

    /// The credentials' ids in the sender's vault.
    pub fn entries(&self) -> Vec<Uuid> {
        self.bundle.items.iter().map(|item| item.entry).collect()
    }

    /// The contact of `vault` whose key signed it: id and name.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn contact(&self, vault: &Vault) -> Result<Option<(Uuid, String)>> {
        contact_with(vault, self.signer)
    }

    /// Refuses a share that has ended.
    ///
    /// # Errors
    /// [`crate::error::Kind::Refused`].
    pub fn check_not_ended(&self, now: Timestamp) -> Result<()> {
        match self.loan().map(|loan| loan.expires) {
            Some(expires) if expires <= now => {
                Err(Error::refused(format!("the share ended on {expires}"))
                    .hint("ask the sender for a new one"))
            }
            _ => Ok(()),
        }
    }

    /// What is to be stored, for `into` or the client that the share names, and whose word the
    /// consent is; none where it needs none.
    ///
    /// # Errors
    /// As [`consent_check::check`]; [`crate::error::Kind::Integrity`] when a file is not what its
    /// hash says, or a name or value is one that no vault has.
    pub fn into_incoming(
        self,
        into: Option<&ClientSlug>,
        contact: Option<Uuid>,
    ) -> Result<(Incoming, Option<Consented>)> {
        let bundle = self.bundle;
        // What is malformed is told first.
        let loan = bundle.loan.as_ref();
        let consented = loan.map(|loan| consent_check::check(&bundle, loan, &self.opened_by));
        let client = match into {
            Some(client) => client.clone(),
            None => bundle.client.slug.parse().map_err(malformed)?,
        };
        let items = bundle.items.into_iter().map(|item| incoming(item, &client));
        let incoming = Incoming {
            share: bundle.share,
            signer: self.signer.to_openssh(),
            contact,
            made: bundle.created,
            purpose: bundle.purpose,
            payload_sha256: self.payload_sha256,
            manifest: self.manifest,
            lang: bundle.lang,
            loan: bundle.loan.map(|loan| IncomingLoan {
                expires: loan.expires,
                obligations: loan.obligations,
                rules: loan.rules,
                consent: loan.consent.text,
            }),
            is_placed: into.is_some(),
            // It is told in lines of its own.
            client_name: bundle.client.name.as_deref().map(one_line),
            items: items.collect::<Result<_>>()?,
            supersedes: bundle.supersedes,
            file: None,
            client,
        };
        incoming.check().map_err(|why| as_integrity(&why))?;
        Ok((incoming, consented.transpose()?))
    }
}

/// The contact who signs with this key: id and name.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub fn contact_with(vault: &Vault, signer: Signer) -> Result<Option<(Uuid, String)>> {
    let theirs = |key: &String| Signer::parse_openssh(key).ok() == Some(signer);
    let contacts = vault.live_contacts()?;
    let found = (contacts.into_iter()).find(|contact| contact.signers().iter().any(theirs));
    Ok(found.map(|contact| (contact.id, contact.name().to_owned())))
}

/// Refuses what was made for somebody else, who then encrypted it anew: the sender's signature is
/// about the key that is named inside.
fn check_addressed(bundle: &Bundle, opened_with: &str) -> Result<()> {
    let opened_with = without_comment(opened_with);
    if (bundle.keys()).any(|key| without_comment(key) == opened_with) {
        return Ok(());
    }
    Err(
        Error::locked("the share was made for another key and passed on to this one")
            .hint("ask its sender for a share of your own: vault id --card"),
    )
}

/// A key as it is compared: its type, if it has one, and itself.
fn without_comment(key: &str) -> String {
    let parts: Vec<&str> = key.split_whitespace().take(2).collect();
    parts.join(" ")
}

fn incoming(item: BundleItem, client: &ClientSlug) -> Result<IncomingItem> {
    let path: EntryPath = format!("{client}/{}", item.name)
        .parse()
        .map_err(malformed)?;
    let hidden: HashSet<&str> = item.hidden.iter().map(String::as_str).collect();
    let mut changes = Changes::default();
    for (name, value) in item.fields {
        let field: SharedField = name.parse().map_err(malformed)?;
        set(&mut changes, field, value, hidden.contains(name.as_str()))?;
    }
    let files = item.attachments.into_iter().map(file);
    Ok(IncomingItem {
        entry: item.entry,
        path,
        changes,
        files: files.collect::<Result<_>>()?,
    })
}

fn set(changes: &mut Changes, field: SharedField, value: Value, hidden: bool) -> Result<()> {
    let takes_text = match &field {
        SharedField::Field(field) => !field.row().kind.is_list(),
        other => !matches!(other, SharedField::Attachment(_)),
    };
    let text = match (&field, value) {
        (SharedField::Field(field), Value::List(texts)) if !takes_text => {
            return (texts.iter()).try_for_each(|text| changes.values.add(*field, text));
        }
        (_, Value::Text(text)) if takes_text => (*text).clone(),
        _ => {
            let why = format!("{field} has a value of the wrong kind");
            return Err(malformed(why));
        }
    };
    let visible = || text.expose().to_owned();
    match field {
        SharedField::Secret => changes.secrets.push((Slot::Secret, text)),
        SharedField::Totp => {
            totp::check(&text).map_err(|why| as_integrity(&why))?;
            changes.secrets.push((Slot::Totp, text));
        }
        SharedField::Field(field) => changes.values.add(field, text.expose())?,
        SharedField::Custom(name) if hidden => changes.secrets.push((Slot::Field(name), text)),
        SharedField::Custom(name) => changes.fields.push((name, visible())),
        // Refused above.
        SharedField::Attachment(_) => {}
    }
    Ok(())
}

fn file(file: SharedFile) -> Result<(AttachmentName, zeroize::Zeroizing<Vec<u8>>)> {
    let name: AttachmentName = file.name.parse().map_err(malformed)?;
    if sha256_hex(file.content.bytes()) != file.sha256 {
        return Err(Error::integrity(format!(
            "attachment {name} is not the file that its hash says"
        )));
    }
    Ok((name, file.content.into_bytes()))
}

fn malformed(why: impl fmt::Display) -> Error {
    Error::integrity(format!("the share's content is malformed: {why}"))
}

/// What would be a mistake of a user is damage in what a program wrote.
fn as_integrity(why: &Error) -> Error {
    match why.kind() {
        Kind::Usage => malformed(why),
        _ => why.clone(),
    }
}
