//! The options that say something of a contact, shared by `contact add` and `contact edit`.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;

use super::keys::text_of;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::card::Card;
use crate::exchange::contact_keys::{ReadKeys, recipients, signers};
use crate::model::people::contact_changes::{ContactChanges, Successor};
use crate::model::people::fields::ContactValues;
use crate::model::text::lang::Lang;
use crate::model::text::limits::{ATTACHMENT_BYTES, TEXT_FILE_BYTES};
use crate::model::text::name::AttachmentName;
use crate::model::text::text_file::without_mark;
use crate::model::text::when::{When, check_has_come, parse_day};
use crate::store::disk::file::read_named;

/// Options that say something of a contact.
#[derive(Args, Clone, Debug)]
pub struct ContactFields {
    /// Their card, as vault id --card prints it on their side, with both of their keys
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
    /// A key to encrypt to (age1…, ssh-ed25519, ssh-rsa), or a file of such; may be given several
    /// times
    #[arg(long = "recipient", value_name = "KEY")]
    recipients: Vec<String>,
    /// The Ed25519 key that they sign receipts with, or a file; may be given several times
    #[arg(long = "signer", value_name = "SSH_KEY")]
    signers: Vec<String>,
    /// How you made sure that a key which counts as lost is theirs all the same
    #[arg(long, value_name = "HOW")]
    key_verified: Option<String>,
    /// A mail address; may be given several times
    #[arg(long = "email", value_name = "ADDRESS")]
    emails: Vec<String>,
    /// What they do, as in developer
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Their full name, as papers for clients have it
    #[arg(long, value_name = "NAME")]
    full_name: Option<String>,
    /// Their firm
    #[arg(long, value_name = "FIRM")]
    firm: Option<String>,
    /// Street, postal code and town
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
    /// Their country
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,
    /// Their telephone number
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// How to reach them safely, as in 'Signal, +49 30 1234'
    #[arg(long, value_name = "TEXT")]
    channel: Option<String>,
    /// The language of papers for them: en or de
    #[arg(long, value_name = "LANG")]
    lang: Option<Lang>,
    /// The agreement with them; its hash and a sealed copy are kept
    #[arg(long, value_name = "FILE")]
    agreement: Option<PathBuf>,
    /// The day of the agreement
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    agreed_on: Option<Date>,
    /// The day on which you made sure that they can be trusted with access
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    checked_on: Option<Date>,
    /// How you made sure of that
    #[arg(long, value_name = "HOW")]
    checked: Option<String>,
    /// What they keep to beside the usual, with ; between: 'copies=off; Only by day'
    #[arg(long, value_name = "DUTIES")]
    duties: Option<String>,
    /// When to look whether they still need access: a date, a time, or a duration such as 1y
    #[arg(long, value_name = "WHEN")]
    review_by: Option<When>,
}

/// What was read of a contact, before any of it is noted.
pub struct ReadContact {
    /// What to set.
    pub changes: ContactChanges,
    /// The card that keys came from.
    pub card: Option<Card>,
}

impl ContactFields {
    /// What to set.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for what is no key, card, or time in the future,
    /// [`crate::error::Kind::Integrity`] for a card that is not signed by the keys that it names.
    pub fn read(&self, ctx: &Context) -> Result<ReadContact> {
        let card = self.card.as_deref().map(read_card).transpose()?;
        check_has_come("--agreed-on", self.agreed_on, ctx.now())?;
        check_has_come("--checked-on", self.checked_on, ctx.now())?;
        let mut changes = ContactChanges {
            values: ContactValues {
                role: self.role.clone(),
                full_name: self.full_name.clone(),
                firm: self.firm.clone(),
                address: self.address.clone(),
                country: self.country.clone(),
                phone: self.phone.clone(),
                channel: self.channel.clone(),
                lang: self.lang.map(|lang| lang.to_string()),
                agreed_on: self.agreed_on,
                checked_on: self.checked_on,
                checked: self.checked.clone(),
                duties: self.duties.clone(),
                emails: self.emails.clone(),
                recipients: all_keys(ctx, &self.recipients, recipients)?,
                signers: all_keys(ctx, &self.signers, signers)?,
                review_by: (self.review_by.as_ref())
                    .map(|when| when.in_future(&ctx.now_here()))
                    .transpose()?,
            },
            agreement: self.agreement.as_deref().map(read_agreement).transpose()?,
            key_verified: self.key_verified.clone(),
            successor: None,
            unset: Vec::new(),
        };
        if let Some(card) = &card {
            push_new(
                &mut changes.values.recipients,
                card.identity.recipient.clone(),
            );
            push_new(&mut changes.values.signers, card.identity.signer.clone());
            changes.successor = card.previous.as_ref().map(|previous| Successor {
                from: previous.recipient.clone(),
                to: card.identity.recipient.clone(),
                from_signer: previous.signer.clone(),
                card: card.text.clone(),
            });
        }
        changes.check()?;
        Ok(ReadContact { changes, card })
    }
}

fn push_new(keys: &mut Vec<String>, key: String) {
    if !keys.contains(&key) {
        keys.push(key);
    }
}

fn all_keys(
    ctx: &Context,
    given: &[String],
    read: impl Fn(&str) -> Result<ReadKeys>,
) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for given in given {
        let (text, named) = text_of(given)?;
        let keys = read(&text).map_err(|why| named.in_error(why))?;
        for why in keys.skipped {
            ctx.warn(&named.of(&format!("passed over, {why}")));
        }
        keys.usable
            .into_iter()
            .for_each(|key| push_new(&mut all, key));
    }
    Ok(all)
}

fn read_card(path: &Path) -> Result<Card> {
    let bytes = read_named("the card", path, TEXT_FILE_BYTES)?;
    let text = String::from_utf8_lossy(without_mark(&bytes));
    Card::parse(text.trim()).map_err(|why| {
        why.about(path.display())
            .hint("their side prints it: `vault id --card`")
    })
}

/// The name and the bytes of an agreement.
pub fn read_agreement(path: &Path) -> Result<(AttachmentName, Vec<u8>)> {
    let bytes = read_named("the agreement", path, ATTACHMENT_BYTES)?;
    Ok((fit_name(path, "agreement")?, bytes.to_vec()))
}

/// A file's own name where it can be kept, else `fallback`.
pub fn fit_name(path: &Path, fallback: &str) -> Result<AttachmentName> {
    let own = path
        .file_name()
        .and_then(|name| name.to_str()?.parse().ok());
    match own {
        Some(name) => Ok(name),
        None => fallback.parse().map_err(Error::usage),
    }
}
