//! Promise 7: nothing is shared outside a valid consent, whatever was done before.
//!
//! Random histories run against the library; beside them goes an oracle that knows no record, no
//! cell and no event, only what was said when, and decides by itself what may go.

#![expect(
    clippy::many_single_char_names,
    reason = "random numbers, each of which says what to do"
)]

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;
use vault::crypto::{AgeIdentity, SigningKey};
use vault::error::Kind;
use vault::exchange::letter::document_in;
use vault::exchange::share::make;
use vault::model::consent::changes::{Grant, Proof};
use vault::model::consent::ending::PermissionPart;
use vault::model::consent::permit::{Answer, Ask};
use vault::model::consent::terms::Terms;
use vault::model::entry::changes::Changes;
use vault::model::people::client_changes::ClientChanges;
use vault::model::people::contact_changes::ContactChanges;
use vault::model::records::access::Access;
use vault::model::records::cell::DeviceId;
use vault::model::records::client::Assurance;
use vault::model::records::consent::GrantedBy;
use vault::model::records::identity::Identity;
use vault::model::records::slot::Slot;
use vault::model::records::stamping::Author;
use vault::model::text::kdf::KdfParams;
use vault::model::text::secret::Secret;
use vault::model::vault::Vault;

const CLIENTS: [&str; 2] = ["acme", "globex"];
const CONTACTS: [&str; 2] = ["bob", "eve"];
const NAMES: [&str; 5] = ["wp", "wiki", "db", "prod/db", "prod/app/db"];
const PATTERNS: [&str; 6] = ["*", "**", "w*", "prod/*", "**/db", "prod/**"];
const FIELDS: [&str; 6] = ["secret", "username", "site", "notes", "totp", "urls"];
/// Days between two things that happen, at most.
const DAYS: u8 = 20;

/// What is done, with numbers that say to what.
type Step = (u8, [u8; 6]);

/// An entry, as far as it matters here.
#[derive(Clone)]
struct SaidEntry {
    client: usize,
    name: &'static str,
    fields: BTreeSet<&'static str>,
    site_is_hidden: bool,
    gone: bool,
}

/// A consent, as it was said.
struct SaidConsent {
    id: Uuid,
    client: usize,
    /// Who, by how many of that name were removed before.
    contact: (usize, usize),
    entries: Vec<usize>,
    pattern: Option<&'static str>,
    fields: Vec<&'static str>,
    from: i64,
    until: i64,
    is_document: bool,
    withdrawn: bool,
}

#[derive(Default)]
struct Oracle {
    today: i64,
    entries: Vec<SaidEntry>,
    consents: Vec<SaidConsent>,
    /// How often each contact was removed, and whether they are there now.
    removed: [usize; 2],
    absent: [bool; 2],
    wants_documents: [bool; 2],
    shared: usize,
    refused: usize,
}

/// What one share may hold: each entry with its fields, and its last day.
#[derive(Debug, PartialEq, Eq)]
struct Allowed {
    consent: Uuid,
    fields: Vec<BTreeSet<String>>,
    until: i64,
}

/// Whether a path below a client fits a pattern: part by part, a star for any piece of a part and
/// two for any number of parts, where one at the end stands for at least one.
fn fits(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["**"], rest) => !rest.is_empty(),
        (["**", after @ ..], path) => (0..=path.len()).any(|skip| fits(after, &path[skip..])),
        ([one, after @ ..], [part, rest @ ..]) => {
            let same = match one.split_once('*') {
                Some((start, end)) => {
                    part.len() >= start.len() + end.len()
                        && part.starts_with(start)
                        && part.ends_with(end)
                }
                None => one == part,
            };
            same && fits(after, rest)
        }
        _ => false,
    }
}

impl Oracle {
    fn covers(&self, consent: &SaidConsent, entry: usize) -> bool {
        let said = &self.entries[entry];
        let parts: Vec<&str> = said.name.split('/').collect();
        let by_pattern = consent
            .pattern
            .is_some_and(|pattern| fits(&pattern.split('/').collect::<Vec<_>>(), &parts));
        said.client == consent.client && (consent.entries.contains(&entry) || by_pattern)
    }

    /// The fields of an entry that may go under a consent.
    fn open(&self, consent: &SaidConsent, entry: usize) -> BTreeSet<&'static str> {
        let said = &self.entries[entry];
        let mut open = said.fields.clone();
        if consent.fields.is_empty() {
            open.retain(|field| ["secret", "username", "urls"].contains(field));
        } else {
            open.retain(|field| consent.fields.contains(field));
        }
        open
    }

    fn decide(
        &self,
        entries: &[usize],
        contact: usize,
        fields: &[&str],
        consent: Option<Uuid>,
        until: Option<i64>,
    ) -> Vec<Allowed> {
        if self.absent[contact] {
            return Vec::new();
        }
        let fitting = self.consents.iter().filter(|it| {
            consent.is_none_or(|id| it.id == id)
                && it.contact == (contact, self.removed[contact])
                && !it.withdrawn
                && (it.from..it.until).contains(&self.today)
                && until.is_none_or(|until| until <= it.until)
                && (it.is_document || !self.wants_documents[it.client])
                && entries.iter().all(|entry| {
                    let open = self.open(it, *entry);
                    self.covers(it, *entry)
                        && !open.is_empty()
                        && fields.iter().all(|field| open.contains(field))
                })
        });
        let allowed = fitting.map(|it| Allowed {
            consent: it.id,
            fields: (entries.iter())
                .map(|entry| {
                    let open = self.open(it, *entry).into_iter();
                    let asked = open.filter(|field| fields.is_empty() || fields.contains(field));
                    asked.map(str::to_owned).collect()
                })
                .collect(),
            until: until.unwrap_or(self.today + 14).min(it.until),
        });
        allowed.collect()
    }
}

fn day(number: i64) -> Timestamp {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(24 * number)
}

fn author(today: i64) -> Author<'static> {
    Author {
        device: DeviceId::from_random([1; 8]),
        now: day(today),
        new_id: &Uuid::new_v4,
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// The vault under test, and what was said.
struct World {
    vault: Vault,
    oracle: Oracle,
    recipient: String,
}

impl World {
    fn new() -> Self {
        let access = Access {
            salt: [0; 16],
            kdf: KdfParams::default(),
            key_file: false,
        };
        let age = AgeIdentity::generate();
        let signing = SigningKey::generate().to_openssh_pem().unwrap();
        let recipient = age.recipient();
        let identity = Identity::new(age.secret(), signing, secret("-"));
        let mut vault = Vault::new(Uuid::new_v4(), access, identity, &author(0));
        for client in CLIENTS {
            let none = ClientChanges::default();
            vault
                .add_client(&client.parse().unwrap(), none, &author(0))
                .unwrap();
        }
        let mut world = Self {
            vault,
            oracle: Oracle {
                wants_documents: [true; 2],
                ..Oracle::default()
            },
            recipient,
        };
        for contact in CONTACTS {
            world.add_contact(contact);
        }
        world
    }

    fn add_contact(&mut self, name: &str) {
        let mut changes = ContactChanges::default();
        changes.values.recipients = vec![self.recipient.clone()];
        let author = author(self.oracle.today);
        self.vault
            .add_contact(&name.parse().unwrap(), changes, &author)
            .unwrap();
    }

    fn path(&self, entry: usize) -> String {
        let said = &self.oracle.entries[entry];
        format!("{}/{}", CLIENTS[said.client], said.name)
    }

    fn step(&mut self, (what, [a, b, c, d, e, f]): Step) {
        let pick = |number: u8, of: usize| usize::from(number) % of;
        let known = self.oracle.entries.len();
        match what % 12 {
            0 | 1 => self.add_entry(pick(a, 2), NAMES[pick(b, NAMES.len())], c),
            2 if known > 0 => self.move_entry(pick(a, known), pick(b, 2), NAMES[pick(c, 5)]),
            3 if known > 0 && a % 3 == 0 => self.remove_entry(pick(b, known)),
            4 if known > 0 => self.turn_site(pick(a, known)),
            5..=7 => self.add_consent([a, b, c, d, e, f]),
            8 if !self.oracle.consents.is_empty() && a % 2 == 0 => self.withdraw(b),
            9 if a % 3 == 0 => self.come_or_go(pick(b, 2)),
            10 if a % 3 == 0 => self.ask_for_documents(pick(b, 2), c % 2 == 0),
            11 => self.oracle.today += i64::from(a % DAYS),
            _ => {}
        }
        for turn in 0..3 {
            self.share([a ^ turn, b, c.wrapping_add(turn), d, e, f]);
        }
    }

    fn add_entry(&mut self, client: usize, name: &'static str, bits: u8) {
        let has = |field: usize| bits >> field & 1 == 1;
        let mut fields = BTreeSet::from(["secret"]);
        let mut changes = Changes {
            secrets: vec![(Slot::Secret, secret("s"))],
            ..Changes::default()
        };
        if has(0) {
            fields.insert("username");
            changes.values.username = Some("u".into());
        }
        if has(1) {
            fields.insert("site");
            changes.fields = vec![("site".parse().unwrap(), "7".into())];
        }
        if has(2) {
            fields.insert("notes");
            changes.values.notes = Some("n".into());
        }
        if has(3) {
            fields.insert("totp");
            changes
                .secrets
                .push((Slot::Totp, secret("JBSWY3DPEHPK3PXP")));
        }
        let path = format!("{}/{name}", CLIENTS[client]).parse().unwrap();
        if self
            .vault
            .add(&path, changes, &author(self.oracle.today))
            .is_ok()
        {
            self.oracle.entries.push(SaidEntry {
                client,
                name,
                fields,
                site_is_hidden: false,
                gone: false,
            });
        }
    }

    fn move_entry(&mut self, entry: usize, client: usize, name: &'static str) {
        if self.oracle.entries[entry].gone {
            return;
        }
        let old = self.path(entry).parse().unwrap();
        let new = format!("{}/{name}", CLIENTS[client]).parse().unwrap();
        if self
            .vault
            .rename(&old, &new, &author(self.oracle.today))
            .is_ok()
        {
            let said = &mut self.oracle.entries[entry];
            (said.client, said.name) = (client, name);
        }
    }

    fn remove_entry(&mut self, entry: usize) {
        if !self.oracle.entries[entry].gone {
            let path = self.path(entry).parse().unwrap();
            self.vault
                .remove(&path, &author(self.oracle.today))
                .unwrap();
            self.oracle.entries[entry].gone = true;
        }
    }

    /// Makes the field `site` hidden, or visible again.
    fn turn_site(&mut self, entry: usize) {
        let said = &self.oracle.entries[entry];
        if said.gone || !said.fields.contains("site") {
            return;
        }
        let mut changes = Changes::default();
        let name = "site".parse().unwrap();
        if said.site_is_hidden {
            changes.fields = vec![(name, "8".into())];
        } else {
            changes.secrets = vec![(Slot::Field(name), secret("9"))];
        }
        let path = self.path(entry).parse().unwrap();
        self.vault
            .edit(&path, changes, &author(self.oracle.today))
            .unwrap();
        self.oracle.entries[entry].site_is_hidden ^= true;
    }

    fn add_consent(&mut self, [a, b, c, d, e, f]: [u8; 6]) {
        let (client, contact) = (usize::from(a) % 2, usize::from(b) % 2);
        let theirs = |entry: &usize| {
            let said = &self.oracle.entries[*entry];
            said.client == client && !said.gone
        };
        let mut entries: Vec<usize> = (0..self.oracle.entries.len()).filter(theirs).collect();
        entries.truncate(usize::from(c % 3));
        let pattern = PATTERNS.get(usize::from(d) % 9).copied();
        let mut fields = Vec::new();
        if e % 2 == 0 {
            fields.extend([FIELDS[usize::from(e) % 6], FIELDS[usize::from(f) % 6]]);
        }
        let mut scope: Vec<String> = entries.iter().map(|entry| self.path(*entry)).collect();
        scope.extend(pattern.map(|pattern| format!("{}/{pattern}", CLIENTS[client])));
        if scope.is_empty() || self.oracle.absent[contact] {
            return;
        }
        let today = self.oracle.today;
        let from = today + i64::from(f % 4) * 3;
        let until = from + 1 + i64::from(e % 40);
        let is_document = f % 2 == 0;
        let terms = Terms {
            client: CLIENTS[client].parse().unwrap(),
            to: vec![CONTACTS[contact].parse().unwrap()],
            scope: scope.iter().map(|item| item.parse().unwrap()).collect(),
            fields: fields.iter().map(|field| field.parse().unwrap()).collect(),
            purpose: "relaunch".into(),
            expires: day(until),
        };
        let proof = if is_document {
            Proof::Document {
                name: "letter".parse().unwrap(),
                media_type: "text/plain",
                bytes: b"yes".to_vec(),
                date: None,
            }
        } else {
            Proof::Note("by phone".into())
        };
        let grant = Grant {
            by: GrantedBy::with("Jo".into()),
            from: Some(day(from)),
            until: None,
            method: None,
            proof,
        };
        if let Ok(id) = self.vault.add_consent(&terms, grant, &author(today)) {
            self.oracle.consents.push(SaidConsent {
                id,
                client,
                contact: (contact, self.oracle.removed[contact]),
                entries,
                pattern,
                fields,
                from,
                until,
                is_document,
                withdrawn: false,
            });
        }
    }

    fn withdraw(&mut self, which: u8) {
        let which = usize::from(which) % self.oracle.consents.len();
        let said = &mut self.oracle.consents[which];
        let author = author(self.oracle.today);
        if self
            .vault
            .withdraw_consent(said.id, &PermissionPart::default(), None, &author)
            .is_ok()
        {
            said.withdrawn = true;
        }
    }

    fn come_or_go(&mut self, contact: usize) {
        if self.oracle.absent[contact] {
            self.add_contact(CONTACTS[contact]);
            self.oracle.absent[contact] = false;
            return;
        }
        let name = CONTACTS[contact].parse().unwrap();
        if self
            .vault
            .remove_contact(&name, &author(self.oracle.today))
            .is_ok()
        {
            self.oracle.removed[contact] += 1;
            self.oracle.absent[contact] = true;
        }
    }

    fn ask_for_documents(&mut self, client: usize, does: bool) {
        let least = if does {
            Assurance::Document
        } else {
            Assurance::Attested
        };
        let mut changes = ClientChanges::default();
        changes.values.min_assurance = Some(least.to_string());
        let slug = CLIENTS[client].parse().unwrap();
        self.vault
            .edit_client(&slug, changes, &author(self.oracle.today))
            .unwrap();
        self.oracle.wants_documents[client] = does;
    }

    /// Tries to share, and holds what comes of it against what the oracle says.
    fn share(&mut self, [a, b, c, d, e, f]: [u8; 6]) {
        let known = self.oracle.entries.len();
        if known == 0 {
            return;
        }
        let mut entries = vec![usize::from(a) % known];
        if b % 3 == 0 && usize::from(c) % known != entries[0] {
            entries.push(usize::from(c) % known);
        }
        let contact = usize::from(d) % 2;
        let fields: &[&str] = match e % 5 {
            0 => &["secret"],
            1 => &["site"],
            2 => &["username", "notes"],
            _ => &[],
        };
        let until = (f % 4 == 0).then(|| self.oracle.today + 1 + i64::from(e % 50));
        let chosen = match self.oracle.consents.len() {
            0 => None,
            count => (c % 2 == 0).then(|| self.oracle.consents[usize::from(d) % count].id),
        };
        let there = entries.iter().all(|entry| {
            let said = &self.oracle.entries[*entry];
            !said.gone && fields.iter().all(|field| said.fields.contains(field))
        });
        let mut allowed = Vec::new();
        if there {
            allowed = self.oracle.decide(&entries, contact, fields, chosen, until);
        }
        let Some(id) = self.contact_id(contact) else {
            return;
        };
        let paths = entries
            .iter()
            .map(|entry| self.path(*entry).parse().unwrap());
        let mut ask = Ask {
            fields: fields.iter().map(|field| field.parse().unwrap()).collect(),
            consent: chosen,
            expires: until.map(day),
            ..Ask::of(paths.collect(), id)
        };
        // A path may be another entry's by now.
        if entries.iter().any(|entry| self.oracle.entries[*entry].gone) {
            return;
        }
        if let Ok(Answer::Allowed(permit)) = self.vault.permit(&ask, day(self.oracle.today)) {
            ask.despite.changes = permit.changes;
        }
        let made = make(
            &mut self.vault,
            &ask,
            None,
            &TimeZone::UTC,
            &author(self.oracle.today),
        );
        match (made, allowed.as_slice()) {
            (Ok(made), [allowed]) => {
                self.oracle.shared += 1;
                let document: Value =
                    serde_json::from_str(document_in(made.plaintext.expose()).unwrap().expose())
                        .unwrap();
                let body: Value = serde_json::from_str(document["body"].as_str().unwrap()).unwrap();
                let items = body["items"].as_array().unwrap().iter().map(|item| {
                    let fields = item["fields"].as_object().unwrap().keys();
                    assert_eq!(item["attachments"], Value::Array(vec![]));
                    fields.cloned().collect()
                });
                let went = Allowed {
                    consent: made.permit.consent,
                    fields: items.collect(),
                    until: allowed.until,
                };
                assert_eq!(went, *allowed);
                let manifest = body["manifest"].as_str().unwrap();
                let manifest: Value = serde_json::from_str(manifest).unwrap();
                assert_eq!(manifest["expires"], day(allowed.until).to_string());
                assert_eq!(manifest["recipient"]["contact"], CONTACTS[contact]);
            }
            (Err(why), []) if there => {
                self.oracle.refused += 1;
                assert_eq!(why.kind(), Kind::Refused, "{why}");
            }
            (Err(why), []) => assert_eq!(why.kind(), Kind::NotFound, "{why}"),
            (Err(why), [_, _, ..]) => assert_eq!(why.kind(), Kind::Usage, "{why}"),
            (made, allowed) => panic!("{made:?}, and the oracle says {allowed:?}"),
        }
        assert_eq!(
            self.vault.shares.len(),
            self.oracle.shared,
            "what is recorded was allowed"
        );
    }

    fn contact_id(&self, contact: usize) -> Option<Uuid> {
        let live = self.vault.live_contacts().unwrap();
        let found = live.iter().find(|it| it.name() == CONTACTS[contact]);
        assert_eq!(found.is_none(), self.oracle.absent[contact]);
        found.map(|contact| contact.id)
    }
}

/// How often something was shared, and how often it was refused.
fn run(steps: &[Step]) -> (usize, usize) {
    let mut world = World::new();
    for step in steps {
        world.step(*step);
    }
    (world.oracle.shared, world.oracle.refused)
}

#[test]
fn the_oracles_patterns_are_those_of_the_help() {
    let fits = |pattern: &str, path: &str| {
        let (pattern, path): (Vec<_>, Vec<_>) =
            (pattern.split('/').collect(), path.split('/').collect());
        fits(&pattern, &path)
    };
    assert!(fits("*", "wp") && !fits("*", "prod/db"));
    assert!(fits("**", "wp") && fits("**", "prod/app/db"));
    assert!(fits("**/db", "db") && fits("**/db", "prod/app/db") && !fits("**/db", "wp"));
    assert!(fits("prod/**", "prod/db") && !fits("prod/**", "prod"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_history_leads_to_a_share_outside_a_valid_consent(
        steps in prop::collection::vec(any::<Step>(), 1..60),
    ) {
        run(&steps);
    }
}

#[test]
fn the_histories_lead_to_shares_and_to_refusals() {
    let mut random: u32 = 2026;
    let mut next = || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 24) as u8
    };
    let (mut allowed, mut refused) = (0, 0);
    for _ in 0..30 {
        let steps: Vec<Step> = (0..60)
            .map(|_| (next(), std::array::from_fn(|_| next())))
            .collect();
        let counts = run(&steps);
        allowed += counts.0;
        refused += counts.1;
    }
    assert!(allowed > 100, "{allowed} shares");
    assert!(refused > 500, "{refused} refusals");
}
