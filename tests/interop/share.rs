//! A share opens with stock age into a letter, and OpenSSH says whether it is whole.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use vault::exchange::letter::document_in;

use crate::interop::run;
use crate::support::env::TestEnv;
use crate::support::terminal::Terminal;

/// acme/wp, which acme lets `contact` have; who has these keys.
fn consented(contact: &str, keys: &[&str]) -> TestEnv {
    let env = TestEnv::ready();
    env.add("acme/wp", "the-secret");
    let mut add = vec!["contact", "add", contact];
    add.extend(keys.iter().flat_map(|key| ["--recipient", key]));
    env.call(&add).ok();
    let consent = [
        "consent",
        "add",
        "acme",
        "--to",
        contact,
        "--scope",
        "acme/*",
        "--purpose",
        "relaunch",
        "--by",
        "Jo Doe",
        "--note",
        "on the phone",
    ];
    env.takes_notes_of("acme");
    env.call(&consent).ok();
    env
}

/// The file of a new share.
fn share(env: &TestEnv, contact: &str, more: &[&str]) -> String {
    let args = [
        &["share", "acme/wp", "--to", contact, "--out", "share.age"],
        more,
    ]
    .concat();
    env.call(&args).ok();
    env.path("share.age")
}

/// A document as stock age prints it.
#[track_caller]
fn open(file: &str, key: &str) -> Value {
    let opened = run(Command::new("age").args(["-d", "-i", key, file]));
    document(&opened.stdout)
}

/// The document at the end of a letter.
fn document(letter: &[u8]) -> Value {
    let letter = std::str::from_utf8(letter).unwrap();
    assert!(letter.starts_with("ACCESS DATA, LENT TO YOU"), "{letter}");
    assert!(letter.contains("\npassword:\nthe-secret\n\n"), "{letter}");
    serde_json::from_str(document_in(letter).unwrap().expose()).unwrap()
}

/// Says what it has to say to whoever reads it.
#[track_caller]
fn is_readable(document: &Value, env: &TestEnv, contact: &str) {
    assert_eq!(document["type"], "vault.share/1");
    let body: Value = serde_json::from_str(document["body"].as_str().unwrap()).unwrap();
    let me = env.call(&["id", "--json"]).ok().json();
    let manifest: Value = serde_json::from_str(body["manifest"].as_str().unwrap()).unwrap();
    assert_eq!(manifest["sender"]["signer"], me["signer"]);
    assert_eq!(manifest["recipient"]["contact"], contact);
    assert_eq!(manifest["purpose"], "relaunch");
    assert!(manifest["expires"].as_str().unwrap().ends_with('Z'));
    assert!(manifest["obligations"].as_array().unwrap().len() >= 3);
    assert_eq!(body["items"][0]["fields"]["secret"], "the-secret");
}

fn keygen(env: &TestEnv, name: &str, more: &[&str]) -> String {
    let key = env.path(name);
    run(Command::new("ssh-keygen")
        .args(["-q", "-N", "", "-f", &key])
        .args(more));
    key
}

#[test]
#[ignore = "needs age; .ci/run runs it"]
fn stock_age_opens_a_share_with_an_age_key() {
    let home = TestEnv::new();
    let key = home.path("key.txt");
    run(Command::new("age-keygen").args(["-o", &key]));
    let public = run(Command::new("age-keygen").args(["-y", &key])).stdout;
    let env = consented("bob", &[String::from_utf8(public).unwrap().trim()]);
    is_readable(&open(&share(&env, "bob", &[]), &key), &env, "bob");
}

#[test]
#[ignore = "needs age and ssh-keygen; .ci/run runs it"]
fn stock_age_opens_a_share_with_each_kind_of_ssh_key() {
    let home = TestEnv::new();
    for (name, kind) in [
        ("ed25519", &["-t", "ed25519"][..]),
        ("rsa2048", &["-t", "rsa", "-b", "2048", "-m", "PEM"]),
        ("rsa4096", &["-t", "rsa", "-b", "4096"]),
    ] {
        let key = keygen(&home, name, kind);
        let env = consented("bob", &[&format!("{key}.pub")]);
        is_readable(&open(&share(&env, "bob", &[]), &key), &env, "bob");
        let stranger = keygen(&home, &format!("{name}-other"), kind);
        let mut age = Command::new("age");
        let refused = age
            .args(["-d", "-i", &stranger, &env.path("share.age")])
            .output()
            .unwrap();
        assert!(!refused.status.success() && refused.stdout.is_empty());
    }
}

#[test]
#[ignore = "needs age and ssh-keygen; .ci/run runs it"]
fn of_a_key_file_as_github_has_it_every_usable_key_opens_the_share() {
    let home = TestEnv::new();
    let (one, two) = (
        keygen(&home, "one", &["-t", "ed25519"]),
        keygen(&home, "two", &["-t", "rsa"]),
    );
    let other = keygen(&home, "other", &["-t", "ecdsa"]);
    let all = [&one, &other, &two].map(|key| fs::read_to_string(format!("{key}.pub")).unwrap());
    let file = home.file("bob.keys", all.concat());
    let env = consented("bob", &[&file]);
    let share = share(&env, "bob", &[]);
    for key in [one, two] {
        is_readable(&open(&share, &key), &env, "bob");
    }
}

#[test]
#[ignore = "needs age; .ci/run runs it"]
fn stock_age_opens_a_share_with_its_passphrase() {
    let env = consented("eve", &[]);
    let out = env.path("share.age");
    let args = [
        "share",
        "acme/wp",
        "--to",
        "eve",
        "--passphrase",
        "--out",
        &out,
    ];
    let output = env.call(&args).run();
    assert_eq!(output.code, Some(0), "{output:?}");
    let line = output
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("passphrase: "));
    let words = line.unwrap().to_owned();
    let mut terminal: Terminal = env.terminal("age -d -o opened.txt share.age; echo \"exit=$?\"");
    terminal
        .sees("passphrase:")
        .types(&words)
        .sees("exit=0")
        .ends();
    let letter = fs::read(env.path("opened.txt")).unwrap();
    is_readable(&document(&letter), &env, "eve");
    let mut wrong = env.terminal("age -d share.age; echo \"exit=$?\"");
    wrong
        .sees("passphrase:")
        .types("six other words")
        .sees("exit=1")
        .ends();
}

/// Whether OpenSSH finds the first signature of a document good over `body`.
fn is_good(env: &TestEnv, document: &Value, body: &str, namespace: &str) -> bool {
    let signer = document["signatures"][0]["key"].as_str().unwrap();
    let signature = document["signatures"][0]["signature"].as_str().unwrap();
    let allowed = env.file("allowed", format!("sender {signer}\n"));
    let signature = env.file("body.sig", signature);
    let body = fs::File::open(Path::new(&env.file("body", body))).unwrap();
    let mut verify = Command::new("ssh-keygen");
    verify.args([
        "-Y", "verify", "-f", &allowed, "-I", "sender", "-n", namespace,
    ]);
    let status = verify
        .args(["-s", &signature])
        .stdin(body)
        .stdout(Stdio::null());
    status.stderr(Stdio::null()).status().unwrap().success()
}

#[test]
#[ignore = "needs age and ssh-keygen; .ci/run runs it"]
fn openssh_finds_the_senders_signature_good_and_a_changed_share_not() {
    let home = TestEnv::new();
    let key = keygen(&home, "key", &["-t", "ed25519"]);
    let env = consented("bob", &[&format!("{key}.pub")]);
    let document = open(&share(&env, "bob", &[]), &key);
    let body = document["body"].as_str().unwrap();
    assert!(is_good(&env, &document, body, "vault-share"));
    assert!(!is_good(&env, &document, body, "vault-card"));
    let later = body.replacen("\\\"expires\\\":\\\"20", "\\\"expires\\\":\\\"21", 1);
    assert!(later != body && !is_good(&env, &document, &later, "vault-share"));
    let me = env.call(&["id", "--json"]).ok().json();
    assert_eq!(document["signatures"][0]["key"], me["signer"]);
}
