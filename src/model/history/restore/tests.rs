//! Going back gives what was, as new values; what was purged stays gone.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::prelude::*;
use serde_json::Value;

use super::RestorePlan;
use crate::model::entry::changes::{Changes, Unset};
use crate::model::entry::fields::{EntryField, EntryValues};
use crate::model::people::client_changes::ClientChanges;
use crate::model::records::slot::Slot;
use crate::model::testing::{
    author, empty_vault, fault, path, read_again, replacement, secret, with_secret,
};
use crate::model::vault::Vault;

fn add(vault: &mut Vault, at: &str, value: &str) {
    vault
        .add(&path(at), with_secret(value), &author(1))
        .unwrap();
}

/// Everything that a person can see of the live entries, by path.
fn seen(vault: &Vault) -> BTreeMap<String, Value> {
    let live = vault.live().unwrap().into_iter();
    live.map(|(path, entry)| {
        let secrets: BTreeMap<_, _> = (entry.secrets())
            .map(|(slot, version)| (slot, version.secret().expose()))
            .collect();
        let files: BTreeMap<_, _> = (entry.attached())
            .map(|file| (&file.name, &file.sha256))
            .collect();
        let fields: BTreeMap<_, _> = entry.visible_fields().collect();
        let pending = entry.pending().map(|version| version.secret().expose());
        let shown = serde_json::json!({
            "values": EntryValues::of(entry),
            "fields": fields,
            "secrets": secrets,
            "pending": pending,
            "files": files,
        });
        (path, shown)
    })
    .collect()
}

fn back(vault: &mut Vault, then: &Vault) -> RestorePlan {
    let planned = vault.plan_to_go_back(then, author(9).now).unwrap();
    let done = vault.go_back_to(then, &author(9)).unwrap();
    assert_eq!(planned, done);
    done
}

#[test]
fn what_was_changed_added_and_removed_is_as_it_was() {
    let mut now = empty_vault();
    add(&mut now, "acme/wp", "one");
    add(&mut now, "acme/db", "two");
    let then = read_again(&now);
    now.rotate(&path("acme/wp"), replacement("new"), &author(2))
        .unwrap();
    now.remove(&path("acme/db"), &author(3)).unwrap();
    add(&mut now, "globex/mail", "three");
    let mut now = read_again(&now);
    let plan = back(&mut now, &then);
    assert_eq!(plan.back, ["acme/db"]);
    assert_eq!(plan.trashed, ["globex/mail"]);
    assert_eq!(plan.changed.len(), 1);
    assert_eq!(plan.changed[0].name, "acme/wp");
    assert_eq!(plan.changed[0].fields, ["secret"]);
    assert_eq!(seen(&now), seen(&then));
    let wp = now.entry(&path("acme/wp")).unwrap();
    assert_eq!(wp.history("secret").count(), 2, "nothing is lost");
    let trash = now.trash().unwrap();
    assert_eq!(trash[0].path, "globex/mail");
    assert_eq!(fault(&now), None);
    let again = now.plan_to_go_back(&then, author(9).now).unwrap();
    assert!(again.is_empty(), "{again:?}");
}

#[test]
fn an_entry_in_the_trash_comes_back_as_the_same_record() {
    let mut now = empty_vault();
    add(&mut now, "acme/wp", "one");
    let id = now.entry(&path("acme/wp")).unwrap().id;
    let then = read_again(&now);
    now.remove(&path("acme/wp"), &author(2)).unwrap();
    back(&mut now, &then);
    assert_eq!(now.entry(&path("acme/wp")).unwrap().id, id);
}

#[test]
fn what_was_purged_stays_gone_and_is_told() {
    let mut now = empty_vault();
    add(&mut now, "acme/wp", "one");
    add(&mut now, "acme/db", "two");
    let id = now.entry(&path("acme/wp")).unwrap().id;
    let then = read_again(&now);
    now.remove(&path("acme/wp"), &author(2)).unwrap();
    now.empty_trash(&HashSet::from([id]), &author(3)).unwrap();
    let plan = back(&mut now, &then);
    assert_eq!(plan.purged, ["acme/wp"]);
    assert!(plan.is_empty(), "{plan:?}");
    assert!(now.entry(&path("acme/wp")).is_err());
    assert_eq!(fault(&now), None);
}

#[test]
fn what_this_file_never_had_comes_back_under_new_ids_with_its_history() {
    let mut other = empty_vault();
    let start = read_again(&other);
    add(&mut other, "acme/wp", "one");
    let changes = Changes {
        secrets: vec![(Slot::Secret, secret("two"))],
        ..Changes::default()
    };
    other.edit(&path("acme/wp"), changes, &author(2)).unwrap();
    let id = other.entry(&path("acme/wp")).unwrap().id;
    let mut now = start;
    let plan = back(&mut now, &other);
    assert_eq!(
        (&plan.back[..], &plan.clients_back[..]),
        (&["acme/wp".to_owned()][..], &["acme".to_owned()][..])
    );
    assert_eq!(seen(&now), seen(&other));
    let entry = now.entry(&path("acme/wp")).unwrap();
    assert_ne!(entry.id, id);
    assert_eq!(entry.history("secret").count(), 2);
    assert_eq!(fault(&now), None);
}

#[test]
fn a_client_that_took_the_place_of_a_removed_one_takes_its_entries() {
    let mut now = empty_vault();
    add(&mut now, "acme/wp", "one");
    let then = read_again(&now);
    now.rename(&path("acme/wp"), &path("globex/wp"), &author(2))
        .unwrap();
    now.remove_client(&"acme".parse().unwrap(), &author(3))
        .unwrap();
    add(&mut now, "acme/new", "two");
    let plan = back(&mut now, &then);
    assert_eq!(seen(&now), seen(&then));
    assert_eq!(plan.trashed, ["acme/new"]);
    assert_eq!(plan.clients_removed, ["globex"]);
    let acme = now.live_clients().filter(|client| client.slug() == "acme");
    assert_eq!(acme.count(), 1);
    assert_eq!(fault(&now), None);
}

#[test]
fn what_decides_about_permission_stays_as_it_is() {
    let mut now = empty_vault();
    add(&mut now, "acme/wp", "one");
    let then = read_again(&now);
    let acme = "acme".parse().unwrap();
    let mut changes = ClientChanges::default();
    changes.values.min_assurance = Some("signed".into());
    changes.values.rules = Some("never by mail".into());
    now.edit_client(&acme, changes, &author(2)).unwrap();
    let plan = back(&mut now, &then);
    assert_eq!(plan.clients_changed[0].fields, ["rules"]);
    let acme = now.client("acme").unwrap();
    assert!(acme.rules.value().is_none());
    assert_eq!(acme.min_assurance.value().unwrap(), "signed");
}

#[test]
fn the_log_says_where_it_came_from_and_names_nothing() {
    let mut now = empty_vault();
    add(&mut now, "acme/wp", "one");
    let mut then = read_again(&now);
    then.generation = 7;
    add(&mut now, "acme/db", "two");
    back(&mut now, &then);
    let chain = now.log.chain(author(0).device).unwrap();
    let last = chain.read().last().unwrap().unwrap();
    assert_eq!(last.action, "restore");
    assert_eq!(last.detail["generation"], 7);
    assert_eq!(last.detail["trashed"], 1);
    assert_eq!(last.subject.len(), 1);
    assert_eq!(now.log.check(), Ok(()));
}

/// Every stamp in a payload's cells.
fn stamps(value: &Value, found: &mut BTreeSet<(u64, String)>) {
    match value {
        Value::Array(items) => {
            if let [Value::Number(counter), Value::String(device), _] = items.as_slice() {
                found.insert((counter.as_u64().unwrap_or_default(), device.clone()));
            }
            for item in items {
                stamps(item, found);
            }
        }
        Value::Object(members) => members.values().for_each(|item| stamps(item, found)),
        _ => {}
    }
}

fn stamps_of(vault: &Vault) -> BTreeSet<(u64, String)> {
    let value = serde_json::to_value(serde_json::json!({
        "entries": vault.entries, "clients": vault.clients,
    }));
    let mut found = BTreeSet::new();
    stamps(&value.unwrap(), &mut found);
    found
}

/// One random change; those that cannot be made are none.
fn change(vault: &mut Vault, step: i64, kind: u8, which: u8, value: u8) {
    let author = author(step);
    let paths = [
        "acme/wp",
        "acme/db",
        "globex/wp",
        "globex/mail",
        "initech/x",
    ];
    let at = path(paths[usize::from(which) % paths.len()]);
    let to = path(paths[usize::from(value) % paths.len()]);
    let text = format!("value {value} of step {step}");
    let field = "pin".parse().unwrap();
    let mut changes = Changes::default();
    match kind % 12 {
        0 | 1 => {
            changes.secrets = vec![(Slot::Secret, secret(&text))];
            let _ = vault.add(&at, changes, &author);
        }
        2 => {
            changes.values.username = Some(text.clone());
            changes.values.urls = vec![text];
            changes.values.tags = vec![format!("t{value}")];
            let _ = vault.edit(&at, changes, &author);
        }
        3 => {
            changes.secrets = vec![(Slot::Field(field), secret(&text))];
            let _ = vault.edit(&at, changes, &author);
        }
        4 => {
            changes.fields = vec![(field, text)];
            let _ = vault.edit(&at, changes, &author);
        }
        5 => {
            changes.unset = vec![EntryField::Username, EntryField::Tags]
                .into_iter()
                .map(Unset::Field)
                .collect();
            let _ = vault.edit(&at, changes, &author);
        }
        6 => drop(vault.remove(&at, &author)),
        7 => drop(vault.rename(&at, &to, &author)),
        8 => {
            let new = replacement(&text);
            if value.is_multiple_of(2) {
                let _ = vault.rotate(&at, new, &author);
            } else {
                let _ = vault.begin_rotation(&at, new, &author);
            }
        }
        9 => drop(vault.confirm_rotation(&at, None, &author)),
        10 => {
            let name = "key.pem".parse().unwrap();
            let _ = vault.attach(&at, &name, text.as_bytes(), true, &author);
        }
        _ => {
            let slug = at.client();
            let _ = vault.remove_client(slug, &author);
        }
    }
}

fn purge_one(vault: &mut Vault, step: i64) {
    if let Some(trashed) = vault.trash().unwrap().first() {
        let ids = HashSet::from([trashed.id]);
        vault.empty_trash(&ids, &author(step)).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn going_back_gives_the_live_entries_of_then_but_for_what_was_purged(
        before in prop::collection::vec(any::<(u8, u8, u8)>(), 0..24),
        after in prop::collection::vec(any::<(u8, u8, u8, bool)>(), 0..24),
    ) {
        let mut now = empty_vault();
        for (step, (kind, which, value)) in (0..).zip(before) {
            change(&mut now, step, kind, which, value);
        }
        let then = read_again(&now);
        for (step, (kind, which, value, purge)) in (100..).zip(after) {
            change(&mut now, step, kind, which, value);
            if purge && which % 4 == 0 {
                purge_one(&mut now, step);
            }
        }
        let mut now = read_again(&now);
        let known = stamps_of(&now);
        let live_before = seen(&now);
        let plan = back(&mut now, &then);
        let mut wanted = seen(&then);
        for purged in &plan.purged {
            prop_assert!(wanted.remove(purged).is_some());
        }
        prop_assert_eq!(seen(&now), wanted);
        prop_assert!(!plan.is_empty() || live_before == seen(&now));

        // Nothing is taken back or forged: each cell is as it was, or is one write of today.
        let new: Vec<_> = stamps_of(&now).difference(&known).cloned().collect();
        prop_assert!(new.len() <= 1, "{:?}", new);
        prop_assert_eq!(fault(&now), None);
        prop_assert!(now.plan_to_go_back(&then, author(300).now).unwrap().is_empty());
    }
}
