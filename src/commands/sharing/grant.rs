//! `vault grant`: notes an own login at a site, in the place of a shared secret.

use anyhow::Result;

use super::despite::DespiteArgs;
use super::refusal_log::{RefusalLog, decide};
use crate::commands::reveal::clock_check;
use crate::context::Context;
use crate::error::{Error, Result as VaultResult};
use crate::exchange::grant::grant;
use crate::model::consent::permit::Ask;
use crate::model::records::record_id::{RecordId, number};
use crate::model::text::name::{ContactName, EntryPath};
use crate::model::text::when::When;
use crate::ui::time::{local_time, relative};

const EXAMPLES: &str = "\
Examples:
  vault grant acme/wordpress --to bob --as bob-mueller
  vault grant acme/wordpress --to bob --as bob-mueller --expires 30d
  vault grant --removed 3f2a91bc        the login was removed at the site

Where a site lets you make logins, give your contact one of their own: no secret is shared, and the
site tells you two apart. It needs the client's permission like a share, has its end, and is listed
with the shares. When it is over, remove it at the site: status tells so until you have.";

/// Options of `grant`.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// CLIENT/NAME, as in acme/wordpress: the site that the login is for
    #[arg(required_unless_present = "removed")]
    entry: Option<EntryPath>,
    /// Whose login it is
    #[arg(long, value_name = "CONTACT", required_unless_present = "removed")]
    to: Option<ContactName>,
    /// What the login is called at the site
    #[arg(long = "as", value_name = "NAME", required_unless_present = "removed")]
    login: Option<String>,
    /// The consent that allows it, where more than one does
    #[arg(long, value_name = "ID")]
    consent: Option<RecordId>,
    /// Its end, not after the consent's [default: 14d, or the consent's end]
    #[arg(long, value_name = "WHEN")]
    expires: Option<When>,
    #[command(flatten)]
    despite: DespiteArgs,
    /// The login of this share was removed at the site
    #[arg(
        long,
        value_name = "SHARE",
        conflicts_with_all = ["entry", "to", "login", "consent", "expires"]
    )]
    removed: Option<RecordId>,
}

/// Notes a login, or that it was removed.
pub fn run(args: &Args, ctx: &Context) -> Result<()> {
    match (&args.removed, &args.entry, &args.to, &args.login) {
        (Some(share), ..) => removed(ctx, share)?,
        (None, Some(entry), Some(to), Some(login)) => give(args, ctx, entry, to, login)?,
        // The command line asks for all of them.
        _ => return Err(Error::usage("an entry, --to and --as are needed").into()),
    }
    Ok(())
}

fn give(
    args: &Args,
    ctx: &Context,
    entry: &EntryPath,
    to: &ContactName,
    login: &str,
) -> VaultResult<()> {
    let session = ctx.unlock_to_permit()?;
    let vault = session.vault();
    let consent = args.consent.as_ref();
    let consent = consent.map(|start| vault.consents.by_start(start));
    let expires = args
        .expires
        .as_ref()
        .map(|end| end.in_future(&ctx.now_here()));
    let mut ask = Ask {
        consent: consent.transpose()?.map(|consent| consent.id),
        expires: expires.transpose()?,
        despite: args.despite.limits(),
        ..Ask::of(vec![entry.clone()], vault.known_contact(to)?.id)
    };
    let log = RefusalLog::of(ctx, &session, &ask)?;
    let clock = clock_check::check(ctx, &session)?;
    let permit = decide(ctx, vault, &ask, &log)?;
    ask.despite.changes = args.despite.confirm(ctx, vault, &ask, permit)?;
    let (id, permit) = ctx.change(session, |vault, author| {
        clock.record(vault, author);
        grant(vault, &ask, login, author)
    })?;
    ctx.answer_change(
        &format!(
            "share {}: {to} has an own login, {login}, for {entry} until {} ({}), under consent {}",
            number(id),
            local_time(permit.expires),
            relative(permit.expires, ctx.now()),
            number(permit.consent)
        ),
        &[id.to_string()],
    );
    Ok(())
}

fn removed(ctx: &Context, share: &RecordId) -> VaultResult<()> {
    let session = ctx.unlock_to_change()?;
    let id = session.vault().shares.by_start(share)?.id;
    ctx.change(session, |vault, author| vault.remove_login(id, author))?;
    let note = format!("noted that the login of share {} was removed", number(id));
    ctx.answer_change(&note, &[id.to_string()]);
    Ok(())
}
