//! Whether this vault owes others a statement that what they lent to it is deleted.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::finding::Level;
use super::rule::{Examined, Rule, day};
use crate::error::Result;
use crate::model::records::received::Received;
use crate::model::records::record_id::number;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// Looks at what others have lent and what is over.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub(super) fn deletion_due(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new("deletion-owed", "nothing that others lent is past its end");
    for share in vault.received.all()? {
        // What a later share has is told by that one.
        let is_told = vault.entries_held_under(share)?.is_empty() && !share.entries.is_empty();
        let (over, goes_on) = unconfirmed(share, now);
        let Some(end) = over.iter().map(|(_, end)| *end).min().filter(|_| !is_told) else {
            continue;
        };
        if vault.attestable(share.id, &[]).is_err() {
            continue;
        }
        let id = number(share.id);
        let lender = match share.contact {
            Some(contact) => vault.contact_name(contact)?,
            None => "its sender".to_owned(),
        };
        let mut fix = format!("vault attest {id}");
        let mut what = format!("share {id} of {lender}");
        if goes_on {
            let paths = over.iter().filter_map(|(entry, _)| *entry);
            let paths = paths.map(|entry| vault.path_by_id(entry));
            let paths = paths.collect::<Result<Vec<_>>>()?;
            fix.extend(
                paths
                    .iter()
                    .map(|path| format!(" --only {}", as_word(path))),
            );
            what = format!("{} of {what}", paths.join(", "));
        }
        let message = format!(
            "{what} ended on {}, and you have not confirmed that it is deleted",
            day(end, zone)
        );
        let about = (share.id, id.as_str());
        rule.find(Level::Medium, about, message, &fix);
    }
    Ok(rule.0)
}

/// What is over of something that was lent, and since when, while nothing is signed of it, by the
/// entries here or as a whole; and whether something of it goes on.
fn unconfirmed(share: &Received, now: Timestamp) -> (Vec<(Option<Uuid>, Timestamp)>, bool) {
    let Some(expires) = share.expires.filter(|_| share.attestation().is_none()) else {
        return (Vec::new(), false);
    };
    let whole = share.ended.value().copied().unwrap_or(expires).min(expires);
    let of_each = share.entries.iter();
    let of_each = of_each.filter(|entry| share.deletion_of(**entry).is_none());
    let mut ends: Vec<(Option<Uuid>, Timestamp)> = of_each
        .map(|entry| {
            (
                Some(*entry),
                share.ended_for(*entry).unwrap_or(whole).min(whole),
            )
        })
        .collect();
    if share.entries.is_empty() {
        ends.push((None, whole));
    }
    let all = ends.len();
    ends.retain(|(_, end)| *end <= now);
    let goes_on = ends.len() < all;
    (ends, goes_on)
}
