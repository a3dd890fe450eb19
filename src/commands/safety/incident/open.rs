//! `vault incident open`: finds what an incident reaches, flags it, and says what to do next.

use clap::builder::NonEmptyStringValueParser;

use super::starts::{StartArgs, tell_next, tell_reached};
use crate::context::Context;
use crate::error::Result;
use crate::model::incidents::affected::check_any;
use crate::model::records::record_id::number;
use crate::model::text::limits::FIELD_BYTES;
use crate::model::text::text_rules::check_text;
use crate::model::text::when::When;

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
    #[command(flatten)]
    starts: StartArgs,
    /// Since when you know of it [default: now]
    #[arg(long, value_name = "WHEN")]
    aware: Option<When>,
}

pub(super) fn run(args: &Args, ctx: &Context) -> Result<()> {
    let starts = args.starts.starts();
    check_any(&starts)?;
    check_text("what happened", &args.text, FIELD_BYTES)?;
    let here = ctx.now_here();
    let now = here.timestamp();
    let aware = args.aware.as_ref().map(|at| at.passed(&here, "--aware"));
    let aware = aware.transpose()?.unwrap_or(now);
    let session = ctx.unlock_to_change()?;
    let reach = session.vault().affected(&starts, aware, now)?;
    let (id, session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.open_incident(args.text.clone(), &starts, reach, aware, author)
    })?;
    ctx.ui.note(&format!("opened incident {}", number(id)));
    let incident = session.vault().incidents.by_id(id)?;
    if incident.affected.is_empty() {
        ctx.ui.note("It reaches nothing in this vault.");
    }
    tell_reached(ctx, session.vault(), &incident.affected)?;
    tell_next(ctx, session.vault(), incident, &starts);
    ctx.answer(&[id.to_string()]);
    Ok(())
}
