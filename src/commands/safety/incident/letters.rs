//! `vault incident notice`: the letters to the clients whom an incident concerns.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

use uuid::Uuid;
use zeroize::Zeroizing;

use super::open::known_to;
use crate::commands::args::document::{Target, write_folder, write_out};
use crate::commands::people::me::ask_for_missing;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::incident_letter::{ClientsPart, to_client};
use crate::model::people::fields::MeValues;
use crate::model::records::client::Client;
use crate::model::records::incident::Incident;
use crate::model::records::record_id::{RecordId, number};
use crate::model::text::lang::Lang;
use crate::model::text::name::ClientSlug;
use crate::model::vault::Vault;
use crate::store::disk::file::check_new_file;

const EXAMPLES: &str = "\
Examples:
  vault incident notice 2f95 --all --out letters
  vault incident notice 2f95 --client acme --out notice.txt
  vault incident notice 2f95 --client acme --out -

One letter per client, in the client's language, with the client's own entries only. What is not known
yet is to follow: vault incident note adds it, and the letter written after that has it. Your own words
stand in every letter, so they are refused where they name another client.";

/// Options of `incident notice`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = EXAMPLES,
    group(clap::ArgGroup::new("whom").required(true).args(["all", "client"]))
)]
pub(super) struct Args {
    /// The incident's number, or the start of it
    id: RecordId,
    /// For each client whom it concerns
    #[arg(long)]
    all: bool,
    /// For this client
    #[arg(long, value_name = "CLIENT")]
    client: Option<ClientSlug>,
    /// The new folder for the letters; with --client a new file, - is stdout
    #[arg(short, long, value_name = "DIR|FILE")]
    out: PathBuf,
}

pub(super) fn run(args: &Args, ctx: &Context) -> Result<()> {
    let target = if args.client.is_some() {
        Some(Target::new(ctx, &args.out)?)
    } else {
        check_new_file(&args.out)?;
        None
    };
    let session = ask_for_missing(ctx, ctx.unlock_to_change()?)?;
    let vault = session.vault();
    let incident = vault.incident(&args.id)?;
    let clients = match &args.client {
        Some(slug) => BTreeSet::from([vault.known_client(slug)?.id]),
        None => incident.clients(),
    };
    if clients.is_empty() {
        return Err(Error::not_found(format!(
            "incident {} reaches nobody's credentials",
            number(incident.id)
        ))
        .hint("there is no letter to write"));
    }
    let unchanged = vault.unchanged_since(incident)?.into_iter();
    let facts = LetterFacts {
        incident,
        unchanged: unchanged.map(|(_, entry)| entry.id).collect(),
        known_to: known_to(ctx, vault, &incident.affected)?,
    };
    let mut letters = Vec::new();
    for client in vault.clients.iter().filter(|it| clients.contains(&it.id)) {
        check_names_no_other(vault, incident, client)?;
        let text = letter(ctx, vault, &facts, client)?;
        let file = format!("notice-{}.txt", client.slug());
        letters.push((file, Zeroizing::new(text.into_bytes())));
    }
    if let Some(target) = target {
        let text = letters.first().map(|(_, text)| text.as_slice());
        write_out(ctx, &target, text.unwrap_or_default())?;
        ctx.answer(&[]);
    } else {
        write_folder(ctx, &args.out, &letters)?;
    }
    ctx.ui.hint(&format!(
        "once a client knows: vault incident told {} CLIENT --by mail",
        number(incident.id)
    ));
    Ok(())
}

/// What the letters to all clients are written from.
struct LetterFacts<'a> {
    incident: &'a Incident,
    /// The entries whose secret was not changed since.
    unchanged: HashSet<Uuid>,
    /// Who can know something of each entry, by name.
    known_to: HashMap<Uuid, Vec<String>>,
}

fn letter(
    ctx: &Context,
    vault: &Vault,
    facts: &LetterFacts<'_>,
    client: &Client,
) -> Result<String> {
    let incident = facts.incident;
    let theirs = incident.affected.iter().filter(|it| it.client == client.id);
    let mut names = BTreeSet::new();
    let mut entries = Vec::new();
    for item in theirs {
        names.extend(
            facts
                .known_to
                .get(&item.entry)
                .into_iter()
                .flatten()
                .cloned(),
        );
        entries.push((item, !facts.unchanged.contains(&item.entry)));
    }
    if entries.is_empty() {
        return Err(Error::usage(format!(
            "incident {} reaches nothing of {}",
            number(incident.id),
            client.slug()
        ))
        .hint(format!("vault incident show {}", number(incident.id))));
    }
    let lang = client.lang.value().and_then(|lang| lang.parse().ok());
    let part = ClientsPart {
        client: client.called().to_owned(),
        lang: lang.unwrap_or(Lang::En),
        entries,
        known_to: names.into_iter().collect(),
        told: incident.told_at(client.id),
    };
    let here = ctx.now_here();
    let me = MeValues::of(&vault.me);
    let now = (here.timestamp(), here.time_zone());
    Ok(to_client(incident, &part, &me, now))
}

/// What the user wrote stands in every letter: none may learn from it who else is a client.
fn check_names_no_other(vault: &Vault, incident: &Incident, client: &Client) -> Result<()> {
    let texts = incident.own_words();
    for other in vault.clients.iter().filter(|it| it.id != client.id) {
        let mut names = [other.slug(), other.called()].into_iter();
        let told = names.find(|name| texts.iter().any(|text| has_word(text, name)));
        if let Some(name) = told {
            let id = number(incident.id);
            return Err(Error::refused(format!(
                "the letter to {} would name {name}, another client",
                client.slug()
            ))
            .hint(format!(
                "to write that anew: vault incident note {id} --description TEXT"
            )));
        }
    }
    Ok(())
}

/// Whether a text has a name as words of their own, in whatever case.
fn has_word(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !name.is_empty()
        && text.match_indices(&name).any(|(at, _)| {
            let (before, after) = (text.get(..at), text.get(at + name.len()..));
            !is_part(before.and_then(|it| it.chars().next_back()))
                && !is_part(after.and_then(|it| it.chars().next()))
        })
}

#[cfg(test)]
mod tests {
    use super::has_word;

    #[test]
    fn a_name_is_found_as_a_word() {
        for text in ["acme", "at ACME.", "acme's shop", "(Acme)"] {
            assert!(has_word(text, "acme"), "{text}");
        }
        for text in ["acmes", "pacme", "ac me", ""] {
            assert!(!has_word(text, "acme"), "{text}");
        }
    }
}
