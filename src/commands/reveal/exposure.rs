//! Why an entry is to be rotated because of what others may know, in words and in JSON.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::context::Context;
use crate::error::Result;
use crate::model::records::record_id::number;
use crate::model::records::share::ShareState;
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
        ShareState::Ended => format!("share {share} ended with their leaving or a lost key"),
        _ => format!("share {share} ended"),
    };
    format!("{who} may know it: {ended} {since}")
}

fn contact(vault: &Vault, how: Exposure) -> String {
    vault.contact_name(how.contact).unwrap_or_default()
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
pub fn note_others(ctx: &Context, path: &EntryPath, exposed: &[(&str, Exposure)]) {
    for (slot, _) in exposed.iter().filter(|(slot, _)| *slot != "secret") {
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

/// Names the entries that are to be rotated because of these shares: a secret that went with one of
/// them is still current.
pub fn tell_to_rotate(ctx: &Context, vault: &Vault, shares: &[Uuid]) -> Result<()> {
    for line in vault.ledger(ctx.now())? {
        if let Some(login) = line
            .login_left()
            .filter(|_| shares.contains(&line.share.id))
        {
            let id = number(line.share.id);
            ctx.ui.note(&format!(
                "remove the login {login} at the site, then: vault grant --removed {id}"
            ));
        }
    }
    let exposures = vault.exposures(ctx.now())?;
    let mut live = vault.live()?;
    live.retain(|(_, entry)| {
        let exposed = exposures.of(entry);
        exposed.iter().any(|(_, how)| shares.contains(&how.share))
    });
    if !live.is_empty() {
        let paths: Vec<String> = live.into_iter().map(|(path, _)| path).collect();
        ctx.ui.note(&format!("to be rotated: {}", paths.join(", ")));
        ctx.ui.hint("vault rotate --due goes through them");
    }
    Ok(())
}
