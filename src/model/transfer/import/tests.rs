//! Whatever was read: the vault stays whole, nothing is overwritten, and a second time adds
//! nothing.

use std::collections::HashSet;

use jiff::Timestamp;
use proptest::prelude::*;

use super::{Candidate, ExportExtras, FieldNames, ImportAction, Imported, OnClash, Past, Policy};
use crate::model::entry::changes::Changes;
use crate::model::testing::{author, empty_vault, fault, path};
use crate::model::text::limits::SECRET_BYTES;
use crate::model::text::secret::Secret;
use crate::model::vault::Vault;

/// A vault with the entry `acme/wp`.
fn vault() -> Vault {
    let mut vault = empty_vault();
    let mut changes = Changes::default();
    changes.values.username = Some("mine".into());
    vault.add(&path("acme/wp"), changes, &author(0)).unwrap();
    vault
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just("wp".to_owned()),
        Just("WP".to_owned()),
        Just("acme".to_owned()),
        "[a-c/.: -]{0,8}",
        "https?://[a-c.]{0,12}/?",
        "\\PC{0,90}",
    ]
}

/// What any program may have had: the title, folders, labels, and the rest in the same texts.
type Raw = (String, Vec<String>, Vec<String>, Vec<String>);

fn raw() -> impl Strategy<Value = Vec<Raw>> {
    let texts = || prop::collection::vec(text(), 0..4);
    prop::collection::vec((text(), texts(), texts(), texts()), 0..12)
}

fn imported(row: u64, raw: &Raw) -> Imported {
    let (title, groups, tags, rest) = raw.clone();
    let mut imported = Imported::at(row);
    imported.title = title;
    imported.groups = groups;
    imported.tags = tags;
    for text in &rest {
        imported.field(text, text, text.len() % 2 == 0);
    }
    imported.username = rest.first().cloned();
    imported.secret = rest.get(1).cloned().map(Secret::new);
    imported.totp = rest.get(2).cloned().map(Secret::new);
    imported.notes = rest.get(1).cloned();
    imported.urls = rest;
    imported
}

fn fit(imported: Imported) -> Result<Candidate, String> {
    Candidate::fit(imported, &mut FieldNames::default())
}

fn candidates(raw: &[Raw]) -> Vec<Candidate> {
    let all = (1..).zip(raw).map(|(row, raw)| imported(row, raw));
    all.filter_map(|imported| fit(imported).ok()).collect()
}

proptest! {
    #[test]
    fn whatever_is_read_is_kept_under_a_name_of_its_own(raw in raw(), clash in 0..3_u8) {
        let on_clash = [OnClash::Suffix, OnClash::Skip, OnClash::Update][usize::from(clash)];
        let policy = Policy { client: None, on_clash };
        let mut vault = vault();
        let plan = vault.import(candidates(&raw), ExportExtras::default(), &policy, "test", &author(0)).unwrap();
        prop_assert_eq!(fault(&vault), None);
        let new = plan.steps.iter().filter(|step| step.action == ImportAction::Add);
        let new: HashSet<String> = new.map(|step| step.path.to_string()).collect();
        prop_assert_eq!(new.len(), plan.count(|action| action == ImportAction::Add));
        prop_assert!(!new.contains("acme/wp"));
        for path in new {
            prop_assert!(vault.entry(&path.parse().unwrap()).is_ok(), "{} is not there", path);
        }

        let again = vault.plan_import(&candidates(&raw), &[], &policy).unwrap();
        prop_assert!(again.steps.iter().all(|step| step.action != ImportAction::Add), "{:?}", again.steps);
    }

    #[test]
    fn everything_can_go_to_one_client(raw in raw()) {
        let policy = Policy { client: Some("acme".parse().unwrap()), on_clash: OnClash::Suffix };
        let mut vault = vault();
        let plan = vault.import(candidates(&raw), ExportExtras::default(), &policy, "test", &author(0)).unwrap();
        prop_assert_eq!(fault(&vault), None);
        prop_assert!(plan.new_clients.is_empty());
        prop_assert!(plan.steps.iter().all(|step| step.path.client().as_str() == "acme"));
    }
}

#[test]
fn what_is_too_large_is_refused_with_the_limit() {
    let mut large = Imported::at(1);
    large.secret = Some(Secret::new("x".repeat(SECRET_BYTES + 1)));
    let why = fit(large).unwrap_err();
    assert_eq!(why, "secret has 1048577 bytes, the limit is 1048576");
}

#[test]
fn a_former_secret_that_is_too_large_is_left_out_and_told() {
    let mut imported = Imported::at(1);
    for size in [SECRET_BYTES + 1, 1] {
        let secret = Secret::new("x".repeat(size));
        imported.history.push(Past {
            secret,
            since: None,
        });
    }
    let candidate = fit(imported).unwrap();
    assert_eq!((candidate.history.len(), candidate.left_out.len()), (1, 1));
}

#[test]
fn a_time_to_come_becomes_now() {
    let mut late = Imported::at(1);
    late.title = "late".into();
    late.secret = Some(Secret::new("s".into()));
    let then: Timestamp = "2999-01-01T00:00:00Z".parse().unwrap();
    (late.created, late.updated, late.secret_since) = (Some(then), Some(then), Some(then));
    let mut vault = vault();
    let candidates = vec![fit(late).unwrap()];
    vault
        .import(
            candidates,
            ExportExtras::default(),
            &Policy::default(),
            "test",
            &author(0),
        )
        .unwrap();
    let entry = vault.entry(&"imported/late".parse().unwrap()).unwrap();
    assert_eq!(entry.created, author(0).now);
    assert_eq!(entry.current("secret").unwrap().created, author(0).now);
}
