//! `vault shares`: the ledger of who was given what, and what became of it.

use std::path::PathBuf;

use anyhow::Result;
use jiff::Timestamp;
use uuid::Uuid;

use super::share_lines::as_json_of;
use super::{came_file, hand_overs, shares_show};
use crate::commands::args::entry::named_or_sought;
use crate::commands::reveal::share_terms;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::model::entry::record_names::RecordNames;
use crate::model::records::hand_over::HandOver;
use crate::model::records::received::Received;
use crate::model::records::record_id::{RecordId, number};
use crate::model::records::share::{Share, ShareState, SharedItem};
use crate::model::sharing::ledger::LedgerLine;
use crate::model::text::name::{ClientSlug, ContactName};
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::Shown;
use crate::ui::time::local_time;

const EXAMPLES: &str = "\
Examples:
  vault shares                    all of them, the newest last
  vault shares acme --live        what may still be used of a client, or of CLIENT/NAME
  vault shares --to bob           what bob was given
  vault shares --received         what others have shared with this vault, and until when
  vault shares show 3f2a          one of them, by the start of its id
  vault shares --json | jq -r '.[] | select(.state == \"sent\") | .id'

unsent: its file was not written. sent: it was. received: the recipient has signed for it.
expired: its time is over. withdrawn: the client took the consent back. revoked: you ended it.
superseded: another was sent in its place. ended: the recipient was removed. deleted: the recipient
has signed that it is deleted. handed-over: the client it belongs to has it, without an end.
What somebody has seen is known until it is changed: vault rotate --due goes through that.";

const LIST_EXAMPLES: &str = "\
Examples:
  vault shares list
  vault shares list --json | jq -r '.[] | select(.receipt == null) | .to'";

const SHOW_EXAMPLES: &str = "\
Examples:
  vault shares show 2F95-B33D      what went out, under which consent, and what became of it
  vault shares show 3f2a --json
  vault shares show 2F95-B33D --out papers   each paper as it came, to be checked without vault

Any number of a share counts: of one that you made, received or handed over. There is no secret in
the evidence; its README.txt says how each file is checked.";

/// Options of `shares`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    filters: Filters,
}

/// Which shares are listed.
#[derive(clap::Args, Clone, Debug)]
struct Filters {
    /// Only what was shared of this client, or of this CLIENT/NAME
    #[arg(value_name = "CLIENT_OR_ENTRY")]
    of: Option<String>,
    /// Only what was shared of this client
    #[arg(long, value_name = "CLIENT", conflicts_with = "of")]
    client: Option<ClientSlug>,
    /// Only those for this contact
    #[arg(long, value_name = "CONTACT")]
    to: Option<ContactName>,
    /// Only those that may still be used
    #[arg(long)]
    live: bool,
    /// What others have shared with this vault
    #[arg(long, conflicts_with = "to")]
    received: bool,
}

/// What was shared of one client or one entry.
#[derive(Clone, Copy)]
enum Of {
    Client(Uuid),
    Entry(Uuid),
}

impl Of {
    /// What a word names.
    fn named(vault: &Vault, word: &str) -> VaultResult<Self> {
        if word.contains('/') {
            let path = word.parse().map_err(Error::usage)?;
            return Ok(Self::Entry(vault.entry(&path)?.id));
        }
        let slug = word.parse().map_err(Error::usage)?;
        let client = vault.known_client(&slug);
        let client = client.map_err(|why| match word.parse::<RecordId>() {
            Ok(id) => why.hint(format!("one share is shown with: vault shares show {id}")),
            Err(_) => why,
        });
        Ok(Self::Client(client?.id))
    }
}

impl Filters {
    /// The client or entry that is named.
    fn of(&self, ctx: &Context, vault: &Vault) -> VaultResult<Option<Of>> {
        if let Some(client) = &self.client {
            return Ok(Some(Of::Client(vault.known_client(client)?.id)));
        }
        let of = self.of.as_ref();
        of.map(|word| named_or_sought(ctx, vault, (word, &[]), |word| Of::named(vault, word)))
            .transpose()
    }

    /// The lines of the ledger that are meant.
    fn ledger<'a>(
        &self,
        vault: &'a Vault,
        of: Option<Of>,
        now: Timestamp,
    ) -> VaultResult<Vec<LedgerLine<'a>>> {
        let to = self.to.as_ref().map(|name| vault.contacts_ever(name));
        let to = to.transpose()?;
        let owners = vault.owners()?;
        let mut ledger = vault.ledger(now)?;
        ledger.retain(|line| {
            let mut items = line.share.items.iter();
            (to.as_ref()).is_none_or(|to| to.iter().any(|it| it.id == line.share.recipient.contact))
                && (!self.live || line.state.is_live())
                && match of {
                    None => true,
                    Some(Of::Client(client)) => line.is_of(client, &owners),
                    Some(Of::Entry(entry)) => items.any(|item| item.entry == entry),
                }
        });
        Ok(ledger)
    }

    /// What was handed over and is meant.
    fn handed_over<'a>(&self, vault: &'a Vault, of: Option<Of>) -> VaultResult<Vec<&'a HandOver>> {
        let mut all = vault.handed_over.all()?;
        all.retain(|it| {
            let mut items = it.items.iter();
            self.to.is_none()
                && !self.live
                && match of {
                    None => true,
                    Some(Of::Client(client)) => it.client == client,
                    Some(Of::Entry(entry)) => items.any(|item| item.entry == entry),
                }
        });
        Ok(all)
    }

    /// The shares that came in and are meant, each with its state and what is held under it.
    fn received<'a>(
        &self,
        vault: &'a Vault,
        of: Option<Of>,
        now: Timestamp,
    ) -> VaultResult<Vec<(&'a Received, ShareState, Vec<Uuid>)>> {
        let owners = vault.owners()?;
        let mut all = Vec::new();
        for share in vault.received.all()? {
            let held = vault.entries_held_under(share)?;
            let state = vault.received_state(share, now)?;
            let mut entries = held.iter();
            let named = match of {
                None => true,
                Some(Of::Client(client)) => entries.any(|id| owners.get(id) == Some(&client)),
                Some(Of::Entry(entry)) => entries.any(|id| *id == entry),
            };
            if named && (!self.live || state.is_live()) {
                all.push((share, state, held));
            }
        }
        all.sort_by_key(|(share, ..)| share.received);
        Ok(all)
    }
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List shares
    #[command(visible_alias = "ls", after_help = LIST_EXAMPLES)]
    List(Filters),
    /// Show one share
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The share's number, or the start of its id; also of one that was received or handed over
        id: RecordId,
        /// Write what shows it to this new folder: the manifest and the papers as they came, with
        /// what ssh-keygen checks them by
        #[arg(short, long, alias = "evidence", value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

/// Shows the ledger, or one share of it.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match &args.action {
        None => list(ctx, &args.filters)?,
        Some(Action::List(filters)) => list(ctx, filters)?,
        Some(Action::Show { id, out }) => match out {
            Some(out) => shares_show::write_evidence(ctx, id, out)?,
            None => shares_show::show(ctx, id)?,
        },
    }
    Ok(())
}

fn list(ctx: &Context, filters: &Filters) -> VaultResult<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let now = ctx.now();
    if filters.received {
        return list_received(ctx, &session, filters);
    }
    let of = filters.of(ctx, vault)?;
    let (ledger, names) = (filters.ledger(vault, of, now)?, RecordNames::of(vault)?);
    let shown = ledger.iter().map(|standing| {
        let share = standing.share;
        // Of a live one, those that ended alone are left out.
        let is_live = standing.state.is_live();
        let items = (share.items.iter()).filter(|item| !is_live || standing.end_of(item).is_none());
        let until = standing.end.map_or(standing.until(), |end| end.time);
        as_json_of(&names, *standing)
            .text("SHARE", [number(share.id)])
            .text("TO", [names.get(share.recipient.contact)])
            .text("STATE", [standing.state.as_str()])
            .time_text("UNTIL", local_time(until))
            .when(until, now)
            .text(
                "ENTRIES",
                items.map(|item| entry_or_login(&names, share, item)),
            )
    });
    let handed_over = filters.handed_over(vault, of)?;
    let is_empty = vault.shares.is_empty() && handed_over.is_empty();
    let handed_over = handed_over
        .into_iter()
        .map(|it| handed_over_shown(&names, it, now));
    let shown = shown.chain(handed_over);
    if !is_empty {
        return ctx.ui.list(shown, "no share is like that");
    }
    (ctx.ui).list(shown, "nothing was shared yet")?;
    if !ctx.ui.is_json() {
        ctx.ui.hint(if vault.received.is_empty() {
            "vault help share explains how"
        } else {
            "what others have shared with you: vault shares --received"
        });
    }
    Ok(())
}

/// An entry, or somebody's own login for it.
fn entry_or_login(names: &RecordNames, share: &Share, item: &SharedItem) -> String {
    let entry = names.shared(item);
    match &share.login {
        Some(login) => format!("{entry} (own login {login})"),
        None => entry,
    }
}

/// What the client has got that it is of.
fn handed_over_shown(names: &RecordNames, it: &HandOver, now: Timestamp) -> Shown {
    let state = match (it.sent.value(), it.receipt.value()) {
        (None, None) => "unsent",
        (Some(_), None) => "handed-over",
        (_, Some(_)) => "handed-over, received",
    };
    hand_overs::as_json(names, it)
        .text("SHARE", [number(it.id)])
        .text("TO", [names.get(it.client)])
        .text("STATE", [state])
        .time_text("UNTIL", "no end".into())
        .when(None, now)
        .text("ENTRIES", hand_overs::entries(names, it))
}

/// What others have shared with this vault, and until when it may be used.
fn list_received(ctx: &Context, session: &Session, filters: &Filters) -> VaultResult<()> {
    let vault = session.vault();
    let now = ctx.now();
    let names = RecordNames::of(vault)?;
    let of = filters.of(ctx, vault)?;
    let mut shown = Vec::new();
    for (share, state, held) in filters.received(vault, of, now)? {
        let (contact, signer) = share_terms::sender(vault, share)?;
        let held = held.iter().filter(|_| state != ShareState::Deleted);
        let held: Vec<Uuid> = held.copied().collect();
        let entries: Vec<String> = held.iter().map(|id| names.get(*id)).collect();
        let over = held.iter().filter(|id| share.ended_for(**id).is_some());
        let ended: Vec<String> = over.map(|id| names.get(*id)).collect();
        let told = entries.iter().map(|path| {
            let alone = state.is_live() && ended.contains(path);
            format!("{path}{}", if alone { " (ended)" } else { "" })
        });
        let told: Vec<String> = told.collect();
        let line = Shown::default()
            .json("id", share.id)
            .text("SHARE", [number(share.id)])
            .json("from", &contact)
            .text("FROM", [contact.as_ref().unwrap_or(&signer)])
            .field("state", "STATE", state.as_str())
            .json("received", share.received)
            .json("expires", share.expires)
            .time_text("UNTIL", share.expires.map_or("no end".into(), local_time))
            .when(share.expires, now)
            .json("entries", &entries)
            .json("ended_entries", &ended)
            .text("ENTRIES", told)
            .json("purpose", &share.purpose)
            .json("signer", &signer);
        shown.push(came_file::with_file(line, "FILE", session, share));
    }
    ctx.ui.list(shown, "nothing was received")
}
