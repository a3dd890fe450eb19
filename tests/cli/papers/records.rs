//! `records`: what is done on behalf of whom, and who else is permitted access.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::cli::sharing::share::consented;
use crate::support::env::TestEnv;

/// The text with single blanks.
fn text(env: &TestEnv, more: &[&str]) -> String {
    let shown = env.call(&[&["records"], more].concat()).ok();
    let words: Vec<&str> = shown.text().split_whitespace().collect();
    words.join(" ")
}

fn office() -> TestEnv {
    let (env, _) = consented();
    env.me();
    env.call(&[
        "contact",
        "edit",
        "bob",
        "--full-name",
        "Bob Doe",
        "--country",
        "us",
    ])
    .ok();
    env
}

#[test]
fn the_record_has_each_client_and_who_is_permitted_access() {
    let env = office();
    let all = env.call(&["records", "--json"]).ok().json();
    let slugs: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["client"].as_str().unwrap())
        .collect();
    assert_eq!(slugs, ["acme", "globex"]);
    let bob = &all[0]["approved"][0];
    assert_eq!(
        (&bob["contact"], &bob["place"]),
        (&json!("bob"), &json!("third-country"))
    );
    assert!(bob["permitted"][0]["until"].is_string(), "{bob}");
    assert_eq!(all[1]["approved"], json!([]));
    let told = text(&env, &[]);
    for part in [
        "RECORD OF PROCESSING of a processor, GDPR Art. 30(2)",
        "ON BEHALF OF acme",
        "1. Bob Doe (",
        "United States",
        "no agreement on record",
        "Outside of the European Economic Area: Bob Doe",
        "Nobody else is permitted access.",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    env.call(&["client", "edit", "globex", "--role", "private"])
        .ok();
    assert!(!text(&env, &[]).contains("globex"));
    let german = text(&env, &["--lang", "de"]);
    assert!(german.contains("eines Auftragsverarbeiters"), "{german}");
    assert!(german.contains("USA") && !german.contains('{'), "{german}");
}

#[test]
fn the_annex_for_a_client_names_no_other() {
    let env = office();
    env.call(&["contact", "edit", "bob", "--role", "developer of Globex"])
        .ok();
    env.takes_notes_of("acme");
    let add = "consent add acme --to bob --scope acme/wp --by Ann --note phone --purpose";
    let args: Vec<&str> = add.split(' ').chain(["as for globex"]).collect();
    env.call(&args).ok();
    env.call(&["client", "edit", "acme", "--agreed-on", "2026-01-05"])
        .ok();
    let annex = text(&env, &["--client", "acme"]);
    for part in [
        "APPROVED SUB-PROCESSORS annex to the agreement with acme of 5 January 2026",
        "1. Bob Doe (United States)",
        "client acme",
    ] {
        assert!(annex.contains(part), "{part}: {annex}");
    }
    assert!(!annex.to_lowercase().contains("globex"), "{annex}");
    assert!(
        text(&env, &[]).contains("as for globex"),
        "the own record has all"
    );
    env.call(&["records", "--client", "nobody"]).fails(3);
}

#[test]
fn who_was_permitted_before_and_can_still_know_something_is_named() {
    let env = office();
    env.call(&["share", "acme/wp", "--to", "bob"]).ok();
    let consent = env.call(&["consent", "list", "--json"]).ok().json();
    let id = consent[0]["id"].as_str().unwrap();
    env.call(&["consent", "withdraw", id, "--yes"]).ok();
    let told = text(&env, &["--client", "acme"]);
    assert!(told.contains("Nobody else is permitted access."), "{told}");
    assert!(
        told.contains("able to know what was not changed since: Bob Doe."),
        "{told}"
    );
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    let told = text(&env, &["--client", "acme"]);
    assert!(!told.contains("Bob Doe"), "{told}");
}

/// Each page that is signed says how far the log had come: a later log can be held against it.
#[test]
fn a_log_is_held_against_any_page_that_is_signed() {
    let env = office();
    env.call(&["review", "acme", "--keep"]).ok();
    let papers: [&[&str]; 4] = [
        &["records"],
        &["toms"],
        &["review"],
        &["purge", "acme/wp", "--yes", "--certificate"],
    ];
    for (n, paper) in papers.into_iter().enumerate() {
        let out = env.path(&format!("paper-{n}.txt"));
        let out = match paper.last() {
            Some(&"--certificate") => vec![&*out],
            _ => vec!["--out", &out],
        };
        env.call(&[paper, &out].concat()).ok();
        let text = fs::read_to_string(out.last().unwrap()).unwrap();
        let mut lines = text.lines().skip_while(|line| !line.starts_with("log "));
        let mut part = |start: &str| {
            lines
                .next()
                .unwrap()
                .strip_prefix(start)
                .unwrap()
                .to_owned()
        };
        let log = part("log ");
        let (_, count) = log.split_once(' ').unwrap();
        let head = format!("{count}:{}{}", part("head "), part("     "));
        let grown = env.call(&["log", "--head", &head]).ok();
        grown.tells("the log has only grown since it had ");
    }
}

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn openssh_takes_the_record_and_the_measures_for_good() {
    let env = office();
    let signer = env.call(&["id", "--json"]).ok().json()["signer"].clone();
    let allowed = env.file("allowed", format!("me {}\n", signer.as_str().unwrap()));
    for command in ["records", "toms"] {
        let out = env.path(&format!("{command}.txt"));
        env.call(&[command, "--out", &out]).ok();
        let verify = Command::new("ssh-keygen")
            .args(["-Y", "verify", "-f", &allowed, "-I", "me"])
            .args([
                "-n",
                &format!("vault-{command}"),
                "-s",
                &format!("{out}.sig"),
            ])
            .stdin(fs::File::open(&out).unwrap())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(verify.unwrap().success(), "{command}");
    }
}
