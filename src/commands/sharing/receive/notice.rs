//! A notice that a share has ended, taken in.

use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::exchange::notice::SignedNotice;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::number;
use crate::model::records::share::FiledDocument;
use crate::model::sharing::received::Closing;
use crate::model::text::limits::TEXT_FILE_BYTES;
use crate::model::vault::Vault;

/// Closes what its sender says has ended, in a notice that came as a file of this text.
pub(super) fn close(ctx: &Context, notice: &SignedNotice, file: &str) -> VaultResult<()> {
    if file.len() > TEXT_FILE_BYTES {
        return Err(Error::refused(format!(
            "the notice has {} bytes, the limit is {TEXT_FILE_BYTES}",
            file.len()
        ))
        .hint("ask its sender for one of each share"));
    }
    let mut session = ctx.unlock_to_change()?;
    let closings = notice.closes(session.vault())?;
    let mut is_done = true;
    for closing in &closings {
        is_done &= closing.is_done(session.vault().received.by_id(closing.share)?);
    }
    if !is_done {
        ((), session) = ctx.change_and_stay(session, None, |vault, author| {
            let filed = FiledDocument::signed(author.now, notice.document(), file);
            vault.close_received(&closings, &filed, author)
        })?;
    }
    for closing in &closings {
        tell_closed(ctx, session.vault(), closing)?;
    }
    let ids = closings.iter().map(|it| it.share.to_string());
    let changed: Vec<String> = ids.filter(|_| !is_done).collect();
    ctx.answer(&changed);
    Ok(())
}

/// Says what is closed, and what goes on under a later share.
fn tell_closed(ctx: &Context, vault: &Vault, closing: &Closing) -> VaultResult<()> {
    let received = vault.received.by_id(closing.share)?;
    let id = number(received.id);
    let came = |entry: &Entry| received.entries.contains(&entry.id) && closing.has(entry.id);
    let here = vault.entries_by_path(came)?;
    if here.is_empty() {
        ctx.ui.note(&format!(
            "its sender has ended share {id}; nothing of that is here any more"
        ));
    }
    for (path, entry) in here {
        let later = vault.held_under(entry)?.filter(|it| it.id != received.id);
        ctx.ui.note(&match later {
            Some(later) if later.ended_for(entry.id).is_none() => format!(
                "share {id} has ended; {path} is held under share {} now, and that goes on",
                number(later.id)
            ),
            Some(_) => continue,
            None => format!(
                "{path} is closed: its sender has ended it in share {id}; to delete it and say so: \
                 {}",
                received.told_to_attest(&path, ctx.now())
            ),
        });
    }
    Ok(())
}
