//! A permission is for the keys that a contact had when it was given: no other key is shared with,
//! however it came to be noted, but one that a card of the old key vouches for.

use super::consent_sign::request;
use crate::cli::sharing::share::{Contact, consent, consented, share, with_bob};
use crate::support::env::TestEnv;

const SHARE: [&str; 4] = ["share", "acme/wp", "--to", "bob"];

fn refused(env: &TestEnv) {
    let events = |env: &TestEnv| {
        let log = env.call(&["log", "--json"]).ok().json();
        log.as_array().unwrap().len()
    };
    let before = (env.generation(), events(env));
    env.call(&SHARE)
        .fails(6)
        .says("was given for")
        .hints("vault consent request acme --to bob --scope acme/wp");
    assert_eq!(before, (env.generation(), events(env) - 1));
    let log = env.call(&["log", "--json"]).ok().json();
    let last = log.as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["detail"]["reason"], "keys");
}

#[test]
fn a_key_that_was_added_later_is_not_shared_with() {
    let (env, _) = consented();
    env.call(&SHARE).ok();
    let eve = Contact::new().0.to_public().to_string();
    env.call(&["contact", "edit", "bob", "--recipient", &eve])
        .ok()
        .tells("do not hold for those of now");
    refused(&env);
    // Without it, the permission holds again; with it, a new one is needed.
    let gone = format!("recipient={eve}");
    env.call(&["contact", "edit", "bob", "--unset", &gone]).ok();
    env.call(&SHARE).ok();
    env.call(&["contact", "edit", "bob", "--recipient", &eve])
        .ok();
    consent(&env, &["--scope", "acme/*"]);
    share(&env, &["acme/wp"]);
}

#[test]
fn a_key_in_the_place_of_another_is_not_shared_with_and_a_passphrase_is_no_way_around() {
    let (env, _) = consented();
    env.call(&["contact", "edit", "bob", "--unset", "recipient"])
        .ok();
    let passphrase = [&SHARE[..], &["--passphrase"]].concat();
    env.call(&passphrase)
        .fails(6)
        .says("a key that bob no longer has");
    let eve = Contact::new().0.to_public().to_string();
    env.call(&["contact", "edit", "bob", "--recipient", &eve])
        .ok();
    refused(&env);
}

#[test]
fn a_permission_for_no_key_is_one_for_a_passphrase() {
    let (env, _) = with_bob();
    env.call(&["contact", "add", "joe"]).ok();
    env.me();
    let terms = ["acme", "--to", "joe", "--scope", "acme/*", "--purpose", "x"];
    env.call(&[&["consent", "request"], &terms[..]].concat())
        .ok()
        .tells("joe has no key on record: the permission will hold for shares with --passphrase");
    let given = ["--by", "Jo", "--note", "said so"];
    env.call(&[&["consent", "add"], &terms[..], &given].concat())
        .ok();
    let share = ["share", "acme/wp", "--to", "joe", "--passphrase"];
    env.call(&share).ok();
    let key = Contact::new().0.to_public().to_string();
    env.call(&["contact", "edit", "joe", "--recipient", &key])
        .ok();
    env.call(&["share", "acme/wp", "--to", "joe"])
        .fails(6)
        .says("when joe had no key");
}

/// Bob's vault, and the contact of that card in another with a permission for him.
fn with_card() -> (TestEnv, TestEnv) {
    let bob = TestEnv::ready();
    let env = TestEnv::with(&[("acme/wp", "the-secret")]);
    let card = card(&env, &bob, "first.card");
    env.call(&["contact", "add", "bob", "--card", &card]).ok();
    env.takes_notes_of("acme");
    consent(&env, &["--scope", "acme/*"]);
    (env, bob)
}

/// Writes the card of someone else to a file, and gives its path.
pub(crate) fn card(env: &TestEnv, of: &TestEnv, name: &str) -> String {
    env.file(name, of.call(&["id", "--card"]).ok().bytes())
}

#[test]
fn a_card_that_the_old_key_signed_takes_its_place_and_the_old_card_does_not_bring_it_back() {
    let (env, bob) = with_card();
    let old = env.path("first.card");
    bob.call(&["id", "rotate", "--yes"]).ok();
    let new = card(&env, &bob, "second.card");
    env.call(&["contact", "edit", "bob", "--card", &new])
        .ok()
        .tells("signed by the key that was known of bob, and take its place");
    let shown = env.call(&["contact", "show", "bob", "--json"]).ok().json();
    assert_eq!(shown["recipients"].as_array().unwrap().len(), 1);
    assert_eq!(shown["signers"].as_array().unwrap().len(), 1);
    let file = env.call(&[&SHARE[..], &["--out", "-"]].concat()).ok();
    // He takes it, though the permission names the key that he had then.
    let file = bob.file("share.age", file.bytes());
    let sender = card(&bob, &env, "sender.card");
    bob.call(&["contact", "add", "kim", "--card", &sender]).ok();
    bob.call(&["receive", "--accept-terms", &file]).ok();
    bob.call(&["get", "acme/wp"]).ok().prints("the-secret\n");
    env.call(&["contact", "edit", "bob", "--card", &old])
        .fails(6)
        .says("bob has replaced the key");
    env.call(&SHARE).ok();
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_card_of_other_keys_is_added_and_vouched_for_by_nobody() {
    let (env, _) = with_card();
    let stranger = card(&env, &TestEnv::ready(), "other.card");
    env.call(&["contact", "edit", "bob", "--card", &stranger])
        .ok()
        .tells("not signed by a key that was known of bob");
    let shown = env.call(&["contact", "show", "bob", "--json"]).ok().json();
    assert_eq!(shown["recipients"].as_array().unwrap().len(), 2);
    refused(&env);
}

#[test]
fn an_entry_that_was_renamed_goes_by_the_path_that_was_agreed_to() {
    let (env, bob) = with_card();
    let id = consent(&env, &["--scope", "acme/wp"]);
    env.call(&["mv", "acme/wp", "acme/wordpress"]).ok();
    let share = [
        "share",
        "acme/wordpress",
        "--to",
        "bob",
        "--consent",
        &id,
        "--out",
        "-",
    ];
    let file = bob.file("share.age", env.call(&share).ok().bytes());
    let sender = card(&bob, &env, "sender.card");
    bob.call(&["contact", "add", "kim", "--card", &sender]).ok();
    bob.call(&["receive", "--accept-terms", &file]).ok();
    bob.call(&["get", "acme/wp"]).ok().prints("the-secret\n");
}

#[test]
fn a_request_names_the_terms_and_the_keys_for_machines() {
    let (env, _) = with_card();
    env.me();
    let text = request(&env, &[]);
    let lines: Vec<&str> = text.lines().collect();
    let [.., request, until, terms, key] = lines.as_slice() else {
        panic!("no machine lines in {text}");
    };
    let asked = env.call(&["consent", "list", "--json"]).ok().json()[1].clone();
    assert_eq!(
        *request,
        format!("vault-request 1 {}", asked["id"].as_str().unwrap())
    );
    assert_eq!(
        *until,
        format!("until {}", asked["expires"].as_str().unwrap())
    );
    for (line, what) in [(terms, "terms"), (key, "key")] {
        let hash = line.strip_prefix(what).unwrap().trim();
        assert!(hash.starts_with("SHA256:") && hash.len() == 50, "{line}");
    }
    assert!(
        [request, until, terms, key]
            .iter()
            .all(|line| line.len() <= 64)
    );
}

#[test]
fn a_request_for_other_keys_was_written_and_not_given() {
    let (env, _) = with_bob();
    env.me();
    let ask = "consent request acme --to bob --scope acme/wp --purpose x --out ask.txt";
    env.call(&ask.split(' ').collect::<Vec<_>>()).ok();
    env.call(&["share", "acme/wp", "--to", "bob"])
        .fails(6)
        .says("request ")
        .says(" is not answered yet");
    let eve = Contact::new().0.to_public().to_string();
    env.call(&["contact", "edit", "bob", "--recipient", &eve])
        .ok();
    env.call(&["share", "acme/wp", "--to", "bob"])
        .fails(6)
        .says("was written for other keys of bob")
        .hides("given for");
}
