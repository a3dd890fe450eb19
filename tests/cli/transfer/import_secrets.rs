//! `vault import`: what is a secret by its name or its form is hidden, whatever the source says.

use serde_json::json;

use super::import::{field, import, show};
use crate::support::env::TestEnv;

/// Fields that Bitwarden keeps as text that anyone may see.
const OPEN: [(&str, &str); 6] = [
    ("TOTP Seed", "JBSWY3DPEHPK3PXP"),
    ("cardPin", "4711"),
    ("Backup-Codes", "1111 2222"),
    ("api_key", "k-1"),
    (
        "note of mine",
        "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
    ),
    ("where", "postgres://ann:hunter2@db.example/shop"),
];

#[test]
fn what_the_source_shows_is_hidden_where_it_is_known_for_a_secret() {
    let env = TestEnv::ready();
    let mut fields: Vec<_> = OPEN
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value, "type": 0}))
        .collect();
    fields.push(json!({"name": "colour", "value": "red", "type": 0}));
    let item = json!({"type": 1, "name": "wp", "fields": fields, "login": {"password": "p"}});
    import(
        &env,
        json!({"encrypted": false, "items": [item]}).to_string(),
    );
    let shown = show(&env, "imported/wp");
    assert_eq!(shown["fields"], json!({"colour": "red"}));
    for (name, value) in OPEN {
        assert_eq!(field(&env, "imported/wp", name), value);
    }
}

#[test]
fn a_url_is_shown_without_the_password_in_it() {
    let env = TestEnv::ready();
    let url = "https://ann:hunter2@a.example/x";
    import(&env, format!("name,url,username,password\nA,{url},u,p\n"));
    let shown = show(&env, "a.example/A");
    assert_eq!(shown["urls"], json!(["https://a.example/x"]));
    assert!(!shown.to_string().contains("hunter2"), "{shown}");
    assert_eq!(field(&env, "a.example/A", "url with login"), url);
    import(
        &env,
        format!("name,url,username,password\n{url},https://b.example,u,p\n"),
    );
    assert_eq!(field(&env, "b.example/u", "title"), url);
}

#[test]
fn a_note_that_holds_a_private_key_or_a_seed_is_hidden() {
    let env = TestEnv::ready();
    let key =
        "Deploy:\n\n-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----";
    let seed = "scan otpauth://totp/x?secret=JBSWY3DPEHPK3PXP";
    import(
        &env,
        format!(
            "name,url,username,password,note\nA,https://a.example,u,p,\"{key}\"\nB,https://a.example,u,p,{seed}\n"
        ),
    );
    for (path, note) in [("a.example/A", key), ("a.example/B", seed)] {
        assert_eq!(show(&env, path)["notes"], json!(null));
        assert_eq!(field(&env, path, "private note"), note);
    }
}
