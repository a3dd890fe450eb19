//! The signed page of who has access, and what was answered.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;

use super::items;
use crate::commands::args::signed_page::{check_page, write_page};
use crate::commands::sharing::known::{TellDay, known_by};
use crate::context::Context;
use crate::error::Result;
use crate::exchange::paper::dates::day;
use crate::exchange::review_page::{self, ClientAccess, ReviewContent};
use crate::model::findings::review_due::QUARTER;
use crate::model::records::client::Client;
use crate::model::records::record_id::number;
use crate::model::records::review::Reviewed;
use crate::model::sharing::who::Subject;
use crate::model::text::lang::Lang;
use crate::model::text::name::ClientSlug;
use crate::model::text::when::When;
use crate::model::vault::Vault;
use crate::store::session::Session;

/// What a page is of: one client alone, and since when.
type PageScope<'a> = (Option<&'a ClientSlug>, Option<&'a When>);

pub(super) fn run(ctx: &Context, out: &Path, scope: PageScope<'_>) -> Result<()> {
    check_page(out)?;
    let session = ctx.unlock()?;
    write(ctx, &session, out, scope)?;
    ctx.answer(&[]);
    Ok(())
}

/// Writes the page to a new file, and the signature beside it.
pub(super) fn write(
    ctx: &Context,
    session: &Session,
    out: &Path,
    (slug, since): PageScope<'_>,
) -> Result<()> {
    let here = ctx.now_here();
    let now = here.timestamp();
    let since = since.map(|since| since.passed(&here, "--since"));
    let since = since.transpose()?.unwrap_or(now - QUARTER);
    let vault = session.vault();
    let client = slug.map(|slug| vault.known_client(slug)).transpose()?;
    let mut answered: Vec<Reviewed> = vault.reviews.all()?.into_iter().cloned().collect();
    answered.retain(|it| since <= it.created);
    if let Some(client) = client {
        let theirs = vault.records_of(client.id)?;
        let is_theirs = |it: &Reviewed| {
            it.client
                .map_or(theirs.contains(&it.subject), |owner| owner == client.id)
        };
        answered.retain(is_theirs);
        leave_out_names_of_others(ctx, vault, client, &mut answered)?;
    }
    let day = |time: Timestamp| day(Lang::En, time.to_zoned(here.time_zone().clone()).date());
    let mut meant: Vec<&Client> = match client {
        Some(client) => vec![client],
        None => vault.live_clients().collect(),
    };
    meant.sort_by(|a, b| a.slug().cmp(b.slug()));
    let access = meant
        .iter()
        .map(|it| access((ctx, vault), it, client.is_some(), &day));
    let content = ReviewContent {
        client,
        access: access.collect::<Result<_>>()?,
        answered,
        open: items(ctx, session, slug)?,
    };
    let page = review_page::write(vault, &content, (since, now, here.time_zone()))?;
    write_page(ctx, out, &page)
}

/// On a page for one client none of another may stand, in one's own words either.
fn leave_out_names_of_others(
    ctx: &Context,
    vault: &Vault,
    client: &Client,
    answered: &mut [Reviewed],
) -> Result<()> {
    for review in answered {
        let note = review.note.as_deref().unwrap_or_default();
        if let Some(other) = vault.other_client_in(note, client.id)? {
            let (called, other) = (&review.called, other.slug());
            ctx.ui.note(&format!(
                "Your note about {called} names {other}, so that the page has the answer without it."
            ));
            review.note = None;
        }
    }
    Ok(())
}

/// Who can know what is a client's, as far as that is by their permission. On a page for them alone a
/// purpose that names another client is left out.
fn access(
    (ctx, vault): (&Context, &Vault),
    client: &Client,
    is_for_them: bool,
    day: TellDay<'_>,
) -> Result<ClientAccess> {
    let mut known = vault.knowledge(&Subject::Client(client), ctx.now())?;
    for it in &mut known.entries {
        *it = it.told_to(client.id);
    }
    let mut naming = BTreeSet::new();
    let knowers = known.entries.iter().flat_map(|it| &it.knowers);
    for share in knowers.map(|it| it.line.share).filter(|_| is_for_them) {
        if let Some(other) = vault.other_client_in(&share.purpose, client.id)?
            && naming.insert(share.purpose.as_str())
        {
            ctx.ui.note(&format!(
                "What share {} is for names {}, so that the page leaves it out.",
                number(share.id),
                other.slug()
            ));
        }
    }
    let known = known_by(vault, &known, day)?.into_iter();
    let known = known.map(|it| {
        let names = it.of.iter();
        let names = names.map(|path| path.split_once('/').map_or(path.as_str(), |(_, name)| name));
        let names: Vec<&str> = names.collect();
        let mut told = it.told;
        for purpose in &naming {
            told = told.replace(&format!(", for \"{purpose}\""), "");
        }
        format!("{}: {} {told}", names.join(", "), it.by)
    });
    Ok(ClientAccess {
        client: client.slug().to_owned(),
        known: known.collect(),
    })
}
