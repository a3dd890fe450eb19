//! `vault consent renew`: asks a client for more time.

use super::request::{PaperArgs, ask};
use crate::context::Context;
use crate::error::Result;
use crate::model::records::record_id::{RecordId, number};
use crate::model::text::when::When;

pub(crate) const EXAMPLES: &str = "\
Examples:
  vault consent renew 3f2a91bc --expires 90d --out ask.txt
  vault consent renew 3f2a91bc --expires 2027-06-30 --answer-by 7d

It asks for the same once more, with a later end, and says which number it replaces. When the client
has said yes, the old permission is over, and what was shared goes on under the new one: no file has
to be sent again before its own end. What was withdrawn since is not asked for again.";

/// Options of `consent renew`.
#[derive(clap::Args, Debug)]
pub struct RenewArgs {
    /// The consent's number, or the start of it
    number: RecordId,
    /// The new end: a date, a time, or a duration from now
    #[arg(long, value_name = "WHEN")]
    expires: When,
    #[command(flatten)]
    paper: PaperArgs,
}

/// Writes a request that takes the place of a consent.
pub fn run(args: &RenewArgs, ctx: &Context) -> Result<()> {
    let expires = args.expires.in_future(&ctx.now_here())?;
    args.paper.check_out(ctx)?;
    let session = ctx.unlock_to_permit()?;
    let vault = session.vault();
    let old = vault.renewed(vault.consents.by_start(&args.number)?)?;
    let terms = vault.terms_to_renew(old, expires, ctx.now())?;
    let (id, is_over) = (old.id, !old.is_open(ctx.now()));
    ask(ctx, session, &terms, &args.paper, Some(id))?;
    let id = number(id);
    ctx.ui.note(&if is_over {
        format!("Consent {id} is over: nothing can be shared again until they say yes.")
    } else {
        format!("Until they say yes, consent {id} stays as it is.")
    });
    Ok(())
}
