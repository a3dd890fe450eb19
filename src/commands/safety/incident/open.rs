//! `vault incident open`: finds what an incident reaches, flags it, and says what to do next.

use std::collections::HashMap;

use clap::builder::NonEmptyStringValueParser;
use uuid::Uuid;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::incidents::affected::{IncidentStart, check_any};
use crate::model::records::entry::Entry;
use crate::model::records::incident::AffectedEntry;
use crate::model::records::record_id::number;
use crate::model::text::limits::FIELD_BYTES;
use crate::model::text::name::{ClientSlug, ContactName, EntryPath};
use crate::model::text::quote::as_word;
use crate::model::text::text_rules::check_text;
use crate::model::text::when::When;
use crate::model::vault::Vault;

const EXAMPLES: &str = "\
Examples:
  vault incident open 'the host was broken into' --host acme.example
  vault incident open 'laptop stolen on the train' --contact bob --aware 2026-11-28T09:30:00+01:00
  vault incident open 'password sent by mail' --entry acme/wordpress
  vault incident open 'mailbox in a breach' --email info@acme.example

What it reaches is found over all clients, with every entry that has the same secret, and flagged
rotate until it is changed. Where nothing is reached, that is said, and kept: exit 0.";

/// Options of `incident open`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// What happened, in your own words; it stands in the letters to all clients concerned
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    text: String,
    /// A host that was broken into, with all below it; may be given several times
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// A credential that became known; may be given several times
    #[arg(long = "entry", value_name = "ENTRY")]
    entries: Vec<EntryPath>,
    /// A contact whose device or keys are in other hands; may be given several times
    #[arg(long = "contact", value_name = "CONTACT")]
    contacts: Vec<ContactName>,
    /// A mail address that was in a breach; may be given several times
    #[arg(long = "email", value_name = "ADDRESS")]
    emails: Vec<String>,
    /// All that is a client's; may be given several times
    #[arg(long = "client", value_name = "CLIENT")]
    clients: Vec<ClientSlug>,
    /// Since when you know of it [default: now]
    #[arg(long, value_name = "WHEN")]
    aware: Option<When>,
}

impl Args {
    fn starts(&self) -> Vec<IncidentStart> {
        let hosts = self.hosts.iter().cloned().map(IncidentStart::Host);
        let entries = self.entries.iter().cloned().map(IncidentStart::Entry);
        let contacts = self.contacts.iter().cloned().map(IncidentStart::Contact);
        let emails = self.emails.iter().cloned().map(IncidentStart::Email);
        let clients = self.clients.iter().cloned().map(IncidentStart::Client);
        hosts
            .chain(entries)
            .chain(contacts)
            .chain(emails)
            .chain(clients)
            .collect()
    }
}

pub(super) fn run(args: &Args, ctx: &Context) -> Result<()> {
    let starts = args.starts();
    check_any(&starts)?;
    check_text("what happened", &args.text, FIELD_BYTES)?;
    let now = ctx.now();
    let aware = args.aware.as_ref().map(|at| at.in_past(&ctx.now_here()));
    let aware = aware.transpose()?.unwrap_or(now);
    if aware > now {
        return Err(Error::usage("--aware is in the future"));
    }
    let session = ctx.unlock_to_change()?;
    let affected = session.vault().affected(&starts, now)?;
    let told = affected.clone();
    let (id, session) = ctx.change_and_stay(session, None, |vault, author| {
        let text = args.text.clone();
        Ok(vault.open_incident(text, &starts, affected, aware, author))
    })?;
    ctx.ui.note(&format!("opened incident {}", number(id)));
    tell(ctx, session.vault(), &told, &number(id))?;
    ctx.answer(&[id.to_string()]);
    Ok(())
}

/// What it reaches, who else knows that, and the next steps.
fn tell(ctx: &Context, vault: &Vault, affected: &[AffectedEntry], id: &str) -> Result<()> {
    if affected.is_empty() {
        ctx.ui.note("It reaches nothing in this vault.");
        ctx.ui.hint(&format!(
            "it is kept all the same; to close it: vault incident close {id} --cause TEXT --measures TEXT"
        ));
        return Ok(());
    }
    let known = known_to(ctx, vault, affected)?;
    for item in affected {
        let how = if item.by_same_secret {
            ", by the same secret"
        } else {
            ""
        };
        let knowers = known.get(&item.entry);
        let knowers = knowers.map(|names| format!("; also known to {}", names.join(", ")));
        let knowers = knowers.unwrap_or_default();
        ctx.ui.note(&format!("  {}{how}{knowers}", item.path));
    }
    ctx.ui
        .hint(&format!("1. change it: vault rotate --due --incident {id}"));
    ctx.ui.hint(&format!(
        "2. write the letters: vault incident notice {id} --all --out DIR"
    ));
    let slugs = vault.slugs();
    let first = affected.first().and_then(|it| slugs.get(&it.client));
    let first = as_word(first.copied().unwrap_or("CLIENT"));
    ctx.ui.hint(&format!(
        "3. call each client, then: vault incident told {id} {first} --by phone"
    ));
    Ok(())
}

/// The contacts who can know something of each affected entry, by name.
pub(super) fn known_to(
    ctx: &Context,
    vault: &Vault,
    affected: &[AffectedEntry],
) -> Result<HashMap<Uuid, Vec<String>>> {
    let entries = affected.iter().map(|it| vault.entries.find(it.entry));
    let entries: Vec<Option<&Entry>> = entries.collect::<Result<_>>()?;
    let entries: Vec<&Entry> = entries.into_iter().flatten().collect();
    vault.known_of_each(&entries, ctx.now())
}
