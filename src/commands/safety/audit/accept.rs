//! `vault audit accept`: living with a finding for a while.

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;

use super::{known_rule, named};
use crate::context::Context;
use crate::error::Result as VaultResult;
use crate::model::findings::finding::Finding;
use crate::model::records::acceptance::Acceptance;
use crate::model::records::record_id::short;
use crate::model::text::when::When;
use crate::ui::Shown;
use crate::ui::time::{day, relative};

const EXAMPLES: &str = "\
Examples:
  vault audit accept no-second-factor acme/wp --until 90d --reason 'the site has none yet'
  vault audit accept client-no-rules acme --until 2027-06-30 --reason 'asked, they think about it'
  vault audit accept no-second-factor acme/wp --end

The subject is as the audit has it: a path, a name, a number, or the start of the id that
--json has. It counts on every device, stands in the log, and ends by itself.";

/// Options of `audit accept`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The rule
    #[arg(value_parser = known_rule)]
    rule: &'static str,
    /// What the finding is about
    subject: String,
    /// Until when, a year at most: a date, a time, or a duration such as 90d
    #[arg(long, value_name = "WHEN", required_unless_present = "end")]
    until: Option<When>,
    /// Why, in your own words
    #[arg(
        long,
        value_name = "TEXT",
        value_parser = NonEmptyStringValueParser::new(),
        required_unless_present = "end"
    )]
    reason: Option<String>,
    /// Accept it no longer
    #[arg(long, conflicts_with_all = ["until", "reason"])]
    end: bool,
}

pub(super) fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock_to_change()?;
    let found = named(ctx, &session, (args.rule, &args.subject))?;
    let about = found.about.unwrap_or_default();
    let (rule, subject) = (found.rule, found.subject.clone());
    if args.end {
        ctx.change(session, |vault, author| {
            vault.end_acceptance(rule, about, author)
        })?;
        let note = format!("{rule} of {subject} is found again");
        ctx.answer_change(&note, &[about.to_string()]);
        return Ok(());
    }
    let here = ctx.now_here();
    let until = args.until.as_ref().map(|when| when.in_future(&here));
    let until = until.transpose()?.unwrap_or_else(|| ctx.now());
    let reason = args.reason.clone().unwrap_or_default();
    ctx.change(session, |vault, author| {
        vault.accept(&found, until, reason, author)
    })?;
    let day = day(until, ctx.now());
    let note = format!("accepted {rule} of {subject} until {day}");
    ctx.answer_change(&note, &[about.to_string()]);
    Ok(())
}

/// Shows what is accepted.
pub(super) fn list(ctx: &Context, accepted: &[(Finding, &Acceptance)]) -> VaultResult<()> {
    let now = ctx.now();
    let rows = accepted.iter().map(|(found, by)| {
        Shown::default()
            .field("rule", "RULE", found.rule)
            .field("subject", "SUBJECT", &found.subject)
            .json("id", found.about.map(short))
            .told("until", "UNTIL", by.until, relative(by.until, now))
            .field("reason", "REASON", &by.reason)
    });
    ctx.ui.list(rows, "nothing is accepted")
}
