//! `vault export`: what leaves, where it may go, and what stays.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::support::env::{BINARY, CHEAP, PASSWORD, TestEnv, holds, mode, mode_of};
use crate::support::sender::Sender;

/// A vault with everything that an entry can have.
fn full() -> TestEnv {
    TestEnv::copied("export", fill)
}

fn fill(env: &TestEnv) {
    let client = [
        "client",
        "add",
        "acme",
        "--name",
        "Acme Ltd",
        "--email",
        "it@acme.example",
        "--phone",
        "+49 30 1",
        "--rules",
        "call first",
        "--min-assurance",
        "attested",
        "--retain-until",
        "2090-01-01",
        "--person",
        "Anna Baker <anna@acme.example>",
        "--may-permit",
        "--role",
        "controller",
        "--lang",
        "de",
        "--channel",
        "by phone",
        "--agreement",
        &env.file("contract.pdf", "%PDF-1.4 contract"),
        "--agreed-on",
        "2026-01-10",
    ];
    env.call(&client).ok();
    let add = [
        "add",
        "acme/prod/db",
        "-u",
        "ann",
        "--url",
        "https://a.example",
        "--url",
        "https://b.example/?x=1,2",
        "--notes",
        "one\n\n\"two\", three",
        "--tag",
        "b",
        "--tag",
        "a",
        "--field",
        "plan=gold",
        "--env",
        "DB",
        "--expires",
        "2090-01-01",
        "--rotate-every",
        "90d",
    ];
    env.call(&add).stdin("first").ok();
    let edit = |args: &[&str], stdin: &str| {
        let args = [&["edit", "acme/prod/db"], args].concat();
        env.call(&args).stdin(stdin).ok();
    };
    edit(&["--secret"], "=second,\"x\"\r\ny");
    edit(&["--totp"], "JBSWY3DPEHPK3PXP");
    edit(&["--secret-field", "pin"], "1111");
    edit(&["--secret-field", "pin"], "2222");
    let file = env.file("key", [0, 255, 10, 13]);
    env.call(&["attach", "acme/prod/db", &file]).ok();
    let other = env.file("key", "new key");
    env.call(&["attach", "acme/prod/db", &other, "--replace"])
        .ok();
    let rotate = |option: &str, stdin: &str| {
        let args = ["rotate", "acme/prod/db", option];
        let args = if stdin.is_empty() {
            args.to_vec()
        } else {
            [&args[..], &["--stdin"]].concat()
        };
        env.call(&args).stdin(stdin).ok();
    };
    rotate("--begin", "given-up");
    rotate("--abort", "");
    rotate("--begin", "third");
    rotate("--confirm", "");
    rotate("--begin", "to-come");
    env.add("beta/site", "beta-secret");
    env.add("beta/old", "thrown away");
    env.call(&["rm", "beta/old", "--yes"]).ok();
    for name in ["key", "other-password"] {
        let _ = fs::remove_file(env.work().join(name));
    }
}

/// The export of everything as JSON.
fn everything(env: &TestEnv) -> Value {
    env.call(&["export", "--plaintext"]).ok().json()
}

/// What has to come back.
fn own(export: &Value) -> (Value, Value) {
    (export["clients"].clone(), export["entries"].clone())
}

/// What is done to an export.
type Change = fn(&mut Value);

#[test]
fn without_plaintext_it_is_refused_with_what_it_means() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    for args in [
        &["export"][..],
        &["export", "--out", "x", "--format", "csv"],
    ] {
        let refused = env.call(args).no_password().fails(6);
        refused.says("every secret").hints("--plaintext --out FILE");
    }
    assert_ne!(env.last_event()["action"], "export");
    assert_eq!(fs::read_dir(env.work()).unwrap().count(), 0);
}

#[test]
fn a_terminal_is_shown_nothing() {
    let env = TestEnv::with(&[("acme/wp", "canary")]);
    let script = format!(
        "vault --password-file '{}' export --plaintext; echo \"exit=$?\"",
        env.password_file().display()
    );
    let mut terminal = env.terminal(&script);
    let screen = terminal.sees("stdout is a terminal").sees("exit=6").ends();
    assert!(!screen.contains("canary"), "{screen}");
}

#[test]
fn options_that_do_not_fit_are_refused_before_anything_is_asked() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let plain = ["export", "--plaintext"];
    for (args, says) in [
        (&["--json"][..], "stdout"),
        (&["--for-spreadsheet"], "csv"),
        (&["--gpg-recipient", "x"], "pass"),
        (&["--format", "pass", "--out", "x"], "whose key"),
        (&["--format", "pass", "--gpg-recipient", "x"], "folder"),
        (&["--format", "nosuch"], "chrome-csv"),
    ] {
        env.call(&[&plain[..], args].concat())
            .no_password()
            .fails(2)
            .says(says);
    }
    let unknown = ["export", "--plaintext", "--client", "acmee"];
    env.call(&unknown).fails(3).hints("did you mean acme?");
}

#[test]
fn a_file_is_new_private_and_told_about() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let out = env.path("out.csv");
    let args = ["export", "--plaintext", "--format", "csv", "--out", &out];
    let told = env
        .shell(&format!("umask 000; exec vault {}", args.join(" ")))
        .ok();
    told.prints("")
        .tells("exported 1 entry as csv to")
        .tells("delete it once");
    assert_eq!(mode_of(&env.work().join("out.csv")), 0o600);
    assert_eq!(
        fs::read_to_string(&out).unwrap(),
        "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n\
         acme,,login,wp,,,0,,,one,\n"
    );
    env.call(&args)
        .no_password()
        .fails(7)
        .says("already exists");
    std::os::unix::fs::symlink("nowhere", env.work().join("link")).unwrap();
    env.call(&["export", "--plaintext", "--out", &env.path("link")])
        .fails(7);
    assert_eq!(fs::read_dir(env.work()).unwrap().count(), 2);
    assert_eq!(fs::read_dir(env.tmp()).unwrap().count(), 0);
}

#[test]
fn scripts_get_counts() {
    let env = full();
    let out = env.path("x");
    let answer = env
        .call(&["export", "--plaintext", "--out", &out, "--json"])
        .ok()
        .json();
    assert_eq!(
        (
            &answer["ok"],
            &answer["format"],
            &answer["entries"],
            &answer["trash"],
            &answer["file"]
        ),
        (
            &json!(true),
            &json!("json"),
            &json!(2),
            &json!(1),
            &json!(out)
        )
    );
    assert_eq!(answer["left_out"], json!({}));
    assert!(
        answer["warnings"][0]
            .as_str()
            .unwrap()
            .contains("plain text")
    );
}

#[test]
fn the_log_has_what_left_before_it_is_out() {
    let env = full();
    env.call(&[
        "export",
        "--plaintext",
        "--client",
        "acme",
        "--format",
        "csv",
    ])
    .ok();
    let event = env.last_event();
    let clients = env.call(&["log", "--client", "acme", "--json"]).ok().json();
    assert_eq!(clients.as_array().unwrap().last(), Some(&event));
    assert_eq!(event["action"], "export");
    assert_eq!(
        (&event["detail"]["format"], &event["detail"]["entries"]),
        (&json!("csv"), &json!(1))
    );
    assert_eq!(event["detail"]["client"], event["subject"][0]);
    let full = env.shell("exec vault export --plaintext >/dev/full").run();
    assert!(full.code == Some(1), "{full:?}");
    assert_eq!(env.last_event()["detail"]["entries"], 3);
    let cut = env
        .shell("set -o pipefail; vault export --plaintext | true")
        .run();
    assert!(cut.code == Some(1), "{cut:?}");
}

#[test]
fn everything_comes_back_in_an_empty_vault_ids_and_times_included() {
    let env = full();
    let export = everything(&env);
    assert_eq!(export["format"], "vault-export/1");
    let file = env.file("all.json", export.to_string());
    let other = TestEnv::ready();
    let told = other.call(&["import", &file, "--json"]).ok().json();
    assert_eq!(
        (
            &told["format"],
            &told["added"],
            &told["trashed"],
            &told["refused"]
        ),
        (&json!("json"), &json!(2), &json!(1), &json!([]))
    );
    assert_eq!(own(&everything(&other)), own(&export));
    other.call(&["verify", "--full"]).ok();
    other
        .call(&["get", "-n", "acme/prod/db"])
        .ok()
        .prints("third");
    other
        .call(&["get", "-n", "acme/prod/db", "--pending"])
        .ok()
        .prints("to-come");
    other
        .call(&["get", "-n", "acme/prod/db", "--at-version", "2"])
        .ok()
        .prints("=second,\"x\"\r\ny");
    other.call(&["rotate", "acme/prod/db", "--confirm"]).ok();
    other
        .call(&["get", "acme/prod/db", "--file", "key"])
        .ok()
        .prints("new key");
    other
        .call(&["client", "show", "acme"])
        .ok()
        .shows("call first")
        .shows("Acme Ltd");
    other.call(&["trash", "restore", "beta/old"]).ok();
    assert_eq!(other.secret("beta/old"), "thrown away");
}

#[test]
fn what_a_later_version_has_besides_is_told_and_the_rest_is_kept() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let mut export = env.call(&["export", "--plaintext"]).ok().json();
    export["entries"][0]["newer"] = "hunter2".into();
    export["clients"][0]["newer"] = "hunter2".into();
    export["latest"] = "hunter2".into();
    let other = TestEnv::ready();
    let file = other.file("later.json", export.to_string());
    let answer = other.call(&["import", &file, "--json"]).ok().json();
    let told = answer["refused"].to_string();
    assert_eq!(told.matches("does not know").count(), 3, "{told}");
    assert_eq!(told.matches("'newer', a member").count(), 2, "{told}");
    assert!(told.contains("'latest', a member"), "{told}");
    assert!(
        told.contains("client 1 of the file") && !told.contains("hunter2"),
        "{told}"
    );
    assert_eq!(other.secret("acme/wp"), "x");
}

#[test]
fn in_a_vault_with_entries_it_becomes_new_ones_and_the_same_is_not_added_twice() {
    let env = full();
    let export = everything(&env);
    let file = env.file("all.json", export.to_string());
    let again = env.call(&["import", &file, "--json"]).ok().json();
    assert_eq!((&again["added"], &again["skipped"]), (&json!(0), &json!(3)));
    let other = TestEnv::with(&[("acme/prod/db", "mine")]);
    let told = other.call(&["import", &file, "--json"]).ok().json();
    assert_eq!(
        (&told["added"], &told["trashed"], &told["skipped"]),
        (&json!(2), &json!(0), &json!(1))
    );
    assert_eq!(other.secret("acme/prod/db"), "mine");
    other
        .call(&["get", "-n", "acme/prod/db-2", "--at-version", "1"])
        .ok()
        .prints("first");
    other
        .call(&["get", "-n", "acme/prod/db-2", "--field", "pin"])
        .ok()
        .prints("2222");
    let ids = |export: &Value| -> Vec<Value> {
        let entries = export["entries"].as_array().unwrap().iter();
        entries.map(|entry| entry["id"].clone()).collect()
    };
    let before = ids(&export);
    assert!(
        ids(&everything(&other))
            .iter()
            .all(|id| !before.contains(id))
    );
    other
        .call(&["client", "show", "acme"])
        .ok()
        .hides("call first");
    other.call(&["verify", "--full"]).ok();
    let third = TestEnv::ready();
    third.call(&["import", &file, "--client", "gamma"]).ok();
    third
        .call(&["list"])
        .ok()
        .prints("gamma/prod/db\ngamma/site\n");
}

#[test]
fn names_that_other_programs_would_not_have_come_back_too() {
    let env = TestEnv::with(
        &[
            ("acme/a  b", "1"),
            ("acme/_", "2"),
            ("acme/x-", "3"),
            ("a@b/..ä", "4"),
        ]
        .map(|(path, secret)| {
            if path.contains("..") {
                ("a@b/c..ä", secret)
            } else {
                (path, secret)
            }
        }),
    );
    let export = everything(&env);
    let file = env.file("all.json", export.to_string());
    let other = TestEnv::ready();
    other.call(&["import", &file]).ok();
    assert_eq!(own(&everything(&other)), own(&export));
}

#[test]
fn a_client_is_handed_all_of_theirs_and_nothing_of_anybody_else() {
    let env = full();
    let key = env.call(&["id", "--json"]).ok().json()["recipient"]
        .as_str()
        .unwrap()
        .to_owned();
    env.call(&["client", "add", "canary-client", "--name", "canary-name"])
        .ok();
    let add = [
        "add",
        "canary-client/canary-entry",
        "-u",
        "canary-user",
        "--notes",
        "canary-notes",
    ];
    env.call(&add).stdin("canary-secret").ok();
    env.call(&["contact", "add", "canary-contact", "--recipient", &key])
        .ok();
    let consent = [
        "consent",
        "add",
        "acme",
        "--to",
        "canary-contact",
        "--scope",
        "acme/prod/db",
        "--purpose",
        "canary-purpose",
        "--by",
        "Anna",
        "--note",
        "canary-note",
    ];
    env.takes_notes_of("acme");
    env.call(&consent).ok();
    for format in ["json", "csv", "chrome-csv", "bitwarden", "keepass-xml"] {
        let args = [
            "export",
            "--plaintext",
            "--client",
            "acme",
            "--format",
            format,
        ];
        let export = env.call(&args).ok();
        let text = export.text();
        for canary in [
            "canary",
            "beta",
            "thrown away",
            "AGE-SECRET",
            "log\"",
            PASSWORD,
        ] {
            assert!(!text.contains(canary), "{canary} in {format}: {text}");
        }
        for theirs in ["third", "ann", "https://b.example/?x=1"] {
            assert!(
                text.replace("&amp;", "&").contains(theirs),
                "{theirs} not in {format}: {text}"
            );
        }
    }
    let export = env
        .call(&["export", "--plaintext", "--client", "acme"])
        .ok()
        .json();
    assert!(export.get("records").is_none());
    assert_eq!(export["clients"][0]["rules"], "call first");
    let all = everything(&env);
    let records = all["records"].to_string();
    for canary in [
        "canary-contact",
        "canary-purpose",
        "canary-note",
        "\\\"action\\\":\\\"init",
    ] {
        assert!(records.contains(canary), "{canary} not in {records}");
    }
    let kinds = all["records"].as_object().unwrap().keys();
    let kinds: Vec<&str> = kinds.map(String::as_str).collect();
    assert_eq!(
        kinds,
        [
            "consents",
            "contacts",
            "handed_over",
            "incidents",
            "log",
            "me",
            "note",
            "received",
            "reviews",
            "shares"
        ]
    );
    assert!(!all.to_string().contains("AGE-SECRET"));
}

#[test]
fn what_a_format_has_no_place_for_is_told() {
    let env = full();
    let export = |format| {
        env.call(&["export", "--plaintext", "--format", format])
            .ok()
    };
    export("csv")
        .tells("1 attachment")
        .tells("2 former secrets")
        .tells("1 pending secret");
    export("chrome-csv")
        .tells("1 one-time seed")
        .tells("2 fields")
        .tells("1 entry without a URL");
    export("keepass-xml")
        .tells("1 rotation rule")
        .tells("1 former attachment");
    export("bitwarden")
        .tells("2 tags")
        .tells("--format json has everything");
    export("json").hides("no place");
}

#[test]
fn a_spreadsheet_runs_nothing_only_where_that_is_asked_for() {
    let env = TestEnv::with(&[("acme/wp", "=HYPERLINK(1)"), ("acme/x", "plain")]);
    env.call(&["edit", "acme/wp", "-u", "@x", "--notes=-1"])
        .ok();
    for format in ["csv", "chrome-csv"] {
        let args = ["export", "--plaintext", "--format", format];
        env.call(&args)
            .ok()
            .shows(",=HYPERLINK(1)")
            .shows("@x,")
            .hides("'");
        let args = [&args[..], &["--for-spreadsheet"]].concat();
        let inert = env.call(&args).ok();
        inert
            .shows(",\"'=HYPERLINK(1)\"")
            .shows(",\"'@x\",")
            .shows("\"'-1\"")
            .shows(",\"plain\"");
        inert.hides("'plain").tells("import another export");
    }
}

#[test]
fn a_file_that_cannot_be_written_whole_is_not_there_at_all() {
    let env = TestEnv::with(&[("acme/long", &"x".repeat(300_000))]);
    for format in ["json", "csv", "chrome-csv", "bitwarden", "keepass-xml"] {
        let script =
            format!("ulimit -f 100; exec vault export --plaintext --format {format} --out out");
        env.shell(&script).fails(1).says("cannot write");
    }
    env.call(&["export", "--plaintext", "--out", "no/such/folder"])
        .fails(2);
    fs::create_dir(env.work().join("closed")).unwrap();
    fs::set_permissions(env.work().join("closed"), mode(0o500)).unwrap();
    let unprivileged = if rustix::process::geteuid().is_root() {
        "setpriv --bounding-set -all --inh-caps -all "
    } else {
        ""
    };
    let script = format!("exec {unprivileged}vault export --plaintext --out closed/out");
    env.shell(&script).fails(1);
    fs::set_permissions(env.work().join("closed"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::remove_dir(env.work().join("closed")).unwrap();
    assert_eq!(fs::read_dir(env.work()).unwrap().count(), 0);
    assert_eq!(fs::read_dir(env.tmp()).unwrap().count(), 0);
}

/// An export with one entry, changed by `change`.
fn changed(change: impl FnOnce(&mut Value)) -> String {
    let version = json!({
        "id": "00000000-0000-0000-0000-000000000003", "number": 1, "state": "current",
        "created": "2026-01-01T00:00:00Z", "reason": "add", "value": "canary-secret"
    });
    let mut export = json!({
        "format": "vault-export/1",
        "clients": [{
            "id": "00000000-0000-0000-0000-000000000001", "slug": "acme",
            "created": "2026-01-01T00:00:00Z"
        }],
        "entries": [{
            "id": "00000000-0000-0000-0000-000000000002", "path": "acme/wp",
            "created": "2026-01-01T00:00:00Z", "secrets": {"secret": [version]}
        }]
    });
    change(&mut export);
    export.to_string()
}

#[test]
fn a_file_that_somebody_has_changed_breaks_no_rule_of_the_vault() {
    let env = TestEnv::ready();
    let bad: [(Change, &str); 9] = [
        (
            |export| export["entries"][0]["path"] = "acme/../x".into(),
            "starts with",
        ),
        (
            |export| export["entries"][0]["path"] = "acme".into(),
            "CLIENT/NAME",
        ),
        (
            |export| export["entries"][0]["secrets"]["secret"][0]["number"] = 0.into(),
            "number",
        ),
        (
            |export| {
                let versions = export["entries"][0]["secrets"]["secret"]
                    .as_array_mut()
                    .unwrap();
                versions.push(versions[0].clone());
            },
            "in use",
        ),
        (
            |export| export["entries"][0]["secrets"]["url"] = json!([]),
            "built-in",
        ),
        (
            |export| export["entries"][0]["fields"] = json!({"a": "x".repeat(70_000)}),
            "limit",
        ),
        (
            |export| export["entries"][0]["env"] = "A B".into(),
            "variable",
        ),
        (
            |export| export["entries"][0]["rotate_every"] = "soon".into(),
            "duration",
        ),
        (
            |export| {
                export["entries"][0]["attachments"] = json!([{
                    "id": "00000000-0000-0000-0000-000000000004", "name": "f", "current": true,
                    "created": "2026-01-01T00:00:00Z", "sha256": "00", "size": 1, "content": "eA=="
                }]);
            },
            "SHA-256",
        ),
    ];
    for (change, why) in bad {
        let file = env.file("changed", changed(change));
        let told = env.call(&["import", &file, "--json"]).ok();
        let told = told.hides("canary").json();
        assert_eq!(told["added"], 0, "{why}");
        let reason = told["refused"][0]["reason"].as_str().unwrap();
        assert!(reason.contains(why), "{reason}");
    }
    // The clients of the file are there by now: each is made once.
    let whole: [(Change, &str); 3] = [
        (
            |export| export["clients"][0]["slug"] = "../x".into(),
            "client",
        ),
        (
            |export| export["format"] = "vault-export/2".into(),
            "no export of this version",
        ),
        (
            |export| export["entries"][0]["id"] = "x".into(),
            "malformed",
        ),
    ];
    for (change, why) in whole {
        let file = env.file("changed", changed(change));
        env.call(&["import", &file])
            .fails(2)
            .says(why)
            .hides("canary");
    }
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn ids_that_occur_twice_or_lie_about_time_do_no_harm() {
    let env = TestEnv::ready();
    let file = env.file(
        "twice",
        changed(|export| {
            let mut other = export["entries"][0].clone();
            other["path"] = "acme/other".into();
            other["created"] = "2999-01-01T00:00:00Z".into();
            export["entries"]
                .as_array_mut()
                .unwrap()
                .push(other.clone());
            other["path"] = "acme/wp".into();
            export["entries"].as_array_mut().unwrap().push(other);
        }),
    );
    env.call(&["import", &file]).ok();
    env.call(&["list"])
        .ok()
        .prints("acme/other\nacme/wp\nacme/wp-2\n");
    env.call(&["verify", "--full"]).ok();
    let show = env.call(&["show", "acme/other", "--json"]).ok().json();
    assert!(!show["created"].as_str().unwrap().starts_with("2999"));
}

#[test]
fn an_empty_vault_is_exported_too() {
    let env = TestEnv::ready();
    let export = everything(&env);
    assert_eq!(
        (&export["clients"], &export["entries"]),
        (&json!([]), &json!([]))
    );
    let other = TestEnv::new();
    other.call(&["init", "--kdf", CHEAP]).ok();
    let file = other.file("empty.json", export.to_string());
    other.call(&["import", &file]).ok();
    assert!(!holds(export.to_string().as_bytes(), PASSWORD));
}

#[test]
fn what_somebody_shared_stays_for_its_terms_end_elsewhere() {
    let (env, sender) = (TestEnv::with(&[("acme/own", "mine")]), Sender::new());
    let share = sender.share(&env);
    env.call(&[
        "receive",
        "--accept-terms",
        &share,
        "--trust",
        sender.fingerprint(),
    ])
    .ok();
    for format in ["json", "csv", "chrome-csv", "bitwarden", "keepass-xml"] {
        let export = env
            .call(&["export", "--plaintext", "--format", format])
            .ok();
        export
            .shows("mine")
            .hides("hunter2")
            .tells("1 entry that others shared with you");
    }
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["export", "--plaintext"]).ok().hides("hunter2");
}

#[test]
fn without_gpg_no_folder_is_made() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let script =
        format!("PATH=/nowhere exec '{BINARY}' export --format pass --gpg-recipient x --out store");
    env.shell(&script)
        .fails(1)
        .says("cannot run gpg")
        .hints("GnuPG");
    assert_eq!(fs::read_dir(env.work()).unwrap().count(), 0);
    assert_ne!(env.last_event()["action"], "export");
}
