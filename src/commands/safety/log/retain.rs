//! `vault log --retain`: how long events stay.

use crate::context::Context;
use crate::error::Result;
use crate::model::history::retention::LogRetention;

/// Sets how long events stay, and drops those that are older, once that is confirmed.
pub(super) fn run(keep: &LogRetention, yes: bool, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let would = session.vault().events_past(keep, ctx.now())?;
    let events = |count: u64| format!("{count} event{}", if count == 1 { "" } else { "s" });
    if would > 0 {
        let would = events(would);
        ctx.ui.note(&format!(
            "{would} go for good: what was done then can no longer be told from the log."
        ));
        let question = format!("Drop {would}?");
        if !ctx.confirm_or_yes(yes, "dropping events", &question)? {
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
