//! This program's own export, as it writes it and as a later version may.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use vault::import::{ImportFormat, Source};

use crate::law::{cell, import, text};

/// Where a text stands in an entry.
const PLACES: [&str; 14] = [
    "username",
    "urls",
    "notes",
    "tags",
    "env",
    "rotate_every",
    "fields",
    "field_name",
    "secret",
    "former",
    "totp",
    "hidden",
    "newer",
    "newer_version",
];

/// A version of a secret.
fn version(number: usize, state: &str, value: &str) -> Value {
    json!({
        "id": Uuid::new_v4(), "number": number, "state": state, "reason": "add",
        "created": "2025-01-01T00:00:00Z", "value": value,
    })
}

/// An entry that holds these texts, each in its place.
fn entry(row: u64, texts: &[(usize, String)]) -> Value {
    let mut entry = json!({
        "id": Uuid::new_v4(), "path": format!("acme/n{row}"), "created": "2025-01-01T00:00:00Z",
    });
    let mut lists: Map<String, Value> = Map::new();
    let (mut fields, mut secrets) = (Map::new(), Map::new());
    let mut versions = Vec::new();
    for (place, text) in texts {
        match PLACES[place % PLACES.len()] {
            name @ ("urls" | "tags") => {
                let list = lists.entry(name).or_insert_with(|| json!([]));
                list.as_array_mut().unwrap().push(json!(text));
            }
            "fields" => drop(fields.insert(format!("f{}", fields.len()), json!(text))),
            "field_name" => drop(fields.insert(text.clone(), json!("seen"))),
            "secret" => drop(secrets.insert("secret".into(), json!([version(1, "current", text)]))),
            "former" => versions.push(text),
            name @ ("totp" | "hidden") => {
                secrets.insert(name.into(), json!([version(1, "current", text)]));
            }
            "newer_version" => {
                let mut newer = version(1, "current", "x");
                newer["newer"] = json!(text);
                secrets.insert("newer".into(), json!([newer]));
            }
            name => entry[name] = json!(text),
        }
    }
    if !versions.is_empty() {
        let former = versions.iter().enumerate();
        let mut all: Vec<Value> = former
            .map(|(n, text)| version(n + 1, "former", text))
            .collect();
        all.push(version(versions.len() + 1, "current", "now"));
        secrets.insert("door".into(), json!(all));
    }
    entry["fields"] = json!(fields);
    entry["secrets"] = json!(secrets);
    entry.as_object_mut().unwrap().extend(lists);
    entry
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_value_of_an_own_export_is_lost_in_silence(
        entries in prop::collection::vec(
            (prop::collection::vec((any::<usize>(), text(), prop::bool::weighted(0.2)), 0..8), any::<bool>()),
            1..5,
        ),
    ) {
        let (mut values, mut all) = (Vec::new(), Vec::new());
        for (row, (texts, is_removed)) in (1..).zip(&entries) {
            let texts = texts.iter().enumerate().map(|(at, (place, text, is_blank))| {
                (*place, cell(&format!("r{row}t{at}q"), text, *is_blank))
            });
            let mut texts: Vec<_> = texts.collect();
            // Where there is one place, the last one counts.
            let mut seen = std::collections::BTreeSet::new();
            texts.reverse();
            texts.retain(|(place, _)| {
                let name = PLACES[place % PLACES.len()];
                ["urls", "tags", "fields", "field_name", "former"].contains(&name) || seen.insert(name)
            });
            texts.reverse();
            let mut entry = entry(row, &texts);
            if *is_removed {
                entry["removed"] = json!("2025-02-01T00:00:00Z");
            }
            all.push(entry);
            values.extend(texts.into_iter().map(|(_, text)| (row, text)));
        }
        let file = json!({"format": "vault-export/1", "clients": [], "entries": all}).to_string();
        let outcome = import(ImportFormat::Json, &Source::file(file.as_bytes())).unwrap();
        for (row, value) in values {
            outcome.keeps_or_tells(row, &value);
        }
    }
}
