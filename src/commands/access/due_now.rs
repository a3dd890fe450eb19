//! What is due, as `status` and `unlock` tell it.

use crate::context::Context;
use crate::error::Result;
use crate::model::findings::copy_due::copy_due;
use crate::model::findings::due::due;
use crate::model::findings::finding::Finding;
use crate::store::session::Session;

/// What is due in an open vault, the worst first, each with the command as it is typed here.
pub(super) fn due_now(ctx: &Context, session: &Session) -> Result<Vec<Finding>> {
    let (store, now) = (ctx.store()?, ctx.now_here());
    let mut examined = due(session.vault(), &now)?;
    // What somebody lives with is told by the audit alone.
    let vault = session.vault();
    vault.take_accepted(&mut examined, now.timestamp())?;
    let copies = store.read()?.copies()?;
    let last = copies.iter().max_by_key(|copy| copy.generation);
    let last = last.map(|copy| (copy.generation, copy.time));
    let path = store.path().display().to_string();
    examined.push(copy_due(session.vault(), &path, last, now.timestamp())?);
    let mut findings: Vec<Finding> = examined.into_iter().flat_map(|it| it.findings).collect();
    findings.sort_by_key(|found| std::cmp::Reverse(found.level));
    for found in &mut findings {
        found.fix = found.fix.take().map(|fix| ctx.ui.as_typed(&fix));
    }
    Ok(findings)
}

/// A line for each entry or record of which something is due; past `most` of them, how many more
/// the command `rest` shows.
pub(super) fn lines(findings: &[Finding], most: usize, rest: &str) -> Vec<String> {
    let all = by_subject(findings);
    let lines = all.iter().take(most).map(|found| {
        let messages = found.iter().map(|it| it.message.as_str());
        let mut fixes: Vec<&str> = found.iter().filter_map(|it| it.fix.as_deref()).collect();
        fixes.dedup();
        messages.chain(fixes).collect::<Vec<_>>().join("; ")
    });
    let more = all.len().checked_sub(most).filter(|more| *more > 0);
    let more = more.map(|more| format!("and {more} more: {rest}"));
    lines.chain(more).collect()
}

/// What is about the same entry or the same record, together.
fn by_subject(findings: &[Finding]) -> Vec<Vec<&Finding>> {
    let mut all: Vec<Vec<&Finding>> = Vec::new();
    for found in findings {
        let same = |it: &&mut Vec<&Finding>| it.iter().any(|it| it.subject == found.subject);
        match all.iter_mut().find(same) {
            Some(together) => together.push(found),
            None => all.push(vec![found]),
        }
    }
    all
}
