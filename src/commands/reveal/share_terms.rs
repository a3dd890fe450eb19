//! The terms of what came with a share: told by `show`, kept by whatever hands it out.

use jiff::Timestamp;

use crate::context::Context;
use crate::crypto::Signer;
use crate::error::{Error, Result};
use crate::exchange::arrived::contact_with;
use crate::model::records::entry::Entry;
use crate::model::records::received::Received;
use crate::model::records::record_id::number;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::Shown;
use crate::ui::time::local_time;

/// As [`Session::check_usable`], telling the user.
///
/// # Errors
/// [`crate::error::Kind::Refused`].
pub(crate) fn check_usable(ctx: &Context, session: &Session, entry: &Entry) -> Result<()> {
    session.check_usable(entry, ctx.now(), &|text| ctx.warn(text))
}

/// What is lent is not one's own to change: says so and asks. Whether it may be changed.
///
/// # Errors
/// [`crate::error::Kind::NeedsInput`] where nobody can be asked.
pub(crate) fn may_change(ctx: &Context, vault: &Vault, entry: &Entry, yes: bool) -> Result<bool> {
    let (Some(received), Some(lender)) = (of(vault, entry)?, lender(vault, entry)?) else {
        return Ok(true);
    };
    let until = (received.expires).map(|end| format!(" until {}", local_time(end)));
    let until = until.unwrap_or_default();
    ctx.warn(&format!(
        "this is lent to you by {lender}{until}: what you change here, they do not learn of"
    ));
    let question = "Change it all the same?";
    ctx.confirm_or_yes(yes, "changing what is lent to you", question)
}

/// The share that an entry came with.
fn of<'a>(vault: &'a Vault, entry: &Entry) -> Result<Option<&'a Received>> {
    vault.held_under(entry)
}

/// The contact's name, if the sender is one by now, and the key's fingerprint.
pub(crate) fn sender(vault: &Vault, received: &Received) -> Result<(Option<String>, String)> {
    let key = Signer::parse_openssh(&received.signer)
        .map_err(|_| Error::integrity(format!("share {} has no valid signer", received.id)))?;
    let known = contact_with(vault, key)?.map(|(_, name)| name);
    let then = vault.contact_names(received.contact.as_slice())?;
    Ok((known.or_else(|| then.into_iter().next()), key.fingerprint()))
}

/// Who shared an entry with this vault; none for what is its own.
fn lender(vault: &Vault, entry: &Entry) -> Result<Option<String>> {
    let Some(received) = of(vault, entry)? else {
        return Ok(None);
    };
    let (contact, signer) = sender(vault, received)?;
    Ok(Some(contact.unwrap_or(signer)))
}

/// The terms as `show` tells them beside its client's own rules; none for what is this vault's own.
pub(crate) fn as_shown(
    vault: &Vault,
    entry: &Entry,
    own_rules: Option<&String>,
    now: Timestamp,
) -> Result<Option<Shown>> {
    let Some(received) = of(vault, entry)? else {
        return Ok(None);
    };
    let (contact, signer) = sender(vault, received)?;
    let from = contact.as_ref().unwrap_or(&signer);
    let share = format!("{from}, share {}", number(received.id));
    let ended = received.ended_for(entry.id);
    // A client who came with a share has the rules that came with it.
    let rules = received.rules.as_ref();
    let told_rules = rules.filter(|rules| own_rules != Some(*rules));
    let shown = Shown::default()
        .told("share", "shared by", received.id, share)
        .json("contact", &contact)
        .json("signer", &signer)
        .json("received", received.received)
        .field("purpose", "shared for", &received.purpose)
        .json("expires", received.expires)
        .at("shared until", received.expires, now)
        .json("ended", ended)
        .at("ended by the sender", ended, now)
        .field("obligations", "obligation", &received.obligations)
        .json("rules", rules)
        .text("rules sent with it", told_rules);
    Ok(Some(shown))
}
