//! `vault revoke`: ends a share before its time.

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;

use crate::commands::reveal::exposure;
use crate::context::Context;
use crate::model::records::record_id::{RecordId, short};
use crate::model::records::share::ShareState;
use crate::model::sharing::ledger::check_revocable;

const EXAMPLES: &str = "\
Examples:
  vault revoke 3f2a --reason 'the job is done'    by the start of the share's id
  vault rotate --due                              then give what was in it new secrets

A share ends for whoever keeps to its terms. Who has opened it may know what was in it for ever:
all of it is flagged, and the flag goes when it has a new secret.";

/// Options of `revoke`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The share's id, or the start of it; vault shares lists them
    id: RecordId,
    /// Why, in your own words
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    reason: Option<String>,
}

/// Ends a share.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock_to_change()?;
    let vault = session.vault();
    let standing = vault.known_share(&args.id, ctx.now())?;
    let id = standing.share.id;
    if standing.state == ShareState::Revoked {
        let note = format!("share {} was revoked before", short(id));
        ctx.answer_change(&note, &[]);
        return Ok(());
    }
    check_revocable(standing)?;
    let contact = vault.contact_names(&[standing.share.recipient.contact])?;
    let ((), session) = ctx.change_and_stay(session, None, |vault, author| {
        vault.revoke_share(id, args.reason.clone(), author)
    })?;
    ctx.ui.note(&format!(
        "revoked share {}; {} may still know what was in it",
        short(id),
        contact.concat()
    ));
    exposure::tell_to_rotate(ctx, session.vault(), &[id])?;
    ctx.answer(&[id.to_string()]);
    Ok(())
}
