//! `vault report`: what a client is told of what is theirs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::{Timestamp, Zoned};
use uuid::Uuid;

use crate::commands::args::document::{Target, named, signature_beside, write_out};
use crate::commands::args::paper_sender::ask_for_missing;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::exchange::client_report::summary::ClientSummary;
use crate::exchange::client_report::{
    LeftOutText, LogSeen, ReportFormat, ReportScope, ReportSet, gather, signature, write,
};
use crate::model::records::client::Client;
use crate::model::records::event::EventDraft;
use crate::model::text::lang::Lang;
use crate::model::text::name::ClientSlug;
use crate::model::text::when::When;
use crate::store::disk::file::check_new_file;
use crate::store::session::Session;

const EXAMPLES: &str = "\
Examples:
  vault report acme                          to read it before it goes out
  vault report acme --out report.html        a page for a browser; the signature is report.html.sig
  vault report acme --out report.md --lang de --since 2026-01-01
  vault report acme --json | jq .verdict
  vault report --all --out all.html          every client's, for yourself alone

It says in plain words what you keep of a client, who can know it and by whose word, what ended and
whether it was changed since, when you used it, what was refused, and what the client can do. It holds
no secret, and what you wrote yourself is left out where it names another client.
  ssh-keygen -Y verify -f allowed -I me -n vault-report -s report.md.sig < report.md";

/// Options of `report`.
#[derive(clap::Args, Debug)]
#[command(
    after_help = EXAMPLES,
    group(clap::ArgGroup::new("whose").required(true).args(["client", "all"]))
)]
pub struct Args {
    /// The client whom it is for
    client: Option<ClientSlug>,
    /// Every client's, one after the other, for yourself: it is not to be sent
    #[arg(long)]
    all: bool,
    /// md, html or json [default: as FILE ends, else md]
    #[arg(long, value_name = "FORMAT")]
    format: Option<ReportFormat>,
    /// Tell of what is past from then on only: a date, a time, or a duration ago
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// The language: en or de [default: the client's, else en]
    #[arg(long, value_name = "LANG")]
    lang: Option<Lang>,
    /// Write it to this new file, and its signature beside it, as FILE.sig; - is stdout
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Args {
    /// How it is to be written.
    fn format(&self, ctx: &Context) -> VaultResult<ReportFormat> {
        let to_stdout = self.file().is_none();
        if ctx.ui.is_json() && to_stdout {
            return match self.format {
                None | Some(ReportFormat::Json) => Ok(ReportFormat::Json),
                Some(other) => Err(Error::usage(format!(
                    "--json and --format {other} are two formats"
                ))
                .hint("leave one out")),
            };
        }
        let ending = self.file().and_then(|file| file.extension()?.to_str());
        let by_name = match ending {
            Some("html" | "htm") => ReportFormat::Html,
            Some("json") => ReportFormat::Json,
            _ => ReportFormat::Md,
        };
        Ok(self.format.unwrap_or(by_name))
    }

    fn file(&self) -> Option<&Path> {
        named(self.out.as_deref())
    }
}

/// Writes a report.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let format = args.format(ctx)?;
    if let Some(file) = args.file() {
        check_new_file(&signature_beside(file))?;
    }
    let target = args.out.as_deref().map(|out| Target::new(ctx, out));
    let target = target.transpose()?.unwrap_or(Target::Answer);
    let session = if args.client.is_some() && args.file().is_some() {
        ask_for_missing(ctx, ctx.unlock_to_change()?)?
    } else {
        ctx.unlock()?
    };
    let clients = clients(args, &session)?;
    let here = ctx.now_here();
    let (summaries, left_out) = summaries(args, ctx, &session, &here)?;
    let set = match summaries.as_slice() {
        [only] if !args.all => ReportSet::One(only),
        all => ReportSet::All(all),
    };
    let report = write(set, format, here.time_zone())?;
    if let Some(file) = args.file() {
        let signature = signature(session.vault(), &report)?;
        let beside = Target::File(signature_beside(file));
        write_out(ctx, &beside, signature.as_bytes())?;
    }
    write_out(ctx, &target, report.as_bytes())?;
    tell_left_out(ctx, left_out);
    if args.all {
        ctx.ui
            .note("All clients stand in it: it is for yourself, and not to be sent.");
    }
    record(ctx, &session, clients, format);
    if args.file().is_some() {
        ctx.answer(&[]);
    }
    Ok(())
}

/// The clients, by id.
fn clients(args: &Args, session: &Session) -> VaultResult<Vec<Uuid>> {
    let vault = session.vault();
    Ok(match &args.client {
        Some(slug) => vec![vault.known_client(slug)?.id],
        None => vault.live_clients().map(|it| it.id).collect(),
    })
}

fn summaries(
    args: &Args,
    ctx: &Context,
    session: &Session,
    here: &Zoned,
) -> VaultResult<(Vec<ClientSummary>, BTreeSet<LeftOutText>)> {
    let vault = session.vault();
    let since = args.since.as_ref().map(|it| it.passed(here, "--since"));
    let since: Option<Timestamp> = since.transpose()?;
    let log = LogSeen {
        events: session.all_events(|missing| ctx.warn(missing))?,
        heads: session.heads()?,
    };
    let mut clients: Vec<&Client> = match &args.client {
        Some(slug) => vec![vault.known_client(slug)?],
        None => vault.live_clients().collect(),
    };
    clients.sort_by(|a, b| a.slug().cmp(b.slug()));
    let mut left_out = BTreeSet::new();
    let mut all = Vec::new();
    for client in clients {
        let theirs = client.lang.value().and_then(|it| it.parse().ok());
        let scope = ReportScope {
            client,
            lang: args.lang.or(theirs).unwrap_or_default(),
            since,
        };
        let (summary, left) = gather(vault, &log, scope, here)?;
        left_out.extend(left);
        all.push(summary);
    }
    Ok((all, left_out))
}

/// Says which of the user's own words do not stand in it.
fn tell_left_out(ctx: &Context, left_out: BTreeSet<LeftOutText>) {
    for LeftOutText { what, names } in left_out {
        ctx.ui
            .note(&format!("Left out, since it names {names}: {what}."));
    }
}

/// As with a reveal, a report that cannot be recorded is still made.
fn record(ctx: &Context, session: &Session, clients: Vec<Uuid>, format: ReportFormat) {
    let draft = EventDraft::new(ctx.now(), "report", clients).with("format", format.as_str());
    if let Err(why) = session.journal(draft) {
        ctx.warn(&format!("this report is not in the log: {why}"));
    }
}
