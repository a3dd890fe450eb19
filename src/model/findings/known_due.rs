//! What others may know although they may no longer use it: it is to be changed.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::finding::Level;
use super::rule::{Examined, Rule, day};
use crate::error::Result;
use crate::model::entry::field::SECRET;
use crate::model::records::entry::{Entry, Version};
use crate::model::records::record_id::number;
use crate::model::records::share::ShareEnd;
use crate::model::rotation::exposure::{self, Exposure, Exposures, IN_TRASH, remedies};
use crate::model::sharing::who::{Knower, Subject};
use crate::model::vault::Vault;

/// How long after its end that is told which was removed for good and may be on a lost device.
const LOST_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Looks for secrets in use that somebody may know by a share that is over.
pub(super) fn known(
    vault: &Vault,
    (all, exposures): (&[(String, &Entry)], &Exposures),
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Examined> {
    let mut rule = Rule::new(
        "share-ended-not-rotated",
        "nobody knows what they may not use",
    );
    for (path, entry) in all {
        let exposed = exposures.of(entry);
        let Some((_, worst)) = exposed.first() else {
            continue;
        };
        let level = if worst.is_orderly() {
            Level::Medium
        } else {
            Level::High
        };
        let known = known_to(vault, path, &exposed, zone)?;
        let message = if entry.is_removed() {
            format!("{known}; it {IN_TRASH}")
        } else {
            known
        };
        let fixes = path
            .parse()
            .map(|path| remedies(&path, entry, &exposures.known_slots(entry)));
        let about = (entry.id, path.as_str());
        let fix = fixes.unwrap_or_default().join("; ");
        match exposed.iter().map(|it| known_since(entry, *it)).max() {
            Some(since) => rule.find_since(since, level, about, (message, &fix)),
            None => rule.find(level, about, message, &fix),
        }
    }
    removed(vault, now, zone, &mut rule)?;
    Ok(rule.0)
}

/// Since when somebody may know what is in use: the end of their share, or when what they know came
/// into use here.
fn known_since(entry: &Entry, (slot, how): (&str, Exposure)) -> Timestamp {
    let version = entry.current(slot).map(Version::in_use_since);
    version.map_or(how.since, |since| since.max(how.since))
}

/// Looks for what was removed for good and may be known still: nothing here can show any more that
/// it was changed, only the statement that it is deleted.
fn removed(vault: &Vault, now: Timestamp, zone: &TimeZone, rule: &mut Rule) -> Result<()> {
    let everybody = Subject::Contact(vault.contacts.all()?);
    let known = vault.knowledge(&everybody, now)?;
    let mut by_share: BTreeMap<_, (&Knower<'_>, ShareEnd, Vec<&str>)> = BTreeMap::new();
    for entry in known.entries.iter().filter(|it| it.entry.is_none()) {
        let over = entry.knowers.iter().filter(|it| !it.versions.is_empty());
        for knower in over {
            let is_over = vault.is_of_closed(&knower.line);
            let end = knower.end.filter(|_| !is_over);
            let Some(end) = end.filter(|it| !is_for_ever(knower, *it, now)) else {
                continue;
            };
            let share = knower.line.share;
            let of_share = by_share.entry((share.created, share.id));
            let (_, _, paths) = of_share.or_insert_with(|| (knower, end, Vec::new()));
            paths.push(&knower.item.path);
        }
    }
    for (knower, end, paths) in by_share.into_values() {
        let (share, lost) = (knower.line.share, knower.line.lost().is_some());
        let id = number(share.id);
        let contact = vault.contact_name(share.recipient.contact)?;
        let (what, since) = (paths.join(", "), day(end.time, zone));
        let who = exposure::knower(&contact, lost);
        let message = format!(
            "{who} may know {what}, removed here for good: share {id} ended on \
             {since} ({})",
            end.state
        );
        let level = if end.state.is_orderly() && !lost {
            Level::Medium
        } else {
            Level::High
        };
        let fix = if lost {
            "change it at the site, unless it is gone there too"
        } else {
            "change it at the site, unless it is gone there too; the finding goes with their word \
             that it is deleted: vault ack FILE"
        };
        rule.find(level, (share.id, id.as_str()), message, fix);
    }
    Ok(())
}

/// Whether nothing could settle it, since whoever has a lost device signs nothing, and it was told for
/// long enough.
fn is_for_ever(knower: &Knower<'_>, end: ShareEnd, now: Timestamp) -> bool {
    knower.line.lost().is_some() && end.time + LOST_FOR <= now
}

/// Who may know what of an entry, share by share.
fn known_to(
    vault: &Vault,
    path: &str,
    exposed: &[(&str, Exposure)],
    zone: &TimeZone,
) -> Result<String> {
    let mut by_share: Vec<(Exposure, Vec<&str>)> = Vec::new();
    for (slot, how) in exposed {
        match by_share.iter_mut().find(|(it, _)| it.share == how.share) {
            Some((_, slots)) => slots.push(slot),
            None => by_share.push((*how, vec![slot])),
        }
    }
    let mut told = Vec::new();
    for (how, slots) in by_share {
        let who = how.knower(&vault.contact_name(how.contact)?);
        let others: Vec<&str> = slots.iter().copied().filter(|it| *it != SECRET).collect();
        let others = others.join(" and ");
        let what = match (slots.contains(&SECRET), others.is_empty()) {
            (true, true) => path.to_owned(),
            (true, false) => format!("{path} and its {others}"),
            (false, _) => format!("{others} of {path}"),
        };
        let (share, since) = (number(how.share), day(how.since, zone));
        told.push(format!(
            "{who} may know {what}: share {share} ended on {since} ({})",
            how.cause
        ));
    }
    Ok(told.join("; "))
}
