//! What is due: what somebody is to change, to ask for or to decide, by what the vault knows.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::compromised::{incident_unchanged, incident_untold, leaked};
use super::deletion_due::deletion_due;
use super::finding::Level;
use super::known_due::known;
use super::replies_due::{deletions, receipts};
use super::review_due::reviews;
use super::rule::{Examined, Rule, day};
use crate::error::Result;
use crate::model::consent::agreed_terms::AgreedTerms;
use crate::model::records::client::{Assurance, Client};
use crate::model::records::consent::{Consent, ConsentState};
use crate::model::records::entry::Entry;
use crate::model::records::record_id::number;
use crate::model::rotation::due::DueReason;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// How long before its end a permission is told.
const NOTICE: SignedDuration = day_count(14);
/// How long a rotation may be pending before that is more than worth knowing.
const PENDING: SignedDuration = day_count(7);
/// How long past the end of retention is worst.
const RETENTION: SignedDuration = day_count(30);

const fn day_count(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// Looks at all that can be due by now; days are those where that is.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub fn due(vault: &Vault, here: &Zoned) -> Result<Vec<Examined>> {
    let (now, zone) = (here.timestamp(), here.time_zone());
    // What is in the trash works at the site as before.
    let all = vault.entries_by_path(|_| true)?;
    let live: Vec<(&str, &Entry)> = (all.iter())
        .filter(|(_, entry)| !entry.is_removed())
        .map(|(path, entry)| (path.as_str(), *entry))
        .collect();
    let exposures = vault.exposures(now)?;
    let of_all = (all.as_slice(), &exposures);
    let mut examined = vec![
        known(vault, of_all, now, zone)?,
        leaked(of_all, zone),
        incident_unchanged(vault, of_all, zone)?,
        incident_untold(vault, zone)?,
        logins(vault, now, zone)?,
        rotations(&live, now, zone),
        expired(&live, now, zone),
        pending(&live, now, zone),
        refused_by_host(&live, zone),
        conflicts(&live),
        requests(vault, now, zone)?,
        asks(vault, now, zone)?,
        receipts(vault, now, zone)?,
        deletions(vault, now, zone)?,
        deletion_due(vault, now, zone)?,
        permissions(vault, now, zone)?,
        lapsed(vault, now, zone)?,
        retention(vault, now, zone),
    ];
    examined.extend(reviews(vault, of_all, now, zone)?);
    Ok(examined)
}

/// Logins of others at a site that outlived their share.
fn logins(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new("login-left", "no login outlived its share");
    for line in vault.ledger(now)? {
        let (Some(login), Some(end)) = (line.login_left(), line.end) else {
            continue;
        };
        let id = number(line.share.id);
        let contact = vault.contact_name(line.share.recipient.contact)?;
        let since = day(end.time, zone);
        let message = format!("{contact} can still log in as {login}: share {id} ended on {since}");
        let fix = format!("remove that login at the site, then: vault grant --removed {id}");
        let about = (line.share.id, id.as_str());
        rule.find(Level::High, about, message, &fix);
    }
    Ok(rule.0)
}

/// Secrets that are to be changed by how often their entry says.
fn rotations(live: &[(&str, &Entry)], now: Timestamp, zone: &TimeZone) -> Examined {
    let mut rule = Rule::new("rotation", "no secret is to be changed by its own rule");
    for (path, entry) in live {
        if let Some(DueReason::Rule(since)) = entry.due(now) {
            let message = format!("{path} is due since {}", day(since, zone));
            let fix = format!("vault rotate {}", as_word(path));
            rule.find(Level::Medium, (entry.id, *path), message, &fix);
        }
    }
    rule.0
}

/// Credentials that have ended.
fn expired(live: &[(&str, &Entry)], now: Timestamp, zone: &TimeZone) -> Examined {
    let mut rule = Rule::new("expired", "no credential is past its end");
    for (path, entry) in live {
        if let Some(DueReason::Expired(since)) = entry.due(now) {
            let message = format!("{path} expired on {}", day(since, zone));
            let fix = format!("vault rotate {}", as_word(path));
            rule.find(Level::Medium, (entry.id, *path), message, &fix);
        }
    }
    rule.0
}

/// Secrets that their site refuses.
fn refused_by_host(live: &[(&str, &Entry)], zone: &TimeZone) -> Examined {
    let mut rule = Rule::new("refused-by-host", "no site is known to refuse its secret");
    for (path, entry) in live {
        if let Some(since) = entry.refused_by_host() {
            let message = format!(
                "the site refused the secret of {path} on {}",
                day(since, zone)
            );
            let fix = format!(
                "store the one that it has: vault edit {} --secret",
                as_word(path)
            );
            let about = (entry.id, *path);
            rule.find_since(since, Level::High, about, (message, &fix));
        }
    }
    rule.0
}

/// Changes of a secret that are not through.
fn pending(live: &[(&str, &Entry)], now: Timestamp, zone: &TimeZone) -> Examined {
    let mut rule = Rule::new("pending", "no rotation waits to be confirmed");
    for (path, entry) in live {
        let Some(pending) = entry.pending() else {
            continue;
        };
        let level = if pending.created + PENDING <= now {
            Level::Medium
        } else {
            Level::Low
        };
        let (number, since) = (pending.number, day(pending.created, zone));
        let message = format!("version {number} of {path} has been pending since {since}");
        let fix = format!("vault rotate {} --confirm, or --abort", as_word(path));
        rule.find(level, (entry.id, *path), message, &fix);
    }
    rule.0
}

/// Entries that devices have changed apart, of which nobody has chosen yet.
fn conflicts(live: &[(&str, &Entry)]) -> Examined {
    let mut rule = Rule::new(
        "conflict",
        "nothing that was written apart waits to be settled",
    );
    for (path, entry) in live {
        if entry.is_unsettled() {
            let message = format!("{path} was changed on two devices, and one has to be chosen");
            let about = (entry.id, *path);
            rule.find(Level::Medium, about, message, "vault conflicts");
        }
    }
    rule.0
}

fn requests(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new(
        "request-unanswered",
        "no request waits for its answer too long",
    );
    for consent in vault.all_consents()? {
        let asked = AgreedTerms::from_json(&consent.terms)?.asked;
        let late = asked.is_none_or(|asked| asked.is_late(now));
        if vault.consent_state(consent, now)? == ConsentState::Requested && late {
            let (id, asked) = (number(consent.id), day(consent.created, zone));
            let about = (consent.id, id.as_str());
            let client = client(vault, consent);
            let message = format!("{client} has not answered request {id} of {asked}");
            let fix = format!("ask again, or take it back: vault consent cancel {id}");
            rule.find(Level::Medium, about, message, &fix);
        }
    }
    Ok(rule.0)
}

fn asks(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new(
        "ask-unanswered",
        "no request for credentials waits for its answer too long",
    );
    let asks = vault.asks.all()?.into_iter();
    for ask in asks.filter(|ask| ask.is_open() && ask.until <= now) {
        let (id, asked) = (number(ask.id), day(ask.created, zone));
        let path = vault.path_of_ask(ask)?;
        let message = format!("request {id} of {asked} for {path} is not answered");
        let fix = format!("ask again, or give it up: vault ask close {id}");
        rule.find(Level::Low, (ask.id, id.as_str()), message, &fix);
    }
    Ok(rule.0)
}

fn client<'a>(vault: &'a Vault, consent: &Consent) -> &'a str {
    let mut clients = vault.clients.iter();
    let client = clients.find(|client| client.id == consent.client);
    client.map_or("a client", |client| client.slug())
}

/// Whether a written answer to what was only said would change anything: when it ends, or whether
/// it is enough for the client.
fn waits_for_writing(vault: &Vault, consent: &Consent) -> bool {
    let client = vault.clients.iter().find(|it| it.id == consent.client);
    let least = client.and_then(Client::least_assurance);
    let suffices = least.is_some_and(|least| least <= Assurance::Attested);
    consent.is_shorter_unwritten() || consent.is_provisional() && !suffices
}

fn permissions(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new("permission-ending", "no permission ends within 14 days");
    let all = vault.all_consents()?;
    for consent in all.iter().filter(|it| !is_asked_for(&all, it, now)) {
        let is_given = vault.consent_state(consent, now)? == ConsentState::Given;
        if is_given && consent.is_live(now) && consent.end() <= now + NOTICE {
            let (id, end) = (number(consent.id), day(consent.end(), zone));
            let about = (consent.id, id.as_str());
            let client = client(vault, consent);
            let mut message = format!("permission {id} of {client} ends on {end}");
            let mut fix = format!("to ask for more time: vault consent renew {id} --expires 90d");
            let is_unwritten = waits_for_writing(vault, consent);
            if is_unwritten {
                message.push_str(": it was given by word, and the written answer is missing");
                fix = format!("ask for it, then: vault consent answer {id} MAIL");
            }
            if consent.is_shortened() {
                // They want no more time: whoever has it may not know.
                match vault.outlasting(consent.id, now)?.first() {
                    Some(share) => {
                        let to = vault.contact_name(share.recipient.contact)?;
                        let share = number(share.id);
                        message = format!("{message}, and share {share} tells {to} a later end");
                        let told = format!(
                            "to tell {to}: vault share --renew {share}; to end it now: vault revoke \
                             {share}"
                        );
                        fix = if is_unwritten {
                            format!("{fix}; {told}")
                        } else {
                            told
                        };
                    }
                    // What was only said is to be written all the same.
                    None if is_unwritten => {}
                    None => continue,
                }
            }
            rule.find(Level::Medium, about, message, &fix);
        }
    }
    Ok(rule.0)
}

/// Permissions that were only said and have ended for that, until they are asked for once more.
fn lapsed(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new(
        "permission-lapsed",
        "no permission has lapsed for want of a written answer",
    );
    let all = vault.all_consents()?;
    for consent in all.iter().filter(|it| !is_asked_for(&all, it, now)) {
        let is_new = consent.end() <= now && now < consent.end() + NOTICE;
        if is_new
            && consent.is_out_unwritten(now)
            && vault.live_clients().any(|it| it.id == consent.client)
        {
            let (id, end) = (number(consent.id), day(consent.end(), zone));
            let about = (consent.id, id.as_str());
            let client = client(vault, consent);
            let message = format!("permission {id} of {client} was only said, and lapsed on {end}");
            let fix = format!(
                "their written yes revives it: vault consent answer {id} MAIL; or ask anew: vault \
                 consent renew {id} --expires 90d"
            );
            rule.find(Level::Medium, about, message, &fix);
        }
    }
    Ok(rule.0)
}

/// Whether a renewal of a consent is asked for or given.
fn is_asked_for(all: &[&Consent], consent: &Consent, now: Timestamp) -> bool {
    let mut renewals = all.iter().filter(|it| it.supersedes == Some(consent.id));
    renewals.any(|it| it.is_open(now))
}

fn retention(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Examined {
    let mut rule = Rule::new(
        "retention-past",
        "nothing is kept longer than its client wants",
    );
    for client in vault.live_clients() {
        if let Some(end) = client.records_until().filter(|end| *end <= now) {
            let slug = client.slug();
            let message = format!(
                "the records of {slug}, who was closed, were to stay until {}",
                day(end, zone)
            );
            let fix = format!("vault purge --records {}", as_word(slug));
            rule.find(Level::Medium, (client.id, slug), message, &fix);
        }
    }
    for client in vault.open_clients() {
        if let Some(end) = client.retention_ended(now) {
            let level = if end + RETENTION <= now {
                Level::High
            } else {
                Level::Medium
            };
            let slug = client.slug();
            let message = format!("{slug}'s data may be kept until {} only", day(end, zone));
            let fix = format!(
                "give it back, or agree on more: vault client edit {} --retain-until 1y",
                as_word(slug)
            );
            rule.find(level, (client.id, slug), message, &fix);
        }
    }
    rule.0
}

#[cfg(test)]
mod tests;
