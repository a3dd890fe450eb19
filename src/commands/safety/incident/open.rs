//! `vault incident open`: finds what an incident reaches, flags it, and says what to do next.

use clap::builder::NonEmptyStringValueParser;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::entry::field::SECRET;
use crate::model::incidents::affected::{IncidentStart, check_any};
use crate::model::records::incident::Incident;
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
rotate until it is changed; closing the incident does not end that. Seeds of one-time codes and files
count as secrets do, and what is in the trash works at the site as before. Of a contact it is what they
were given. What was in use when you learnt of it (--aware) is reached, changed since or not. Where
nothing is reached, that is said, and kept: exit 0.

What you write stands in the letters to all clients concerned, so it is refused where it names one of
them to the others.";

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
    /// A mail address that was in a breach, a user name or that of a client's person; may be given
    /// several times
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
    let reach = session.vault().affected(&starts, aware, now)?;
    let (id, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.open_incident(args.text.clone(), &starts, reach, aware, author)
    })?;
    ctx.ui.note(&format!("opened incident {}", number(id)));
    tell(ctx, session.vault(), session.vault().incidents.by_id(id)?)?;
    ctx.answer(&[id.to_string()]);
    Ok(())
}

/// What it reaches, who else knows that, and the next steps.
fn tell(ctx: &Context, vault: &Vault, incident: &Incident) -> Result<()> {
    let (id, affected) = (number(incident.id), &incident.affected);
    if affected.is_empty() {
        ctx.ui.note("It reaches nothing in this vault.");
    }
    let known = vault.known_of_affected(affected, ctx.now())?;
    for item in affected {
        let how = if item.by_same_secret {
            ", by the same secret"
        } else {
            ""
        };
        let parts: Vec<&str> = item.versions.keys().map(String::as_str).collect();
        let parts = match parts.as_slice() {
            [] => " (no secret)".to_owned(),
            [SECRET] => String::new(),
            parts => format!(" ({})", parts.join(", ")),
        };
        let knowers = known.get(&item.entry).map(|names| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("; also known to {}", names.join(", "))
        });
        let knowers = knowers.unwrap_or_default();
        ctx.ui
            .note(&format!("  {}{parts}{how}{knowers}", item.path));
    }
    let concerned = incident.clients();
    let slugs = vault.slugs();
    let names = concerned.iter().filter_map(|it| slugs.get(it));
    let mut names: Vec<String> = names.map(as_word).collect();
    names.sort();
    let tell = match names.as_slice() {
        [] => None,
        [only] => Some(format!(
            "2. call {only}, then: vault incident told {id} {only} --by phone"
        )),
        all => Some(format!(
            "2. call {}; after each call: vault incident told {id} CLIENT --by phone",
            all.join(", ")
        )),
    };
    let Some(tell) = tell else {
        ctx.ui.hint(&format!(
            "it is kept all the same; to close it: vault incident close {id} --cause TEXT --measures TEXT"
        ));
        return Ok(());
    };
    for contact in incident
        .causes
        .iter()
        .filter_map(|it| it.strip_prefix("contact "))
    {
        ctx.ui.hint(&format!(
            "nothing goes to lost keys any more: vault contact lost {}",
            as_word(contact)
        ));
    }
    for hint in [
        format!("1. change it: vault rotate --due --incident {id}"),
        tell,
        format!("3. write the letters: vault incident notice {id} --all --out DIR"),
    ] {
        ctx.ui.hint(&hint);
    }
    Ok(())
}
