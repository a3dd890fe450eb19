//! Handing credentials over to the client whose they are: no consent is needed, and nothing ends.

use jiff::Timestamp;
use uuid::Uuid;

use super::bundle::{Bundle, BundleItem};
use super::letter::Letter;
use super::manifest::{OfClient, Recipient, ShareSender};
use super::share::{ledger_item, plaintext, sign, spelling, take};
use crate::crypto::{RecipientKey, SealedTo};
use crate::error::{Error, Result};
use crate::model::consent::permit::{PermittedItem, refused_at_once};
use crate::model::consent::scope::SharedField;
use crate::model::entry::use_only::PasswordProof;
use crate::model::people::fields::MeValues;
use crate::model::records::client::Client;
use crate::model::records::hand_over::HandOver;
use crate::model::records::stamping::Author;
use crate::model::text::lang::Lang;
use crate::model::text::name::EntryPath;
use crate::model::text::quote::as_word;
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;

/// What a hand-over is for, as its manifest says.
const PURPOSE: &str = "hand-over";

/// What is to be handed over.
#[derive(Clone, Debug)]
pub struct HandOverAsk {
    /// The entries, of one client.
    pub entries: Vec<EntryPath>,
    /// Only these fields; none means all.
    pub fields: Vec<SharedField>,
    /// Who it is for, if not the client as such.
    pub person: Option<String>,
    /// Whether what is for use only may go.
    pub proof: PasswordProof,
}

/// What is in the ledger, and still to be written.
#[derive(Debug)]
pub struct SealedHandOver {
    /// Its id.
    pub id: Uuid,
    /// The client's short name.
    pub client: String,
    /// What goes, by entry.
    pub items: Vec<PermittedItem>,
    /// The letter with the signed document.
    pub plaintext: Secret,
    /// What it is to be encrypted to.
    pub to: SealedTo,
}

/// Makes a hand-over and enters it in the ledger.
///
/// # Errors
/// [`crate::error::Kind::Refused`] for what is lent, is of several clients or was set apart;
/// [`crate::error::Kind::NotFound`] for an entry, a field or a person that is not there;
/// [`crate::error::Kind::Usage`] when there is nothing to encrypt to.
pub fn make(
    vault: &mut Vault,
    ask: &HandOverAsk,
    passphrase: Option<Secret>,
    author: &Author<'_>,
) -> Result<SealedHandOver> {
    let entries = vault.named_entries(&ask.entries, &ask.fields)?;
    if let Some(refusal) = refused_at_once(&entries) {
        return Err(refusal.into());
    }
    for (path, entry) in &entries {
        ask.proof.check(path, entry)?;
    }
    let owner = entries.first().and_then(|(_, entry)| entry.client.get());
    let client = (vault
        .live_clients()
        .find(|client| Some(&client.id) == owner))
    .ok_or_else(|| Error::integrity("the entry belongs to no client"))?;
    let to = lock(client, passphrase)?;
    let person = person(client, ask.person.as_deref())?;
    let id = (author.new_id)();
    let wanted = |field: &SharedField| ask.fields.is_empty() || ask.fields.contains(field);
    let items = entries.iter().map(|(path, entry)| PermittedItem {
        entry: entry.id,
        path: path.clone(),
        fields: entry.shareable().filter(wanted).collect(),
    });
    let items: Vec<PermittedItem> = items.collect();
    if let Some(refusal) = vault.set_apart(&items)? {
        return Err(refusal.into());
    }
    let (mut shared, mut kept) = (Vec::new(), Vec::new());
    for ((_, entry), item) in entries.iter().zip(&items) {
        shared.push(take(entry, item)?);
        kept.push(ledger_item(entry, item));
    }
    let key = spelling(&to);
    let bundle = bundle(
        vault,
        client,
        (id, author.now),
        (person.as_ref(), &key),
        shared,
    )?;
    let (document, manifest) = sign(vault, &bundle)?;
    let letter = Letter {
        bundle: &bundle,
        me: &MeValues::of(&vault.me),
    };
    let plaintext = plaintext(letter.handed_over(&document)?)?;
    let mut record = HandOver::with(id, client.id, kept, key, author.now);
    record.person = person;
    record.payload_sha256 = Some(document.body_sha256());
    record.manifest = Some(manifest);
    vault.record_hand_over(record, author);
    Ok(SealedHandOver {
        id,
        client: bundle.client.slug,
        items,
        plaintext,
        to,
    })
}

/// What goes out, for a person of a client or the client, to a key.
fn bundle(
    vault: &Vault,
    client: &Client,
    (share, created): (Uuid, Timestamp),
    (person, key): (Option<&String>, &str),
    items: Vec<BundleItem>,
) -> Result<Bundle> {
    let lang: Option<Lang> = client.lang.value().and_then(|lang| lang.parse().ok());
    let (slug, name) = (client.slug().to_owned(), client.name.value().cloned());
    Ok(Bundle {
        share,
        created,
        lang: lang.unwrap_or_default().to_string(),
        sender: ShareSender::of(vault)?,
        recipient: Recipient {
            contact: slug.clone(),
            name: person.cloned().or_else(|| name.clone()),
            key: key.to_owned(),
        },
        client: OfClient { slug, name },
        purpose: PURPOSE.to_owned(),
        loan: None,
        items,
        supersedes: Vec::new(),
    })
}

fn person(client: &Client, named: Option<&str>) -> Result<Option<String>> {
    let Some(named) = named else {
        return Ok(None);
    };
    let mut persons = client.persons().iter();
    match persons.find(|person| person.is_called(named)) {
        Some(person) => Ok(Some(person.name.clone())),
        None => Err(
            Error::not_found(format!("{} has no person {named}", client.slug())).hint(format!(
                "see who there is: vault client show {}",
                as_word(client.slug())
            )),
        ),
    }
}

/// The client's own keys, or the passphrase.
fn lock(client: &Client, passphrase: Option<Secret>) -> Result<SealedTo> {
    if let Some(passphrase) = passphrase {
        return Ok(SealedTo::Passphrase(passphrase));
    }
    let keys: Vec<RecipientKey> = (client.vouched_keys())
        .filter_map(|key| RecipientKey::parse(&key.to_openssh()).ok())
        .collect();
    if keys.is_empty() {
        let slug = client.slug();
        return Err(
            Error::usage(format!("{slug} has no key to encrypt to")).hint(format!(
                "use --passphrase, and tell them the words by phone; or note a key of theirs: \
                 vault client edit {} --key SSH_PUBLIC_KEY",
                as_word(slug)
            )),
        );
    }
    Ok(SealedTo::Keys(keys))
}
