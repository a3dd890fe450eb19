//! `vault incident notice`: the letters to the clients whom an incident concerns.

use std::collections::BTreeSet;
use std::path::PathBuf;

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::commands::args::document::{Target, write_folder, write_out};
use crate::commands::args::paper_sender::ask_for_missing;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::exchange::incident_letter::addressed::letter_for;
use crate::model::records::client::Client;
use crate::model::records::incident::Incident;
use crate::model::records::record_id::{RecordId, number};
use crate::model::text::name::ClientSlug;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;
use crate::store::disk::file::check_new_file;

const EXAMPLES: &str = "\
Examples:
  vault incident notice 2f95 --all --out letters
  vault incident notice 2f95 --client acme --out notice.txt
  vault incident notice 2f95 --client acme --out -

One letter per client, in the client's language, with the client's own entries only. What is not known
yet is to follow: vault incident note adds it, and the letter written after that has it. Your own words
stand in every letter as you wrote them, so they are refused where they name another client. Each
letter replaces those before it.";

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
    // Who was no client when it was written may be one now.
    vault.check_own_words(incident)?;
    let known_to = vault.known_of_affected(&incident.affected, ctx.now())?;
    let mut letters = Vec::new();
    let mut languages = BTreeSet::new();
    for client in vault.clients.iter().filter(|it| clients.contains(&it.id)) {
        let (lang, text) = letter_for(vault, (incident, &known_to), client, &ctx.now_here())?;
        languages.insert(lang.as_str());
        let file = format!("notice-{}.txt", client.slug());
        letters.push((file, Zeroizing::new(text.into_bytes())));
    }
    if languages.len() > 1 {
        ctx.ui.note(
            "What you wrote yourself stands in all letters as it is; they are in several languages.",
        );
    }
    if let Some(target) = target {
        let text = letters.first().map(|(_, text)| text.as_slice());
        write_out(ctx, &target, text.unwrap_or_default())?;
        ctx.answer(&[]);
    } else {
        write_folder(ctx, &args.out, &letters)?;
    }
    tell_whom_to_call(ctx, vault, incident, &clients);
    Ok(())
}

/// Which of the clients who get a letter are to be told, and how that is noted.
fn tell_whom_to_call(ctx: &Context, vault: &Vault, incident: &Incident, clients: &BTreeSet<Uuid>) {
    let id = number(incident.id);
    let untold = vault.untold(incident).into_iter();
    let untold = untold.filter(|it| clients.contains(&it.id));
    let (again, never): (Vec<&Client>, Vec<&Client>) =
        untold.partition(|it| incident.first_told(it.id).is_some());
    let words = |clients: &[&Client]| {
        let mut slugs: Vec<String> = clients.iter().map(|it| as_word(it.slug())).collect();
        slugs.sort_unstable();
        slugs
    };
    match words(&never).as_slice() {
        [] => {}
        [only] => ctx.ui.hint(&format!(
            "call first, so that the letter has the end of their time: vault incident told {id} \
             {only} --by phone"
        )),
        all => ctx.ui.hint(&format!(
            "call first, so that each letter has the end of their time: vault incident told {id} \
             {} --by phone",
            all.join(" ")
        )),
    }
    if !again.is_empty() {
        ctx.ui.hint(&format!(
            "once they were told of what was found later: vault incident told {id} {} --by HOW",
            words(&again).join(" ")
        ));
    }
}
