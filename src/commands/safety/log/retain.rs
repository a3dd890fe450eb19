//! `vault log --retain`: how long events stay.

use crate::context::Context;
use crate::error::Result;
use crate::model::history::retention::LogRetention;

/// Options by which events are dropped.
#[derive(clap::Args, Debug)]
pub(super) struct RetainArgs {
    /// Let events stay for so long, a year at least, or for ever as at first: forever. What can open the
    /// vault, what was merged and what is gone for good stays in any case
    #[arg(long, value_name = "DURATION", conflicts_with_all = ["about", "client", "since", "by", "last", "verify", "heads"])]
    retain: Option<LogRetention>,
    /// With --retain, drop older events without asking
    #[arg(short, long, requires = "retain")]
    yes: bool,
    /// With --retain, only say what would be dropped
    #[arg(long, requires = "retain")]
    dry_run: bool,
}

impl RetainArgs {
    /// How long events are to stay from now on, where that is asked for.
    pub(super) fn wanted(&self) -> Option<&LogRetention> {
        self.retain.as_ref()
    }
}

/// Sets how long events stay, and drops those that are older, once that is confirmed.
pub(super) fn run(keep: &LogRetention, args: &RetainArgs, ctx: &Context) -> Result<()> {
    if args.dry_run {
        ctx.rehearse();
    }
    let session = ctx.unlock()?;
    let would = session.vault().events_past(keep, ctx.now())?;
    let events = |count: u64| format!("{count} event{}", if count == 1 { "" } else { "s" });
    if would > 0 {
        let would = events(would);
        ctx.ui.note(&format!(
            "{would} go for good: what was done then can no longer be told from the log."
        ));
        let question = format!("Drop {would}?");
        if !ctx.confirm_or_yes(args.yes, "dropping events", &question)? {
            ctx.answer_change("dropped nothing, and kept the time as it was", &[]);
            return Ok(());
        }
    }
    let id = session.facts().vault_id;
    let dropped = ctx.change(session, |vault, author| vault.retain_log(keep, author))?;
    if dropped > 0 {
        ctx.note_done(&format!("dropped {}", events(dropped)));
    }
    ctx.answer_change(
        &format!("set how long events stay: {keep}"),
        &[id.to_string()],
    );
    if matches!(keep, LogRetention::For(_)) {
        ctx.ui
            .note("Each change drops what has become older by then.");
    }
    if dropped > 0 {
        ctx.ui.note(
            "Copies and backups from before still have them. Their SHA-256 stay, so that log --verify \
             checks every link.",
        );
    }
    Ok(())
}
