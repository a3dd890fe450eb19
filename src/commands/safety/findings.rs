//! How findings are told, and when they fail a command.

use anyhow::Result;

use crate::context::Context;
use crate::error::{Error, Kind, Result as VaultResult};
use crate::model::findings::finding::{Finding, Level};
use crate::model::findings::rule::Examined;
use crate::ui::Mark;

/// Prints a finding and what helps.
pub(super) fn tell(ctx: &Context, found: &Finding, text: &str) -> VaultResult<()> {
    let label = format!("{} {}", found.level, found.rule);
    ctx.ui.marked(mark(found.level), &label, text)?;
    match &found.fix {
        Some(fix) => ctx.ui.field("  fix", fix),
        None => Ok(()),
    }
}

/// Prints what is as it should be: how many rules, or each.
pub(super) fn tell_fine(
    ctx: &Context,
    examined: &[Examined],
    all_is_fine: bool,
    verbose: bool,
) -> VaultResult<()> {
    let mut fine = examined.iter().filter(|rule| rule.findings.is_empty());
    if verbose {
        return fine.try_for_each(|rule| ctx.ui.field(&format!("ok {}", rule.rule), &rule.good));
    }
    ctx.ui.line(&match (fine.count(), all_is_fine) {
        (0, _) => return Ok(()),
        (all, true) => format!("all {all} checks are fine"),
        (1, false) => "1 other check is fine".to_owned(),
        (others, false) => format!("{others} other checks are fine"),
    })
}

fn mark(level: Level) -> Mark {
    match level {
        Level::High => Mark::Bad,
        Level::Medium => Mark::Warning,
        Level::Low => Mark::Note,
    }
}

/// Fails where anything was found at a level or above.
///
/// # Errors
/// [`Kind::Findings`].
pub(super) fn fail_for(
    ctx: &Context,
    command: &str,
    findings: &[&Finding],
    fail_on: Level,
) -> Result<()> {
    let bad = findings.iter().filter(|found| found.level >= fail_on);
    let count = bad.count();
    if count == 0 {
        return Ok(());
    }
    ctx.ui.flush()?;
    let what = if count == 1 { "problem" } else { "problems" };
    let message = format!("{command} found {count} {what} of level {fail_on} or above");
    Err(Error::new(Kind::Findings, message)
        .hint("each has its fix; --fail-on high lets the rest pass")
        .into())
}
