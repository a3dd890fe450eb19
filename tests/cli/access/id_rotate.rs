//! `id rotate` and `passwd --compromised`: new keys, which this device knows at once and others
//! are told.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::id::{openssh_verifies, read_card};
use crate::support::call::Call;
use crate::support::env::{CHEAP, PASSWORD, TestEnv, mode_of};

const NEW: &str = "quartz-Lantern3-moose-drip";

fn id(env: &TestEnv) -> Value {
    env.call(&["id", "--json"]).ok().json()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A second device that has seen the vault of `ours`, at its place.
struct Other<'a> {
    env: TestEnv,
    vault: &'a Path,
}

impl Other<'_> {
    fn call<'a>(&'a self, args: &[&'a str]) -> Call<'a> {
        let vault = ["--vault", self.vault.to_str().unwrap()];
        self.env.call(&[&vault, args].concat())
    }
}

#[test]
fn new_keys_take_the_place_of_the_old_ones() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let (old, generation) = (id(&env), env.generation());
    let rotated = env.call(&["id", "rotate", "--yes"]).ok();
    rotated.prints("").hides("SECRET").hides("PRIVATE");
    let new = id(&env);
    for key in ["recipient", "signer", "fingerprint", "words"] {
        assert_ne!(new[key], old[key], "{key}");
    }
    rotated.tells(text(&new["fingerprint"]));
    assert_eq!(new["vault_id"], old["vault_id"]);
    assert_eq!(env.generation(), generation + 1);
    // This device goes on as before.
    env.call(&["verify"]).ok().shows(text(&new["fingerprint"]));
    env.call(&["verify", "--full"]).ok();
    assert_eq!(env.secret("acme/wp"), "hunter2");
    env.add("acme/db", "y");
    assert_eq!(env.generation(), generation + 2);
    env.call(&["log", "--verify"]).ok();
}

#[test]
fn ci_that_knows_the_old_signer_refuses_and_with_the_new_one_is_content() {
    let env = TestEnv::ready();
    let old = id(&env);
    env.call(&["id", "rotate", "--yes"]).ok();
    let new = id(&env);
    let ci = TestEnv::new();
    let vault = env.vault_file();
    let verify = |signer: &Value| {
        let vault = vault.to_str().unwrap();
        ["--vault", vault, "verify", "--signer", text(signer)].map(ToOwned::to_owned)
    };
    let refused = verify(&old["signer"]);
    let refused: Vec<&str> = refused.iter().map(String::as_str).collect();
    ci.call(&refused)
        .no_password()
        .fails(5)
        .says(text(&old["fingerprint"]))
        .says(text(&new["fingerprint"]));
    let taken = verify(&new["signer"]);
    let taken: Vec<&str> = taken.iter().map(String::as_str).collect();
    ci.call(&taken).no_password().ok();
}

#[test]
fn another_device_refuses_until_it_is_told_the_new_signer() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let vault = env.vault_file();
    let other = Other {
        env: TestEnv::new(),
        vault: &vault,
    };
    other.call(&["get", "acme/wp"]).ok().prints("hunter2\n");
    let old = id(&env);
    env.call(&["id", "rotate", "--yes"]).ok();
    let new = id(&env);
    let (old, new) = (text(&old["fingerprint"]), text(&new["fingerprint"]));
    let commands: [&[&str]; 4] = [&["get", "acme/wp"], &["list"], &["add", "a/b"], &["verify"]];
    for args in commands {
        let refused = other.call(args).no_password().stdin("x").fails(5);
        refused.says(old).says(new);
    }
    let hinted = other.call(&["list"]).fails(5);
    hinted.hints(&format!("--accept-signer {new}"));
    other.call(&["list", "--accept-signer", old]).fails(5);
    let accept = ["get", "acme/wp", "--accept-signer", new];
    other.call(&accept).ok().prints("hunter2\n");
    // From then on it knows.
    other.call(&["get", "acme/wp"]).ok().prints("hunter2\n");
    other.call(&["verify"]).ok();
    other.call(&["add", "acme/db"]).stdin("y").ok();
    env.call(&["list"]).ok().prints("acme/db\nacme/wp\n");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn the_vault_as_it_was_before_the_new_keys_is_refused_where_they_are_known() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let before = fs::read(env.vault_file()).unwrap();
    let old = id(&env);
    env.call(&["id", "rotate", "--yes"]).ok();
    fs::write(env.vault_file(), before).unwrap();
    env.call(&["list"]).fails(5).says(text(&old["fingerprint"]));
    // Nor does any generation make up for the signer.
    let accepted = ["list", "--accept-generation", "2"];
    env.call(&accepted).fails(5);
}

#[test]
fn what_a_device_wrote_meanwhile_is_not_lost_by_accepting_the_new_signer() {
    let env = TestEnv::with(&[("acme/wp", "common")]);
    let theirs = TestEnv::new();
    fs::create_dir_all(theirs.data()).unwrap();
    fs::copy(env.vault_file(), theirs.vault_file()).unwrap();
    theirs.add("acme/theirs", "theirs");
    env.call(&["id", "rotate", "--yes"]).ok();
    // As a folder service does it: another file under the same name.
    fs::remove_file(theirs.vault_file()).unwrap();
    fs::copy(env.vault_file(), theirs.vault_file()).unwrap();
    let fingerprint = id(&env)["fingerprint"].clone();
    let accept = ["--accept-signer", text(&fingerprint)];
    let list = [&["list"], &accept[..]].concat();
    theirs.call(&list).ok().tells("wrote this vault apart");
    let add = [&["add", "acme/more"], &accept[..]].concat();
    theirs
        .call(&add)
        .stdin("x")
        .fails(7)
        .hints("vault merge --all");
    let kept = theirs.everything().into_iter();
    let kept: Vec<_> = kept
        .filter(|(path, _)| path.ends_with("last.age"))
        .collect();
    theirs.file("last.age", &kept[0].1);
    let old = ["--vault", "last.age", "get", "acme/theirs"];
    theirs.call(&old).ok().prints("theirs\n");
}

#[test]
fn the_card_is_signed_by_both_keys() {
    let env = TestEnv::ready();
    let old = id(&env);
    env.call(&["id", "rotate", "--yes", "--card", "new.card"])
        .ok();
    let new = id(&env);
    let written = fs::read_to_string(env.path("new.card")).unwrap();
    assert_eq!(mode_of(Path::new(&env.path("new.card"))), 0o600);
    let (body, keys) = read_card(&written);
    assert_eq!(keys, [text(&old["signer"]), text(&new["signer"])]);
    for key in ["vault_id", "recipient", "signer", "fingerprint", "words"] {
        assert_eq!(body[key], new[key]);
        assert_eq!(body["previous"][key], old[key]);
    }
    assert!(!written.contains("SECRET") && !written.contains("PRIVATE"));
    // It can be had again, long after.
    env.add("acme/wp", "x");
    env.call(&["id", "--card"]).ok().prints(&written);
}

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn openssh_takes_both_signatures_of_the_card_for_good() {
    let env = TestEnv::ready();
    env.call(&["id", "rotate", "--yes"]).ok();
    let card = env.call(&["id", "--card"]).ok();
    openssh_verifies(&env, card.text());
    let (_, keys) = read_card(card.text());
    assert_eq!(keys.len(), 2);
}

#[test]
fn keys_may_be_replaced_again_and_again() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.call(&["id", "rotate", "--yes"]).ok();
    let middle = id(&env);
    env.call(&["id", "rotate", "--yes"]).ok();
    let last = id(&env);
    let (body, keys) = read_card(env.call(&["id", "--card"]).ok().text());
    assert_eq!(keys, [text(&middle["signer"]), text(&last["signer"])]);
    assert_eq!(body["previous"]["signer"], middle["signer"]);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_card_is_never_written_over_a_file() {
    let env = TestEnv::ready();
    env.file("taken", "mine");
    let rotate = env.call(&["id", "rotate", "--yes", "--card", "taken"]);
    rotate.no_password().fails(7).says("taken");
    assert_eq!(fs::read_to_string(env.path("taken")).unwrap(), "mine");
    let rotate = env.call(&["id", "rotate", "--yes", "--card", "no/folder"]);
    rotate.fails(2).says("no/folder");
}

#[test]
fn new_keys_are_made_for_those_only_who_say_so() {
    let env = TestEnv::ready();
    env.call(&["id", "rotate"]).fails(9).hints("--yes");
    let before = id(&env);
    let script = format!(
        "export VAULT_PASSWORD_FILE='{}'
         vault id rotate; echo \"exit=$?\"",
        env.password_file().display()
    );
    let mut terminal = env.terminal(&script);
    terminal
        .sees("exit 5")
        .sees("[y/N]")
        .types("n")
        .sees("exit=0")
        .ends();
    assert_eq!(id(&env), before);
    let mut terminal = env.terminal(&script);
    terminal.sees("[y/N]").types("y").sees("exit=0").ends();
    assert_ne!(id(&env), before);
}

#[test]
fn the_log_says_that_the_keys_are_new_and_holds_none() {
    let env = TestEnv::ready();
    let old = id(&env);
    let done = env.call(&["id", "rotate", "--yes", "--json"]).ok().json();
    assert_eq!(done["ok"], true);
    assert_eq!(done["changed"][0], old["vault_id"]);
    let log = env.call(&["log", "--json"]).ok();
    log.hides("SECRET").hides("PRIVATE");
    let last = log.json().as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["action"], "rotate-id");
    assert_eq!(last["detail"]["old"], old["fingerprint"]);
    assert_eq!(last["detail"]["new"], id(&env)["fingerprint"]);
}

#[test]
fn reveals_before_the_new_keys_are_in_the_log_after() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.secret("acme/wp");
    env.call(&["id", "rotate", "--yes"]).ok();
    env.secret("acme/wp");
    let log = env.call(&["log", "--json"]).ok().json();
    let reveals = log.as_array().unwrap().iter();
    assert_eq!(reveals.filter(|e| e["action"] == "reveal").count(), 2);
    env.call(&["log", "--verify"]).ok();
}

#[test]
fn a_recovery_identity_opens_the_vault_as_before_and_makes_no_new_keys() {
    let env = TestEnv::new();
    env.call(&["init", "--kdf", CHEAP, "--recovery", "r.key"])
        .ok();
    let rotate = ["id", "rotate", "--yes", "--identity", "r.key"];
    env.call(&rotate).no_password().fails(4);
    env.call(&["id", "rotate", "--yes"]).ok();
    let list = ["list", "--identity", "r.key"];
    env.call(&list).no_password().ok();
}

#[test]
fn passwd_compromised_makes_new_keys_in_the_same_commit() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let (old, generation) = (id(&env), env.generation());
    env.file("new", NEW);
    let passwd = ["passwd", "--compromised", "--new-password-file", "new"];
    let done = env.call(&passwd).ok();
    done.prints("")
        .tells("old password")
        .tells("backups")
        .tells("rotate the secrets")
        .tells("--accept-signer SHA256:");
    assert_eq!(env.generation(), generation + 1);
    env.call(&["list"]).fails(4);
    let new = env.call(&["id", "--json"]).password(NEW).ok().json();
    assert_ne!(new["signer"], old["signer"]);
    assert_ne!(new["recipient"], old["recipient"]);
    env.call(&["get", "acme/wp"])
        .password(NEW)
        .ok()
        .prints("hunter2\n");
    env.call(&["verify", "--full"]).password(NEW).ok();
    let log = env.call(&["log", "--json"]).password(NEW).ok().json();
    let actions: Vec<_> = log.as_array().unwrap().iter().rev().take(3).collect();
    let of = |action: &str| actions.iter().find(|e| e["action"] == action).unwrap();
    assert_eq!(of("passwd")["detail"]["compromised"], true);
    of("rotate-id");
}

#[test]
fn passwd_compromised_works_with_a_recovery_identity_and_names_the_other_ways_in() {
    let env = TestEnv::new();
    env.call(&["init", "--kdf", CHEAP, "--recovery", "r.key"])
        .ok();
    env.file("new", NEW);
    let passwd = [
        "passwd",
        "--compromised",
        "--new-password-file",
        "new",
        "--identity",
        "r.key",
    ];
    env.call(&passwd).no_password().ok().tells("recovery");
    env.call(&["verify", "--full"]).password(NEW).ok();
}

#[test]
fn a_plain_passwd_keeps_the_keys_and_says_nothing_of_them() {
    let env = TestEnv::ready();
    let old = id(&env);
    env.file("new", NEW);
    env.call(&["passwd", "--new-password-file", "new"])
        .ok()
        .hides("signer");
    let new = env.call(&["id", "--json"]).password(NEW).ok().json();
    assert_eq!(new, old);
    let log = env.call(&["log", "--json"]).password(NEW).ok();
    log.hides("compromised").hides(PASSWORD);
}

#[test]
fn a_vault_that_holds_another_key_than_the_one_that_signed_it_is_found_by_verify_full() {
    use vault::crypto::{Draft, NoPlugins, SealedFile, SigningKey, UnlockedWith, derive, seal};
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let file = SealedFile::parse(fs::read(env.vault_file()).unwrap()).unwrap();
    let password = vault::model::text::secret::Secret::new(PASSWORD.into());
    let key = derive(&password, None, file.access()).unwrap();
    let payload = file.open(UnlockedWith::Password(&key)).unwrap();
    let facts = file.facts();
    let draft = Draft {
        vault_id: facts.vault_id,
        generation: facts.generation,
        parents: facts.parents.clone(),
    };
    let other = SigningKey::generate();
    let forged = seal(&payload, &draft, &key, &[], &NoPlugins, &other).unwrap();
    let device = TestEnv::new();
    device.file("forged.age", forged.bytes());
    let signer = other.signer().to_openssh();
    let verify = ["--vault", "forged.age", "verify", "--signer", &signer];
    device.call(&verify).ok();
    let full = [&verify[..], &["--full"]].concat();
    device.call(&full).fails(5).says("signing key");
}
