//! What the recipients of shares owe: that a share has arrived, and that what is over is deleted.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::finding::Level;
use super::rule::{Examined, Rule, day};
use crate::error::Result;
use crate::model::records::record_id::number;
use crate::model::sharing::ledger::LedgerLine;
use crate::model::sharing::performance::PATIENCE;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// Shares that are named where somebody owes more.
const NAMED: usize = 6;

/// Looks for receipts that are missing.
pub(super) fn receipts(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new("receipt-missing", "each share has its receipt");
    let ledger = vault.ledger(now)?.into_iter();
    let owed = ledger.filter_map(|line| Some((line, line.owes_receipt()?)));
    for (whose, owed) in by_contact(owed.filter(|(_, sent)| *sent + PATIENCE <= now)) {
        let contact = vault.contact_name(whose)?;
        let [(line, sent)] = owed.as_slice() else {
            let all = told_together(&owed);
            let message = format!("{contact} has not confirmed {all}");
            let about = (whose, contact.as_str());
            rule.find(Level::Medium, about, message, &ask_for_all(&contact));
            continue;
        };
        let (id, sent) = (number(line.share.id), day(*sent, zone));
        let message = format!("{contact} has not confirmed share {id} of {sent}");
        let fix = format!("ask for it, then: vault ack FILE; or end it: vault revoke {id}");
        let about = (line.share.id, id.as_str());
        rule.find(Level::Medium, about, message, &fix);
    }
    Ok(rule.0)
}

/// Looks for deletions that nobody has signed.
pub(super) fn deletions(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new(
        "deletion-missing",
        "of each share that is over the deletion is signed",
    );
    let ledger = vault.ledger(now)?.into_iter();
    let owed = ledger.filter_map(|line| Some((line, line.owes_deletion()?)));
    let owed = owed.filter(|(_, end)| *end + PATIENCE <= now);
    // Of a client who is closed it was told that nobody waits for it.
    let owed = owed.filter(|(line, _)| !vault.is_of_closed(line));
    let (parts, whole): (Vec<_>, Vec<_>) = owed.partition(|(line, _)| line.state.is_live());
    for (line, end) in parts {
        let id = number(line.share.id);
        let message = not_deleted(vault, (line, end), zone)?;
        let contact = line.share.recipient.contact;
        let fix = if vault.open_incident_from(contact)?.is_some() {
            format!("ask for it, and end the rest: vault revoke {id}")
        } else {
            format!("send the rest anew, then ask for it: vault share --update {id}")
        };
        let about = (line.share.id, id.as_str());
        rule.find(Level::Medium, about, message, &fix);
    }
    for (whose, owed) in by_contact(whole.into_iter()) {
        let contact = vault.contact_name(whose)?;
        let [(line, end)] = owed.as_slice() else {
            let all = told_together(&owed);
            let message =
                format!("{contact} has not confirmed that what came with {all} is deleted");
            let about = (whose, contact.as_str());
            rule.find(Level::Medium, about, message, &ask_for_all(&contact));
            continue;
        };
        let message = not_deleted(vault, (*line, *end), zone)?;
        let fix = "ask for it, then: vault ack FILE";
        let id = number(line.share.id);
        rule.find(Level::Medium, (line.share.id, id.as_str()), message, fix);
    }
    Ok(rule.0)
}

/// What each contact owes, in the order of the ledger.
fn by_contact<'a>(
    owed: impl Iterator<Item = (LedgerLine<'a>, Timestamp)>,
) -> Vec<(Uuid, Vec<(LedgerLine<'a>, Timestamp)>)> {
    let mut all: Vec<(Uuid, Vec<(LedgerLine<'_>, Timestamp)>)> = Vec::new();
    for (line, since) in owed {
        let contact = line.share.recipient.contact;
        match all.iter_mut().find(|(it, _)| *it == contact) {
            Some((_, together)) => together.push((line, since)),
            None => all.push((contact, vec![(line, since)])),
        }
    }
    all
}

/// How many shares, and which.
fn told_together(owed: &[(LedgerLine<'_>, Timestamp)]) -> String {
    let ids = owed.iter().map(|(line, _)| number(line.share.id));
    let mut ids: Vec<String> = ids.take(NAMED).collect();
    if owed.len() > NAMED {
        ids.push("…".to_owned());
    }
    format!("{} shares ({})", owed.len(), ids.join(", "))
}

fn ask_for_all(contact: &str) -> String {
    format!(
        "ask for each, then: vault ack FILE; what they are: vault shares --to {}",
        as_word(contact)
    )
}

fn not_deleted(
    vault: &Vault,
    (line, end): (LedgerLine<'_>, Timestamp),
    zone: &TimeZone,
) -> Result<String> {
    Ok(format!(
        "{} has not confirmed that {}, which ended on {}, is deleted",
        vault.contact_name(line.share.recipient.contact)?,
        share_or_part(line),
        day(end, zone)
    ))
}

/// A share by its number, with the entries that are over where it holds others.
fn share_or_part(line: LedgerLine<'_>) -> String {
    let id = number(line.share.id);
    let over: Vec<&str> = line
        .undeleted_items()
        .map(|(it, _)| it.path.as_str())
        .collect();
    if over.len() == line.share.items.len() {
        return format!("share {id}");
    }
    format!("{} of share {id}", over.join(", "))
}
