//! `share`: what a client consented to, in a file that only the contact opens.

use std::fs;
use std::io::Read;
use std::path::Path;

use age::secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use vault::exchange::letter::document_in;

use crate::support::call::Call;
use crate::support::env::{TestEnv, has_keys, holds, mode_of, number};

/// Somebody to share with, who has an age key.
pub(crate) struct Contact(pub(crate) age::x25519::Identity);

impl Contact {
    pub(crate) fn new() -> Self {
        Self(age::x25519::Identity::generate())
    }

    /// The document in a share.
    #[track_caller]
    pub(crate) fn open(&self, file: impl AsRef<[u8]>) -> Value {
        let letter = self.letter(file);
        serde_json::from_str(document_in(&letter).unwrap().expose()).unwrap()
    }

    /// What stock age would print of a share.
    #[track_caller]
    pub(crate) fn letter(&self, file: impl AsRef<[u8]>) -> String {
        let decryptor = age::Decryptor::new_buffered(file.as_ref()).unwrap();
        let mut reader = decryptor
            .decrypt(std::iter::once(&self.0 as &dyn age::Identity))
            .unwrap();
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    }

    /// The body of a share.
    #[track_caller]
    pub(crate) fn body(&self, file: impl AsRef<[u8]>) -> Value {
        let document = self.open(file);
        assert_eq!(document["type"], "vault.share/1");
        serde_json::from_str(document["body"].as_str().unwrap()).unwrap()
    }

    /// What a share says of itself.
    #[track_caller]
    pub(crate) fn manifest(&self, file: impl AsRef<[u8]>) -> Value {
        serde_json::from_str(self.body(file)["manifest"].as_str().unwrap()).unwrap()
    }
}

/// acme/wp and acme/db, globex/mail, and bob, who has a key. Nothing is consented to.
pub(crate) fn with_bob() -> (TestEnv, Contact) {
    let env = TestEnv::copied("with bob", add_bob);
    let key = fs::read_to_string(env.home().join(BOB)).unwrap();
    (env, Contact(key.parse().unwrap()))
}

/// Where the key of bob is kept, in the home.
const BOB: &str = "bob.key";

pub(crate) fn add_bob(env: &TestEnv) {
    let args = [
        "add",
        "acme/wp",
        "-u",
        "admin",
        "--url",
        "https://acme.example",
        "--notes",
        "canary-notes",
        "--field",
        "site=7",
    ];
    env.call(&args).stdin("the-secret").ok();
    env.call(&["edit", "acme/wp", "--secret-field", "pin"])
        .stdin("canary-pin")
        .ok();
    env.add("acme/db", "canary-db");
    env.add("globex/mail", "canary-mail");
    let bob = Contact::new().0;
    fs::write(env.home().join(BOB), bob.to_string().expose_secret()).unwrap();
    let key = bob.to_public().to_string();
    env.call(&["contact", "add", "bob", "--recipient", &key])
        .ok();
    env.takes_notes_of("acme");
    env.takes_notes_of("globex");
}

/// Files a consent of acme's for bob, and gives its id.
pub(crate) fn consent(env: &TestEnv, more: &[&str]) -> String {
    let mut args = vec!["consent", "add", "acme", "--to", "bob", "--by", "Jo Doe"];
    args.extend(["--purpose", "relaunch", "--note", "on the phone", "--json"]);
    if !more.contains(&"--expires") {
        args.extend(["--expires", "90d"]);
    }
    args.extend(more);
    let answer = env.call(&args).ok().json();
    answer["changed"][0].as_str().unwrap().to_owned()
}

/// A call that asks acme to let bob have something, by `--scope` and `--purpose`.
pub(crate) fn request<'a>(env: &'a TestEnv, more: &[&str]) -> Call<'a> {
    env.call(&[&["consent", "request", "acme", "--to", "bob"], more].concat())
}

/// acme lets bob have all of acme/*.
pub(crate) fn consented() -> (TestEnv, Contact) {
    let env = TestEnv::copied("consented", |env| {
        add_bob(env);
        consent(env, &["--scope", "acme/*"]);
    });
    let key = fs::read_to_string(env.home().join(BOB)).unwrap();
    (env, Contact(key.parse().unwrap()))
}

/// Shares, and gives the answer for scripts.
#[track_caller]
pub(crate) fn share(env: &TestEnv, more: &[&str]) -> Value {
    let args = [&["share", "--to", "bob", "--json"], more].concat();
    env.call(&args).ok().json()
}

fn ledger(env: &TestEnv) -> Value {
    env.call(&["shares", "--json"]).ok().json()
}

#[test]
fn a_share_is_a_private_file_that_the_contact_opens() {
    let (env, bob) = consented();
    let shared = env.call(&["share", "acme/wp", "--to", "bob"]).ok();
    let name = shared.text().trim_end();
    let id = number(ledger(&env)[0]["id"].as_str().unwrap());
    assert_eq!(name, format!("acme-bob-{id}.age"));
    shared
        .tells("acme/wp: secret, username, urls")
        .tells(&format!("share {id} for bob, until "))
        .tells("under consent ")
        .tells(&format!("vault receive {name}"))
        .tells(&format!("age -d -i KEY {name}"))
        .hides("the-secret");
    assert_eq!(mode_of(Path::new(&env.path(name))), 0o600);
    let body = bob.body(fs::read(env.path(name)).unwrap());
    has_keys(&body, &["manifest", "consent", "items"]);
    let manifest = bob.manifest(fs::read(env.path(name)).unwrap());
    let keys = [
        "share",
        "number",
        "sender",
        "recipient",
        "client",
        "items",
        "purpose",
        "expires",
        "obligations",
        "rules",
        "consent",
    ];
    has_keys(&manifest, &keys);
    assert!(!manifest.to_string().contains("the-secret"));
    assert_eq!(body["items"][0]["fields"]["secret"], "the-secret");
}

#[test]
fn nothing_goes_that_was_not_consented_to() {
    let (env, bob) = with_bob();
    env.call(&["contact", "add", "canary-eve"]).ok();
    consent(
        &env,
        &[
            "--scope", "acme/w*", "--field", "username", "--field", "site",
        ],
    );
    let answer = share(&env, &["acme/wp"]);
    let file = fs::read(env.path(answer["file"].as_str().unwrap())).unwrap();
    let document = bob.open(file).to_string();
    assert!(document.contains("admin"));
    for canary in ["the-secret", "canary-", "acme.example", "globex", "acme/db"] {
        assert!(!document.contains(canary), "{canary}");
    }
}

#[test]
fn a_hidden_field_and_the_notes_go_where_the_consent_names_them() {
    let (env, bob) = with_bob();
    consent(
        &env,
        &["--scope", "acme/wp", "--field", "pin", "--field", "notes"],
    );
    let answer = share(&env, &["acme/wp"]);
    let body = bob.body(fs::read(env.path(answer["file"].as_str().unwrap())).unwrap());
    let fields = serde_json::json!({"notes": "canary-notes", "pin": "canary-pin"});
    assert_eq!(body["items"][0]["fields"], fields);
    assert_eq!(body["items"][0]["hidden"], serde_json::json!(["pin"]));
}

#[test]
fn a_script_gets_the_id_the_file_and_the_ledgers_line() {
    let (env, _) = consented();
    let out = env.path("for-bob.age");
    let answer = share(
        &env,
        &["acme/wp", "acme/db", "--out", &out, "--expires", "7d"],
    );
    assert_eq!(answer["ok"], true);
    assert_eq!(answer["file"], out);
    assert_eq!(answer["changed"][0], answer["share"]["id"]);
    assert_eq!(answer["share"]["state"], "sent");
    assert_eq!(answer["share"], ledger(&env)[0]);
    let keys = [
        "id", "client", "consent", "to", "items", "created", "expires", "state", "receipt",
    ];
    has_keys(&answer["share"], &keys);
    assert_eq!(answer["share"]["items"][1]["entry"], "acme/db");
}

#[test]
fn the_file_goes_to_stdout_where_that_is_asked_for() {
    let (env, bob) = consented();
    let args = ["share", "acme/wp", "--to", "bob", "--out", "-"];
    let shared = env.call(&args).ok();
    assert_eq!(bob.manifest(shared.bytes())["purpose"], "relaunch");
    assert_eq!(fs::read_dir(env.work()).unwrap().count(), 0);
    let both = [&args[..], &["--json"]].concat();
    env.call(&both).fails(2).says("stdout");
}

#[test]
fn a_file_that_exists_is_not_overwritten() {
    let (env, _) = consented();
    let out = env.file("taken", "mine");
    let args = ["share", "acme/wp", "--to", "bob", "--out", &out];
    env.call(&args).fails(7).says("already exists");
    assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
    let nowhere = env.path("nowhere/file");
    let args = ["share", "acme/wp", "--to", "bob", "--out", &nowhere];
    env.call(&args).fails(2).says("no folder");
}

#[test]
fn without_a_consent_nothing_is_shared_and_the_refusal_is_in_the_log() {
    let (env, _) = with_bob();
    let share = ["share", "acme/wp", "--to", "bob"];
    let refused = env.call(&share).fails(6);
    refused.says("acme has given no consent");
    refused.hints("vault consent request acme --to bob --scope acme/wp");
    assert_eq!(fs::read_dir(env.work()).unwrap().count(), 0);
    let event = env.last_event();
    assert_eq!(event["action"], "refuse");
    assert_eq!(event["detail"]["what"], "share");
    assert_eq!(event["detail"]["reason"], "no-consent");
    let log = env.call(&["log", "--client", "acme"]).ok();
    log.shows("refuse").shows("acme/wp").shows("to contact bob");
    assert_eq!(ledger(&env), Value::Array(vec![]));
}

#[test]
fn each_consent_says_why_it_does_not_allow_it() {
    let (env, _) = with_bob();
    let narrow = consent(&env, &["--scope", "acme/wp"]);
    let later = consent(
        &env,
        &[
            "--scope",
            "acme/*",
            "--from",
            "2030-01-01",
            "--expires",
            "2031-01-01",
        ],
    );
    let withdrawn = consent(&env, &["--scope", "acme/*"]);
    env.call(&["consent", "withdraw", &withdrawn]).ok();
    let args = ["share", "acme/wp", "acme/db", "--to", "bob"];
    let refused = env.call(&args).fails(6);
    refused
        .says(&format!(
            "consent {} covers acme/wp but not acme/db",
            &number(&narrow)
        ))
        .says(&format!("consent {} starts on 20", &number(&later)))
        .says(&format!(
            "consent {} was withdrawn on ",
            &number(&withdrawn)
        ));
    let error = env.call(&[&args[..], &["--json"]].concat()).fails(6).json();
    assert_eq!(error["details"].as_array().unwrap().len(), 3);
    assert_eq!(env.last_event()["detail"]["reason"], "none-fits");
}

#[test]
fn a_field_outside_of_the_consent_is_refused_and_one_that_is_not_there_is_not_found() {
    let (env, _) = consented();
    let args = ["share", "acme/wp", "--to", "bob", "--field", "notes"];
    let refused = env.call(&args).fails(6);
    refused
        .says("does not cover notes of acme/wp")
        .hints("--field notes");
    let args = ["share", "acme/wp", "--to", "bob", "--field", "nope"];
    env.call(&args).fails(3).says("acme/wp has no field nope");
    let args = ["share", "acme/wp", "--to", "bob", "--field", "a/b"];
    env.call(&args).fails(2);
}

#[test]
fn what_is_not_there_is_not_found() {
    let (env, _) = consented();
    for args in [
        &["share", "acme/none", "--to", "bob"][..],
        &["share", "acme/wp", "--to", "carl"],
        &["share", "acme/wp", "--to", "bob", "--consent", "ffffffff"],
    ] {
        env.call(args).fails(3);
    }
    env.call(&["share", "acme/wp"]).fails(2);
    env.call(&["share", "--to", "bob"]).fails(2);
}

#[test]
fn entries_of_two_clients_do_not_go_together() {
    let (env, _) = consented();
    let args = ["share", "acme/wp", "globex/mail", "--to", "bob"];
    env.call(&args).fails(6).says("different clients");
}

#[test]
fn a_pattern_a_folder_or_a_client_shares_what_there_is_today_and_says_what_that_is() {
    let (env, bob) = consented();
    for (named, told) in [
        ("acme/*", "acme/* is today: acme/db, acme/wp"),
        ("acme/", "acme/ is today: acme/db, acme/wp"),
        ("acme/w*", "acme/w* is today: acme/wp"),
    ] {
        let shared = env.call(&["share", named, "--to", "bob"]).ok();
        shared.tells(told);
        let file = fs::read(env.path(shared.text().trim_end())).unwrap();
        let items = bob.body(file)["items"].as_array().unwrap().len();
        assert_eq!(items, told.matches(" acme/").count(), "{named}");
    }
    env.add("acme/x/deep", "not permitted");
    env.call(&["share", "acme/", "--to", "bob"])
        .fails(6)
        .says("acme/x/deep");
    env.call(&["share", "acme/x*", "--to", "bob"]).fails(3);
    env.call(&["share", "acme/nosuch/", "--to", "bob"]).fails(3);
    env.call(&["share", "*/wp", "--to", "bob"]).fails(2);
    env.call(&["share", "acme", "--to", "bob"]).fails(2);
    env.call(&["share", "acme/x/", "--to-client", "--passphrase"])
        .ok()
        .tells("acme/x/ is today: acme/x/deep");
}

#[test]
fn an_entry_that_moved_to_another_client_left_the_consent() {
    let (env, _) = with_bob();
    consent(&env, &["--scope", "acme/wp"]);
    env.call(&["mv", "acme/wp", "globex/wp"]).ok();
    env.call(&["share", "globex/wp", "--to", "bob"]).fails(6);
}

#[test]
fn two_consents_that_fit_have_to_be_told_apart() {
    let (env, _) = consented();
    let second = consent(&env, &["--scope", "acme/wp"]);
    let args = ["share", "acme/wp", "--to", "bob"];
    let unclear = env.call(&args).fails(2);
    unclear
        .says("2 consents allow this")
        .says(&number(&second))
        .hints("--consent ");
    let answer = share(&env, &["acme/wp", "--consent", &second[..6]]);
    assert_eq!(answer["share"]["consent"], second);
}

#[test]
fn a_share_never_outlasts_its_consent() {
    let (env, _) = with_bob();
    let id = consent(&env, &["--scope", "acme/*", "--expires", "5d"]);
    let short = env.call(&["share", "acme/wp", "--to", "bob"]).ok();
    short
        .tells("the consent ends on 2")
        .tells("sooner than the usual 14 days");
    let shown = env.call(&["consent", "show", &id, "--json"]).ok().json();
    assert_eq!(ledger(&env)[0]["expires"], shown["expires"]);
    let args = ["share", "acme/wp", "--to", "bob", "--expires", "6d"];
    env.call(&args)
        .fails(6)
        .says("before the end that is asked for")
        .hints(&format!("vault consent renew {} --expires 2", number(&id)));
    let renewal = ["consent", "renew", &id, "--expires", "6d"];
    env.me();
    env.call(&renewal).ok();
    env.call(&args)
        .fails(6)
        .hints("is not answered; when it is there: vault consent answer");
    let args = ["share", "acme/wp", "--to", "bob", "--expires", "2020-01-01"];
    env.call(&args).fails(2).says("in the past");
}

#[test]
fn a_client_may_ask_for_more_than_a_note() {
    let (env, _) = consented();
    let edit = ["client", "edit", "acme", "--min-assurance", "document"];
    env.call(&edit).ok();
    let refused = env.call(&["share", "acme/wp", "--to", "bob"]).fails(6);
    refused.says("is attested, and acme asks for document ones");
}

fn a_passphrase_is_shown_once(ways: &[&[&str]]) {
    let (env, _) = with_bob();
    env.call(&["contact", "add", "eve"]).ok();
    let eve = [
        "consent",
        "add",
        "acme",
        "--to",
        "eve",
        "--by",
        "Jo",
        "--purpose",
        "audit",
        "--note",
        "said so",
        "--scope",
        "acme/*",
    ];
    env.call(&eve).ok();
    let keyless = env.call(&["share", "acme/wp", "--to", "eve"]).fails(2);
    keyless.says("eve has no key").hints("--passphrase");
    for (n, way) in ways.iter().enumerate() {
        let out = env.path(&format!("eve{n}.age"));
        let args = [
            "share",
            "acme/wp",
            "--to",
            "eve",
            "--passphrase",
            "--out",
            &out,
        ];
        let output = env.call(&[&args[..], way].concat()).run();
        assert_eq!(output.code, Some(0), "{output:?}");
        let words = words(&output.stderr);
        assert_eq!(words.split('-').count(), 6, "{words}");
        assert!(!holds(&output.stdout, &words));
        for (path, content) in env.everything() {
            assert!(!holds(&content, &words), "{}", path.display());
        }
        let log = env.call(&["log", "--json"]).ok();
        log.hides(&words);
        assert_eq!(
            open_with(&words, &fs::read(&out).unwrap())["client"]["slug"],
            "acme"
        );
    }
}

#[test]
fn for_a_contact_without_a_key_there_is_a_passphrase_shown_once() {
    a_passphrase_is_shown_once(&[&["--quiet", "--json"]]);
}

#[test]
#[ignore = "takes long; .ci/run runs it"]
fn a_passphrase_is_shown_once_to_people_in_json_and_quietly() {
    a_passphrase_is_shown_once(&[&["--quiet"], &["--json"], &[]]);
}

/// The passphrase on stderr, in its line or its JSON.
fn words(stderr: &str) -> String {
    let line = stderr
        .lines()
        .find(|line| line.contains("passphrase"))
        .unwrap();
    if let Ok(json) = serde_json::from_str::<Value>(line) {
        return json["passphrase"].as_str().unwrap().to_owned();
    }
    line.strip_prefix("passphrase: ").unwrap().to_owned()
}

fn open_with(words: &str, file: &[u8]) -> Value {
    let mut identity = age::scrypt::Identity::new(SecretString::from(words.to_owned()));
    identity.set_max_work_factor(18);
    let decryptor = age::Decryptor::new_buffered(file).unwrap();
    let keys = std::iter::once(&identity as &dyn age::Identity);
    let mut text = String::new();
    decryptor
        .decrypt(keys)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    let document: Value = serde_json::from_str(document_in(&text).unwrap().expose()).unwrap();
    let body: Value = serde_json::from_str(document["body"].as_str().unwrap()).unwrap();
    serde_json::from_str(body["manifest"].as_str().unwrap()).unwrap()
}

#[test]
fn a_contact_with_a_key_is_given_no_passphrase() {
    let (env, _) = consented();
    let args = ["share", "acme/wp", "--to", "bob", "--passphrase"];
    env.call(&args).fails(2).says("bob has a key");
}

#[test]
fn all_keys_of_a_contact_open_it() {
    let (env, bob) = with_bob();
    let other = Contact::new();
    let keys = env.file(
        "keys",
        format!("{}\n{}\n", bob.0.to_public(), other.0.to_public()),
    );
    env.call(&["contact", "edit", "bob", "--recipient", &keys])
        .ok();
    consent(&env, &["--scope", "acme/*"]);
    let answer = share(&env, &["acme/wp"]);
    let file = fs::read(env.path(answer["file"].as_str().unwrap())).unwrap();
    let key = bob.manifest(&file)["recipient"]["key"].clone();
    assert_eq!(other.manifest(&file)["recipient"]["key"], key);
    for one in [&bob, &other] {
        assert!(
            key.as_str()
                .unwrap()
                .contains(&one.0.to_public().to_string())
        );
    }
    assert!(!holds(&file, bob.0.to_string().expose_secret()));
}

#[test]
fn a_contact_past_the_review_is_given_nothing_more_unless_that_is_passed() {
    let (env, _) = consented();
    env.call(&["contact", "edit", "bob", "--review-by", "1s"])
        .ok();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let args = ["share", "acme/wp", "--to", "bob"];
    env.call(&args).fails(6).says("the access review of bob");
    env.call(&[&args[..], &["--past-review"]].concat()).ok();
}

#[test]
fn a_file_that_cannot_be_written_leaves_an_unsent_share_and_says_so() {
    let (env, _) = consented();
    let args = [
        "share",
        "acme/wp",
        "--to",
        "bob",
        "--out",
        "/proc/for-bob.age",
    ];
    let output = env.call(&args).run();
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stdout.is_empty());
    assert!(
        output.stderr.contains("in the ledger as unsent"),
        "{output:?}"
    );
    assert!(output.stderr.contains("hint: "), "{output:?}");
    assert_eq!(ledger(&env)[0]["state"], "unsent");
    let full = "vault share acme/wp --to bob --out - > /dev/full";
    let output = env.shell(full).run();
    assert_eq!(output.code, Some(1), "{output:?}");
    assert_eq!(ledger(&env)[1]["state"], "unsent");
}

#[test]
fn a_vault_that_is_opened_with_a_wrong_password_shares_nothing() {
    let (env, _) = consented();
    let call = env.call(&["share", "acme/wp", "--to", "bob"]);
    call.password("not-The-password-9").fails(4);
    assert!(ledger(&env).as_array().unwrap().is_empty());
}

#[test]
fn the_share_is_in_the_log_without_any_name() {
    let (env, _) = consented();
    let answer = share(&env, &["acme/wp"]);
    let mut events = env.call(&["log", "--json"]).ok().json();
    for event in events.as_array_mut().unwrap() {
        // The names are looked up, and are not in what is stored.
        event.as_object_mut().unwrap().remove("subjects");
    }
    let stored = events.to_string();
    for name in ["acme", "bob", "wp", "relaunch", "the-secret"] {
        assert!(!stored.contains(name), "{stored}");
    }
    let events: Vec<&Value> = events.as_array().unwrap().iter().rev().take(2).collect();
    for event in events {
        assert_eq!(event["action"], "share");
        assert_eq!(event["subject"][0], answer["share"]["id"]);
    }
}

#[test]
fn a_dry_run_says_what_would_go_and_shares_nothing() {
    let (env, _) = consented();
    let before = env.snapshot();
    let dry = env.call(&["share", "acme/wp", "--to", "bob", "-n"]).ok();
    dry.shows("acme/wp: secret").tells("nothing was changed");
    let json = env.call(&["share", "acme/wp", "--to", "bob", "-n", "--json"]);
    let json = json.ok().json();
    assert_eq!(json["dry_run"], true);
    assert_eq!(json["items"][0]["entry"], "acme/wp");
    env.add("bolt/db", "y");
    let after = env.snapshot();
    env.call(&["share", "bolt/db", "--to", "bob", "-n"])
        .fails(6);
    assert_eq!(env.snapshot(), after);
    assert_ne!(before, after);
    env.call(&["log"]).ok().hides("refuse");
}
