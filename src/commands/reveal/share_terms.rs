//! The terms of what came with a share: told by `show`, kept by whatever hands it out.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock_check;
use crate::context::Context;
use crate::crypto::Signer;
use crate::error::{Error, Kind, Result};
use crate::exchange::arrived::contact_with;
use crate::model::records::entry::Entry;
use crate::model::records::log::Happening;
use crate::model::records::received::Received;
use crate::model::records::record_id::short;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::time::{local_time, relative};

/// Refuses to hand out what came with a share that has ended; the refusal is logged.
///
/// # Errors
/// Refused.
pub(crate) fn check_usable(ctx: &Context, session: &Session, entry: &Entry) -> Result<()> {
    let Some(share) = entry.received else {
        return Ok(());
    };
    let now = session.no_earlier_than_log(ctx.now())?;
    let outcome = session.vault().check_usable(entry, now);
    if let Err(why) = &outcome
        && why.kind() == Kind::Refused
    {
        let happening = Happening::new(now, "refuse", vec![entry.id])
            .with("what", "reveal")
            .with("share", share.to_string());
        if let Err(why) = session.journal(happening) {
            ctx.warn(&format!("this refusal is not in the log: {why}"));
        }
    }
    let ends = session
        .vault()
        .received(share)?
        .map(|received| received.expires);
    outcome.map_err(|why| clock_check::explain(ctx, ends.unwrap_or(now), why))
}

/// The share that an entry came with.
fn of<'a>(vault: &'a Vault, entry: &Entry) -> Result<Option<&'a Received>> {
    entry
        .received
        .map_or(Ok(None), |share| vault.received(share))
}

/// The contact's name, if the sender is one by now, and the key's fingerprint.
///
/// # Errors
/// For a malformed record.
pub(crate) fn sender(vault: &Vault, received: &Received) -> Result<(Option<String>, String)> {
    let key = Signer::parse_openssh(&received.signer)
        .map_err(|_| Error::integrity(format!("share {} has no valid signer", received.id)))?;
    let known = contact_with(vault, key)?.map(|(_, name)| name);
    let then = vault.contact_names(received.contact.as_slice())?;
    Ok((known.or_else(|| then.into_iter().next()), key.fingerprint()))
}

/// The terms as `show --json` gives them; null for what is this vault's own.
///
/// # Errors
/// For a malformed record.
pub(crate) fn as_json(vault: &Vault, entry: &Entry) -> Result<Value> {
    let Some(received) = of(vault, entry)? else {
        return Ok(Value::Null);
    };
    let (contact, signer) = sender(vault, received)?;
    Ok(json!({
        "share": received.id,
        "contact": contact,
        "signer": signer,
        "received": received.received,
        "purpose": received.purpose,
        "expires": received.expires,
        "obligations": received.obligations,
        "rules": received.rules,
    }))
}

/// The terms as people see them.
///
/// # Errors
/// For a malformed record, and when stdout cannot be written.
pub(crate) fn as_text(ctx: &Context, vault: &Vault, entry: &Entry, now: Timestamp) -> Result<()> {
    let Some(received) = of(vault, entry)? else {
        return Ok(());
    };
    let ui = &ctx.ui;
    let (contact, signer) = sender(vault, received)?;
    let from = contact.unwrap_or(signer);
    ui.field(
        "shared by",
        &format!("{from}, share {}", short(received.id)),
    )?;
    ui.field("shared for", &received.purpose)?;
    let (end, far) = (
        local_time(received.expires),
        relative(received.expires, now),
    );
    ui.field("shared until", &format!("{end} ({far})"))?;
    for obligation in &received.obligations {
        ui.field("obligation", obligation)?;
    }
    received
        .rules
        .iter()
        .try_for_each(|rules| ui.field("client's rules", rules))
}
