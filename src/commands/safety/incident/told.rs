//! `vault incident told`: that clients were told, from when their own clock runs.

use clap::builder::NonEmptyStringValueParser;
use uuid::Uuid;

use crate::context::Context;
use crate::error::Result;
use crate::exchange::incident_letter::CLIENTS_CLOCK;
use crate::model::incidents::changes::ClientTold;
use crate::model::records::record_id::{RecordId, number};
use crate::model::text::limits::PAPER_BYTES;
use crate::model::text::name::ClientSlug;
use crate::model::text::text_rules::check_text;
use crate::model::text::when::When;
use crate::model::vault::Vault;
use crate::ui::time::local_time;

const EXAMPLES: &str = "\
Examples:
  vault incident told 2f95 acme --by phone
  vault incident told 2f95 acme globex --by mail --at 2h
  vault incident told 2f95 --all --by phone          whoever was not told yet
  vault incident told 2f95 acme --by phone --at 2026-11-28T09:30:00+01:00 --correct";

/// Options of `incident told`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The incident's number, or the start of it
    id: RecordId,
    /// The clients who were told
    #[arg(
        value_name = "CLIENT",
        required_unless_present_any = ["all", "client"],
        conflicts_with = "all"
    )]
    clients: Vec<ClientSlug>,
    /// The same
    #[arg(long, value_name = "CLIENT", conflicts_with = "all")]
    client: Vec<ClientSlug>,
    /// All whom it concerns and who were not told yet
    #[arg(long, conflicts_with = "correct")]
    all: bool,
    /// How: phone, mail, in person
    #[arg(long, value_name = "HOW", value_parser = NonEmptyStringValueParser::new())]
    by: String,
    /// When [default: now]
    #[arg(long, value_name = "WHEN")]
    at: Option<When>,
    /// The time that counted was wrong: this one stands in its place
    #[arg(long)]
    correct: bool,
}

pub(super) fn run(args: &Args, ctx: &Context) -> Result<()> {
    check_text("--by", &args.by, PAPER_BYTES)?;
    let now = ctx.now_here();
    let at = args.at.as_ref().map(|at| at.passed(&now, "--at"));
    let at = at.transpose()?.unwrap_or(now.timestamp());
    let session = ctx.unlock_to_change()?;
    let id = session.vault().incident(&args.id)?.id;
    let told = meant(args, session.vault(), id)?;
    if told.is_empty() {
        let note = format!("nobody is left to be told of incident {}", number(id));
        ctx.answer_change(&note, &[]);
        return Ok(());
    }
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        told.iter().try_for_each(|(client, _)| {
            let told = ClientTold {
                at,
                by: args.by.clone(),
                replaces_first: args.correct,
            };
            vault.tell_of_incident(id, *client, told, author)
        })
    })?;
    let incident = session.vault().incidents.by_id(id)?;
    for (client, slug) in &told {
        let first = incident.first_told(*client).map_or(at, |it| it.time);
        let due = local_time(first + CLIENTS_CLOCK);
        let mut note = format!("{slug} was told; their 72 hours end on {due}");
        if first < at {
            note = format!(
                "{note}: they were told first on {}; if that is wrong, --correct",
                local_time(first)
            );
        }
        ctx.note_done(&note);
        if let Some(find) = incident.untold_find(*client) {
            ctx.ui.note(&format!(
                "{slug} is still to be told of what was found later: you know of it since {}",
                local_time(find.aware)
            ));
        }
    }
    ctx.answer(&[id.to_string()]);
    Ok(())
}

/// The clients who were told, each once, with what they are called.
fn meant(args: &Args, vault: &Vault, incident: Uuid) -> Result<Vec<(Uuid, String)>> {
    let clients = if args.all {
        vault.untold(vault.incidents.by_id(incident)?)
    } else {
        let named = args
            .clients
            .iter()
            .chain(&args.client)
            .map(|slug| vault.known_client(slug));
        named.collect::<Result<Vec<_>>>()?
    };
    let mut meant: Vec<(Uuid, String)> = Vec::new();
    for client in clients {
        if meant.iter().all(|(id, _)| *id != client.id) {
            meant.push((client.id, client.slug().to_owned()));
        }
    }
    Ok(meant)
}
