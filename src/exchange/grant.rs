//! An own login at a site in the place of a shared secret: under the same permission, in the same
//! ledger, with the same end. Nothing is sent.

use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::consent::permit::{Ask, Permit};
use crate::model::records::event::sha256_hex;
use crate::model::records::share::{AllowedBy, LOGIN, Share, SharedItem, SharedWith};
use crate::model::records::stamping::Author;
use crate::model::text::domain::hosts;
use crate::model::text::limits::PAPER_BYTES;
use crate::model::text::text_rules::check_text;
use crate::model::vault::Vault;

/// Enters a login in the ledger, if a consent allows it, and gives the share's id.
///
/// # Errors
/// As [`Vault::permit`]; [`crate::error::Kind::Refused`] when no consent allows it,
/// [`crate::error::Kind::Usage`] for a login that is empty or too long.
pub fn grant(
    vault: &mut Vault,
    ask: &Ask,
    login: &str,
    author: &Author<'_>,
) -> Result<(Uuid, Permit)> {
    if login.trim().is_empty() {
        return Err(Error::usage("--as names no login"));
    }
    check_text("--as", login, PAPER_BYTES)?;
    let permit = vault.permit(ask, author.now)?.permit()?;
    permit.check_confirmed(ask)?;
    let consent = vault.consents.by_id(permit.consent)?;
    let items = permit.items.iter().map(|item| {
        let path = item.path.to_string();
        let mut kept = SharedItem::with(item.entry, vec![LOGIN.to_owned()], path);
        kept.hosts = hosts(vault.entries.by_id(item.entry)?.urls());
        Ok(kept)
    });
    let items = items.collect::<Result<Vec<_>>>()?;
    let id = (author.new_id)();
    let mut share = Share::with(
        id,
        AllowedBy::with(permit.consent, sha256_hex(consent.terms.as_bytes())),
        items,
        SharedWith::with(permit.contact, LOGIN.to_owned()),
        consent.purpose(),
        author.now,
        permit.expires,
        sha256_hex(b""),
        // Nothing was sent that could say anything of itself.
        String::new(),
    );
    share.login = Some(login.to_owned());
    share.confirmed = permit.confirmed();
    vault.record_share(share, author);
    vault.mark_sent(id, author)?;
    Ok((id, permit))
}
