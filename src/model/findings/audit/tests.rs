use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::accepted::find;
use super::catalogue::{RULES, rule_text};
use super::{AuditPolicy, LastUses, audit};
use crate::error::Kind;
use crate::model::consent::permit::world::World;
use crate::model::entry::changes::Changes;
use crate::model::entry::fields::EntryValues;
use crate::model::entry::use_only::PasswordProof;
use crate::model::findings::finding::{Finding, Level};
use crate::model::incidents::affected::IncidentStart;
use crate::model::people::client_changes::ClientChanges;
use crate::model::people::contact_changes::ContactChanges;
use crate::model::records::slot::Slot;
use crate::model::testing::{author, day, empty_vault, path, secret, with_secret};
use crate::model::vault::Vault;

const STRONG: &str = "vN4q-Tz81-hLw0-Kc7e";

fn findings_of(vault: &Vault, on: i64, policy: AuditPolicy, uses: &LastUses) -> Vec<Finding> {
    let here = day(on).to_zoned(TimeZone::UTC);
    let all = audit(vault, uses, policy, &here, PasswordProof::Given).unwrap();
    all.into_iter().flat_map(|rule| rule.findings).collect()
}

fn findings(vault: &Vault, on: i64) -> Vec<Finding> {
    findings_of(vault, on, AuditPolicy::Default, &LastUses::new())
}

/// What a rule finds on a day, with how bad each is.
fn found<'a>(all: &'a [Finding], rule: &str) -> Vec<(&'a str, Level)> {
    let of_rule = all.iter().filter(|it| it.rule == rule);
    of_rule.map(|it| (it.subject.as_str(), it.level)).collect()
}

/// A vault with the secrets of some entries, of day 0.
fn vault_with(secrets: &[(&str, &str)]) -> Vault {
    let mut vault = empty_vault();
    for (entry, secret) in secrets {
        let added = vault.add(&path(entry), with_secret(secret), &author(0));
        added.unwrap();
    }
    vault
}

fn login(secret: &str) -> Changes {
    Changes {
        values: EntryValues {
            username: Some("jo.meyer".into()),
            urls: vec!["https://acme.example".into()],
            ..EntryValues::default()
        },
        ..with_secret(secret)
    }
}

#[test]
fn every_rule_is_explained_and_none_that_is_not_there() {
    let mut world = World::new();
    world.consent("acme");
    let here = day(0).to_zoned(TimeZone::UTC);
    let (uses, proof) = (LastUses::new(), PasswordProof::Given);
    let all = audit(&world.vault, &uses, AuditPolicy::Pci, &here, proof).unwrap();
    let looked_at: BTreeSet<&str> = all.iter().map(|rule| rule.rule).collect();
    let explained: BTreeSet<&str> = RULES.iter().map(|text| text.rule).collect();
    assert_eq!(looked_at, explained);
    assert_eq!((all.len(), RULES.len()), (looked_at.len(), explained.len()));
}

#[test]
fn preset_secrets_are_worst_and_are_not_told_as_weak_too() {
    let mut vault = vault_with(&[("acme/router", "AdMin"), ("acme/db", STRONG)]);
    vault
        .add(&path("acme/wp"), login("JO.MEYER"), &author(0))
        .unwrap();
    let all = findings(&vault, 0);
    let high = [("acme/router", Level::High), ("acme/wp", Level::High)];
    assert_eq!(found(&all, "secret-default"), high);
    assert_eq!(found(&all, "secret-weak"), []);
    assert_eq!(found(&all, "secret-short"), []);
}

#[test]
fn one_secret_of_two_clients_is_worse_than_of_one() {
    let vault = vault_with(&[
        ("acme/a", STRONG),
        ("acme/b", STRONG),
        ("globex/c", "Kx92-aPq1-wm3T"),
        ("initech/d", "Kx92-aPq1-wm3T"),
        ("initech/e", "kx92-apq1-wm3t"),
    ]);
    let all = findings(&vault, 0);
    let expected = [
        ("acme/a", Level::Medium),
        ("acme/b", Level::Medium),
        ("globex/c", Level::High),
        ("initech/d", Level::High),
    ];
    assert_eq!(found(&all, "secret-reused"), expected);
    let message = |subject| &all.iter().find(|it| it.subject == subject).unwrap().message;
    assert_eq!(message("acme/a"), "acme/a has the secret of acme/b");
    assert!(message("globex/c").ends_with("initech/d, another client's among them"));
}

#[test]
fn a_secret_of_the_entrys_own_words_is_weak_and_a_drawn_one_is_not() {
    let mut vault = vault_with(&[
        ("acme/wordpress", "Wordpress2024!"),
        ("acme/drawn", "k9#Vq2!xRtm"),
        ("acme/key", "-----BEGIN KEY-----\nabc\n-----END KEY-----"),
    ]);
    vault
        .add(&path("acme/shop"), login("Meyeracme1"), &author(0))
        .unwrap();
    let all = findings(&vault, 0);
    let weak = [
        ("acme/shop", Level::Medium),
        ("acme/wordpress", Level::Medium),
    ];
    assert_eq!(found(&all, "secret-weak"), weak);
    // Eleven drawn characters are enough.
    assert_eq!(found(&all, "secret-short"), [("acme/shop", Level::Low)]);
    let pci = findings_of(&vault, 0, AuditPolicy::Pci, &LastUses::new());
    let all_short = [("acme/drawn", Level::Medium), ("acme/shop", Level::Medium)];
    assert_eq!(found(&pci, "secret-short"), all_short);
}

#[test]
fn no_finding_holds_a_secret() {
    let vault = vault_with(&[
        ("acme/a", "admin"),
        ("acme/b", "Canary77"),
        ("acme/c", "Canary77"),
    ]);
    for found in findings_of(&vault, 400, AuditPolicy::Pci, &LastUses::new()) {
        let told = format!("{found:?}");
        assert!(
            !told.contains("Canary") && !told.contains("\"admin\""),
            "{told}"
        );
    }
}

#[test]
fn a_login_has_a_second_factor_or_a_note_of_it() {
    let mut vault = vault_with(&[("acme/api-key", STRONG)]);
    vault
        .add(&path("acme/wp"), login(STRONG), &author(0))
        .unwrap();
    let missing = [("acme/wp", Level::Medium)];
    assert_eq!(found(&findings(&vault, 0), "no-second-factor"), missing);
    let mut noted = Changes::default();
    noted.values.second_factor = Some("none".into());
    vault.edit(&path("acme/wp"), noted, &author(1)).unwrap();
    assert_eq!(found(&findings(&vault, 1), "no-second-factor"), []);
    let old = |vault: &Vault, on| {
        let all = findings_of(vault, on, AuditPolicy::Pci, &LastUses::new());
        found(&all, "secret-old").len()
    };
    assert_eq!((old(&vault, 89), old(&vault, 90)), (0, 2));
    let mut key = Changes::default();
    key.values.second_factor = Some("key".into());
    vault.edit(&path("acme/wp"), key, &author(2)).unwrap();
    assert_eq!(old(&vault, 90), 1, "a second factor settles it");
    assert_eq!(
        found(&findings(&vault, 90), "secret-old"),
        [],
        "of PCI DSS only"
    );
}

#[test]
fn what_nobody_used_for_a_year_is_told() {
    let vault = vault_with(&[("acme/a", STRONG), ("acme/b", "Kx92-aPq1-wm3T")]);
    assert_eq!(found(&findings(&vault, 364), "unused"), []);
    let b = vault.entry(&path("acme/b")).unwrap().id;
    let uses = LastUses::from([(b, day(10))]);
    let all = findings_of(&vault, 370, AuditPolicy::Default, &uses);
    assert_eq!(found(&all, "unused"), [("acme/a", Level::Low)]);
}

#[test]
fn contacts_count_from_when_they_may_have_something() {
    let mut world = World::new();
    let rules = ["contact-unverified", "contact-no-agreement"];
    for rule in rules {
        assert_eq!(found(&findings(&world.vault, 1), rule), []);
    }
    world.consent("acme");
    for rule in rules {
        assert_eq!(
            found(&findings(&world.vault, 1), rule),
            [("bob", Level::Medium)]
        );
    }
    let bob = "bob".parse().unwrap();
    let mut agreed = ContactChanges::default();
    agreed.values.agreed_on = Some("2026-01-01".parse().unwrap());
    world.vault.edit_contact(&bob, agreed, &author(1)).unwrap();
    let all = findings(&world.vault, 1);
    assert_eq!(found(&all, "contact-no-agreement"), []);
    let unfiled = "contact-agreement-unfiled";
    assert_eq!(found(&all, unfiled), [("bob", Level::Low)]);
    let mut checked = ContactChanges::default();
    checked.values.checked_on = Some("2026-01-02".parse().unwrap());
    checked.agreement = Some(("nda.pdf".parse().unwrap(), b"signed".to_vec()));
    world.vault.edit_contact(&bob, checked, &author(2)).unwrap();
    for rule in rules.into_iter().chain([unfiled]) {
        assert_eq!(found(&findings(&world.vault, 3), rule), []);
    }
}

#[test]
fn clients_have_an_agreement_a_person_and_rules() {
    let mut vault = vault_with(&[("acme/a", STRONG)]);
    let rules = ["client-no-agreement", "client-no-person", "client-no-rules"];
    for rule in rules {
        assert_eq!(found(&findings(&vault, 0), rule), [("acme", Level::Low)]);
    }
    let acme = "acme".parse().unwrap();
    let mut agreed = ClientChanges::default();
    agreed.values.agreed_on = Some("2026-01-01".parse().unwrap());
    vault.edit_client(&acme, agreed, &author(1)).unwrap();
    let all = findings(&vault, 1);
    assert_eq!(found(&all, "client-no-agreement"), []);
    let unfiled = "client-agreement-unfiled";
    assert_eq!(found(&all, unfiled), [("acme", Level::Low)]);
    let mut known = ClientChanges::default();
    known.values.rules = Some("from the office only".into());
    known.agreement = Some(("contract.pdf".parse().unwrap(), b"signed".to_vec()));
    let mut person: crate::model::records::person::Person = "Jo <jo@acme.example>".parse().unwrap();
    person.may_permit = true;
    known.persons = vec![person];
    vault.edit_client(&acme, known, &author(2)).unwrap();
    for rule in rules.into_iter().chain([unfiled]) {
        assert_eq!(found(&findings(&vault, 0), rule), []);
    }
}

#[test]
fn permissions_by_note_and_by_pattern_are_told_while_in_force() {
    let mut world = World::new();
    let entries = ["acme/wp"];
    world.consent_with("acme", |terms| {
        terms.patterns = &[];
        terms.entries = &entries;
    });
    let rules = ["permission-note-only", "permission-pattern"];
    for rule in rules {
        assert_eq!(found(&findings(&world.vault, 1), rule), []);
    }
    let by_note = world.consent_with("acme", |terms| terms.assurance = "attested");
    for (rule, level) in rules.into_iter().zip([Level::Medium, Level::Low]) {
        let all = findings(&world.vault, 1);
        assert_eq!(found(&all, rule).len(), 1);
        assert_eq!(found(&all, rule)[0].1, level);
    }
    world.happens(by_note, "withdrawn", 2);
    for rule in rules {
        assert_eq!(found(&findings(&world.vault, 3), rule), []);
    }
}

#[test]
fn a_clients_findings_are_about_its_own_records() {
    let mut world = World::new();
    let consent = world.consent("acme");
    let share = world.share(&world.ask(&["acme/wp"], &[]), 1);
    let vault = &world.vault;
    let acme = vault.records_of(vault.client("acme").unwrap().id).unwrap();
    let globex = vault
        .records_of(vault.client("globex").unwrap().id)
        .unwrap();
    let wp = vault.entry(&path("acme/wp")).unwrap().id;
    let mail = vault.entry(&path("globex/mail")).unwrap().id;
    for id in [consent, share, wp, world.bob] {
        assert!(acme.contains(&id) && !globex.contains(&id));
    }
    assert!(globex.contains(&mail) && !acme.contains(&mail));
    assert!(!acme.contains(&world.eve));
}

#[test]
fn hidden_fields_are_looked_at_as_secrets_are_and_a_pin_is_no_password() {
    let mut vault = vault_with(&[("acme/wp", STRONG), ("globex/db", "Tango-7153-Zebra")]);
    let fields = |fields: &[(&str, &str)]| Changes {
        secrets: (fields.iter())
            .map(|(name, text)| (Slot::Field(name.parse().unwrap()), secret(text)))
            .collect(),
        ..Changes::default()
    };
    let of_wp = fields(&[
        ("ftp", "Tango-7153-Zebra"),
        ("db", "acme2026"),
        ("pin", "4711"),
    ]);
    vault.edit(&path("acme/wp"), of_wp, &author(1)).unwrap();
    let of_db = fields(&[("pin", "4711"), ("admin", "changeme")]);
    vault.edit(&path("globex/db"), of_db, &author(1)).unwrap();
    let all = findings(&vault, 2);
    let told = |rule: &str| {
        let of_rule = all.iter().filter(|it| it.rule == rule);
        let told = of_rule.map(|it| format!("{}; {}", it.message, it.fix.as_deref().unwrap()));
        told.collect::<Vec<_>>()
    };
    assert_eq!(
        told("secret-reused"),
        [
            "ftp of acme/wp is the secret of globex/db, another client's among them; \
             vault edit acme/wp --secret-field ftp",
            "globex/db has the secret of acme/wp (ftp), another client's among them; \
             vault rotate globex/db --generate",
        ]
    );
    assert_eq!(
        told("secret-weak"),
        ["db of acme/wp is easy to guess; vault edit acme/wp --secret-field db"]
    );
    assert_eq!(told("secret-default").len(), 1);
    assert!(told("secret-default")[0].starts_with("admin of globex/db is "));
    assert!(told("secret-short").is_empty());
}

#[test]
fn a_finding_is_accepted_for_a_year_at_most_and_is_back_after() {
    let mut vault = vault_with(&[("acme/a", "admin")]);
    let all = findings(&vault, 0);
    let it = find(&all, "secret-default", "acme/a").unwrap();
    let by_id = it.about.unwrap().as_simple().to_string();
    assert_eq!(find(&all, "secret-default", &by_id[..8]).unwrap(), it);
    assert_eq!(
        find(&all, "secret-weak", "acme/a").unwrap_err().kind(),
        Kind::NotFound
    );
    for wrong in [0, 367] {
        let refused = vault.accept(it, day(wrong), "why".into(), &author(0));
        assert_eq!(refused.unwrap_err().kind(), Kind::Usage, "{wrong}");
    }
    vault
        .accept(it, day(30), "a lab".into(), &author(0))
        .unwrap();
    let is_accepted = |vault: &Vault, on| vault.acceptance(it, day(on)).unwrap().is_some();
    assert!(is_accepted(&vault, 29));
    assert!(!is_accepted(&vault, 30));
    vault
        .end_acceptance(it.rule, it.about.unwrap(), &author(2))
        .unwrap();
    assert!(!is_accepted(&vault, 3));
    let again = vault.end_acceptance(it.rule, it.about.unwrap(), &author(2));
    assert_eq!(again.unwrap_err().kind(), Kind::NotFound);
    assert!(rule_text(it.rule).is_some());
}

#[test]
fn who_accepts_one_incident_has_not_accepted_the_next() {
    let mut vault = vault_with(&[("acme/a", "one")]);
    let open = |vault: &mut Vault, on| {
        let starts = [IncidentStart::Entry(path("acme/a"))];
        let reach = vault.affected(&starts, day(on), day(on)).unwrap();
        let opened = vault.open_incident("x".into(), &starts, reach, day(on), &author(on));
        opened.unwrap()
    };
    let accepted = |vault: &Vault, on| {
        let all = findings(vault, on);
        ["incident-untold", "incident-unchanged"].map(|rule| {
            let it = all.iter().rfind(|it| it.rule == rule).unwrap();
            vault.acceptance(it, day(on)).unwrap().is_some()
        })
    };
    open(&mut vault, 1);
    for it in findings(&vault, 2) {
        if it.rule.starts_with("incident-") {
            vault
                .accept(&it, day(90), "known".into(), &author(2))
                .unwrap();
        }
    }
    assert_eq!(accepted(&vault, 3), [true, true]);
    open(&mut vault, 4);
    assert_eq!(accepted(&vault, 5), [false, false]);
}
