//! The command that is told for a conflict settles it, and loses nothing of what both have written.

use serde_json::Value;

use super::{apart, meet, put_in_place};
use crate::support::env::TestEnv;

/// Types the first command of each conflict, with these values for its options.
#[track_caller]
fn settle(env: &TestEnv, values: &[(&str, &str)]) -> Vec<String> {
    let conflicts = env.call(&["conflicts", "--json"]).ok().json();
    let mut typed = Vec::new();
    for conflict in conflicts.as_array().unwrap() {
        let command = conflict["commands"][0].as_str().unwrap().to_owned();
        let mut words: Vec<&str> = command.split(' ').skip(1).collect();
        let option = words[words.len() - 2];
        let (_, value) = values.iter().find(|(it, _)| *it == option).unwrap();
        *words.last_mut().unwrap() = value;
        env.call(&words).ok();
        typed.push(command);
    }
    env.call(&["conflicts", "--json"]).ok().prints("[]\n");
    typed
}

#[test]
fn a_client_and_a_contact_are_settled_by_the_option_of_what_was_set_apart() {
    let (laptop, desktop) = apart();
    laptop.call(&["contact", "add", "bob"]).ok();
    put_in_place(&laptop, &desktop);
    let email = ["--email", "office@acme.example"];
    let client = ["client", "edit", "acme"];
    laptop.call(&[&client[..], &email].concat()).ok();
    for (env, n) in [(&laptop, "1"), (&desktop, "2")] {
        let (name, phone) = (format!("Acme{n}"), format!("+49{n}"));
        let values = ["--name", &name, "--phone", &phone, "--rules", n];
        env.call(&[&client[..], &values].concat()).ok();
        let values = ["--full-name", &name, "--phone", &phone, "--role", n];
        env.call(&[&["contact", "edit", "bob"], &values[..]].concat())
            .ok();
    }
    meet(&laptop, &desktop);
    let values = [
        ("--name", "Acme2"),
        ("--phone", "+492"),
        ("--rules", "2"),
        ("--full-name", "Bob"),
        ("--role", "2"),
    ];
    let typed = settle(&laptop, &values);
    assert!(
        typed.contains(&"vault client edit acme --phone VALUE".to_owned()),
        "{typed:?}"
    );
    let shown = laptop.call(&["client", "show", "acme", "--json"]).ok();
    let shown: Value = shown.json();
    assert_eq!(shown["phone"], "+492");
    assert_eq!(shown["emails"][0], "office@acme.example");
}

#[test]
fn addresses_that_were_set_apart_are_all_kept() {
    let (laptop, desktop) = apart();
    for (env, name) in [(&laptop, "ann"), (&desktop, "bert")] {
        let email = format!("{name}@acme.example");
        env.call(&["client", "edit", "acme", "--email", &email])
            .ok();
    }
    meet(&laptop, &desktop);
    let typed = settle(&laptop, &[("--email", "ann@acme.example")]);
    assert_eq!(typed, ["vault client edit acme --email VALUE"]);
    let shown = laptop.call(&["client", "show", "acme", "--json"]).ok();
    assert_eq!(shown.json()["emails"].as_array().unwrap().len(), 2);
}
