//! Rules about how entries are looked after: second factors, use, age.

use jiff::{SignedDuration, Timestamp, Zoned};

use super::{AuditPolicy, LastUses};
use crate::error::Result;
use crate::model::findings::finding::Level;
use crate::model::findings::rule::{Examined, Rule, day};
use crate::model::records::entry::{Entry, SecondFactor, Version};
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// How long an entry may lie unused before it is worth asking whether it is still needed.
const UNUSED: SignedDuration = SignedDuration::from_hours(24 * 365);
/// How old a password may be by PCI DSS 4.0, 8.3.9.
const PCI_AGE: SignedDuration = SignedDuration::from_hours(24 * 90);

/// Looks at each live entry.
pub(super) fn examine(
    vault: &Vault,
    uses: &LastUses,
    policy: AuditPolicy,
    here: &Zoned,
) -> Result<Vec<Examined>> {
    let live = vault.live()?;
    let mut all = vec![second_factors(&live), unused(vault, &live, uses, here)?];
    if policy == AuditPolicy::Pci {
        all.push(old(&live, here));
    }
    Ok(all)
}

fn second_factors(live: &[(String, &Entry)]) -> Examined {
    let mut rule = Rule::new(
        "no-second-factor",
        "each login has its second factor on record",
    );
    for (path, entry) in live {
        let is_login = !entry.urls().is_empty() && entry.username.value().is_some();
        if is_login && entry.current("secret").is_some() && entry.second_factor().is_none() {
            let word = as_word(path);
            let fix = format!(
                "set it up at the site, then: vault edit {word} --totp; or note how it is: \
                 vault edit {word} --second-factor none"
            );
            let message = format!("{path} has no second factor");
            rule.find(Level::Medium, (entry.id, path.as_str()), message, &fix);
        }
    }
    rule.0
}

/// Entries that nobody has used for long, and of which nobody has said since that they are needed.
pub(in crate::model::findings) fn unused(
    vault: &Vault,
    live: &[(String, &Entry)],
    uses: &LastUses,
    here: &Zoned,
) -> Result<Examined> {
    let mut rule = Rule::new("unused", "each entry was used within 12 months");
    let (now, zone) = (here.timestamp(), here.time_zone());
    let answers = vault.review_answers()?;
    for (path, entry) in live {
        let changed = entry.updated().max(entry.created);
        let last = uses
            .get(&entry.id)
            .map_or(changed, |used| changed.max(*used));
        let is_new = |time: Timestamp| now < time + UNUSED;
        if !is_new(last) && !answers.last_kept(entry.id).is_some_and(is_new) {
            let message = format!("{path} was last used on {}", day(last, zone));
            let fix = format!(
                "give it back, if the client needs it no more from you: vault rm {}",
                as_word(path)
            );
            rule.find(Level::Low, (entry.id, path.as_str()), message, &fix);
        }
    }
    Ok(rule.0)
}

fn old(live: &[(String, &Entry)], here: &Zoned) -> Examined {
    let mut rule = Rule::new("secret-old", "each password is at most 90 days old");
    let (now, zone) = (here.timestamp(), here.time_zone());
    for (path, entry) in live {
        let since = entry.current("secret").map(Version::in_use_since);
        let is_old = |since: &Timestamp| *since + PCI_AGE <= now;
        let is_alone = matches!(entry.second_factor(), None | Some(SecondFactor::Nothing));
        if let Some(since) = since.filter(is_old).filter(|_| is_alone) {
            let message = format!("the secret of {path} is that of {}", day(since, zone));
            let fix = format!("vault rotate {}", as_word(path));
            rule.find(Level::Medium, (entry.id, path.as_str()), message, &fix);
        }
    }
    rule.0
}
