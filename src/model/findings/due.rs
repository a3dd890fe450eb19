//! What is due: what somebody is to change, to ask for or to decide, by what the vault knows.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::compromised::{incident_unchanged, incident_untold, leaked};
use super::deletion_due::deletion_due;
use super::finding::Level;
use super::known_due::known;
use super::replies_due::{deletions, receipts};
use super::rule::{Examined, Rule, day};
use crate::error::Result;
use crate::model::consent::agreed_terms::AgreedTerms;
use crate::model::records::consent::{Consent, ConsentState};
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
    Ok(vec![
        known(vault, now, zone)?,
        leaked(vault, zone)?,
        incident_unchanged(vault, zone)?,
        incident_untold(vault, zone)?,
        logins(vault, now, zone)?,
        rotations(vault, now, zone)?,
        expired(vault, now, zone)?,
        pending(vault, now, zone)?,
        requests(vault, now, zone)?,
        receipts(vault, now, zone)?,
        deletions(vault, now, zone)?,
        deletion_due(vault, now, zone)?,
        permissions(vault, now, zone)?,
        lapsed(vault, now, zone)?,
        retention(vault, now, zone),
        reviews(vault, now, zone)?,
    ])
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
fn rotations(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new("rotation", "no secret is to be changed by its own rule");
    for (path, entry) in vault.live()? {
        if let Some(DueReason::Rule(since)) = entry.due(now) {
            let message = format!("{path} is due since {}", day(since, zone));
            let fix = format!("vault rotate {}", as_word(&path));
            rule.find(Level::Medium, (entry.id, path.as_str()), message, &fix);
        }
    }
    Ok(rule.0)
}

/// Credentials that have ended.
fn expired(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new("expired", "no credential is past its end");
    for (path, entry) in vault.live()? {
        if let Some(DueReason::Expired(since)) = entry.due(now) {
            let message = format!("{path} expired on {}", day(since, zone));
            let fix = format!("vault rotate {}", as_word(&path));
            rule.find(Level::Medium, (entry.id, path.as_str()), message, &fix);
        }
    }
    Ok(rule.0)
}

/// Changes of a secret that are not through.
fn pending(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new("pending", "no rotation waits to be confirmed");
    for (path, entry) in vault.live()? {
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
        let fix = format!("vault rotate {} --confirm, or --abort", as_word(&path));
        rule.find(level, (entry.id, path.as_str()), message, &fix);
    }
    Ok(rule.0)
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

fn client<'a>(vault: &'a Vault, consent: &Consent) -> &'a str {
    let mut clients = vault.clients.iter();
    let client = clients.find(|client| client.id == consent.client);
    client.map_or("a client", |client| client.slug())
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
            if consent.is_provisional() {
                message.push_str(": it was given by word, and the written answer is missing");
                fix = format!("ask for it, then: vault consent answer {id} MAIL");
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
            && consent.is_lapsed(now)
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

fn reviews(vault: &Vault, now: Timestamp, zone: &TimeZone) -> Result<Examined> {
    let mut rule = Rule::new("contact-review-due", "every contact was looked at in time");
    for contact in vault.live_contacts()? {
        if let Some(due) = contact.review_due(now) {
            let name = contact.name();
            let message = format!("the access review of {name} was due on {}", day(due, zone));
            let fix = format!(
                "once reviewed: vault contact edit {} --review-by 1y",
                as_word(name)
            );
            rule.find(Level::Medium, (contact.id, name), message, &fix);
        }
    }
    Ok(rule.0)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use crate::model::consent::ending::PermissionPart;
    use crate::model::consent::permit::world::World;
    use crate::model::people::client_changes::ClientChanges;
    use crate::model::people::contact_changes::ContactChanges;
    use crate::model::records::share::FiledDocument;
    use crate::model::testing::{author, day, path, replacement};

    /// The rules that find something on a day, each with what it is about.
    fn found(world: &World, on: i64) -> Vec<(&'static str, &'static str)> {
        let due = super::due(&world.vault, &day(on).to_zoned(TimeZone::UTC)).unwrap();
        let all = due.iter().flat_map(|rule| &rule.findings);
        all.map(|it| (it.rule, it.level.as_str())).collect()
    }

    #[test]
    fn what_others_owe_is_told_three_days_after_it_was_due() {
        let mut world = World::new();
        world.consent("acme");
        world.share(&world.ask(&["acme/wp"], &[]), 1);
        assert!(found(&world, 3).is_empty());
        assert_eq!(found(&world, 4), [("receipt-missing", "medium")]);
        // It ended on day 15: what is known is to be changed at once.
        assert_eq!(found(&world, 17)[0], ("share-ended-not-rotated", "medium"));
        assert!(!found(&world, 17).contains(&("deletion-missing", "medium")));
        assert!(found(&world, 18).contains(&("deletion-missing", "medium")));
        assert!(!found(&world, 18).contains(&("receipt-missing", "medium")));
    }

    #[test]
    fn what_somebody_owes_of_several_shares_is_told_together() {
        let mut world = World::new();
        world.consent("acme");
        for entry in ["acme/wp", "acme/db"] {
            world.share(&world.ask(&[entry], &[]), 1);
        }
        let told = |on: i64, rule: &str| {
            let due = super::due(&world.vault, &day(on).to_zoned(TimeZone::UTC)).unwrap();
            let found = due.iter().flat_map(|it| &it.findings);
            let found = found.filter(|it| it.rule == rule);
            found.map(|it| it.message.clone()).collect::<Vec<_>>()
        };
        for (on, rule) in [(4, "receipt-missing"), (18, "deletion-missing")] {
            let told = told(on, rule);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].starts_with("bob has not confirmed "), "{told:?}");
            assert!(told[0].contains("2 shares ("), "{told:?}");
        }
    }

    #[test]
    fn a_part_that_ended_alone_is_told_as_that_part() {
        let mut world = World::new();
        let consent = world.consent("acme");
        world.share(&world.ask(&["acme/wp", "acme/db"], &[]), 1);
        let part = PermissionPart {
            entries: vec![world.vault.entry(&path("acme/db")).unwrap().id],
            contacts: Vec::new(),
        };
        let vault = &mut world.vault;
        vault
            .withdraw_consent(consent, &part, None, &author(2))
            .unwrap();
        let due = super::due(&world.vault, &day(5).to_zoned(TimeZone::UTC)).unwrap();
        let mut all = due.iter().flat_map(|rule| &rule.findings);
        let found = all.find(|it| it.rule == "deletion-missing").unwrap();
        assert!(found.message.contains("that acme/db of share "));
        assert!(
            found
                .fix
                .as_ref()
                .unwrap()
                .contains("vault share --update ")
        );
    }

    #[test]
    fn an_early_end_is_worse_and_a_new_secret_settles_it() {
        let mut world = World::new();
        let consent = world.consent("acme");
        world.share(&world.ask(&["acme/wp"], &["secret"]), 1);
        world.happens(consent, "withdrawn", 2);
        assert_eq!(found(&world, 2), [("share-ended-not-rotated", "high")]);
        let (at, new) = (path("acme/wp"), replacement("new"));
        world.vault.rotate(&at, new, &author(2)).unwrap();
        assert!(found(&world, 2).is_empty());
    }

    #[test]
    fn permissions_that_end_and_rotations_that_wait_are_told() {
        let mut world = World::new();
        world.consent("acme");
        assert!(found(&world, 75).is_empty());
        assert_eq!(found(&world, 76), [("permission-ending", "medium")]);
        assert!(found(&world, 90).is_empty(), "it is over");
        let (at, new) = (path("acme/wp"), replacement("new"));
        world
            .vault
            .begin_rotation(&at, new, false, &author(1))
            .unwrap();
        assert_eq!(found(&world, 2), [("pending", "low")]);
        assert_eq!(found(&world, 8), [("pending", "medium")]);
    }

    #[test]
    fn what_was_only_said_is_told_for_a_while_after_it_lapsed_unless_it_is_asked_for() {
        let mut world = World::new();
        let said = world.consent_with("acme", |it| it.assurance = "attested");
        let stamp = world.vault.seen.next(author(0).device);
        let consent = world.vault.consents.by_id_mut(said).unwrap();
        consent.provisional_until.set(stamp, Some(day(7)));
        let lapsed = [("permission-lapsed", "medium")];
        assert_eq!(found(&world, 6), [("permission-ending", "medium")]);
        assert_eq!(found(&world, 7), lapsed);
        assert_eq!(found(&world, 20), lapsed);
        assert!(found(&world, 21).is_empty());
        let renewal = world.consent_with("acme", |it| it.events = &[("requested", 8)]);
        let renewal = world.vault.consents.by_id_mut(renewal).unwrap();
        renewal.supersedes = Some(said);
        assert!(!found(&world, 9).contains(&lapsed[0]));
        world.happens(said, "withdrawn", 9);
        assert!(!found(&world, 10).contains(&lapsed[0]));
    }

    #[test]
    fn what_was_removed_for_good_is_told_until_its_deletion_is_signed() {
        let mut world = World::new();
        world.consent("acme");
        let share = world.share(&world.ask(&["acme/wp"], &["secret"]), 1);
        world.vault.revoke_share(share, None, &author(2)).unwrap();
        world.vault.entries.retain(|_| false);
        let known = ("share-ended-not-rotated", "high");
        assert_eq!(found(&world, 2), [known]);
        assert!(found(&world, 90).contains(&known));
        let due = super::due(&world.vault, &day(2).to_zoned(TimeZone::UTC)).unwrap();
        let message = &due[0].findings[0].message;
        assert!(
            message.starts_with("bob may know acme/wp, removed here for good"),
            "{message}"
        );
        let stamp = world.vault.seen.next(author(4).device);
        let filed = FiledDocument::with(day(4), "gone".into());
        let share = world.vault.shares.by_id_mut(share).unwrap();
        share.attestation.set(stamp, Some(filed));
        assert!(found(&world, 5).is_empty());
    }

    #[test]
    fn of_two_shares_of_one_second_the_one_sent_last_owes_the_deletion() {
        let mut world = World::new();
        world.consent("acme");
        let ask = world.ask(&["acme/wp"], &[]);
        let shares = [world.share(&ask, 1), world.share(&ask, 1)];
        for id in shares {
            let stamp = world.vault.seen.next(author(2).device);
            let filed = FiledDocument::with(day(2), "here".into());
            let share = world.vault.shares.by_id_mut(id).unwrap();
            share.receipt.set(stamp, Some(filed));
            world.vault.revoke_share(id, None, &author(3)).unwrap();
        }
        let ledger = world.vault.ledger(day(4)).unwrap();
        let owing = ledger.iter().filter(|line| line.owes_deletion().is_some());
        let owing: Vec<_> = owing.map(|line| line.share.id).collect();
        assert_eq!(owing, [shares[1]]);
    }

    #[test]
    fn a_retention_and_a_review_that_are_past_are_told() {
        let mut world = World::new();
        let mut client = ClientChanges::default();
        client.values.retain_until = Some(day(5));
        let acme = "acme".parse().unwrap();
        world.vault.edit_client(&acme, client, &author(0)).unwrap();
        let mut contact = ContactChanges::default();
        contact.values.review_by = Some(day(6));
        let bob = "bob".parse().unwrap();
        world.vault.edit_contact(&bob, contact, &author(0)).unwrap();
        assert!(found(&world, 4).is_empty());
        assert_eq!(found(&world, 5), [("retention-past", "medium")]);
        assert_eq!(
            found(&world, 35),
            [("retention-past", "high"), ("contact-review-due", "medium")]
        );
    }
}
