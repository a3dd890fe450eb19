//! The terms of what came with a share: told by `show`, kept by whatever hands it out.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::context::Context;
use crate::crypto::Signer;
use crate::error::{Error, Result};
use crate::exchange::arrived::contact_with;
use crate::model::records::entry::Entry;
use crate::model::records::received::Received;
use crate::model::records::record_id::short;
use crate::model::vault::Vault;
use crate::store::session::Session;
use crate::ui::time::{local_time, relative};

/// As [`Session::check_usable`], telling the user.
///
/// # Errors
/// [`crate::error::Kind::Refused`].
pub(crate) fn check_usable(ctx: &Context, session: &Session, entry: &Entry) -> Result<()> {
    session.check_usable(entry, ctx.now(), &|text| ctx.warn(text))
}

/// The share that an entry came with.
fn of<'a>(vault: &'a Vault, entry: &Entry) -> Result<Option<&'a Received>> {
    entry
        .received
        .map_or(Ok(None), |share| vault.received.find(share))
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
