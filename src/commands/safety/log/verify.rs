//! `vault log --verify`: whether every event follows from the one before, and from what a paper says.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::records::event::LogHead;
use crate::store::session::Session;

/// Hexadecimal digits of a SHA-256.
const DIGITS: usize = 64;

/// Reads how far a log had come, `COUNT:SHA256`, as papers have it.
///
/// # Errors
/// What it should be.
pub(super) fn head(text: &str) -> Result<LogHead, String> {
    let parts = text.split_once(':');
    let parsed = parts.and_then(|(count, hash)| {
        let is_hash = hash.len() == DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let count = count.parse().ok().filter(|count| *count > 0 && is_hash)?;
        let head = hash.to_ascii_lowercase();
        Some(LogHead { count, head })
    });
    parsed.ok_or_else(|| "it is COUNT:SHA256, the lines and the seal that stand in a paper".into())
}

/// Checks the links of all chains, with what this device did since its last change.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a link that is broken, and for a head that no chain has
/// grown from; as [`Session::journalled`].
pub(super) fn check(session: &Session, heads: &[LogHead]) -> Result<()> {
    let journalled = session.journalled()?;
    let unlinked = journalled.unlinked.filter(|_| !journalled.is_damaged);
    let unlinked = unlinked.map(|n| {
        format!(
            "event {n} of this device, since its last change, does not follow from the one before"
        )
    });
    let checked = session.vault().log.check();
    checked.and(unlinked.map_or(Ok(()), Err)).map_err(|what| {
        Error::integrity(format!("the log is broken: {what}"))
            .hint("compare with a backup or a copy of the log's head")
    })?;
    for head in heads {
        let chains = session.vault().log.chains();
        let has = chains.iter().any(|chain| chain.grew_from(head));
        if !has && !journalled.heads.contains(head) {
            return Err(Error::integrity(format!(
                "no device's log has ever stood at {} events with the seal {}",
                head.count, head.head
            ))
            .hint("either the paper is of another vault, or lines from before it were changed or lost"));
        }
    }
    Ok(())
}

/// Says what was found good.
pub(super) fn tell(ctx: &Context, session: &Session, heads: &[LogHead]) {
    ctx.ui.note("every event follows from the one before");
    for head in heads {
        ctx.ui.note(&format!(
            "the log has only grown since it had {} events: what was done up to then is as it was",
            head.count
        ));
    }
    if let Some(forks) = session.vault().told_forks() {
        ctx.ui.note(&forks);
    }
}
