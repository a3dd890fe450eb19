//! Secrets that have leaked or that an incident reaches, and who is to be told.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::finding::Level;
use super::rule::{Examined, Rule, day};
use crate::error::Result;
use crate::model::entry::field::SECRET;
use crate::model::records::entry::Entry;
use crate::model::records::incident::Incident;
use crate::model::records::record_id::number;
use crate::model::rotation::compromised::CompromiseCause;
use crate::model::rotation::exposure::{Exposures, remedies, remedy};
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// Secrets in use that stand in a list of leaked ones, those of entries in the trash too.
pub(super) fn leaked(
    (all, exposures): (&[(String, &Entry)], &Exposures),
    zone: &TimeZone,
) -> Examined {
    let mut rule = Rule::new("secret-leaked", "no secret stands in a list of leaked ones");
    for (path, entry) in all {
        for (slot, _) in entry.secrets() {
            let all = exposures.compromises(entry, slot).into_iter();
            let mut listed = all.filter(|it| it.cause == CompromiseCause::Listed);
            let Some(found) = listed.next_back().map(|it| it.since) else {
                continue;
            };
            let what = if slot == SECRET { "the secret" } else { slot };
            let since = day(found, zone);
            let message = format!("{what} of {path} stands in a list of leaked ones, seen {since}");
            let fix = path
                .parse()
                .map(|path| remedy(&path, slot))
                .unwrap_or_default();
            let about = (entry.id, path.as_str());
            rule.find_since(found, Level::High, about, (message, &fix));
        }
    }
    rule.0
}

/// What is in use and an incident reaches.
pub(super) fn incident_unchanged(
    vault: &Vault,
    (all, exposures): (&[(String, &Entry)], &Exposures),
    zone: &TimeZone,
) -> Result<Examined> {
    let mut rule = Rule::new("incident-unchanged", "no incident reaches what is in use");
    for (path, entry) in all {
        let mut slots = BTreeSet::new();
        let mut last: Option<&Incident> = None;
        for slot in exposures.known_slots(entry) {
            for it in exposures.compromises(entry, &slot) {
                if let CompromiseCause::Incident(id) = it.cause {
                    let incident = vault.incidents.by_id(id)?;
                    last = last
                        .filter(|it| it.created > incident.created)
                        .or(Some(incident));
                    slots.insert(slot.clone());
                }
            }
        }
        let Some(incident) = last else {
            continue;
        };
        let (id, since) = (number(incident.id), day(incident.aware, zone));
        let what: Vec<&str> = slots.iter().map(String::as_str).collect();
        let message = format!(
            "incident {id} of {since} reaches {path}: {}",
            what.join(", ")
        );
        let mut fixes = Vec::new();
        if slots.remove(SECRET) && !entry.is_removed() {
            fixes.push(format!("vault rotate --due --incident {id}"));
        }
        let others = path.parse().map(|path| remedies(&path, entry, &slots));
        fixes.extend(others.into_iter().flatten());
        let about = (entry.id, path.as_str());
        let fix = fixes.join("; ");
        rule.find_since(incident.created, Level::High, about, (message, &fix));
    }
    Ok(rule.0)
}

/// Clients whom an open incident concerns and whom nobody told, or not of all of it.
pub(super) fn incident_untold(vault: &Vault, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new(
        "incident-untold",
        "of each incident those concerned were told",
    );
    for incident in vault.incidents.all()? {
        for client in vault.untold(incident) {
            if incident.is_closed() {
                continue;
            }
            let (id, slug) = (number(incident.id), client.slug());
            let (what, since) = match incident.untold_find(client.id) {
                Some(found) => ("what was found later of ", found.aware),
                None => ("", incident.known_since(client.id)),
            };
            let since = day(since, zone);
            let message =
                format!("{slug} was not told of {what}incident {id}, known since {since}");
            let fix = format!(
                "call them, then: vault incident told {id} {0} --by phone; the letter: vault \
                 incident notice {id} --client {0} --out FILE",
                as_word(slug)
            );
            let about = (client.id, slug);
            let found = incident.last_found(client.id);
            rule.find_since(found, Level::High, about, (message, &fix));
        }
    }
    Ok(rule.0)
}
