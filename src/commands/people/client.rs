//! `vault client`: whose credentials these are, and how the client wants them handled.

use anyhow::Result;
use clap::Subcommand;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::agreements::{Agreements, AgreementsOut, agreement_as_json, tell_kept};
use super::client_list::{self, least};
use super::closing::{self, ClosingArgs};
use super::past_end::tell_past;
use crate::commands::access::init;
use crate::commands::args::client_fields::ClientFields;
use crate::commands::args::dry_run::DryRunArg;
use crate::commands::args::keys::ssh_key_of;
use crate::commands::args::replaced::tell_replaced;
use crate::commands::entries::mv;
use crate::commands::sharing::hand_overs;
use crate::commands::sharing::known::{KnownBy, known_by};
use crate::context::Context;
use crate::crypto::recipient_fingerprint;
use crate::error::{Error, Result as VaultResult};
use crate::model::entry::record_names::RecordNames;
use crate::model::people::client_changes::ClientUnset;
use crate::model::people::fields::ClientValues;
use crate::model::records::client::{Client, ClientKey};
use crate::model::records::person::Person;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::sharing::who::Subject;
use crate::model::text::name::ClientSlug;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;
use crate::ui::Shown;
use crate::ui::time::day;

const EXAMPLES: &str = "\
Examples:
  vault client add acme --name 'Acme GmbH' --email it@acme.example
  vault client edit acme --rules 'log in through their VPN only' --retain-until 2027-12-31
  vault client show acme";

const ADD_EXAMPLES: &str = "\
Examples:
  vault client add acme --name 'Acme GmbH' --email it@acme.example --phone '+49 30 1234'
  vault client add acme --key ~/acme.pub --key-verified 'read out over the phone'
  vault client add acme --rules 'never from a public network'";

const LIST_EXAMPLES: &str = "\
Examples:
  vault client list
  vault client list shop             those with shop in a name
  vault client list --closed         those that vault client close has closed
  vault client list --json | jq -r '.[] | select(.entries == 0) | .client'";

const SHOW_EXAMPLES: &str = "\
Examples:
  vault client show acme
  vault client show acme --json | jq -r .rules";

const EDIT_EXAMPLES: &str = "\
Examples:
  vault client edit acme --email it@acme.example     one more: lists are added to
  vault client edit acme --unset email=old@acme.example --unset phone --retain-until 2y
  vault client edit acme --key acme.pub --key-verified 'read out over the phone'
  vault client edit acme --person 'Anna Baker <anna@acme.example>' --may-permit --lang de
  vault client edit acme --agreement contract.pdf --agreed-on 2026-01-10 --role controller";

const RENAME_EXAMPLES: &str = "\
Examples:
  vault client rename github.com acme     the same: vault mv github.com/ acme/
  vault client rename github.com acme -n";

const CLOSE_EXAMPLES: &str = "\
Examples:
  vault client close acme       asks at each step; once more goes on where it stopped
  vault client close acme --handover age --said 'by mail of 3 May' --backups --certificate acme.txt
  vault client close acme --without bob --reason 'does not answer since March'

Shares and permissions end, what is theirs goes back as they chose, and is removed for good once all
who had it have said that it is deleted. Permissions, shares and receipts stay: vault report acme.";

const REOPEN_EXAMPLES: &str = "\
Examples:
  vault client reopen acme      what was removed stays removed";

const RM_EXAMPLES: &str = "\
Examples:
  vault client rm acme          only when it has no entries; asks first
  vault client rm acme --yes";

/// Options of `client`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
}

/// What to do with clients.
#[derive(Debug, Subcommand)]
enum Action {
    /// Note a new client
    #[command(after_help = ADD_EXAMPLES)]
    Add {
        /// The short name that paths start with, as in acme
        slug: ClientSlug,
        #[command(flatten)]
        fields: ClientFields,
    },
    /// List the clients
    #[command(visible_alias = "ls", after_help = LIST_EXAMPLES)]
    List {
        /// Only those that have this in their short name or their name, in any case
        #[arg(value_name = "PART")]
        part: Option<String>,
        /// Those who are closed, and until when their records stay
        #[arg(long)]
        closed: bool,
    },
    /// Show what is noted of a client
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The client's short name
        slug: ClientSlug,
        #[command(flatten)]
        wanted: AgreementsOut,
    },
    /// Change what is noted of a client
    #[command(after_help = EDIT_EXAMPLES)]
    Edit {
        /// The client's short name
        slug: ClientSlug,
        #[command(flatten)]
        fields: ClientFields,
        /// Take it away, by the name of its option; of several only one with email=ADDRESS, key=KEY,
        /// person=NAME. A key stays known, and no longer counts
        #[arg(long, value_name = "FIELD")]
        unset: Vec<ClientUnset>,
    },
    /// Give a client another name; its records and permissions stay
    #[command(after_help = RENAME_EXAMPLES)]
    Rename {
        /// What it is called
        old: ClientSlug,
        /// What it is to be called
        #[arg(value_name = "NEW")]
        new: ClientSlug,
        #[command(flatten)]
        dry_run: DryRunArg,
    },
    /// End the work for a client: goes through it step by step, and on where it stopped
    #[command(after_help = CLOSE_EXAMPLES)]
    Close(ClosingArgs),
    /// Take up the work for a client who is closed
    #[command(after_help = REOPEN_EXAMPLES)]
    Reopen {
        /// The client's short name
        slug: ClientSlug,
    },
    /// Remove a client that has no entries
    #[command(after_help = RM_EXAMPLES)]
    Rm {
        /// The client's short name
        slug: ClientSlug,
        #[command(flatten)]
        dry_run: DryRunArg,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// Notes, lists, shows, changes or removes clients.
pub fn run(args: Args, ctx: &Context) -> Result<()> {
    let all = Action::List {
        part: None,
        closed: false,
    };
    match args.action.unwrap_or(all) {
        Action::Add { slug, fields } => add(ctx, &slug, &fields)?,
        Action::List { part, closed } => {
            client_list::list(ctx, part.as_deref().unwrap_or_default(), closed)?;
        }
        Action::Close(args) => closing::close(ctx, &args)?,
        Action::Reopen { slug } => closing::reopen(ctx, &slug)?,
        Action::Show { slug, wanted } if wanted.is_any() => {
            write_agreements(ctx, &slug, &wanted)?;
        }
        Action::Show { slug, .. } => show(ctx, &slug)?,
        Action::Edit {
            slug,
            fields,
            unset,
        } => edit(ctx, &slug, &fields, unset)?,
        Action::Rename { old, new, dry_run } => {
            dry_run.begin(ctx);
            mv::rename_client(ctx, &old, &new)?;
        }
        Action::Rm { slug, dry_run, yes } => {
            dry_run.begin(ctx);
            rm(ctx, &slug, yes)?;
        }
    }
    Ok(())
}

fn add(ctx: &Context, slug: &ClientSlug, fields: &ClientFields) -> VaultResult<()> {
    let changes = fields.changes(ctx)?;
    let session = init::unlock_or_make(ctx)?;
    session.vault().check_client_free(slug)?;
    ctx.change(session, |vault, author| {
        vault.add_client(slug, changes, author)
    })?;
    ctx.note_done(&format!("added client {slug}"));
    fields.warn_relaxed(ctx);
    ctx.answer(&[slug.to_string()]);
    Ok(())
}

fn edit(
    ctx: &Context,
    slug: &ClientSlug,
    fields: &ClientFields,
    unset: Vec<ClientUnset>,
) -> VaultResult<()> {
    let mut changes = fields.changes(ctx)?;
    changes.unset = unset;
    if changes.is_empty() {
        return Err(Error::usage("nothing to change").hint(format!(
            "name what to change, as in: vault client edit {slug:#} --name NAME"
        )));
    }
    let session = ctx.unlock_to_change()?;
    let client = session.vault().known_client(slug)?;
    changes.unset = (changes.unset.iter())
        .map(|unset| by_key(unset, client))
        .collect::<VaultResult<_>>()?;
    if session
        .vault()
        .edit_client_changes_nothing(slug, &changes)?
    {
        ctx.answer_change("nothing changed", &[]);
        return Ok(());
    }
    let before = client.clone();
    let is_limited = changes.values.retain_until.is_some();
    let agreement = Agreements::with_client(client).counting();
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.edit_client(slug, changes, author)
    })?;
    let client = session.vault().known_client(slug)?;
    tell_kept(ctx, agreement, &Agreements::with_client(client));
    tell_replaced(ctx, &before.replaced_by(client));
    ctx.ui.note(&format!("changed client {slug}"));
    fields.warn_relaxed(ctx);
    if is_limited {
        tell_past_retention(ctx, session.vault(), slug)?;
    }
    ctx.answer(&[slug.to_string()]);
    Ok(())
}

/// Says which shares last longer than the client's data may be kept.
fn tell_past_retention(ctx: &Context, vault: &Vault, slug: &ClientSlug) -> VaultResult<()> {
    let client = vault.known_client(slug)?;
    let until = client.retain_until.value().copied();
    let of_client = |line: &LedgerLine<'_>| line.consent.is_some_and(|it| it.client == client.id);
    let why = format!("after what is {slug}'s may be kept");
    tell_past(ctx, vault, until, of_client, &why)
}

/// A key that is to be taken away, given as a key, a file of it or its fingerprint.
fn by_key(unset: &ClientUnset, client: &Client) -> VaultResult<ClientUnset> {
    let ClientUnset::Keys(Some(given)) = unset else {
        return Ok(unset.clone());
    };
    let mut keys = client.keys().iter().filter(|key| key.to.is_none());
    let line = match keys.find(|key| fingerprint(key) == *given) {
        Some(key) => key.to_openssh(),
        None if given.starts_with("SHA256:") => {
            let slug = client.slug();
            return Err(Error::not_found(format!("{slug} has no key {given}"))
                .hint(format!("see the keys: vault client show {}", as_word(slug))));
        }
        None => ssh_key_of(given)?.to_openssh(),
    };
    Ok(ClientUnset::Keys(Some(line)))
}

fn rm(ctx: &Context, slug: &ClientSlug, yes: bool) -> VaultResult<()> {
    let session = ctx.unlock_to_change()?;
    session.vault().check_client_empty(slug)?;
    let (what, question) = (format!("removing {slug}"), format!("Remove client {slug}?"));
    if !ctx.confirm_or_yes(yes, &what, &question)? {
        ctx.answer_change(&format!("kept client {slug}"), &[]);
        return Ok(());
    }
    ctx.change(session, |vault, author| vault.remove_client(slug, author))?;
    ctx.answer_change(&format!("removed client {slug}"), &[slug.to_string()]);
    Ok(())
}

fn write_agreements(ctx: &Context, slug: &ClientSlug, wanted: &AgreementsOut) -> VaultResult<()> {
    wanted.write(
        ctx,
        |vault| Ok(Agreements::with_client(vault.known_client(slug)?)),
        || {
            Error::not_found(format!("there is no agreement with {slug}")).hint(format!(
                "to keep one: vault client edit {slug:#} --agreement FILE"
            ))
        },
    )
}

fn person_as_text(person: &Person) -> String {
    if person.may_permit {
        return format!("{person} (may permit)");
    }
    person.to_string()
}

fn show(ctx: &Context, slug: &ClientSlug) -> VaultResult<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let client = vault.known_client(slug)?;
    let held = vault.count_entries()?;
    let held = held.get(&client.id).copied().unwrap_or_default();
    let trash = match held.removed {
        0 => String::new(),
        removed => format!(", {removed} more in the trash"),
    };
    let until = client.retain_until.value().copied();
    let keys = client.keys().iter();
    let persons = client.persons().iter().map(person_as_json);
    let closing_steps = client.closing.iter();
    let closing_steps = closing_steps.map(|step| closing::step_as_json(vault, step));
    let (values, agreement) = (ClientValues::of(client), client.agreement());
    let agreements = Agreements::with_client(client);
    let handed_over = hand_overs::sent(vault, |it| it.client == client.id)?;
    let names = RecordNames::of(vault)?;
    let handed_over_told = handed_over.iter();
    let handed_over_told =
        handed_over_told.map(|it| hand_overs::told(vault, &names, it, ctx.now()));
    let now = ctx.now();
    let knowledge = vault.knowledge(&Subject::Client(client), now)?;
    let known = known_by(vault, &knowledge, &|time| day(time, now))?;
    let handed_over = handed_over.iter();
    let handed_over = handed_over.map(|it| hand_overs::as_json(&names, it).into_json());
    ctx.ui.show(
        &Shown::titled(client.slug())
            .json("client", client.slug())
            .field("name", "name", client.name.value())
            .field("emails", "email", client.emails().collect::<Vec<_>>())
            .field("phone", "phone", client.phone())
            .json("persons", persons.collect::<Vec<_>>())
            .text("person", client.persons().iter().map(person_as_text))
            .field("channel", "channel", values.channel)
            .field("lang", "language", values.lang)
            .field("role", "role", values.role)
            .json("agreement", agreement.map(agreement_as_json))
            .json("agreements", agreements.as_json())
            .text("agreement", agreements.as_text())
            .field("agreed_on", "agreed on", values.agreed_on)
            .json("keys", keys.clone().map(key_as_json).collect::<Vec<_>>())
            .text("key", keys.map(key_as_text))
            .field("rules", "rules", client.rules.value())
            .field("duties", "duties", values.duties)
            .json("retain_until", until)
            .at("retain until", until, ctx.now())
            .json("closed", client.closed())
            .at("closed", client.closed(), now)
            .json("records_until", client.records_until())
            .at("records until", client.records_until(), now)
            .json("closing", closing_steps.collect::<Vec<_>>())
            .text("closing", closing::steps_told(vault, client)?)
            .json("min_assurance", client.min_assurance.value())
            .text("consents at least", [least(client)])
            .told(
                "entries",
                "entries",
                held.live,
                format!("{}{trash}", held.live),
            )
            .json("in_trash", held.removed)
            .json("known_to", vault.known_to(&knowledge)?)
            .text("known to", known.iter().map(known_told))
            .json("handed_over", handed_over.collect::<Vec<_>>())
            .text("handed over", handed_over_told.collect::<Vec<_>>())
            .json("created", client.created),
    )
}

/// Who knows which of a client's entries, named without the client.
fn known_told(known: &KnownBy) -> String {
    let name = |path: &String| {
        path.split_once('/')
            .map_or(path.clone(), |(_, name)| name.into())
    };
    let names: Vec<String> = known.of.iter().map(name).collect();
    format!("{} ({}): {}", known.by, names.join(", "), known.told)
}

fn person_as_json(person: &Person) -> Value {
    json!({"name": person.name, "email": person.email, "may_permit": person.may_permit})
}

fn key_as_text(key: &ClientKey) -> String {
    let how = match &key.verified_via {
        Some(how) if key.imported => {
            format!("came in by import, not verified here; said to be verified: {how}")
        }
        None if key.imported => "came in by import, not verified here".to_owned(),
        Some(how) => format!("verified: {how}"),
        None => "not verified".to_owned(),
    };
    let day = |time: &Timestamp| time.strftime("%Y-%m-%d").to_string();
    let from = key
        .from
        .as_ref()
        .map(|from| format!(", since {}", day(from)));
    let to = key.to.as_ref();
    let to = to.map(|to| format!(", no longer counts since {}", day(to)));
    let [from, to] = [from, to].map(Option::unwrap_or_default);
    format!("{} {} ({how}{from}{to})", key.kind, fingerprint(key))
}

fn key_as_json(key: &ClientKey) -> Value {
    json!({
        "key": key.to_openssh(),
        "fingerprint": fingerprint(key),
        "verified": key.verified_via.as_ref().filter(|_| !key.imported),
        "imported": key.imported,
        "from": key.from,
        "to": key.to,
    })
}

fn fingerprint(key: &ClientKey) -> String {
    recipient_fingerprint(&key.to_openssh())
}
