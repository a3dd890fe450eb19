//! The tables of the fields of clients and contacts: whatever has a row there is set by its option,
//! shown, and emptied by its name.

use serde_json::{Value, json};

use crate::support::env::TestEnv;
use vault::model::people::fields::{ClientField, ContactField};

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINLBMxfguM1otRpTyAUDtnJEFD7ZPNKVomwunz2s6R+6";

/// Sets the field, looks at it, empties it.
fn check(env: &TestEnv, of: &[&str; 2], option: &str, key: &str, given: &str, json: &Value) {
    let [kind, name] = of;
    let shown = || env.call(&[kind, "show", name, "--json"]).ok().json()[key].clone();
    env.call(&[kind, "edit", name, &format!("--{option}"), given])
        .ok();
    assert_eq!(shown(), *json, "{kind} {key}");
    env.call(&[kind, "edit", name, "--unset", option]).ok();
    assert!([json!([]), Value::Null].contains(&shown()), "{kind} {key}");
}

#[test]
fn each_field_of_a_client_is_set_shown_and_emptied_by_its_name() {
    let env = TestEnv::ready();
    env.call(&["client", "add", "acme"]).ok();
    for field in ClientField::ALL {
        let (given, json) = match field {
            ClientField::Name | ClientField::Rules | ClientField::Duties => ("canary", "canary"),
            ClientField::MinAssurance => ("signed", "signed"),
            ClientField::RetainUntil => ("2099-01-31", "2099-01-31T23:59:59Z"),
            ClientField::Role => ("controller", "controller"),
            ClientField::Lang => ("de", "de"),
            ClientField::Channel => ("by phone", "by phone"),
            ClientField::AgreedOn => ("2026-01-10", "2026-01-10"),
        };
        let (option, key) = (field.row().option, field.key());
        check(&env, &["client", "acme"], option, key, given, &json!(json));
    }
}

#[test]
fn each_field_of_a_contact_is_set_shown_and_emptied_by_its_name() {
    let env = TestEnv::ready();
    env.call(&["contact", "add", "bob"]).ok();
    for field in ContactField::ALL {
        let (given, json) = match field {
            ContactField::Role
            | ContactField::FullName
            | ContactField::Firm
            | ContactField::Address
            | ContactField::Country
            | ContactField::Phone
            | ContactField::Channel
            | ContactField::Checked
            | ContactField::Duties => ("canary", json!("canary")),
            ContactField::Lang => ("de", json!("de")),
            ContactField::AgreedOn | ContactField::CheckedOn => ("2026-01-10", json!("2026-01-10")),
            ContactField::Emails => ("jo@acme.example", json!(["jo@acme.example"])),
            ContactField::Recipients | ContactField::Signers => (KEY, json!([KEY])),
            ContactField::ReviewBy => ("2099-01-31", json!("2099-01-31T23:59:59Z")),
        };
        let (option, key) = (field.row().option, field.key());
        check(&env, &["contact", "bob"], option, key, given, &json);
    }
}
