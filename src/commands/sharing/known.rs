//! Who can know something, until when and by whose word, as several commands tell it.

use jiff::Timestamp;

use super::who_json::giver;
use crate::commands::reveal::share_terms;
use crate::error::Result;
use crate::exchange::reply::deletion::Deletion;
use crate::exchange::share_papers;
use crate::model::entry::field::ATTACHMENT;
use crate::model::records::client::Assurance;
use crate::model::records::entry::Entry;
use crate::model::records::received::Received;
use crate::model::records::record_id::number;
use crate::model::records::share::{FiledDocument, ShareState};
use crate::model::rotation::in_use::is_in_use;
use crate::model::sharing::who::{Knower, KnowerByOther, Knowledge};
use crate::model::vault::Vault;

/// How a day is told.
pub(crate) type TellDay<'a> = &'a dyn Fn(Timestamp) -> String;

/// What somebody knows of entries of which the same is to be said.
pub(crate) struct KnownBy {
    /// Their name.
    pub(crate) by: String,
    /// The paths of the entries.
    pub(crate) of: Vec<String>,
    /// Since when, until when, what for and by whose word.
    pub(crate) told: String,
}

/// Who knows what of a subject, in the order of the entries.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub(crate) fn known_by(
    vault: &Vault,
    knowledge: &Knowledge<'_>,
    day: TellDay<'_>,
) -> Result<Vec<KnownBy>> {
    let mut all: Vec<KnownBy> = Vec::new();
    for known in &knowledge.entries {
        let mut told = Vec::new();
        if let Some(lent) = known.lent {
            let (contact, signer) = share_terms::sender(vault, lent)?;
            let lent = lender_told(lent, known.entry, day);
            told.push((contact.unwrap_or(signer), lent));
        }
        for it in &known.by_other {
            told.push((vault.contact_name(it.contact)?, by_other_told(it)));
        }
        for knower in &known.knowers {
            let by = vault.contact_name(knower.line.share.recipient.contact)?;
            told.push((by, knower_told(vault, knower, known.entry, day)?.join("; ")));
        }
        for (by, told) in told {
            let mut same = all.iter_mut();
            match same.find(|it| it.by == by && it.told == told) {
                Some(same) if same.of.contains(&known.path) => {}
                Some(same) => same.of.push(known.path.clone()),
                None => all.push(KnownBy {
                    by,
                    of: vec![known.path.clone()],
                    told,
                }),
            }
        }
    }
    Ok(all)
}

/// Who has lent an entry to this vault or handed it over: behind their name.
pub(super) fn lender_told(lent: &Received, entry: Option<&Entry>, day: TellDay<'_>) -> String {
    let since = day(lent.received);
    let ended = entry.and_then(|entry| lent.ended_for(entry.id));
    let told = match lent.expires {
        Some(_) if let Some(ended) = ended => format!(
            "knows it: lent it to you on {since}, and ended that {}",
            day(ended)
        ),
        Some(end) => format!("knows it: lent it to you on {since}, until {}", day(end)),
        None => format!("knows it until you change it: handed it over to you on {since}"),
    };
    format!("{told}, share {}", number(lent.id))
}

/// How somebody may know something who was given the same with another entry: behind their name.
pub(super) fn by_other_told(knower: &KnowerByOther) -> String {
    format!(
        "may know it: {} went to them with another entry, share {}",
        knower.same(),
        number(knower.share)
    )
}

/// What somebody knows by one share: since when, until when, what for and by whose word; and what is
/// to be said of a paper of theirs.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub(super) fn knower_told(
    vault: &Vault,
    knower: &Knower<'_>,
    entry: Option<&Entry>,
    day: TellDay<'_>,
) -> Result<Vec<String>> {
    let share = knower.line.share;
    let mut lines = share_told(knower, entry, day);
    let receipt = share.receipt.value().map(|it| ("receipt", it));
    let deletions = share.deletions_of(knower.item.entry);
    let deletions = deletions.map(|it| ("statement of deletion", it));
    for (what, filed) in receipt.into_iter().chain(deletions) {
        let Some(key) = share_papers::signer_of(filed) else {
            continue;
        };
        let lost = vault.told_of_lost_key(&key, filed.time, day)?;
        lines.extend(lost.map(|lost| format!("the {what} is {lost}")));
    }
    Ok(lines)
}

fn share_told(knower: &Knower<'_>, entry: Option<&Entry>, day: TellDay<'_>) -> Vec<String> {
    let share = knower.line.share;
    let Some(end) = knower.end else {
        let has = match knower.state {
            ShareState::Unsent => "may have",
            _ => "has",
        };
        let until = day(knower.line.until());
        let made_until = day(share.expires);
        let told_later = (made_until != until).then(|| format!(" (the share says {made_until})"));
        return vec![
            format!(
                "{has} {} since {}, until {until}{}, for \"{}\"",
                known_part(knower, entry),
                day(share.created),
                told_later.unwrap_or_default(),
                share.purpose
            ),
            allowed(knower, day),
        ];
    };
    let versions = knower
        .versions
        .iter()
        .map(|(slot, number)| version(slot, *number));
    let versions: Vec<String> = versions.collect();
    let ended = match end.state {
        ShareState::Expired => "ended",
        ShareState::Ended => "ended early",
        other => other.as_str(),
    };
    if let Some(login) = knower.line.login_left() {
        return vec![format!(
            "can log in as {login}, an own login, until you remove that: {ended} {}",
            day(end.time)
        )];
    }
    let deleted = match share.deletion_of(knower.item.entry) {
        // Who refuses it owes no deletion.
        _ if matches!(end.state, ShareState::Deleted | ShareState::Refused) => String::new(),
        Some(filed) => format!(", deletion confirmed {}{}", day(filed.time), by_mail(filed)),
        None => ", deletion not confirmed".to_owned(),
    };
    let until = match entry {
        Some(_) => " until you change it",
        None => ", which cannot be changed here any more",
    };
    let known = format!(
        "knows {}{until}: {ended} {}{deleted}",
        versions.join(" and "),
        day(end.time)
    );
    // A paper that is damaged is told where it is shown.
    let statements = share.deletions_of(knower.item.entry).map(Deletion::filed);
    let statements = statements.filter_map(|it| it.ok().flatten());
    let is_left = |it: &Deletion| !it.retained.is_empty() || it.outside.is_some();
    let left = statements.filter(is_left);
    // A later statement takes nothing back of what an earlier one says is left.
    let mut lines = vec![known];
    for line in left.flat_map(|it| it.left(day)) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// What somebody has: all of it is `it`, and a secret that is not the current one has its number.
fn known_part(knower: &Knower<'_>, entry: Option<&Entry>) -> String {
    if let Some(login) = &knower.line.share.login {
        return format!("own login {login}");
    }
    let is_outdated = |slot: &str| {
        let sent = entry.zip(knower.item.versions.get(slot));
        sent.is_some_and(|(entry, sent)| !is_in_use(entry, slot, *sent))
    };
    let Some((_, number)) = knower.versions.iter().find(|(slot, _)| *slot == "secret") else {
        let fields = knower.item.fields.join(" and ");
        return if knower.versions.iter().any(|(slot, _)| is_outdated(slot)) {
            format!("{fields}, not the current one,")
        } else {
            fields
        };
    };
    match number {
        Some(number) if is_outdated("secret") => {
            format!("version {number}, which is not the current one,")
        }
        _ => "it".to_owned(),
    }
}

fn version(slot: &str, number: Option<u32>) -> String {
    let name = slot.strip_prefix(ATTACHMENT).unwrap_or(slot);
    match (slot, number) {
        ("secret", Some(number)) => format!("version {number}"),
        (_, Some(number)) => format!("version {number} of {name}"),
        (_, None) => name.to_owned(),
    }
}

/// What is said behind a paper that nobody signed.
fn by_mail(filed: &FiledDocument) -> &'static str {
    match filed.mailed_from {
        Some(_) => " by mail",
        None => "",
    }
}

/// Who allowed it, when, how sure that is, and whether it has arrived.
fn allowed(knower: &Knower<'_>, day: TellDay<'_>) -> String {
    let share = knower.line.share;
    let received = match knower.state {
        _ if share.login.is_some() => "no secret was shared".to_owned(),
        ShareState::Received => {
            let how = share.receipt.value().map_or("", by_mail);
            format!("received{how}")
        }
        ShareState::Unsent => "not sent, as far as is known".to_owned(),
        _ => "no receipt yet".to_owned(),
    };
    let number = number(knower.line.under());
    let Some(consent) = knower.line.consent else {
        return format!("the permission {number} is not on record; {received}");
    };
    let given = consent.events.iter().find(|event| event.state == "given");
    let given = given.map_or(consent.not_before(), |event| event.time);
    format!(
        "{} allowed it on {} ({}), number {number}; {received}",
        giver(consent).unwrap_or("nobody named"),
        day(given),
        consent.assurance().map_or("unproved", Assurance::as_str),
    )
}
