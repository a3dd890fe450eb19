//! Making a share: what goes out, in a signed document, and what the ledger keeps of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::bundle::{
    Bundle, BundleItem, ConsentPart, KEY_SEPARATOR, Loan, PASSPHRASE, SharedContent, SharedFile,
    Value,
};
use super::consent_record;
use super::letter::Letter;
use super::manifest::{ConsentRef, OfClient, Recipient, ShareSender};
use crate::crypto::signing::documents::SHARE;
use crate::crypto::{Document, RecipientKey, SealedTo, SigningKey};
use crate::error::{Error, Result};
use crate::model::consent::agreed_terms::AgreedTerms;
use crate::model::consent::permit::{Ask, Permit, PermittedItem};
use crate::model::consent::scope::SharedField;
use crate::model::entry::fields::{EntryField, EntryValues};
use crate::model::people::fields::MeValues;
use crate::model::records::contact::Contact;
use crate::model::records::entry::Entry;
use crate::model::records::event::sha256_hex;
use crate::model::records::record_id::number;
use crate::model::records::share::{AllowedBy, Share, SharedItem, SharedWith};
use crate::model::records::slot::StoredSecret;
use crate::model::records::stamping::Author;
use crate::model::sharing::duties::Duties;
use crate::model::text::domain::hosts;
use crate::model::text::lang::Lang;
use crate::model::text::limits::SHARE_FILE_BYTES;
use crate::model::text::quote::as_word;
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;

/// What encryption adds to a document at most, in bytes: age's header, and a tag for every 64 KiB.
const OVERHEAD: usize = 64 << 10;

/// What a share is encrypted to, and which keys of the contact could not be used.
#[derive(Debug)]
pub struct Lock {
    /// What it is encrypted to.
    pub to: SealedTo,
    /// Why each of the other keys cannot be used.
    pub skipped: Vec<Error>,
}

impl Lock {
    /// All keys of a contact that can be encrypted to; or, where there is none, the passphrase.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when there is neither or both.
    pub fn of(contact: &Contact, passphrase: Option<Secret>) -> Result<Self> {
        let name = contact.name();
        let (mut keys, mut skipped) = (Vec::<RecipientKey>::new(), Vec::new());
        for text in contact.recipients() {
            match RecipientKey::parse(text) {
                Ok(key) if keys.iter().any(|other| other.as_str() == key.as_str()) => {}
                Ok(key) => keys.push(key),
                Err(why) => skipped.push(why),
            }
        }
        let to = match passphrase {
            Some(_) if !keys.is_empty() => {
                return Err(Error::usage(format!(
                    "{name} has a key; a passphrase is for a contact with none"
                ))
                .hint(format!(
                    "leave --passphrase out: the key of {name} opens it"
                )));
            }
            Some(passphrase) => SealedTo::Passphrase(passphrase),
            None if keys.is_empty() => {
                return Err(
                    Error::usage(format!("{name} has no key to encrypt to")).hint(format!(
                        "note their card, which `vault id --card` prints on their side: vault contact \
                         edit {0} --card FILE; or an age or SSH key: vault contact edit {0} \
                         --recipient KEY; or share with --passphrase, and tell them the words by \
                         phone",
                        as_word(name)
                    )),
                );
            }
            None => SealedTo::Keys(keys),
        };
        Ok(Self { to, skipped })
    }

    /// As a share states it.
    #[must_use]
    pub fn spelling(&self) -> String {
        spelling(&self.to)
    }
}

/// What something is encrypted to, as a share or a hand-over states it.
pub(super) fn spelling(to: &SealedTo) -> String {
    match to {
        SealedTo::Passphrase(_) => PASSPHRASE.to_owned(),
        SealedTo::Keys(keys) => {
            let keys: Vec<&str> = keys.iter().map(RecipientKey::as_str).collect();
            keys.join(KEY_SEPARATOR)
        }
    }
}

/// What is in the ledger, and still to be written.
#[derive(Debug)]
pub struct SealedShare {
    /// The share's id.
    pub id: Uuid,
    /// What was permitted.
    pub permit: Permit,
    /// The letter with the signed document.
    pub plaintext: Secret,
    /// What it is to be encrypted to.
    pub to: SealedTo,
}

/// Makes a share and enters it in the ledger, if a consent allows it. There is no other way to
/// get one.
///
/// # Errors
/// [`crate::error::Kind::Refused`] when no consent allows it, or past the limit of a share's size;
/// [`crate::error::Kind::Usage`] when there is nothing to encrypt to; and as [`Vault::permit`].
pub fn make(
    vault: &mut Vault,
    ask: &Ask,
    passphrase: Option<Secret>,
    zone: &TimeZone,
    author: &Author<'_>,
) -> Result<SealedShare> {
    let id = (author.new_id)();
    let (sealed, share) = seal(vault, ask, passphrase, zone, (id, author.now))?;
    vault.record_share(share, author);
    Ok(sealed)
}

/// What [`make`] would make at `now`, and refuses, without an entry in the ledger.
///
/// # Errors
/// As [`make`].
pub fn rehearse(
    vault: &Vault,
    ask: &Ask,
    passphrase: Option<Secret>,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Permit> {
    let (sealed, _) = seal(vault, ask, passphrase, zone, (Uuid::nil(), now))?;
    Ok(sealed.permit)
}

fn seal(
    vault: &Vault,
    ask: &Ask,
    passphrase: Option<Secret>,
    zone: &TimeZone,
    (id, now): (Uuid, Timestamp),
) -> Result<(SealedShare, Share)> {
    let permit = vault.permit(ask, now)?.permit()?;
    permit.check_confirmed(ask)?;
    for item in &permit.items {
        ask.proof.check(&item.path, vault.entry(&item.path)?)?;
    }
    let contacts = vault.live_contacts()?;
    let contact = contacts
        .into_iter()
        .find(|contact| contact.id == permit.contact);
    let contact = contact.ok_or_else(|| Error::not_found("that contact was removed"))?;
    let lock = Lock::of(contact, passphrase)?;
    let (mut bundle, loan) = bundle(vault, &permit, contact, lock.spelling(), id, now)?;
    bundle.supersedes = vault.shares_replaced_by(ask.replaces)?;
    let (document, mut share) = sign_lent(vault, &permit, &bundle, &loan)?;
    share.supersedes = ask.replaces;
    let consent = vault.consents.by_id(permit.consent)?;
    let giver = consent.granted_by.value().map(|who| who.name.as_str());
    let by = giver.unwrap_or(bundle.client.called());
    let letter = Letter {
        bundle: &bundle,
        me: &MeValues::of(&vault.me),
    };
    let by = format!("{by}, {}", number(consent.id));
    let plaintext = plaintext(letter.lent((&loan, &by, zone), &document)?)?;
    let sealed = SealedShare {
        id,
        permit,
        plaintext,
        to: lock.to,
    };
    Ok((sealed, share))
}

/// What goes out of what is permitted, and the terms that it is lent under.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] when a record or a key of the vault is damaged.
fn bundle(
    vault: &Vault,
    permit: &Permit,
    contact: &Contact,
    key: String,
    id: Uuid,
    now: Timestamp,
) -> Result<(Bundle, Loan)> {
    let consent = vault.consents.by_id(permit.consent)?;
    let client = (vault
        .live_clients()
        .find(|client| client.id == permit.client))
    .ok_or_else(|| Error::integrity("the consent belongs to no client"))?;
    let agreed = AgreedTerms::from_json(&consent.terms)?;
    agreed.check_are_of(consent)?;
    let mut named = consent.recipients.iter().zip(&agreed.recipients);
    let named = named.find(|(one, _)| one.contact == permit.contact);
    let (_, named) = named.ok_or_else(|| Error::integrity("the consent is for somebody else"))?;
    let mut items = items(vault, permit)?;
    name_as_agreed(&mut items, &agreed);
    let record = consent_record::to_json(consent, &agreed, named, &items)?;
    let lang = contact.lang.value().and_then(|lang| lang.parse().ok());
    let lang: Lang = lang.unwrap_or_default();
    let promised = agreed.asked.as_ref().map(|asked| asked.duties.as_slice());
    let promised = Duties::from_texts(promised.unwrap_or_default());
    let loan = Loan {
        expires: permit.expires,
        obligations: (vault.duties(&[contact], client)?.and(promised)).sentences(lang),
        rules: client.rules.value().cloned(),
        consent: ConsentPart {
            named: ConsentRef {
                id: consent.id,
                sha256: sha256_hex(record.as_bytes()),
                assurance: consent.assurance().map(|it| it.to_string()),
            },
            text: record,
        },
    };
    let bundle = Bundle {
        share: id,
        created: now,
        lang: lang.to_string(),
        sender: ShareSender::of(vault)?,
        recipient: Recipient {
            // As the consent that goes with it calls them, whatever they are called now.
            contact: named.name.clone(),
            name: contact.full_name.value().cloned(),
            key,
        },
        client: OfClient {
            name: Some(agreed.client.name).filter(|name| *name != agreed.client.slug),
            slug: agreed.client.slug,
        },
        purpose: consent.purpose(),
        loan: Some(loan.clone()),
        items,
        supersedes: Vec::new(),
    };
    Ok((bundle, loan))
}

/// Signs what is lent, and makes the record of it.
///
/// # Errors
/// As [`sign`].
fn sign_lent(
    vault: &Vault,
    permit: &Permit,
    bundle: &Bundle,
    loan: &Loan,
) -> Result<(Document, Share)> {
    let kept = permit.items.iter().map(|item| {
        let entry = vault.entry(&item.path)?;
        Ok(ledger_item(entry, item))
    });
    let (document, manifest) = sign(vault, bundle)?;
    let mut share = Share::with(
        bundle.share,
        AllowedBy::with(permit.consent, loan.consent.named.sha256.clone()),
        kept.collect::<Result<_>>()?,
        SharedWith::with(permit.contact, bundle.recipient.key.clone()),
        bundle.purpose.clone(),
        bundle.created,
        loan.expires,
        document.body_sha256(),
        manifest,
    );
    share.obligations.clone_from(&loan.obligations);
    share.confirmed = permit.confirmed();
    Ok((document, share))
}

/// Signs what goes out, and gives the manifest's text too.
///
/// # Errors
/// [`crate::error::Kind::Refused`] past the limit of a share's size;
/// [`crate::error::Kind::Integrity`] when the vault's key is damaged.
pub(super) fn sign(vault: &Vault, bundle: &Bundle) -> Result<(Document, String)> {
    let signing = SigningKey::from_openssh_pem(&vault.identity.signing)?;
    let (body, manifest) = bundle.to_json()?;
    Ok((Document::sign(SHARE, body, &[&signing])?, manifest))
}

/// A share's letter as it is encrypted.
///
/// # Errors
/// [`crate::error::Kind::Refused`] past the limit of a share's size.
pub(super) fn plaintext(text: Secret) -> Result<Secret> {
    let size = text.expose().len() + OVERHEAD;
    if size > SHARE_FILE_BYTES {
        return Err(Error::refused(format!(
            "the share's file would have {size} bytes, the limit is {SHARE_FILE_BYTES}"
        ))
        .hint("share fewer entries or attachments at once"));
    }
    Ok(text)
}

fn items(vault: &Vault, permit: &Permit) -> Result<Vec<BundleItem>> {
    let items = permit.items.iter();
    items
        .map(|item| take(vault.entry(&item.path)?, item))
        .collect()
}

/// What goes out of an entry: the fields that are permitted, and nothing else.
pub(super) fn take(entry: &Entry, permitted: &PermittedItem) -> Result<BundleItem> {
    let mut item = BundleItem {
        entry: entry.id,
        name: permitted.path.name().to_owned(),
        hosts: Vec::new(),
        username: None,
        version: None,
        fields: BTreeMap::new(),
        hidden: Vec::new(),
        attachments: Vec::new(),
    };
    for field in &permitted.fields {
        let name = field.to_string();
        let value = match field {
            SharedField::Field(field) => {
                let texts = EntryValues::of(entry).texts(*field);
                match field {
                    EntryField::Urls => item.hosts = hosts(&texts),
                    EntryField::Username => item.username = texts.first().cloned(),
                    _ => {}
                }
                match texts.as_slice() {
                    [one] if !field.row().kind.is_list() => Some(text(one)),
                    _ => Some(Value::List(texts)),
                }
            }
            SharedField::Secret => {
                item.version = entry.current("secret").map(|version| version.number);
                stored(entry, "secret")
            }
            SharedField::Totp => stored(entry, "totp"),
            SharedField::Custom(custom) => {
                let hidden = stored(entry, custom.as_str());
                if hidden.is_some() {
                    item.hidden.push(name.clone());
                }
                hidden.or_else(|| visible(entry, custom.as_str()))
            }
            SharedField::Attachment(file) => {
                item.attachments.extend(attached(entry, file.as_str())?);
                continue;
            }
        };
        if let Some(value) = value {
            item.fields.insert(name, value);
        }
    }
    Ok(item)
}

/// Names entries as the client was told, by paths of that day.
fn name_as_agreed(items: &mut [BundleItem], agreed: &AgreedTerms) {
    for item in items {
        let agreed = agreed.entries.iter().find(|it| it.entry == item.entry);
        // An entry that was renamed since goes by the path that was agreed to.
        if let Some((_, name)) = agreed.and_then(|it| it.path.split_once('/')) {
            name.clone_into(&mut item.name);
        }
    }
}

fn text(text: &str) -> Value {
    Value::Text(Secret::new(text.to_owned()).into())
}

fn stored(entry: &Entry, slot: &str) -> Option<Value> {
    let version = entry.current(slot)?;
    Some(Value::Text(StoredSecret::from(version.secret().clone())))
}

fn visible(entry: &Entry, name: &str) -> Option<Value> {
    let mut fields = entry.visible_fields();
    let (_, value) = fields.find(|(field, _)| *field == name)?;
    Some(text(value))
}

fn attached(entry: &Entry, name: &str) -> Result<Option<SharedFile>> {
    let Some(file) = entry.attachment(name) else {
        return Ok(None);
    };
    Ok(Some(SharedFile {
        name: file.name.clone(),
        sha256: file.sha256.clone(),
        content: SharedContent::new(file.bytes()?),
    }))
}

/// What the ledger keeps: which fields went, and of which version.
pub(super) fn ledger_item(entry: &Entry, permitted: &PermittedItem) -> SharedItem {
    let names = permitted.fields.iter().map(ToString::to_string);
    let path = permitted.path.to_string();
    let mut kept = SharedItem::with(entry.id, names.collect(), path);
    kept.hosts = hosts(entry.urls());
    kept.username = entry.username.value().cloned();
    for field in &permitted.fields {
        let name = field.to_string();
        let version = match field {
            SharedField::Attachment(file) => entry.attachment(file.as_str()).map(|file| file.id),
            _ => entry.current(&name).map(|version| version.id),
        };
        kept.versions.extend(version.map(|id| (name, id)));
    }
    kept
}

#[cfg(test)]
mod tests;
