//! A request and the signature that comes back: every way to pass off something else as signed.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use ssh_key::private::Ed25519Keypair;
use ssh_key::{HashAlg, LineEnding, PrivateKey};

use super::records::{furnish, office, show};
use crate::support::env::{TestEnv, mode_of};

/// A key of a person, made of one number.
pub(crate) fn key(seed: u8) -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]))
}

fn public(key: &PrivateKey) -> String {
    key.public_key().to_openssh().unwrap()
}

/// What `ssh-keygen -Y sign -n NAMESPACE` makes of a text.
pub(crate) fn sign(key: &PrivateKey, namespace: &str, text: &str) -> String {
    let signature = key.sign(namespace, HashAlg::Sha512, text.as_bytes());
    signature.unwrap().to_pem(LineEnding::LF).unwrap()
}

/// An office in which the key of acme's Jo is known.
pub(crate) fn with_key() -> TestEnv {
    TestEnv::copied("consent with a key", |env| {
        furnish(env);
        let jo = public(&key(1));
        let args = ["client", "edit", "acme", "--key", &jo];
        env.call(&[&args[..], &["--key-verified", "by phone"]].concat())
            .ok();
    })
}

/// Asks for a consent of acme, and gives the text.
pub(crate) fn request(env: &TestEnv, more: &[&str]) -> String {
    let base = "consent request acme --to bob --scope acme/wp --purpose shop";
    let args: Vec<&str> = base.split(' ').chain(more.iter().copied()).collect();
    env.call(&args).ok().text().to_owned()
}

pub(crate) fn id_of(text: &str) -> &str {
    let mut lines = text.lines();
    lines
        .find_map(|line| line.strip_prefix("vault-request 1 "))
        .unwrap()
}

/// A call of `consent add acme` with these files, and `more`.
fn answer<'a>(
    env: &'a TestEnv,
    text: &str,
    signature: &str,
    more: &[&str],
) -> crate::support::call::Call<'a> {
    let text = env.file("ask.txt", text);
    let signature = env.file("ask.txt.sig", signature);
    let base = [
        "consent",
        "add",
        "acme",
        "--request",
        &text,
        "--signature",
        &signature,
    ];
    env.call(&[&base, more].concat())
}

pub(crate) fn signed(env: &TestEnv, text: &str) -> String {
    let signature = sign(&key(1), "vault-consent", text);
    let answer = answer(env, text, &signature, &["--json"]).ok().json();
    answer["changed"][0].as_str().unwrap().to_owned()
}

/// The page is one that a client can read.
pub(crate) fn check_page(text: &str) {
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() <= 64, "{} lines", lines.len());
    let longest = lines.iter().map(|line| line.chars().count()).max();
    assert!(longest <= Some(64), "{longest:?}");
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"));
    assert!(lines.iter().all(|line| line.trim_end() == *line));
}

#[test]
fn a_request_is_written_to_a_new_file_for_its_owner_only() {
    let env = with_key();
    let out = env.path("ask.txt");
    let base = "consent request acme --to bob --scope acme/wp --purpose shop --out";
    let mut args: Vec<&str> = base.split(' ').collect();
    args.push(&out);
    env.call(&args)
        .ok()
        .prints("")
        .tells("90 days")
        .tells("vault consent add acme --request");
    let path = env.work().join("ask.txt");
    assert_eq!(mode_of(&path), 0o600);
    check_page(&fs::read_to_string(&path).unwrap());
    env.call(&args).fails(7).says("already exists");
    *args.last_mut().unwrap() = "no/such/folder/ask.txt";
    env.call(&args).fails(2);
    let all = env.call(&["consent", "list", "--json"]).ok().json();
    assert_eq!(all.as_array().unwrap().len(), 1, "only what was written");
}

#[test]
fn a_request_as_json_is_one_value() {
    let env = with_key();
    let answer: Value = serde_json::from_str(&request(&env, &["--json"])).unwrap();
    assert_eq!(answer["ok"], true);
    let text = answer["request"].as_str().unwrap();
    assert_eq!(answer["changed"], json!([id_of(text)]));
    signed(&env, text);
}

#[test]
fn a_signature_by_the_clients_key_makes_a_signed_consent() {
    let env = with_key();
    env.call(&["client", "edit", "acme", "--min-assurance", "signed"])
        .ok();
    let text = request(&env, &["--expires", "30d"]);
    let id = signed(&env, &text);
    assert_eq!(id, id_of(&text), "the request's id becomes the consent's");
    let shown = show(&env, &id);
    assert_eq!(shown["state"], "given");
    assert_eq!(shown["assurance"], "signed");
    assert_eq!(shown["method"], "signature");
    let evidence = &shown["evidence"][0];
    assert_eq!(evidence["kind"], "signature");
    assert_eq!(evidence["key"], public(&key(1)));
    assert_eq!(evidence["key_verified"], "by phone");
    let out = env.path("out");
    let show_evidence = ["consent", "show", &id, "--evidence"];
    env.call(&[&show_evidence[..], &[&out]].concat()).ok();
    assert_eq!(fs::read_to_string(env.work().join("out")).unwrap(), text);
    let signature = fs::read_to_string(env.work().join("out.sig")).unwrap();
    assert_eq!(signature, sign(&key(1), "vault-consent", &text));
    env.call(&[&show_evidence[..], &["-"]].concat()).fails(2);
    env.file("more.sig", "mine");
    env.call(&[&show_evidence[..], &["more"]].concat())
        .fails(7)
        .says("more.sig already exists");
    assert!(!env.work().join("more").exists());
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_request_can_be_written_again() {
    let env = with_key();
    let text = request(&env, &[]);
    let again = env.call(&["consent", "show", id_of(&text), "--evidence", "-"]);
    again.ok().prints(&text);
}

#[test]
fn another_text_under_the_id_is_refused() {
    let env = with_key();
    let text = request(&env, &["--expires", "2099-06-30"]);
    for (from, to) in [
        ("shop", "everything"),
        ("2099-06-30", "2199-06-30"),
        ("\"wp\"", "\"**\""),
        ("bob", "eve"),
        ("\n", "\n\n"),
        ("", " "),
    ] {
        let edited = text.replacen(from, to, 1);
        assert_ne!(edited, text);
        // Edited before it was signed, and after.
        let over_edited = sign(&key(1), "vault-consent", &edited);
        let over_text = sign(&key(1), "vault-consent", &text);
        for signature in [over_edited, over_text] {
            answer(&env, &edited, &signature, &[])
                .fails(6)
                .says("differs from request")
                .hints("--evidence FILE");
        }
    }
    let log = env.call(&["log", "--json"]).ok().json();
    let refused = log.as_array().unwrap().iter();
    assert_eq!(refused.filter(|e| e["action"] == "refuse").count(), 12);
    signed(&env, &text);
}

#[test]
fn a_signature_over_anything_else_is_no_good() {
    let env = with_key();
    let text = request(&env, &[]);
    let other = request(&env, &[]);
    let jo = key(1);
    let bad = |signature: &str, says: &str| {
        answer(&env, &text, signature, &[]).fails(5).says(says);
    };
    bad(&sign(&jo, "vault-consent", &other), "another text");
    bad(&sign(&jo, "vault-consent", text.trim_end()), "another text");
    bad(&sign(&jo, "git", &text), "not made for vault-consent");
    bad(
        &sign(&jo, "vault-share", &text),
        "not made for vault-consent",
    );
    let good = sign(&jo, "vault-consent", &text);
    bad("", "no SSH signature");
    bad("\u{1b}[2J", "no SSH signature");
    bad(&text, "no SSH signature");
    bad(&good[..100], "no SSH signature");
    bad(&format!("{good}{good}"), "no SSH signature");
    bad(&"x".repeat(10 << 20), "limit");
    let lines: Vec<&str> = good.lines().collect();
    let mut last = lines[lines.len() - 2].to_owned();
    let flipped = if last.starts_with('A') { "B" } else { "A" };
    last.replace_range(..1, flipped);
    let tampered = good.replace(lines[lines.len() - 2], &last);
    bad(&tampered, "signature");
    assert_eq!(show(&env, id_of(&text))["state"], "requested");
    signed(&env, &text);
}

#[test]
fn a_key_that_was_not_recorded_for_the_client_is_refused() {
    let env = with_key();
    let text = request(&env, &[]);
    let by_stranger = sign(&key(2), "vault-consent", &text);
    let refused = answer(&env, &text, &by_stranger, &[]).fails(6);
    let fingerprint = key(2).fingerprint(HashAlg::Sha256).to_string();
    refused
        .says(&fingerprint)
        .hints("vault client edit acme --key");
    // Somebody else's key, of another client.
    let stranger = public(&key(2));
    env.call(&["client", "edit", "globex", "--key", &stranger])
        .ok();
    answer(&env, &text, &by_stranger, &[]).fails(6);
    // A key that was taken away.
    let by_jo = sign(&key(1), "vault-consent", &text);
    env.call(&["client", "edit", "acme", "--unset", "key"]).ok();
    answer(&env, &text, &by_jo, &[]).fails(6);
}

#[test]
fn a_signer_narrows_whose_signature_counts() {
    let env = office();
    let (jo, al) = (public(&key(1)), public(&key(2)));
    env.call(&["client", "edit", "acme", "--key", &jo, "--key", &al])
        .ok();
    let text = request(&env, &[]);
    let by_jo = sign(&key(1), "vault-consent", &text);
    answer(&env, &text, &by_jo, &["--signer", &al])
        .fails(5)
        .says("not by");
    answer(&env, &text, &by_jo, &["--signer", &public(&key(3))])
        .fails(6)
        .says("not recorded");
    answer(&env, &text, &by_jo, &["--signer", "nonsense"]).fails(2);
    let file = env.file("jo.pub", format!("{jo} jo@laptop\n"));
    let given = answer(&env, &text, &by_jo, &["--signer", &file, "--by", "Jo Doe"]);
    given.ok();
    assert_eq!(show(&env, id_of(&text))["by"], "Jo Doe");
}

#[test]
fn a_request_is_used_once() {
    let env = with_key();
    let text = request(&env, &[]);
    let id = signed(&env, &text);
    let signature = sign(&key(1), "vault-consent", &text);
    let again = |says: &str| {
        answer(&env, &text, &signature, &[])
            .fails(6)
            .says(says)
            .hints("ask anew");
    };
    again("was given on");
    env.call(&["consent", "withdraw", &id]).ok();
    again("was withdrawn on");
    let unanswered = request(&env, &[]);
    env.call(&["consent", "withdraw", id_of(&unanswered)]).ok();
    let signature = sign(&key(1), "vault-consent", &unanswered);
    answer(&env, &unanswered, &signature, &[])
        .fails(6)
        .says("was cancelled on");
}

#[test]
fn a_request_whose_time_is_over_is_refused() {
    let env = with_key();
    let text = request(&env, &["--expires", "1s"]);
    thread::sleep(Duration::from_millis(1100));
    let signature = sign(&key(1), "vault-consent", &text);
    answer(&env, &text, &signature, &[])
        .fails(6)
        .says("a time that ended");
}

#[test]
fn a_request_is_good_for_its_client_and_its_vault_only() {
    let env = with_key();
    let text = request(&env, &[]);
    let jo = public(&key(1));
    env.call(&["client", "edit", "globex", "--key", &jo]).ok();
    let (file, signature) = (
        env.file("a", &text),
        env.file("b", sign(&key(1), "vault-consent", &text)),
    );
    let files = ["--request", &file, "--signature", &signature];
    env.call(&[&["consent", "add", "globex"][..], &files].concat())
        .fails(6)
        .says("not for globex");
    let other = with_key();
    let signature = sign(&key(1), "vault-consent", &text);
    answer(&other, &text, &signature, &[])
        .fails(3)
        .says(id_of(&text));
    // A consent that was never asked for by a text.
    let noted = "consent add acme --to bob --scope acme/wp --purpose x --by Jo --note x --json";
    let noted: Vec<&str> = noted.split(' ').collect();
    let id = env.call(&noted).ok().json()["changed"][0].clone();
    let forged = text.replace(id_of(&text), id.as_str().unwrap());
    let signature = sign(&key(1), "vault-consent", &forged);
    answer(&env, &forged, &signature, &[]).fails(6);
}

#[test]
fn what_is_no_request_is_called_that() {
    let env = with_key();
    let text = request(&env, &[]);
    let signature = sign(&key(1), "vault-consent", &text);
    let bad = |text: &str, says: &str| {
        answer(&env, text, &signature, &[]).fails(2).says(says);
    };
    bad("", "no request");
    bad("hello", "no request");
    bad(&"x".repeat(10 << 20), "limit");
    let (binary, file) = (env.file("binary", b"\xff\xfe"), env.file("sig", &signature));
    let call = |request: &str, signature: &str| {
        let files = ["--request", request, "--signature", signature];
        env.call(&[&["consent", "add", "acme"][..], &files].concat())
            .fails(2)
    };
    call(&binary, &file).says("no text");
    call("nowhere", &file).says("nowhere");
    call(&env.file("good", &text), "nowhere").says("nowhere");
    let one = ["consent", "add", "acme", "--request", &binary];
    env.call(&one).fails(2).says("--signature");
    let both = [&one[..], &["--signature", &file, "--to", "bob"]].concat();
    env.call(&both).fails(2).says("cannot be used with");
}

#[test]
fn a_signature_for_a_contact_who_was_removed_allows_nothing_and_says_so() {
    let env = with_key();
    let text = request(&env, &["--out", "-"]);
    env.call(&["contact", "rm", "bob", "--yes"]).ok();
    let signature = sign(&key(1), "vault-consent", &text);
    answer(&env, &text, &signature, &[])
        .ok()
        .tells("was removed from the contacts");
}
