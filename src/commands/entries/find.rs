//! `vault find`: entries by a part of what is no secret.

use anyhow::Result;

use super::list;
use crate::context::Context;
use crate::model::entry::query::Query;
use crate::model::text::name::ClientSlug;

const EXAMPLES: &str = "\
Examples:
  vault find wordpress            in paths, usernames, URLs, notes and tags, never in secrets
  vault find admin@acme --long
  vault find acme.example --json | jq -r '.[].path'";

/// Options of `find`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A part of a path, a username, a URL, the notes or a tag, in any case
    query: Query,
    /// Only this client's
    #[arg(long, value_name = "CLIENT")]
    client: Option<ClientSlug>,
    /// With usernames, versions and ages
    #[arg(short, long)]
    long: bool,
}

/// Lists the paths of what was found, sorted.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    let session = ctx.unlock()?;
    let client = args.client.as_ref();
    let client = client.map(|slug| session.vault().known_client(slug));
    let client = client.transpose()?.map(|client| client.id);
    let mut entries = session.all_visible(ctx.now())?;
    entries.retain(|(_, entry)| client.is_none() || entry.client.get() == client.as_ref());
    entries.retain(|(path, entry)| args.query.matches(path, entry));
    let exposures = session.vault().exposures(ctx.now())?;
    list::answer(ctx, session.vault(), &exposures, &entries, args.long)
}
