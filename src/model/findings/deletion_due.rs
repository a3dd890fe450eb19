//! Whether this vault owes others a statement that what they lent to it is deleted.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::due::day;
use super::finding::Level;
use super::rule::{Examined, Rule};
use crate::error::Result;
use crate::model::records::received::Received;
use crate::model::records::record_id::number;
use crate::model::vault::Vault;

/// Looks at what others have lent and what is over.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub(super) fn deletion_due(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new("deletion-owed", "nothing that others lent is past its end");
    let all = vault.received.all()?;
    for share in &all {
        let Some(end) = end(share, now).filter(|_| !is_told_by_later(share, &all)) else {
            continue;
        };
        if vault.check_attestable(share.id).is_err() {
            continue;
        }
        let id = number(share.id);
        let lender = match share.contact {
            Some(contact) => vault.contact_name(contact)?,
            None => "its sender".to_owned(),
        };
        let message = format!(
            "share {id} of {lender} ended on {}, and you have not confirmed that it is deleted",
            day(end, zone)
        );
        rule.find(Level::Medium, &id, message, &format!("vault attest {id}"));
    }
    Ok(rule.0)
}

/// When what was lent was over, while nothing is signed of it.
fn end(share: &Received, now: Timestamp) -> Option<Timestamp> {
    let ends = share
        .expires?
        .min(share.ended.value().copied().unwrap_or(Timestamp::MAX));
    (share.attestation().is_none() && ends <= now).then_some(ends)
}

/// Whether later shares have all that came with one: their deletion is that of the older one.
fn is_told_by_later(share: &Received, all: &[&Received]) -> bool {
    let later = || {
        all.iter()
            .filter(|it| it.is_lent() && it.received > share.received)
    };
    let mut entries = share.entries.iter();
    !share.entries.is_empty() && entries.all(|id| later().any(|it| it.entries.contains(id)))
}
