//! Text files that an editor on Windows has saved: a byte order mark and other line ends are no data
//! and no error.

use std::fs;

use ssh_key::private::Ed25519Keypair;
use ssh_key::{HashAlg, LineEnding, PrivateKey};

use crate::support::env::{TestEnv, mode};

/// The text as such an editor saves it.
pub(crate) fn windows(text: &str) -> String {
    format!("\u{feff}{}", text.replace('\n', "\r\n"))
}

fn jo() -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(&[1; 32]))
}

#[test]
fn cards_keys_and_signers_are_read() {
    let (env, other) = (TestEnv::ready(), TestEnv::ready());
    let card = other.call(&["id", "--card"]).ok().text().to_owned();
    let card = env.file("bob.card", windows(&card));
    env.call(&["contact", "add", "bob", "--card", &card]).ok();
    let key = jo().public_key().to_openssh().unwrap();
    let key = env.file("jo.pub", windows(&format!("{key}\n")));
    env.call(&[
        "contact",
        "add",
        "jo",
        "--signer",
        &key,
        "--recipient",
        &key,
    ])
    .ok();
    env.call(&["client", "add", "acme", "--key", &key]).ok();

    let id = env.call(&["id", "--json"]).ok().json();
    let signer = id["signer"].as_str().unwrap();
    let fields: Vec<&str> = signer.split(' ').take(2).collect();
    env.file(
        "signers",
        windows(&format!("# ours\nvault@acme {}\n", fields.join(" "))),
    );
    env.call(&["verify", "--signer", "signers"]).ok();
}

#[test]
fn an_identity_is_read() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["recovery", "add", "--out", "recovery"]).ok();
    let path = env.work().join("recovery");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, windows(&text)).unwrap();
    fs::set_permissions(&path, mode(0o600)).unwrap();
    env.call(&["--identity", "recovery", "get", "acme/wp"])
        .no_password()
        .ok()
        .prints("hunter2\n");
}

#[test]
fn a_signature_that_an_editor_saved_is_good_and_the_request_stays_as_it_was() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let card = TestEnv::ready()
        .call(&["id", "--card"])
        .ok()
        .text()
        .to_owned();
    let card = env.file("bob.card", card);
    env.call(&["contact", "add", "bob", "--card", &card]).ok();
    let key = jo().public_key().to_openssh().unwrap();
    let known = ["--key", &key, "--key-verified", "by phone"];
    env.call(&[&["client", "edit", "acme"][..], &known].concat())
        .ok();
    env.me();
    let request = "consent request acme --to bob --scope acme/wp --purpose shop";
    let request: Vec<&str> = request.split(' ').collect();
    let text = env.call(&request).ok().text().to_owned();
    let signature = jo().sign("vault-consent", HashAlg::Sha512, text.as_bytes());
    let signature = signature.unwrap().to_pem(LineEnding::LF).unwrap();
    let answer = env.file("ask.txt.sig", windows(&signature));
    let answer = ["consent", "answer", "--signature", &answer, "--json"];
    let added = env.call(&answer).ok().json();
    let id = added["changed"][0].as_str().unwrap();
    env.call(&["consent", "show", id, "--evidence", "kept"])
        .ok();
    let kept = fs::read_to_string(env.work().join("kept/request.txt")).unwrap();
    assert_eq!(kept, text);
    env.call(&["verify", "--full"]).ok();
}
