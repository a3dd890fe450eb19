//! `vault evidence`: a folder that shows what a client has permitted, and how it is checked.

use std::path::PathBuf;

use anyhow::Result;

use crate::commands::args::document::write_folders;
use crate::commands::args::evidence::record;
use crate::commands::args::paper_sender::ask_for_missing;
use crate::context::Context;
use crate::exchange::client_evidence;
use crate::exchange::client_report::{LeftOutText, LogSeen, ReportScope};
use crate::model::text::lang::Lang;
use crate::model::text::name::ClientSlug;
use crate::store::disk::file::check_new_file;

const EXAMPLES: &str = "\
Examples:
  vault evidence acme --out acme-evidence
  sh acme-evidence/check.sh                  what whoever gets it types

In it are the requests, the answers, the confirmations, what each share held, receipts and statements
of deletion, each as it was signed or came, with a README in the client's language. check.sh needs
ssh-keygen and sha256sum alone. There is no secret of an entry in it; a mail of the client's may hold
what they wrote into it.";

/// Options of `evidence`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The client whose permissions it shows
    client: ClientSlug,
    /// The new folder
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// The language of the README: en or de [default: the client's, else en]
    #[arg(long, value_name = "LANG")]
    lang: Option<Lang>,
}

/// Writes the folder.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    check_new_file(&args.out)?;
    let session = ask_for_missing(ctx, ctx.unlock_to_change()?)?;
    let vault = session.vault();
    let client = vault.known_client(&args.client)?;
    let log = LogSeen {
        events: session.all_events(|missing| ctx.warn(missing))?,
        heads: session.heads()?,
    };
    let theirs = client.lang.value().and_then(|it| it.parse().ok());
    let scope = ReportScope {
        client,
        lang: args.lang.or(theirs).unwrap_or_default(),
        since: None,
    };
    let evidence = client_evidence::evidence(vault, &log, scope, &ctx.now_here())?;
    record(ctx, &session, client.id);
    write_folders(ctx, &args.out, &evidence.files)?;
    for LeftOutText { what, names } in evidence.naming_others {
        ctx.ui.note(&format!(
            "{what} names {names}. It is as it was, so look at it before you send the folder."
        ));
    }
    Ok(())
}
