//! `contact`: whom one may share with.

use serde_json::{Value, json};

use crate::cli::sharing::share::{consented, share};
use crate::support::env::{TestEnv, has_keys, mode_of};

const ED25519: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINLBMxfguM1otRpTyAUDtnJEFD7ZPNKVomwunz2s6R+6";
const FINGERPRINT: &str = "SHA256:im2Ax9lDCLdCsxID4aJp6akD8JHblj0BFdOHJBHmSlo";
const OTHER: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK698MZNhmmJVZpzhLHhYcF+ASBEUfZhplDJ7MUYtuHL";
const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHwf2HMM5TRXvo2SQJjsNkiDD5KqiiNjrGVv3UUh+mMT5RHxiRtOnlqvjhQtBq0VpmpCV/PwUdhOig4vkbqAcEc=";
const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCLQjH5tc3XFFGqgmtFshU69mP/1YjLO3A424MdEiJDn2L6C+HHT4eaExA3KaQbPbLE7JRPleMJOVu0Hu4+tfI7wavl648vM/LZgb4H1WheiQ2mRugiFtWqOQtCeUf/FVQsuFKd6+WqHR+KUEBQr0Qgz49HTW2DB7XkwVVipcG9ujM2+fzIsvXVM21uVv82WxdcLuMl8JLSvmoehoQ/NHZKYH6bpuZXbdRF0lCm1G2i4UURsQbP9l4EtSIEPJSMp1/Uxz02K63LvW0EUSds2TANMlyMVvu7oBQN1ODxnLpvcbRw9GWVhSkfMevAFbZL9Q3QJonXdzrAwAS75nW7VUpz";

fn show(env: &TestEnv, name: &str) -> Value {
    env.call(&["contact", "show", name, "--json"]).ok().json()
}

/// The card and the identity of another vault.
fn card_of(other: &TestEnv) -> (String, Value) {
    let card = other.call(&["id", "--card"]).ok().text().to_owned();
    (card, other.call(&["id", "--json"]).ok().json())
}

fn full() -> TestEnv {
    TestEnv::copied("contact", fill)
}

fn fill(env: &TestEnv) {
    let agreement = env.file("nda.pdf", "%PDF-1.4 not much");
    let args = [
        "contact",
        "add",
        "bob",
        "--recipient",
        ED25519,
        "--recipient",
        RSA,
        "--signer",
        ED25519,
        "--email",
        "bob@studio.example",
        "--role",
        "developer",
        "--agreement",
        &agreement,
        "--review-by",
        "2099-12-31",
    ];
    env.call(&args).ok().prints("").tells("added contact bob");
}

#[test]
fn everything_that_is_noted_is_shown() {
    let env = full();
    let shown = show(&env, "bob");
    assert_eq!(shown["name"], "bob");
    assert_eq!(shown["role"], "developer");
    assert_eq!(shown["recipients"], json!([ED25519, RSA]));
    assert_eq!(shown["signers"], json!([ED25519]));
    assert_eq!(shown["emails"], json!(["bob@studio.example"]));
    assert_eq!(shown["review_by"], "2099-12-31T23:59:59Z");
    assert_eq!(shown["agreement"]["name"], "nda.pdf");
    let text = env.call(&["contact", "show", "bob"]).ok();
    text.shows("developer")
        .shows(FINGERPRINT)
        .shows("nda.pdf")
        .shows("bob@studio.example");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn who_a_contact_is_on_papers_is_noted_and_shown() {
    let env = full();
    let args = [
        "--full-name",
        "Bob Müller",
        "--firm",
        "Müller Software",
        "--address",
        "Hauptstr. 1, 04109 Leipzig",
        "--country",
        "Germany",
        "--phone",
        "+49 341 1",
        "--channel",
        "Signal",
        "--lang",
        "de",
        "--agreed-on",
        "2026-03-03",
        "--checked-on",
        "2026-03-01",
        "--checked",
        "references of two clients",
    ];
    env.call(&[&["contact", "edit", "bob"], &args[..]].concat())
        .ok();
    let text = env.call(&["contact", "show", "bob"]).ok();
    for value in args.iter().skip(1).step_by(2) {
        text.shows(value);
    }
    assert_eq!(show(&env, "bob")["checked_on"], "2026-03-01");
    env.call(&["contact", "edit", "bob", "--checked-on", "2199-01-01"])
        .fails(2)
        .says("still to come");
}

#[test]
fn contacts_are_listed_with_stable_keys() {
    let env = full();
    env.call(&["contact", "add", "al"]).ok();
    let list = env.call(&["contact", "list", "--json"]).ok().json();
    assert_eq!(list[0]["name"], "al");
    assert_eq!(list[0]["role"], Value::Null);
    assert_eq!(list[0]["agreement"], Value::Null);
    assert_eq!(list[1]["name"], "bob");
    for contact in list.as_array().unwrap() {
        let keys = [
            "name",
            "role",
            "recipients",
            "signers",
            "review_by",
            "agreement",
        ];
        has_keys(contact, &keys);
    }
    let text = env.call(&["contact", "ls"]).ok();
    text.shows("ssh-ed25519, ssh-rsa").shows("none");
}

#[test]
fn an_empty_register_says_how_to_begin() {
    let env = TestEnv::ready();
    env.call(&["contact", "list"])
        .ok()
        .prints("")
        .tells("vault contact add");
}

#[test]
fn a_card_has_both_keys_and_the_words_to_compare() {
    let (env, other) = (TestEnv::ready(), TestEnv::ready());
    let (card, id) = card_of(&other);
    let file = env.file("bob.card", card);
    let added = env.call(&["contact", "add", "bob", "--card", &file]).ok();
    let words = id["words"].as_str().unwrap();
    added.tells(words).tells("phone");
    let shown = show(&env, "bob");
    assert_eq!(shown["recipients"], json!([id["recipient"]]));
    assert_eq!(shown["signers"], json!([id["signer"]]));
    assert_eq!(shown["words"], words);
}

#[test]
fn a_card_that_was_touched_is_refused() {
    let (env, other) = (TestEnv::ready(), TestEnv::ready());
    let (card, id) = card_of(&other);
    let words = id["words"].as_str().unwrap();
    let forged = env.file("forged", card.replace(words, "one two three four five six"));
    let add = |file: &str, code| {
        env.call(&["contact", "add", "bob", "--card", file])
            .fails(code)
            .hints("vault id --card");
    };
    add(&forged, 5);
    add(&env.file("text", "hello"), 2);
    add(&env.file("bytes", b"\xff\xfe"), 2);
    env.call(&["contact", "add", "bob", "--card", "nowhere"])
        .fails(2)
        .says("nowhere");
}

#[test]
fn a_card_of_new_keys_says_who_vouches_for_them() {
    let (env, other, stranger) = (TestEnv::ready(), TestEnv::ready(), TestEnv::ready());
    let first = env.file("first", card_of(&other).0);
    env.call(&["contact", "add", "bob", "--card", &first]).ok();
    other.call(&["id", "rotate", "--yes"]).ok();
    let (card, id) = card_of(&other);
    let second = env.file("second", card);
    let edit = |file: &str| env.call(&["contact", "edit", "bob", "--card", file]).ok();
    edit(&second).tells("signed by the key that was known of bob");
    assert_eq!(show(&env, "bob")["signers"], json!([id["signer"]]));
    let third = env.file("third", card_of(&stranger).0);
    edit(&third)
        .tells("warning: these keys are not signed by a key that was known of bob")
        .tells("by phone");
}

#[test]
fn a_file_of_keys_gives_all_that_can_be_encrypted_to() {
    let env = TestEnv::ready();
    let file = env.file(
        "eve.keys",
        format!("{ED25519}\n{ECDSA}\n{RSA} eve@laptop\n"),
    );
    let added = env
        .call(&["contact", "add", "eve", "--recipient", &file])
        .ok();
    added.tells("eve.keys: passed over, line 2: a key of type ecdsa");
    assert_eq!(show(&env, "eve")["recipients"], json!([ED25519, RSA]));
}

#[test]
fn what_cannot_be_used_as_a_key_is_refused() {
    let env = TestEnv::ready();
    let recovery = env.path("recovery");
    env.call(&["id"]).ok();
    let add = |option: &str, key: &str| {
        let call = env.call(&["contact", "add", "bob", option, key]);
        call.fails(2)
    };
    add("--recipient", ECDSA).hints("age1…, ssh-ed25519 and ssh-rsa");
    add("--recipient", "hello").hints("name a file of keys");
    add("--recipient", "bob.pub").says("there is no file bob.pub");
    add("--recipient", &recovery).says("there is no file");
    add("--signer", RSA).says("ssh-ed25519");
    add("--signer", "age1x");
    let secret = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ";
    add("--recipient", secret).hides("1QQQ").says("secret key");
    let pem = env.file("id", "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n");
    add("--recipient", &pem).hides("c2Vj");
    add("--signer", &pem).hides("c2Vj").says("private key");
    let large = env.file("large", vec![b'x'; 10 << 20]);
    add("--recipient", &large).says("limit");
    let folder = env.work();
    add("--recipient", folder.to_str().unwrap());
}

#[test]
fn a_name_that_is_taken_or_looks_like_one_is_a_conflict() {
    let env = TestEnv::ready();
    env.call(&["contact", "add", "bob"])
        .ok()
        .tells("--passphrase");
    env.call(&["contact", "add", "bob"])
        .fails(7)
        .hints("vault contact edit bob");
    for name in ["BOB", "b\u{43e}b", "Bob"] {
        env.call(&["contact", "add", name]).fails(7).says("bob");
    }
    for name in ["", "-x", "a/b", "a\u{1b}[2J", "a\u{202e}b"] {
        env.call(&["contact", "add", "--", name]).fails(2);
    }
    // A removed one no longer takes it.
    env.call(&["contact", "rm", "bob", "--yes"]).ok();
    env.call(&["contact", "add", "Bob"]).ok();
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn edit_adds_to_lists_takes_away_what_is_named_and_leaves_the_rest() {
    let env = full();
    let args = [
        "contact",
        "edit",
        "bob",
        "--recipient",
        OTHER,
        "--unset",
        "email",
    ];
    env.call(&args).ok();
    let shown = show(&env, "bob");
    let keys = shown["recipients"].as_array().unwrap();
    assert!(keys.len() > 1 && keys.contains(&json!(OTHER)), "{keys:?}");
    assert_eq!(shown["emails"], json!([]));
    assert_eq!(shown["role"], "developer");
    // One of several goes by itself, by its fingerprint or as a whole.
    let other = format!("recipient={OTHER}");
    env.call(&["contact", "edit", "bob", "--unset", &other])
        .ok();
    let left = show(&env, "bob")["recipients"].clone();
    assert_eq!(left.as_array().unwrap().len(), keys.len() - 1);
    env.call(&["contact", "edit", "bob", "--unset", &other])
        .fails(3);
    env.call(&["contact", "edit", "bob", "--unset", "recipient=SHA256:x"])
        .fails(3)
        .hints("vault contact show bob");
    for field in ["role", "signer", "agreement", "review-by", "recipient"] {
        env.call(&["contact", "edit", "bob", "--unset", field]).ok();
    }
    let shown = show(&env, "bob");
    for field in ["role", "agreement", "review_by"] {
        assert_eq!(shown[field], Value::Null, "{field}");
    }
    env.call(&["contact", "edit", "bob"])
        .fails(2)
        .says("nothing to change");
    env.call(&["contact", "edit", "bob", "--unset", "name"])
        .fails(2);
    env.call(&["contact", "edit", "bub", "--role", "x"])
        .fails(3)
        .hints("did you mean bob?");
    env.call(&["contact", "edit", "bob", "--review-by", "2020-01-01"])
        .fails(2)
        .says("past");
    env.call(&["contact", "edit", "bob", "--email", "bob"])
        .fails(2)
        .says("not a mail address");
}

#[test]
fn the_agreement_comes_back_as_it_was() {
    let env = full();
    let out = env.path("copy.pdf");
    let write = |out: &str| env.call(&["contact", "show", "bob", "--agreement", out]);
    write(&out).ok().tells("copy.pdf");
    let path = env.work().join("copy.pdf");
    assert_eq!(std::fs::read(&path).unwrap(), b"%PDF-1.4 not much");
    assert_eq!(mode_of(&path), 0o600);
    write(&out).fails(7).says("already exists");
    write("-").ok().prints("%PDF-1.4 not much");
    env.call(&["contact", "add", "al"]).ok();
    env.call(&["contact", "show", "al", "--agreement", "-"])
        .fails(3)
        .hints("--agreement FILE");
    let large = env.file("large", vec![0; (5 << 20) + 1]);
    env.call(&["contact", "edit", "al", "--agreement", &large])
        .fails(2)
        .says("limit");
}

#[test]
fn removing_asks_or_takes_yes() {
    let env = full();
    env.call(&["contact", "rm", "bob"]).fails(9).says("--yes");
    env.call(&["contact", "rm", "bob", "--yes"]).ok();
    env.call(&["contact", "show", "bob"])
        .fails(3)
        .hints("vault contact add bob");
    assert_eq!(
        env.call(&["contact", "list", "--json"]).ok().json(),
        json!([])
    );
}

#[test]
fn the_log_names_contacts_and_holds_no_name() {
    let env = full();
    env.call(&["contact", "edit", "bob", "--role", "designer"])
        .ok();
    env.call(&["log", "--no-pager"]).ok().shows("bob");
    let event = env.last_event();
    assert_eq!(event["subjects"][0]["name"], "bob");
    for word in ["bob", "designer"] {
        assert!(!format!("{}{}", event["subject"], event["detail"]).contains(word));
    }
}

#[test]
fn what_was_noted_cannot_drive_the_terminal() {
    let env = TestEnv::ready();
    let role = "dev\u{1b}[2J\u{202e}";
    env.call(&["contact", "add", "bob", "--role", role]).ok();
    let password = env.password_file();
    let script = format!(
        "vault --password-file {} contact show bob",
        password.display()
    );
    let mut terminal = env.terminal(&script);
    let seen = terminal.ends();
    assert!(!seen.contains("\u{1b}[2J"), "{seen:?}");
    assert!(seen.contains("dev\\x1b[2J\\u{202e}"), "{seen:?}");
}

#[test]
fn what_was_replaced_is_told_and_what_was_added_to_a_list() {
    let env = TestEnv::ready();
    let first = ["contact", "add", "cy", "--email", "cy@a.example"];
    env.call(&[&first[..], &["--role", "tester"]].concat()).ok();
    let edit = ["contact", "edit", "cy", "--email", "cy@b.example"];
    env.call(&[&edit[..], &["--role", "developer"]].concat())
        .ok()
        .tells("role: developer (was tester)\n")
        .tells("email: cy@a.example, cy@b.example (added cy@b.example)\n");
    env.call(&["contact", "edit", "cy", "--unset", "email=cy@a.example"])
        .ok()
        .tells("email: cy@b.example (were cy@a.example, cy@b.example)\n");
}

#[test]
fn contacts_are_listed_by_a_part_of_their_names() {
    let env = TestEnv::ready();
    for (name, full) in [
        ("bob", "Robert Builder"),
        ("eve", "Eve Bobson"),
        ("joe", "Jo"),
    ] {
        env.call(&["contact", "add", name, "--full-name", full])
            .ok();
    }
    let listed = |part: &str| {
        let all = env.call(&["contact", "list", part, "--json"]).ok().json();
        let names = all.as_array().unwrap().iter();
        let names = names.map(|it| it["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(listed("BOB"), ["bob", "eve"]);
    assert_eq!(listed("robert"), ["bob"]);
    let none = env.call(&["contact", "list", "xyz"]).ok();
    none.tells("no contact is called so");
    env.call(&["contact", "edit", "joe", "--name", "Jo Doe"])
        .fails(2)
        .hints("--full-name NAME");
}

#[test]
fn how_a_contact_has_done_what_they_owe_is_shown() {
    let (env, _) = consented();
    assert_eq!(show(&env, "bob")["performance"]["shares"], 0);
    env.call(&["contact", "show", "bob"]).ok().hides("so far");
    let id = share(&env, &["acme/wp"])["changed"][0].clone();
    let shown = show(&env, "bob")["performance"].clone();
    assert_eq!(shown["shares"], 1);
    assert_eq!(
        shown["receipts"],
        json!({"in_time": 0, "late": 0, "outstanding": 0, "awaited": 1})
    );
    env.call(&["revoke", id.as_str().unwrap()]).ok();
    let shown = show(&env, "bob")["performance"].clone();
    assert_eq!(shown["deletions"]["awaited"], 1);
    env.call(&["contact", "show", "bob"])
        .ok()
        .shows("1 share went to them")
        .shows("deletions: 1 awaited");
}
