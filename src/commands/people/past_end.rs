//! Shares that last longer than a day that was set for their client or contact.

use jiff::Timestamp;

use crate::context::Context;
use crate::error::Result;
use crate::model::records::record_id::number;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::vault::Vault;
use crate::ui::time::local_time;

/// Says which of the live shares that are meant end after a day, and `why` that is told.
pub(super) fn tell_past(
    ctx: &Context,
    vault: &Vault,
    until: Option<Timestamp>,
    is_meant: impl Fn(&LedgerLine<'_>) -> bool,
    why: &str,
) -> Result<()> {
    for line in vault.ledger(ctx.now())? {
        let end = line.share.expires;
        let is_past = until.is_some_and(|until| until < end);
        if !is_past || !line.state.is_live() || !is_meant(&line) {
            continue;
        }
        let id = number(line.share.id);
        let (contact, end) = (
            vault.contact_name(line.share.recipient.contact)?,
            local_time(end),
        );
        ctx.warn(&format!("share {id} for {contact} ends on {end}, {why}"));
        ctx.ui.hint(&format!("to end it: vault revoke {id}"));
    }
    Ok(())
}
