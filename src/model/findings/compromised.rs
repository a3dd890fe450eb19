//! Secrets that have leaked or that an incident reaches, and who is to be told.

use jiff::tz::TimeZone;

use super::finding::Level;
use super::rule::{Examined, Rule, day};
use crate::error::Result;
use crate::model::entry::field::SECRET;
use crate::model::records::entry::Entry;
use crate::model::records::record_id::number;
use crate::model::rotation::compromised::CompromiseCause;
use crate::model::rotation::exposure::{Exposures, remedy};
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
            let Some(since) = listed.next().map(|it| it.since) else {
                continue;
            };
            let what = if slot == SECRET { "the secret" } else { slot };
            let since = day(since, zone);
            let message = format!("{what} of {path} stands in a list of leaked ones, seen {since}");
            let fix = path
                .parse()
                .map(|path| remedy(&path, slot))
                .unwrap_or_default();
            rule.find(Level::High, (entry.id, path.as_str()), message, &fix);
        }
    }
    rule.0
}

/// Secrets in use that an open incident reaches.
pub(super) fn incident_unchanged(
    (all, exposures): (&[(String, &Entry)], &Exposures),
    zone: &TimeZone,
) -> Examined {
    let mut rule = Rule::new("incident-unchanged", "no incident reaches a secret in use");
    for (path, entry) in all {
        let slots = entry.secrets().map(|(slot, _)| slot);
        let mut all = slots.flat_map(|slot| exposures.compromises(entry, slot));
        let found = all.find_map(|it| match it.cause {
            CompromiseCause::Incident(id) => Some((id, it.since)),
            CompromiseCause::Listed => None,
        });
        if let Some((id, since)) = found {
            let id = number(id);
            let message = format!("incident {id} of {} reaches {path}", day(since, zone));
            let fix = format!("vault rotate --due --incident {id}");
            rule.find(Level::High, (entry.id, path.as_str()), message, &fix);
        }
    }
    rule.0
}

/// Clients that an open incident concerns and that nobody told.
pub(super) fn incident_untold(vault: &Vault, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new(
        "incident-untold",
        "of each incident those concerned were told",
    );
    let slugs = vault.slugs();
    for incident in vault.incidents.all()? {
        for client in incident.untold() {
            if incident.is_closed() {
                continue;
            }
            let (id, slug) = (
                number(incident.id),
                slugs.get(&client).copied().unwrap_or("a client"),
            );
            let since = day(incident.aware, zone);
            let message = format!("{slug} was not told of incident {id}, known since {since}");
            let fix = format!(
                "vault incident notice {id} --client {0} --out FILE, then: vault incident told {id} {0} --by HOW",
                as_word(slug)
            );
            rule.find(Level::High, (client, slug), message, &fix);
        }
    }
    Ok(rule.0)
}
