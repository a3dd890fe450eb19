//! `vault unlock`: asks for the master password once and leaves the key with the agent.

use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};

use super::due_now::{due_now, lines};
use crate::agent::KeepTerms;
use crate::context::{Context, agent};
use crate::error::{Error, Result as VaultResult};
use crate::model::text::when;
use crate::store::session::Session;
use crate::ui::time::local_time;

const EXAMPLES: &str = "\
Examples:
  vault unlock                       for 15 minutes, or until 5 pass without use
  vault unlock --for 8h --idle 1h    for a day's work
  vault lock                         and locked again

The agent is a process of yours that keeps the key in locked memory and wipes it when the time is
over, also when the machine slept meanwhile. Other users cannot use it; your own programs can.

It then lists what is due: what is to be changed, what others owe, what ends soon.";

/// The longest time for which a key is kept.
const LONGEST: Duration = Duration::from_hours(24);

/// What is due and told, the worst first.
const SHOWN_DUE: usize = 8;

/// Options of `unlock`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// How long at most
    #[arg(long = "for", value_name = "DURATION", default_value = "15m", value_parser = duration)]
    at_most: Duration,
    /// How long without being used
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = duration)]
    idle: Duration,
}

fn duration(text: &str) -> Result<Duration, String> {
    let length: when::Duration = text.parse()?;
    let seconds = length
        .after(Timestamp::UNIX_EPOCH)
        .map(Timestamp::as_second);
    let length = seconds.and_then(|seconds| u64::try_from(seconds).ok());
    let length = length.map_or(Duration::MAX, Duration::from_secs);
    if length < Duration::from_secs(1) || length > LONGEST {
        return Err("a key is kept for 1s at least and 24h at most".to_owned());
    }
    Ok(length)
}

/// Unlocks the vault and leaves its key with the agent.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    check(ctx)?;
    let session = ctx.unlock_without_agent()?;
    let vault = session.facts().vault_id;
    let key = session.master_key().ok_or_else(by_identity)?;
    let terms = KeepTerms {
        at_most: args.at_most,
        idle: args.idle,
    };
    agent()?.store_key(vault, key, terms)?;
    let until = ctx.now() + SignedDuration::try_from(args.at_most).unwrap_or_default();
    let until = local_time(until);
    let note = if args.idle < args.at_most {
        let idle = SignedDuration::try_from(args.idle).unwrap_or_default();
        format!("Unlocked until {until}, or until {idle:#} pass without use.")
    } else {
        format!("Unlocked until {until}.")
    };
    ctx.answer_change(&note, &[vault.to_string()]);
    if !ctx.ui.is_json() {
        tell_due(ctx, &session);
    }
    Ok(())
}

/// What is due, so that it is seen once a day; the vault is unlocked all the same.
fn tell_due(ctx: &Context, session: &Session) {
    match due_now(ctx, session) {
        Ok(due) => {
            for line in lines(&due, SHOWN_DUE, &ctx.ui.as_typed("vault status")) {
                ctx.ui.note(&format!("due: {line}"));
            }
        }
        Err(why) => ctx.warn(&format!("what is due is not known: {why}")),
    }
}

/// Refuses before anything is asked what could not be kept.
fn check(ctx: &Context) -> VaultResult<()> {
    if ctx.globals.no_agent {
        return Err(Error::usage(
            "unlock is for the agent, and --no-agent forbids it",
        ));
    }
    if ctx.globals.identity.is_some() {
        return Err(by_identity());
    }
    Ok(())
}

fn by_identity() -> Error {
    Error::usage("the agent keeps what the password comes to, and --identity has no password")
        .hint("leave --identity out")
}
