//! `vault contact`: whom one may share with, the register of subcontractors.

use anyhow::Result;
use clap::Subcommand;
use uuid::Uuid;

use super::agreements::{Agreements, AgreementsOut, agreement_as_json, tell_kept};
use super::contact_show::{kind, show};
use super::parting::{self, PartingArgs};
use super::past_end::tell_past;
use crate::commands::access::init;
use crate::commands::args::contact_fields::{ContactFields, ReadContact};
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::keys::text_of;
use crate::commands::args::replaced::tell_replaced;
use crate::commands::reveal::void_request::tell_void;
use crate::context::Context;
use crate::crypto::recipient_fingerprint;
use crate::error::{Error, Result as VaultResult};
use crate::exchange::card::Card;
use crate::exchange::contact_keys::recipients;
use crate::model::people::contact_changes::ContactUnset;
use crate::model::people::fields::{ContactField, ContactValues};
use crate::model::records::contact::Contact;
use crate::model::records::record_id::number;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::text::name::ContactName;
use crate::model::text::quote::as_word;
use crate::model::text::when::When;
use crate::model::vault::Vault;
use crate::ui::Shown;
use crate::ui::time::relative;

const EXAMPLES: &str = "\
Examples:
  vault contact add bob --card bob.card --role developer
  vault contact list
  vault contact edit bob --review-by 1y";

const ADD_EXAMPLES: &str = "\
Examples:
  vault contact add bob --card bob.card              who uses vault too: vault id --card
  vault contact add eve --recipient ~/eve.keys       from https://github.com/NAME.keys
  vault contact add eve --recipient age1… --signer 'ssh-ed25519 AAAA…'
  vault contact add joe --agreement nda.pdf --review-by 1y

A card says whose keys it names, not who sent it: compare the words by phone.";

const LIST_EXAMPLES: &str = "\
Examples:
  vault contact list
  vault contact list eve             those with eve in a name
  vault contact list --json | jq -r '.[] | select(.agreement == null) | .name'";

const SHOW_EXAMPLES: &str = "\
Examples:
  vault contact show bob
  vault contact show bob --agreement nda.pdf         writes the copy that was kept";

const EDIT_EXAMPLES: &str = "\
Examples:
  vault contact edit bob --card new.card             keys are added to those that are there; a
                                                     card signed by the old key replaces it
  vault contact edit bob --signer bob.pub --unset email=old@bob.example
  vault contact edit bob --unset recipient=SHA256:…  a key by its fingerprint, itself or a file";

const LEAVE_EXAMPLES: &str = "\
Examples:
  vault contact leave bob                      asks first
  vault contact leave bob --yes --out letters

Shares and permissions for them end, and they are removed. One letter goes to them and one to each
client whom it concerns, in the language of each; what they know is flagged until it is changed.";

const LOST_EXAMPLES: &str = "\
Examples:
  vault contact lost bob --since 2d            a laptop that has been missing for two days
  vault contact lost bob --since 2026-11-20 --yes

Shares and permissions for them end. Their keys count as lost: nothing is encrypted to them, nothing
that they sign is taken, and they come back by hand only, with --key-verified HOW.";

const RM_EXAMPLES: &str = "\
Examples:
  vault contact rm bob          only when nothing that was shared is still open; asks first
  vault contact rm bob --yes";

/// Options of `contact`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

/// What to do with contacts.
#[derive(Debug, Subcommand)]
enum Action {
    /// Note somebody to share with
    #[command(after_help = ADD_EXAMPLES)]
    Add {
        /// What to call them, as in bob
        name: ContactName,
        #[command(flatten)]
        fields: ContactFields,
    },
    /// List the contacts
    #[command(visible_alias = "ls", after_help = LIST_EXAMPLES)]
    List {
        /// Only those that have this in their short name or their name, in any case
        #[arg(value_name = "PART")]
        part: Option<String>,
    },
    /// Show what is noted of a contact
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The contact's name
        name: ContactName,
        #[command(flatten)]
        wanted: AgreementsOut,
    },
    /// Change what is noted of a contact
    #[command(after_help = EDIT_EXAMPLES)]
    Edit {
        /// The contact's name
        name: ContactName,
        #[command(flatten)]
        fields: ContactFields,
        /// Take it away, by the name of its option; of several only one with email=ADDRESS,
        /// recipient=KEY, signer=KEY
        #[arg(long, value_name = "FIELD")]
        unset: Vec<ContactUnset>,
    },
    /// End everything a departed contact has, and write the letters
    #[command(after_help = LEAVE_EXAMPLES)]
    Leave(PartingArgs),
    /// End everything a contact with a lost device or lost keys has, and write the letters
    #[command(after_help = LOST_EXAMPLES)]
    Lost {
        #[command(flatten)]
        parting: PartingArgs,
        /// Since when: a date, a time, or a duration ago [default: now]
        #[arg(long, value_name = "WHEN")]
        since: Option<When>,
    },
    /// Remove a contact who has nothing that was shared
    #[command(after_help = RM_EXAMPLES)]
    Rm {
        /// The contact's name
        name: ContactName,
        #[command(flatten)]
        dry_run: DryRunArg,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// Notes, lists, shows, changes or removes contacts.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match args.action.as_ref().unwrap_or(&Action::List { part: None }) {
        Action::Add { name, fields } => add(ctx, name, fields)?,
        Action::List { part } => list(ctx, part.as_deref().unwrap_or_default())?,
        Action::Show { name, wanted } if wanted.is_any() => {
            write_agreements(ctx, name, wanted)?;
        }
        Action::Show { name, .. } => show(ctx, name)?,
        Action::Edit {
            name,
            fields,
            unset,
        } => edit(ctx, name, fields, unset)?,
        Action::Leave(args) => parting::leave(ctx, args)?,
        Action::Lost { parting, since } => parting::lost(ctx, parting, since.as_ref())?,
        Action::Rm { name, dry_run, yes } => {
            dry_run.begin(ctx);
            rm(ctx, name, *yes)?;
        }
    }
    Ok(())
}

fn add(ctx: &Context, name: &ContactName, fields: &ContactFields) -> VaultResult<()> {
    let ReadContact { changes, card } = fields.read(ctx)?;
    let session = init::unlock_or_make(ctx)?;
    session.vault().check_contact_free(name)?;
    let has_no_key = changes.values.recipients.is_empty();
    ctx.change(session, |vault, author| {
        vault.add_contact(name, changes, author)
    })?;
    ctx.ui.note(&format!("added contact {name}"));
    if let Some(card) = &card {
        tell_words(ctx, name, card);
    }
    if has_no_key {
        ctx.ui.note(&format!(
            "{name} has no key yet, so shares need --passphrase"
        ));
        ctx.ui.hint(&format!(
            "to add one: vault contact edit {name:#} --card FILE, or vault contact edit {name:#} \
             --recipient KEY"
        ));
    }
    ctx.answer(&[name.to_string()]);
    Ok(())
}

fn edit(
    ctx: &Context,
    name: &ContactName,
    fields: &ContactFields,
    unset: &[ContactUnset],
) -> VaultResult<()> {
    let ReadContact { mut changes, card } = fields.read(ctx)?;
    changes.unset = unset.to_vec();
    if changes.is_empty() {
        return Err(Error::usage("nothing to change").hint(format!(
            "name what to change, as in: vault contact edit {name:#} --role ROLE"
        )));
    }
    let session = ctx.unlock_to_change()?;
    let contact = session.vault().known_contact(name)?;
    changes.unset = (unset.iter())
        .map(|unset| by_key(unset, contact))
        .collect::<VaultResult<_>>()?;
    if session
        .vault()
        .edit_contact_changes_nothing(name, &changes)?
    {
        ctx.answer_change("nothing changed", &[]);
        return Ok(());
    }
    let (known, before) = (contact.signers().to_vec(), ContactValues::of(contact));
    let vouched = (changes.successor.as_ref()).is_some_and(|new| contact.vouches_for(new));
    let agreement = Agreements::with_contact(contact).counting();
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.edit_contact(name, changes, author)
    })?;
    let contact = session.vault().known_contact(name)?;
    let now = ContactValues::of(contact);
    tell_kept(ctx, agreement, &Agreements::with_contact(contact));
    tell_replaced(ctx, &before.replaced_by(&now));
    ctx.ui.note(&format!("changed contact {name}"));
    if let Some(card) = &card {
        tell_where_from(ctx, name, card, &known, vouched);
    }
    tell_unbound(ctx, session.vault(), name)?;
    if before.review_by != now.review_by {
        let of_contact = |line: &LedgerLine<'_>| line.share.recipient.contact == contact.id;
        let why = format!("after {name} is to be reviewed");
        tell_past(ctx, session.vault(), now.review_by, of_contact, &why)?;
    }
    ctx.answer(&[name.to_string()]);
    Ok(())
}

/// A key that is to be taken away, given as a key, a file of it or its fingerprint.
fn by_key(unset: &ContactUnset, contact: &Contact) -> VaultResult<ContactUnset> {
    let named = |given: &String, keys: &[String]| -> VaultResult<Option<String>> {
        let mut keys = keys.iter();
        if let Some(key) = keys.find(|key| recipient_fingerprint(key) == *given) {
            return Ok(Some(key.clone()));
        }
        if given.starts_with("SHA256:") {
            return Err(
                Error::not_found(format!("{} has no key {given}", contact.name())).hint(format!(
                    "see the keys: vault contact show {}",
                    as_word(contact.name())
                )),
            );
        }
        let (text, source) = text_of(given)?;
        let keys = recipients(&text).map_err(|why| source.in_error(why))?;
        Ok(keys.usable.into_iter().next())
    };
    Ok(match unset {
        ContactUnset::Field(field @ ContactField::Recipients, Some(given)) => {
            ContactUnset::Field(*field, named(given, contact.recipients())?)
        }
        ContactUnset::Field(field @ ContactField::Signers, Some(given)) => {
            ContactUnset::Field(*field, named(given, contact.signers())?)
        }
        other => other.clone(),
    })
}

/// A permission holds for the keys of its day: says which do not hold for those of today.
fn tell_unbound(ctx: &Context, vault: &Vault, name: &ContactName) -> VaultResult<()> {
    let contact = vault.known_contact(name)?;
    let unbound = vault.permissions_for_other_keys(contact, ctx.now())?;
    if unbound.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = unbound.into_iter().map(number).collect();
    ctx.warn(&format!(
        "permissions for other keys of {name} do not hold for those of now: {}; ask for new ones \
         before you share",
        ids.join(", ")
    ));
    Ok(())
}

fn tell_words(ctx: &Context, name: &ContactName, card: &Card) {
    ctx.ui.note(&format!("words: {}", card.identity.words));
    ctx.ui.note(&format!(
        "Compare them with {name} by phone (vault id shows them there): a card could be anybody's."
    ));
}

/// Whether the keys that were known before vouch for those of the card.
fn tell_where_from(
    ctx: &Context,
    name: &ContactName,
    card: &Card,
    known: &[String],
    vouched: bool,
) {
    if known.contains(&card.identity.signer) {
        return;
    }
    if vouched {
        ctx.ui.note(&format!(
            "the new keys are signed by the key that was known of {name}, and take its place; \
             permissions for the old ones hold for them too"
        ));
        return;
    }
    if !known.is_empty() {
        ctx.warn(&format!(
            "these keys are not signed by a key that was known of {name}"
        ));
    }
    tell_words(ctx, name, card);
}

fn rm(ctx: &Context, name: &ContactName, yes: bool) -> VaultResult<()> {
    let session = ctx.unlock_to_change()?;
    (session.vault()).check_contact_free_of_shares(name, ctx.now())?;
    let what = format!("removing {name}");
    let question = format!("Remove contact {name}? Consents for them will allow nothing any more.");
    if !ctx.confirm_or_yes(yes, &what, &question)? {
        ctx.answer_change(&format!("kept contact {name}"), &[]);
        return Ok(());
    }
    let (requests, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.remove_contact(name, author)
    })?;
    ctx.note_done(&format!("removed contact {name}"));
    parting::tell_requests(ctx, session.vault(), &requests)?;
    let requests: Vec<Uuid> = requests.iter().map(|it| it.request).collect();
    tell_void(ctx, session.vault(), &requests)?;
    ctx.answer(&[name.to_string()]);
    Ok(())
}

fn list(ctx: &Context, part: &str) -> VaultResult<()> {
    let session = ctx.unlock()?;
    let mut contacts = session.vault().live_contacts()?;
    let none = if contacts.is_empty() {
        "no contacts yet: vault contact add NAME --card FILE"
    } else {
        "no contact is called so"
    };
    let part = part.to_lowercase();
    contacts.retain(|contact| {
        let full_name = contact.full_name.value().map(String::as_str);
        let mut names = [Some(contact.name()), full_name].into_iter();
        names.any(|name| name.is_some_and(|name| name.to_lowercase().contains(&part)))
    });
    let now = ctx.now();
    let shown = contacts.iter().map(|contact| {
        let (review, agreement) = (contact.review_by.value(), contact.agreement());
        Shown::default()
            .field("name", "CONTACT", contact.name())
            .field("role", "ROLE", contact.role.value())
            .told(
                "recipients",
                "KEYS",
                contact.recipients(),
                key_kinds(contact),
            )
            .json("signers", contact.signers())
            .json("review_by", review)
            .text("REVIEW", review.map(|review| relative(*review, now)))
            .json("agreement", agreement.map(agreement_as_json))
            .text("AGREEMENT", agreement.map(|_| "yes"))
    });
    ctx.ui.list(shown, none)
}

fn key_kinds(contact: &Contact) -> String {
    let kinds = contact.recipients().iter().map(|key| kind(key));
    let kinds: Vec<&str> = kinds.collect();
    if kinds.is_empty() {
        return "none".to_owned();
    }
    kinds.join(", ")
}

fn write_agreements(ctx: &Context, name: &ContactName, wanted: &AgreementsOut) -> VaultResult<()> {
    wanted.write(
        ctx,
        |vault| Ok(Agreements::with_contact(vault.known_contact(name)?)),
        || {
            Error::not_found(format!("there is no agreement with {name}")).hint(format!(
                "to keep one: vault contact edit {name:#} --agreement FILE"
            ))
        },
    )
}
