//! A request and the signature that comes back: every way to pass off something else as signed.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use ssh_key::private::Ed25519Keypair;
use ssh_key::{HashAlg, LineEnding, PrivateKey};

use super::records::{furnish, office, show};
use crate::support::env::{TestEnv, mode_of, number};

/// A key of a person, made of one number.
pub(crate) fn key(seed: u8) -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]))
}

pub(crate) fn public(key: &PrivateKey) -> String {
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

/// A call of `consent answer` with this signature, and `more`.
pub(crate) fn answer<'a>(
    env: &'a TestEnv,
    signature: &str,
    more: &[&str],
) -> crate::support::call::Call<'a> {
    let signature = env.file("ask.txt.sig", signature);
    env.call(&[&["consent", "answer", "--signature", &signature], more].concat())
}

pub(crate) fn signed(env: &TestEnv, text: &str) -> String {
    let signature = sign(&key(1), "vault-consent", text);
    let answer = answer(env, &signature, &["--json"]).ok().json();
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
        .tells("vault consent answer --signature");
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
    let show_evidence = ["consent", "show", &id, "--evidence"];
    env.call(&[&show_evidence[..], &["papers"]].concat()).ok();
    let paper = |name: &str| fs::read_to_string(env.work().join("papers").join(name)).unwrap();
    assert_eq!(paper("request.txt"), text);
    let signature = paper("request.txt.sig");
    assert_eq!(signature, sign(&key(1), "vault-consent", &text));
    let written = format!("confirmation-{}.txt", number(&id));
    let written = fs::read_to_string(env.work().join(written)).unwrap();
    assert_eq!(paper("confirmation.txt"), written);
    let line = format!("client namespaces=\"vault-consent\" {}\n", public(&key(1)));
    assert_eq!(paper("allowed_signers"), line);
    let check = "  ssh-keygen -Y verify -f allowed_signers -I client -n vault-consent -s \
                 request.txt.sig < request.txt\n";
    let readme = paper("README.txt");
    assert!(readme.contains(check), "{readme}");
    assert!(readme.contains("made sure of: by phone"), "{readme}");
    env.call(&[&show_evidence[..], &["-"]].concat()).fails(2);
    env.call(&[&show_evidence[..], &["papers"]].concat())
        .fails(7)
        .says("papers already exists");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_request_can_be_written_again() {
    let env = with_key();
    let text = request(&env, &[]);
    let again = ["consent", "show", id_of(&text), "--evidence", "papers"];
    env.call(&again).ok();
    let path = env.work().join("papers/request.txt");
    assert_eq!(fs::read_to_string(path).unwrap(), text);
}

#[test]
fn line_ends_that_a_mail_changed_are_no_other_text_and_everything_else_is() {
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
        let over_edited = sign(&key(1), "vault-consent", &edited);
        answer(&env, &over_edited, &[])
            .fails(5)
            .says("another text");
    }
    let mailed = text.replace('\n', "\r\n");
    let id = signed(&env, &mailed);
    env.call(&["consent", "show", &id, "--evidence", "papers"])
        .ok();
    let path = env.work().join("papers/request.txt");
    assert_eq!(
        fs::read_to_string(path).unwrap(),
        mailed,
        "as it was signed"
    );
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_signature_over_anything_else_is_no_good() {
    let env = with_key();
    let text = request(&env, &[]);
    let other = request(&with_key(), &[]);
    let jo = key(1);
    let bad = |signature: &str, says: &str| {
        answer(&env, signature, &[]).fails(5).says(says);
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
    let refused = answer(&env, &by_stranger, &[]).fails(6);
    let fingerprint = key(2).fingerprint(HashAlg::Sha256).to_string();
    refused
        .says(&fingerprint)
        .hints("vault client edit acme --key");
    // Somebody else's key, of another client.
    let stranger = public(&key(2));
    env.call(&["client", "edit", "globex", "--key", &stranger])
        .ok();
    answer(&env, &by_stranger, &[]).fails(6);
    // A key that was taken away.
    let by_jo = sign(&key(1), "vault-consent", &text);
    env.call(&["client", "edit", "acme", "--unset", "key"]).ok();
    answer(&env, &by_jo, &[]).fails(6);
}

#[test]
fn a_signer_narrows_whose_signature_counts() {
    let env = office();
    let (jo, al) = (public(&key(1)), public(&key(2)));
    env.call(&["client", "edit", "acme", "--key", &jo, "--key", &al])
        .ok();
    let text = request(&env, &[]);
    let by_jo = sign(&key(1), "vault-consent", &text);
    answer(&env, &by_jo, &["--signer", &al])
        .fails(5)
        .says("not by");
    answer(&env, &by_jo, &["--signer", &public(&key(3))])
        .fails(5)
        .says("not by");
    answer(&env, &by_jo, &["--signer", "nonsense"]).fails(2);
    let file = env.file("jo.pub", format!("{jo} jo@laptop\n"));
    let given = answer(&env, &by_jo, &["--signer", &file, "--by", "Jo Doe"]);
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
        answer(&env, &signature, &[])
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
    answer(&env, &signature, &[])
        .fails(6)
        .says("was cancelled on");
}

#[test]
fn a_request_whose_time_is_over_is_refused() {
    let env = with_key();
    let text = request(&env, &["--expires", "1s"]);
    thread::sleep(Duration::from_millis(1100));
    let signature = sign(&key(1), "vault-consent", &text);
    answer(&env, &signature, &[])
        .fails(6)
        .says("a time that ended");
}

#[test]
fn a_signature_is_good_for_one_request_of_one_vault() {
    let env = with_key();
    let (text, newer) = (request(&env, &[]), request(&env, &[]));
    let signature = sign(&key(1), "vault-consent", &text);
    answer(&env, &signature, &[id_of(&newer)])
        .fails(5)
        .says("another text");
    let other = with_key();
    request(&other, &[]);
    let file = other.file("x.sig", &signature);
    let call = other.call(&["consent", "answer", "--signature", &file]);
    call.fails(5).says("another text");
    answer(&env, &signature, &[]).ok();
    assert_eq!(show(&env, id_of(&text))["state"], "given");
    assert_eq!(show(&env, id_of(&newer))["state"], "requested");
}

#[test]
fn a_key_that_was_taken_away_stays_known_and_counts_no_more() {
    let env = with_key();
    let text = request(&env, &[]);
    let jo = public(&key(1));
    let gone = format!("key={jo}");
    env.call(&["client", "edit", "acme", "--unset", &gone]).ok();
    let signature = sign(&key(1), "vault-consent", &text);
    answer(&env, &signature, &[])
        .fails(6)
        .says("no longer counts");
    let shown = env.call(&["client", "show", "acme", "--json"]).ok().json();
    assert_eq!(shown["keys"][0]["key"], jo);
    assert_eq!(shown["keys"][0]["verified"], "by phone");
    assert!(shown["keys"][0]["to"].is_string());
    env.call(&["client", "edit", "acme", "--unset", &gone])
        .fails(3);
    // It is found again, and made sure of once more.
    let again = ["client", "edit", "acme", "--key", &jo];
    env.call(&[&again[..], &["--key-verified", "in person"]].concat())
        .ok();
    answer(&env, &signature, &[]).ok();
    let shown = env.call(&["client", "show", "acme", "--json"]).ok().json();
    assert_eq!(shown["keys"].as_array().unwrap().len(), 2);
    let evidence = &show(&env, id_of(&text))["evidence"][0];
    assert_eq!(evidence["key_until"], Value::Null);
    assert_eq!(evidence["key_verified"], "in person");
    // What it has signed stays signed, and is marked.
    env.call(&["client", "edit", "acme", "--unset", &gone]).ok();
    let shown = show(&env, id_of(&text));
    assert_eq!(shown["state"], "given");
    assert!(shown["evidence"][0]["key_until"].is_string());
    env.call(&["consent", "show", id_of(&text)])
        .ok()
        .shows("; the key was taken away later (20");
}

#[test]
fn a_signature_for_a_contact_who_was_removed_is_of_no_use() {
    let env = with_key();
    let text = request(&env, &["--out", "-"]);
    env.call(&["contact", "rm", "bob", "--yes"]).ok();
    let signature = sign(&key(1), "vault-consent", &text);
    answer(&env, &signature, &[])
        .fails(6)
        .says("was cancelled on");
}

#[test]
fn a_signature_is_of_a_person_who_may_permit() {
    let env = with_key();
    let text = request(&env, &[]);
    let signature = sign(&key(1), "vault-consent", &text);
    let edit = |more: &[&str]| {
        env.call(&[&["client", "edit", "acme"], more].concat()).ok();
    };
    for who in ["Jo Doe <jo@acme.example>", "Al Roe <al@acme.example>"] {
        edit(&["--person", who]);
    }
    answer(&env, &signature, &[])
        .fails(2)
        .says("--by is missing: it may be Jo Doe or Al Roe")
        .hints("--by 'Jo Doe'");
    edit(&["--person", "Al Roe <al@acme.example>", "--may-permit"]);
    answer(&env, &signature, &["--by", "Jo Doe"])
        .fails(6)
        .says("not among those who may give permissions for acme: Al Roe");
    answer(&env, &signature, &[]).ok();
    assert_eq!(show(&env, id_of(&text))["by"], "Al Roe");
}
