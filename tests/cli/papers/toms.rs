//! `toms`: what is in place, as measured.

use std::fs;

use serde_json::Value;

use crate::cli::sharing::share::consented;
use crate::support::env::TestEnv;

fn measure(env: &TestEnv, name: &str) -> Value {
    let all = env.call(&["toms", "--json"]).ok().json();
    let all = all.as_array().unwrap();
    let found = all.iter().find(|it| it["measure"] == name);
    found.expect(name).clone()
}

/// The text with single blanks.
fn text(env: &TestEnv, more: &[&str]) -> String {
    let shown = env.call(&[&["toms"], more].concat()).ok();
    let words: Vec<&str> = shown.text().split_whitespace().collect();
    words.join(" ")
}

#[test]
fn what_is_off_is_said_to_be_off_until_it_is_on() {
    let (env, _) = consented();
    assert_eq!(measure(&env, "recovery")["state"], "off");
    let off = "! There is no other way in that is sure";
    assert!(text(&env, &[]).contains(off));
    env.call(&["recovery", "add", "--out", "rescue.txt"]).ok();
    assert_eq!(measure(&env, "recovery")["state"], "on");
    let now = text(&env, &[]);
    assert!(
        !now.contains(off) && now.contains("+ There is another way in"),
        "{now}"
    );

    let agreed = measure(&env, "agreements");
    assert_eq!((&agreed["count"], &agreed["of"]), (&0.into(), &1.into()));
    assert!(
        now.contains("! Agreements on record with people who are permitted something: 0 of 1."),
        "{now}"
    );
    env.call(&["contact", "edit", "bob", "--agreed-on", "2026-01-05"])
        .ok();
    assert_eq!(measure(&env, "agreements")["state"], "on");

    assert_eq!(measure(&env, "review")["state"], "off");
    env.call(&["review", "acme", "--keep"]).ok();
    assert!(measure(&env, "review")["time"].is_string());
    // The vaults of tests cost next to nothing.
    assert_eq!(measure(&env, "kdf")["state"], "off");
    assert!(
        now.contains("! The password goes through Argon2id at less"),
        "{now}"
    );
}

#[test]
fn the_page_is_signed_in_both_languages_and_has_no_secret() {
    let (env, _) = consented();
    env.me();
    for (lang, title) in [
        ("en", "TECHNICAL AND ORGANISATIONAL MEASURES"),
        ("de", "TECHNISCHE UND ORGANISATORISCHE MASSNAHMEN"),
    ] {
        let out = env.path(&format!("toms-{lang}.txt"));
        env.call(&["toms", "--lang", lang, "--out", &out])
            .ok()
            .prints("");
        let text = fs::read_to_string(&out).unwrap();
        assert!(text.starts_with(title), "{text}");
        assert!(
            !text.contains("the-secret") && !text.contains('{'),
            "{text}"
        );
        assert!(
            text.lines()
                .all(|it| it.chars().count() <= 64 || it.starts_with("key "))
        );
        let signature = fs::read_to_string(format!("{out}.sig")).unwrap();
        assert!(signature.starts_with("-----BEGIN SSH SIGNATURE-----"));
        env.call(&["toms", "--out", &out]).fails(7);
    }
    env.call(&["toms", "--out", "-"]).fails(2);
}
