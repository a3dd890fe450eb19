//! Why an entry is to be rotated because of what others may know, in words and in JSON.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::context::Context;
use crate::error::Result;
use crate::exchange::deletion_mail::deletion_mail;
use crate::model::entry::field::SECRET;
use crate::model::entry::record_names::RecordNames;
use crate::model::records::record_id::number;
use crate::model::records::share::ShareState;
use crate::model::rotation::compromised::{Compromise, CompromiseCause};
use crate::model::rotation::exposure::{Exposure, remedy};
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;
use crate::ui::time::relative;

/// Who may know it, since when and from what: `bob may know it: share 2F95-B33D was revoked just
/// now`.
pub fn reason(vault: &Vault, how: Exposure, now: Timestamp) -> String {
    let who = how.knower(&contact(vault, how));
    let (share, since) = (number(how.share), relative(how.since, now));
    let ended = match how.cause {
        ShareState::Revoked => format!("share {share} was revoked"),
        ShareState::Withdrawn => format!("the client withdrew share {share}"),
        ShareState::Deleted => format!("what came with share {share} was deleted"),
        ShareState::Ended => format!("share {share} ended when they left or lost a key"),
        _ => format!("share {share} ended"),
    };
    format!("{who} may know it: {ended} {since}")
}

fn contact(vault: &Vault, how: Exposure) -> String {
    vault.contact_name(how.contact).unwrap_or_default()
}

/// Why a secret counts as known to others.
pub fn compromise(it: Compromise, now: Timestamp) -> String {
    let since = relative(it.since, now);
    match it.cause {
        CompromiseCause::Listed => format!("found in a list of leaked secrets {since}"),
        CompromiseCause::Incident(id) => {
            format!("reached by incident {}, known {since}", number(id))
        }
    }
}

/// The same for a script.
pub fn as_json(vault: &Vault, exposed: &[(&str, Exposure)]) -> Vec<Value> {
    let reasons = exposed.iter().map(|(slot, how)| {
        json!({
            "what": slot,
            "contact": contact(vault, *how),
            "share": how.share,
            "cause": how.cause.as_str(),
            "since": how.since,
            "lost": how.lost,
        })
    });
    reasons.collect()
}

/// Says what else of an entry is to be changed, beside its secret.
pub fn note_others(ctx: &Context, path: &EntryPath, known: &BTreeSet<String>) {
    for slot in known.iter().filter(|slot| *slot != SECRET) {
        ctx.ui.note(&format!(
            "{path}: {slot} is known too; change it where it is used, then: {}",
            remedy(path, slot)
        ));
    }
}

/// Gives the command that closes a share, or what of it has ended, where a contact who receives with
/// vault has it.
pub fn tell_to_close(ctx: &Context, share: Uuid, contact: &str, is_part: bool) {
    let ended = if is_part { " --ended" } else { "" };
    ctx.ui.note(&format!(
        "to close it where {contact} has it: vault revoke {}{ended} --out FILE",
        number(share)
    ));
}

/// Says how the recipient of a share learns that these entries have ended, all that were left of it or
/// a part: by the command that closes it, or where they have no vault by a mail of which the text is
/// given.
pub fn tell_of_end(
    ctx: &Context,
    vault: &Vault,
    share: Uuid,
    (ended, is_part): (&[Uuid], bool),
) -> Result<()> {
    let share = vault.shares.by_id(share)?;
    let Some(contact) = vault.contacts.find(share.recipient.contact)? else {
        return Ok(());
    };
    if share.login.is_some() {
        return Ok(());
    }
    let name = contact.name();
    if !contact.signers().is_empty() {
        tell_to_close(ctx, share.id, name, is_part);
        return Ok(());
    }
    if share.sent.value().is_none() || ended.is_empty() {
        return Ok(());
    }
    let lang = contact.lang.value().and_then(|lang| lang.parse().ok());
    let text = deletion_mail(lang.unwrap_or_default(), share, ended);
    let to = contact.emails().first().map(|mail| format!(" to {mail}"));
    ctx.ui.note(&format!(
        "{name} has no program that could close it; send this{}:",
        to.unwrap_or_default()
    ));
    for line in text.lines() {
        ctx.ui.note(&format!("  {line}"));
    }
    Ok(())
}

/// Gives the command for a login of somebody's own that is to be removed at the site.
pub fn tell_to_remove(ctx: &Context, share: Uuid, login: &str) {
    let id = number(share);
    ctx.ui.note(&format!(
        "remove the login {login} at the site, then: vault grant --removed {id}"
    ));
}

/// Names what is to be changed because of these shares, or of those in whose place they were sent: a
/// secret that went with one of them is still current.
pub fn tell_to_rotate(ctx: &Context, vault: &Vault, shares: &[Uuid]) -> Result<()> {
    let now = ctx.now();
    let before = vault.shares_before(shares)?;
    let exposures = vault.exposures(now)?;
    let (mut known, mut known_before) = (Vec::new(), Vec::new());
    for line in vault.ledger(now)? {
        let id = line.share.id;
        let is_before = before.contains(&id);
        if !is_before && !shares.contains(&id) {
            continue;
        }
        if let Some(login) = line.login_left() {
            tell_to_remove(ctx, id, login);
        }
        for item in &line.share.items {
            let exposed = match vault.entries.find(item.entry)? {
                Some(entry) => exposures.of(entry),
                None => exposures.of_removed(item.entry),
            };
            if exposed.iter().any(|(_, how)| how.share == id) {
                known.push((item.entry, item.path.as_str()));
                known_before.extend(is_before.then(|| number(id)));
            }
        }
    }
    for entry in vault.entries.all()? {
        let is_named = known.iter().any(|(id, _)| *id == entry.id);
        let mut exposed = exposures.of(entry).into_iter();
        if !is_named && exposed.any(|(_, how)| shares.contains(&how.share)) {
            known.push((entry.id, entry.name()));
        }
    }
    known_before.dedup();
    if !known_before.is_empty() {
        let before = known_before.join(", ");
        ctx.ui.note(&format!(
            "what was sent before is known too: share {before}"
        ));
    }
    tell_known(ctx, vault, "to be rotated", known)
}

/// Names entries that somebody knows, each by its path today or else by that of the share, and the
/// command that goes through them.
pub fn tell_known<'a>(
    ctx: &Context,
    vault: &Vault,
    lead: &str,
    known: impl IntoIterator<Item = (Uuid, &'a str)>,
) -> Result<()> {
    let names = RecordNames::of(vault)?;
    let (mut here, mut gone) = (BTreeSet::new(), BTreeSet::new());
    for (id, then) in known {
        match vault.entries.find(id)? {
            Some(entry) if entry.is_removed() => {
                here.insert(format!("{} (in the trash)", names.get(id)));
            }
            Some(_) => {
                here.insert(names.get(id));
            }
            None => {
                gone.insert(then.to_owned());
            }
        }
    }
    let list = |all: BTreeSet<String>| all.into_iter().collect::<Vec<_>>().join(", ");
    if !here.is_empty() {
        ctx.ui.note(&format!("{lead}: {}", list(here)));
        ctx.ui.hint("vault rotate --due goes through them");
    }
    if !gone.is_empty() {
        let gone = list(gone);
        ctx.ui.note(&format!(
            "removed for good here, and to be changed at the site: {gone}"
        ));
    }
    Ok(())
}
