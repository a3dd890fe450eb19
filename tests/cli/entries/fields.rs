//! The table of an entry's fields: whatever has a row there can be set, shown, emptied, edited,
//! exported and imported, and cannot be the name of a custom field.

use serde_json::{Value, json};

use crate::support::env::TestEnv;
use vault::model::entry::fields::{EntryField, Use, ValueKind};
use vault::model::text::name::FieldName;

/// A value as it is given, as JSON has it, and as people read it.
fn value(field: EntryField) -> (&'static str, Value, &'static str) {
    let word = "canary";
    match field.row().kind {
        ValueKind::Text | ValueKind::Prose => (word, json!(word), word),
        ValueKind::Texts | ValueKind::Tags => (word, json!([word]), word),
        ValueKind::Variable => ("CANARY", json!("CANARY"), "CANARY"),
        ValueKind::Time => ("2099-01-31", json!("2099-01-31T23:59:59Z"), "2099-01-31"),
        ValueKind::Duration => ("77d", json!("P77D"), "77d"),
        ValueKind::Factor => ("key", json!("key"), "key"),
        ValueKind::Mark => ("yes", json!(true), "yes"),
    }
}

fn option(field: EntryField) -> String {
    format!("--{}", field.row().option)
}

/// What sets it: a mark takes no value.
fn set(field: EntryField) -> Vec<String> {
    let given = Some(value(field).0).filter(|_| field.row().kind != ValueKind::Mark);
    let given = given.map(ToOwned::to_owned);
    std::iter::once(option(field)).chain(given).collect()
}

/// An entry that has all of them.
fn full() -> TestEnv {
    TestEnv::copied("entry_fields", |env| {
        let set = EntryField::ALL.iter();
        let set: Vec<String> = set.flat_map(|field| self::set(*field)).collect();
        let mut args = vec!["add", "acme/wp"];
        args.extend(set.iter().map(String::as_str));
        env.call(&args).stdin("secret").ok();
    })
}

fn shown(env: &TestEnv) -> Value {
    env.call(&["show", "acme/wp", "--json"]).ok().json()
}

#[test]
fn each_is_set_shown_and_emptied_by_its_name() {
    let env = full();
    let card = env.call(&["show", "acme/wp"]).ok().text().to_owned();
    for field in EntryField::ALL {
        let (_, json, read) = value(*field);
        assert_eq!(shown(&env)[field.key()], json, "{field:?}");
        let line = format!("{}: {read}", field.row().label);
        assert!(
            card.lines().any(|is| is.starts_with(&line)),
            "{line} in {card}"
        );
    }
    for field in EntryField::ALL {
        env.call(&["edit", "acme/wp", "--unset", field.row().option])
            .ok();
        let empty = [json!([]), Value::Null];
        assert!(empty.contains(&shown(&env)[field.key()]), "{field:?}");
    }
}

#[test]
fn each_is_a_line_of_the_editors_text_set_or_as_an_example() {
    let env = full();
    env.add("acme/bare", "secret");
    let keep = "#!/bin/sh\ncp \"$1\" \"$HOME/seen\"\n: > \"$1.new\"\nsed -n '/^secrets/p' \"$1\" > \"$1.new\"; mv \"$1.new\" \"$1\"\n";
    let editor = format!("sh {}", env.file("editor.sh", keep));
    for (path, before) in [("acme/wp", ""), ("acme/bare", "# ")] {
        let call = env.call(&["edit", path, "--editor"]);
        call.var("EDITOR", &editor).ok();
        let text = std::fs::read_to_string(env.home().join("seen")).unwrap();
        for field in EntryField::ALL {
            let line = format!("{before}{} = ", field.key());
            assert!(
                text.lines().any(|is| is.starts_with(&line)),
                "{line} in {text}"
            );
        }
    }
    for field in EntryField::ALL {
        let empty = [json!([]), Value::Null];
        assert!(
            empty.contains(&shown(&env)[field.key()]),
            "a line that is gone: {field:?}"
        );
    }
}

#[test]
fn each_leaves_with_an_export_and_comes_back() {
    let env = full();
    let export = env
        .call(&["export", "--format", "json", "--plaintext"])
        .ok();
    let entry = &export.json()["entries"][0];
    for field in EntryField::ALL {
        assert_eq!(entry[field.key()], value(*field).1, "{field:?}");
    }
    let other = TestEnv::ready();
    let file = other.file("export.json", export.text());
    other.call(&["import", &file]).ok();
    for field in EntryField::ALL {
        assert_eq!(shown(&other)[field.key()], value(*field).1, "{field:?}");
    }
}

#[test]
fn each_serves_get_find_and_consents_as_its_row_says() {
    let env = full();
    for field in EntryField::ALL {
        let (given, _, _) = value(*field);
        let get = env.call(&["get", "acme/wp", "--field", field.key()]);
        if field.serves(Use::Get) {
            assert_eq!(get.ok().text().trim_end(), given);
        } else {
            get.fails(3).says("acme/wp has no field");
        }
        let alone = TestEnv::copied(&format!("entry_field_{}", field.key()), |env| {
            let set = set(*field);
            let mut args = vec!["add", "acme/wp"];
            args.extend(set.iter().map(String::as_str));
            env.call(&args).stdin("secret").ok();
        });
        let found = alone.call(&["find", given]).ok();
        let expected = if field.serves(Use::Find) {
            "acme/wp\n"
        } else {
            ""
        };
        found.prints(expected);
    }
}

#[test]
fn none_is_the_name_of_a_custom_field() {
    for field in EntryField::ALL {
        assert!(field.key().parse::<FieldName>().is_err(), "{field:?}");
    }
}
