//! `vault who`: who can know what, and who allowed it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use jiff::Timestamp;
use uuid::Uuid;

use super::hand_overs;
use super::known::{by_other_told, knower_told, lender_told};
use super::who_json::as_json;
use crate::commands::args::entry::named_or_sought;
use crate::commands::reveal::{exposure, share_terms};
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::entry::record_names::RecordNames;
use crate::model::records::client::Client;
use crate::model::records::entry::Entry;
use crate::model::records::hand_over::HandOver;
use crate::model::records::record_id::number;
use crate::model::rotation::exposure::Exposures;
use crate::model::sharing::who::{Knowledge, KnownEntry, Subject, is_url_at};
use crate::model::text::name::{ClientSlug, ContactName};
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::time::{day, relative};

const EXAMPLES: &str = "\
Examples:
  vault who acme                  of all that is a client's
  vault who acme/wordpress        of one entry
  vault who bob                   what a contact can know
  vault who acme.example          of all logins at a host, whoever's they are
  vault who --contact acme        where a client and a contact are called the same

What somebody has seen is known until it is changed: who had it is listed until then.";

/// Options of `who`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = EXAMPLES,
    group(clap::ArgGroup::new("subject").required(true).args(["name", "client", "contact", "host"]))
)]
pub struct Args {
    /// A client, CLIENT/NAME, a contact or a host; the first of these that is called so
    name: Option<String>,
    /// A client, whatever else is called so
    #[arg(long, value_name = "CLIENT")]
    client: Option<ClientSlug>,
    /// A contact, whatever else is called so
    #[arg(long, value_name = "CONTACT")]
    contact: Option<ContactName>,
    /// A host, whatever else is called so
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
}

/// Tells who can know what of a subject.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let vault = session.vault();
    let now = ctx.now();
    let subject = subject(args, ctx, vault)?;
    let knowledge = vault.knowledge(&subject, now)?;
    let handed_over = handed_over(vault, &subject, &knowledge)?;
    if ctx.ui.is_json() {
        ctx.ui.json(&as_json(vault, &knowledge, &handed_over)?)?;
        return Ok(());
    }
    let owners = knowledge.entries.iter().map(|known| {
        let of = |entry| hand_overs::owners_who_know(vault, &handed_over, entry);
        known.entry.map_or_else(Vec::new, of)
    });
    let owners: Vec<Vec<&str>> = owners.collect();
    let all: BTreeSet<&str> = owners.iter().flatten().copied().collect();
    let exposures = vault.exposures(now)?;
    let mut entries = knowledge.entries.iter().filter_map(|it| it.entry);
    let is_open = entries.any(|entry| exposures.compromise(entry).is_some());
    ctx.ui
        .heading(&heading(&subject, &knowledge, (all, is_open)))?;
    let mut rows = Vec::new();
    for (known, owners) in knowledge.entries.iter().zip(&owners) {
        rows.extend(entry_rows(
            ctx,
            &session,
            &subject,
            (known, owners, &exposures),
        )?);
    }
    if !rows.is_empty() {
        ctx.ui.line("")?;
        ctx.ui.texts_beside(&rows)?;
    }
    let open = [
        not_answered(vault, &knowledge, now),
        outstanding(vault, &knowledge)?,
    ];
    if !handed_over.is_empty() {
        ctx.ui.line("")?;
    }
    let names = RecordNames::of(vault)?;
    let back = handed_over.into_iter().map(|it| {
        let told = hand_overs::told(vault, &names, it, now);
        ("handed over".to_owned(), told)
    });
    ctx.ui.texts_beside(&back.collect::<Vec<_>>())?;
    let open: Vec<String> = open.into_iter().flatten().collect();
    if !open.is_empty() {
        ctx.ui.line("")?;
        ctx.ui.line(&open.join("      "))?;
    }
    Ok(())
}

/// What is asked about; of a name that a client and a contact have, it is the client, and said.
fn subject<'a>(args: &Args, ctx: &Context, vault: &'a Vault) -> VaultResult<Subject<'a>> {
    let now = ctx.now();
    let subject = if let Some(slug) = &args.client {
        Subject::Client(vault.known_client(slug)?)
    } else if let Some(name) = &args.contact {
        Subject::Contact(vault.contacts_ever(name)?)
    } else if let Some(host) = &args.host {
        vault.subject_host(host, now)?
    } else {
        let word = args.name.as_deref().unwrap_or_default();
        let contacts = vault.live_contacts()?.into_iter();
        let contacts: Vec<String> = contacts.map(|it| it.name().to_owned()).collect();
        named_or_sought(ctx, vault, (word, &contacts), |word| {
            vault.named_subject(word, now)
        })?
    };
    if let (Subject::Client(client), Some(word)) = (&subject, &args.name)
        && word
            .parse()
            .is_ok_and(|name| vault.contacts_ever(&name).is_ok())
    {
        let word = as_word(client.slug());
        ctx.ui.hint(&format!(
            "{word} is a client; for the contact of that name: vault who --contact {word}"
        ));
    }
    Ok(subject)
}

/// What was handed over of a subject to the client it belongs to.
fn handed_over<'a>(
    vault: &'a Vault,
    subject: &Subject<'_>,
    knowledge: &Knowledge<'_>,
) -> VaultResult<Vec<&'a HandOver>> {
    let entries = knowledge.entries.iter();
    let ids: BTreeSet<Uuid> = entries.filter_map(|it| Some(it.entry?.id)).collect();
    hand_overs::sent(vault, |it| match subject {
        Subject::Client(client) => it.client == client.id,
        Subject::Contact(_) => false,
        Subject::Entry(_) | Subject::Host(_) => {
            it.items.iter().any(|item| ids.contains(&item.entry))
        }
    })
}

/// How much there is, and how many can know something beside `owners`, who have their own back, and
/// strangers where something of it leaked or an incident reaches it.
fn heading(
    subject: &Subject<'_>,
    knowledge: &Knowledge<'_>,
    (owners, is_open): (BTreeSet<&str>, bool),
) -> String {
    let credentials = count(knowledge.entries.len(), "credential");
    let people = match knowledge.count_people() {
        0 if is_open => "strangers may know something".to_owned(),
        0 => format!("nobody but {} can know anything", you_and(owners)),
        1 if is_open => "1 person and strangers may know".to_owned(),
        people if is_open => format!("{people} people and strangers may know"),
        1 => "1 person can know something".to_owned(),
        people => format!("{people} people can know something"),
    };
    match subject {
        Subject::Client(client) => format!("{}: {credentials}, {people}", client.slug()),
        Subject::Host(host) => format!("{host}: {credentials}, {people}"),
        Subject::Entry(_) => {
            let path = knowledge.entries.first().map(|it| it.path.as_str());
            format!("{}: {people}", path.unwrap_or_default())
        }
        Subject::Contact(called) => {
            let name = called.first().map_or("", |contact| contact.name());
            if knowledge.entries.is_empty() {
                format!("{name}: can know nothing")
            } else {
                format!("{name}: can know something of {credentials}")
            }
        }
    }
}

/// The lines of an entry: where it is for, and under it who can know something of it.
fn entry_rows(
    ctx: &Context,
    session: &Session,
    subject: &Subject<'_>,
    (known, owners, exposures): (&KnownEntry<'_>, &[&str], &Exposures),
) -> VaultResult<Vec<(String, String)>> {
    let (vault, now) = (session.vault(), ctx.now());
    let client = match subject {
        Subject::Client(client) => format!("{}/", client.slug()),
        _ => String::new(),
    };
    let name = known.path.strip_prefix(&client).unwrap_or(&known.path);
    let place = if let Some(entry) = known.entry {
        place(&*session.as_visible(entry, now)?, subject, (known, owners))
    } else {
        let then = then_at(subject, known).unwrap_or_default();
        format!("removed for good here; what is known may still work at the site{then}")
    };
    let mut rows = vec![(name.to_owned(), place)];
    if let Some(lent) = known.lent {
        let (contact, signer) = share_terms::sender(vault, lent)?;
        rows.push((
            format!("  {}", contact.unwrap_or(signer)),
            lender_told(lent, known.entry, &|time| day(time, now)),
        ));
    }
    let compromise = known.entry.and_then(|it| exposures.compromise(it));
    if let Some(compromise) = compromise {
        let why = exposure::compromise(compromise, now);
        rows.push(("  strangers".to_owned(), format!("may know it: {why}")));
    }
    for it in &known.by_other {
        rows.push((
            format!("  {}", vault.contact_name(it.contact)?),
            by_other_told(it),
        ));
    }
    let mut before = None;
    for knower in &known.knowers {
        let contact = knower.line.share.recipient.contact;
        // By several shares, somebody is named once.
        let called = match before.replace(contact) {
            Some(before) if before == contact => String::new(),
            _ => format!("  {}", vault.contact_name(contact)?),
        };
        let mut texts =
            knower_told(vault, knower, known.entry, &|time| day(time, now))?.into_iter();
        let mut first = texts.next().unwrap_or_default();
        let by = known.knowers.iter();
        let by = by.filter(|it| it.line.share.recipient.contact == contact);
        if by.count() > 1 {
            first = format!("{first}, share {}", number(knower.line.share.id));
        }
        rows.push((called, first));
        rows.extend(texts.map(|text| (String::new(), text)));
    }
    Ok(rows)
}

/// Where one logs in and as whom, at the host that is asked about if one is; or that nobody else
/// can, but for `owners` who have it back.
fn place(
    entry: &Entry,
    subject: &Subject<'_>,
    (known, owners): (&KnownEntry<'_>, &[&str]),
) -> String {
    let meant = |url: &&String| match subject {
        Subject::Host(wanted) => is_url_at(url, wanted),
        _ => true,
    };
    let here = entry.urls().iter().find(meant).cloned();
    let then = then_at(subject, known).filter(|_| here.is_none());
    let url = here.or_else(|| {
        then.as_ref()?;
        entry.urls().first().cloned()
    });
    if known.knowers.is_empty() && known.by_other.is_empty() && known.lent.is_none() {
        let you = you_and(owners.iter().copied());
        return match (subject, url) {
            (Subject::Host(_), Some(url)) => format!("{url}: nobody but {you}"),
            _ => format!("nobody but {you}"),
        };
    }
    let username = entry.username.value().map(|name| format!("as {name}"));
    let place: Vec<String> = url.into_iter().chain(username).collect();
    let trash = if entry.is_removed() {
        " (in the trash)"
    } else {
        ""
    };
    place.join(" ") + &then.unwrap_or_default() + trash
}

fn you_and<'a>(others: impl IntoIterator<Item = &'a str>) -> String {
    let you = std::iter::once("you").chain(others);
    you.collect::<Vec<_>>().join(" and ")
}

/// The host that is asked about, where somebody knows what was for it on the day when it went.
fn then_at(subject: &Subject<'_>, known: &KnownEntry<'_>) -> Option<String> {
    let Subject::Host(wanted) = subject else {
        return None;
    };
    let mut knowers = known.knowers.iter();
    let host = knowers.find_map(|it| it.host_then(wanted))?;
    Some(format!(" (then at {host})"))
}

fn not_answered(vault: &Vault, knowledge: &Knowledge<'_>, now: Timestamp) -> Option<String> {
    let mut by_client: BTreeMap<&str, Vec<Timestamp>> = BTreeMap::new();
    for request in &knowledge.open_requests {
        let client = vault.clients.iter().find(|it| it.id == request.client);
        let called = client.map_or("?", Client::called);
        by_client.entry(called).or_default().push(request.created);
    }
    let requests = by_client.into_iter().map(|(client, times)| {
        let oldest = times.iter().min().copied().unwrap_or(now);
        format!(
            "{} to {client} ({})",
            count(times.len(), "request"),
            relative(oldest, now)
        )
    });
    let requests: Vec<String> = requests.collect();
    (!requests.is_empty()).then(|| format!("not answered: {}", requests.join(", ")))
}

fn outstanding(vault: &Vault, knowledge: &Knowledge<'_>) -> VaultResult<Option<String>> {
    let shares = &knowledge.undeleted;
    let people: BTreeSet<Uuid> = shares.iter().map(|share| share.recipient.contact).collect();
    let people = vault.contact_names(&people.into_iter().collect::<Vec<_>>())?;
    let deletions = count(shares.len(), "deletion");
    Ok((!shares.is_empty()).then(|| format!("outstanding: {deletions} ({})", people.join(", "))))
}

fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
