//! The records of a closed client, once they need not stay any more.

use crate::context::Context;
use crate::error::Result;
use crate::model::text::name::ClientSlug;

/// Removes names, permissions, shares and receipts of a client for good.
pub(super) fn purge_records(ctx: &Context, slug: &ClientSlug, yes: bool) -> Result<()> {
    let session = ctx.unlock_to_change()?;
    let vault = session.vault();
    let client = vault.with_past_records(slug, ctx.now())?;
    let past = vault.past_records(client.id)?;
    let count = |number: usize, one: &str| match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {one}s"),
    };
    let parts = [
        count(past.permissions.len(), "permission"),
        count(past.shares.len(), "share"),
        count(past.handed_over.len(), "hand-over"),
        count(past.asks.len(), "request for credentials"),
    ];
    let all = format!("all that names {slug}: {}", parts.join(", "));
    if !yes {
        ctx.ui.note(&all);
    }
    let what = format!("removing the records of {slug} for good");
    let asked = format!("To remove the records of {slug} for good");
    if !ctx.confirm_by_name(yes, &what, &asked, slug.as_str())? {
        ctx.answer_change("kept all of it", &[]);
        return Ok(());
    }
    let id = client.id;
    ctx.change(session, |vault, author| vault.purge_records(slug, author))?;
    ctx.note_done(&format!("removed {all}"));
    ctx.ui.note(
        "the log and the register of incidents stay; copies made before still have the rest: vault \
         backups",
    );
    ctx.answer(&[id.to_string()]);
    Ok(())
}
