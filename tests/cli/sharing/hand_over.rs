//! `share --to-client`: a client gets their own credentials, without a consent.

use std::fs;

use serde_json::json;

use super::share::{Contact, with_bob};

#[test]
fn a_client_with_a_key_gets_a_letter_and_no_consent_is_asked_for() {
    let (env, _) = with_bob();
    let ssh = vault::crypto::SigningKey::generate();
    let pem = env.file("jo", ssh.to_openssh_pem().unwrap().expose());
    let public = ssh.signer().to_openssh();
    env.call(&["share", "acme/wp", "--to-client"])
        .fails(2)
        .says("acme has no key")
        .hints("--passphrase");
    let edit = [
        "client",
        "edit",
        "acme",
        "--key",
        &public,
        "--person",
        "Jo Doe <jo@acme.example>",
    ];
    env.call(&edit).ok();
    env.call(&["share", "acme/wp", "--to-client", "--person", "Eve"])
        .fails(3)
        .says("no person Eve");
    let args = [
        "share",
        "acme/wp",
        "acme/db",
        "--to-client",
        "--person",
        "Jo Doe",
        "--out",
        "for-jo.age",
    ];
    let shared = env.call(&args).ok();
    shared
        .tells("acme/wp: secret, username, urls, notes, site, pin")
        .tells("handed over to acme, number ");
    let opened = open(
        &fs::read(env.path("for-jo.age")).unwrap(),
        &fs::read_to_string(pem).unwrap(),
    );
    let (letter, block) = opened.split_once("-----BEGIN VAULT SHARE-----").unwrap();
    assert!(block.trim_end().ends_with("-----END VAULT SHARE-----"));
    let manifest = manifest_of(&opened);
    assert_eq!(manifest["purpose"], "hand-over");
    assert_eq!(manifest["recipient"]["name"], "Jo Doe");
    assert_eq!(manifest["items"][1]["name"], "db");
    for none in ["expires", "consent", "rules"] {
        assert_eq!(manifest[none], json!(null), "{none}");
    }
    assert_eq!(manifest["obligations"], json!([]));
    for secret in ["the-secret", "canary"] {
        assert!(!manifest.to_string().contains(secret), "{secret}");
    }
    assert!(letter.starts_with("YOUR ACCESS DATA "), "{letter}");
    assert!(letter.contains("Jo Doe:\n"), "{letter}");
    assert!(letter.contains("\npassword:\nthe-secret\n"), "{letter}");
    assert!(letter.contains("\npassword:\ncanary-db\n"), "{letter}");
    let number = crate::support::env::number(manifest["share"].as_str().unwrap());
    assert!(letter.contains(&format!("RECEIVED {number}\n")), "{letter}");
    let list = env.call(&["shares", "acme", "--json"]).ok().json();
    assert_eq!(list[0]["state"], "handed-over");
    assert_eq!(list[0]["to"], "acme");
    assert_eq!(list[0]["person"], "Jo Doe");
    assert_eq!(list[0]["entries"], json!(["acme/wp", "acme/db"]));
    env.call(&["shares"])
        .ok()
        .shows("handed-over")
        .shows("no end");
    let who = env.call(&["who", "acme", "--json"]).ok().json();
    let handed_over = |of: &serde_json::Value| of["direction"] == "handed-over";
    let handed_over = who.as_array().unwrap().iter().filter(|it| handed_over(it));
    let handed_over: Vec<_> = handed_over
        .map(|it| (&it["entry"], &it["person"]))
        .collect();
    let [wp, db, jo] = ["acme/wp", "acme/db", "Jo Doe"].map(|text| json!(text));
    assert_eq!(handed_over, [(&wp, &jo), (&db, &jo)]);
    env.call(&["who", "acme/wp"])
        .ok()
        .shows("acme/wp: nobody but you and Jo Doe can know anything")
        .shows("nobody but you and Jo Doe");
    env.call(&["rotate", "acme/db", "--generate"]).ok();
    env.call(&["who", "acme/db"])
        .ok()
        .shows("acme/db: nobody but you can know anything")
        .hides("you and");
    env.call(&["shares", "--live"]).ok().prints("");
    let log = env.call(&["log", "--json"]).ok().json();
    let log = log.as_array().unwrap();
    let detail = |key: &str, value: &str| log.iter().any(|event| event["detail"][key] == value);
    assert!(detail("what", "hand-over") && detail("phase", "sent"));
    env.call(&["verify", "--full"]).ok();
    let shown = env.call(&["show", "acme/wp", "--json"]).ok().json();
    assert_eq!(
        shown["flags"],
        json!([]),
        "it ends nothing, so that nothing is exposed"
    );
}

fn manifest_of(letter: &str) -> serde_json::Value {
    let document = vault::exchange::letter::document_in(letter).unwrap();
    let inner = |text: &str, key: &str| -> String {
        let outer: serde_json::Value = serde_json::from_str(text).unwrap();
        outer[key].as_str().unwrap().to_owned()
    };
    serde_json::from_str(&inner(&inner(document.expose(), "body"), "manifest")).unwrap()
}

fn open(file: &[u8], pem: &str) -> String {
    let identity = age::ssh::Identity::from_buffer(pem.as_bytes(), None).unwrap();
    let decryptor = age::Decryptor::new_buffered(file).unwrap();
    let mut reader = decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut reader, &mut text).unwrap();
    text
}

#[test]
fn what_is_lent_or_of_two_clients_is_not_handed_over() {
    let (env, _): (_, Contact) = with_bob();
    let hand = |entries: &[&str], more: &[&str]| {
        let args = [
            &["share"],
            entries,
            &["--to-client", "--passphrase", "--out", "x.age"],
            more,
        ];
        env.call(&args.concat())
    };
    hand(&["acme/wp", "globex/mail"], &[])
        .fails(6)
        .says("different clients");
    hand(&["acme/nothing"], &[]).fails(3);
    hand(&["acme/wp"], &["--to", "bob"]).fails(2);
    hand(&["acme/wp"], &["--consent", "abcd"]).fails(2);
    hand(&["acme/wp"], &["--changed-ok"]).fails(2);
    env.call(&["share", "acme/wp"]).fails(2).says("--to");
    assert!(!env.work().join("x.age").exists());
    let sender = crate::support::sender::Sender::new();
    let lent = sender.share(&env);
    let receive = [
        "receive",
        "--accept-terms",
        &lent,
        "--trust",
        sender.fingerprint(),
        "--into",
        "lent",
    ];
    env.call(&receive).ok();
    hand(&["lent/wp"], &[])
        .fails(6)
        .says("not yours to pass on");
    hand(&["acme/wp"], &["--field", "secret"])
        .ok()
        .tells("acme/wp: secret\n")
        .tells("passphrase: ");
}

#[test]
fn a_key_that_was_taken_away_opens_nothing_any_more() {
    let (env, _) = with_bob();
    let edit = |more: &[&str]| {
        env.call(&[&["client", "edit", "acme"], more].concat()).ok();
    };
    let public = vault::crypto::SigningKey::generate().signer().to_openssh();
    edit(&["--key", &public]);
    edit(&["--unset", &format!("key={public}")]);
    let args = ["share", "acme/wp", "--to-client", "--out", "x.age"];
    env.call(&args).fails(2).says("acme has no key");
    assert!(!env.work().join("x.age").exists());
}
