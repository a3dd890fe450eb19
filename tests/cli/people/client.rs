//! `client`: whose credentials these are, and the rules that a person is reminded of.

use serde_json::{Value, json};

use crate::cli::consent::request::bakery;
use crate::support::env::{PASSWORD, TestEnv, mode_of, number};

const ED25519: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINLBMxfguM1otRpTyAUDtnJEFD7ZPNKVomwunz2s6R+6";
const FINGERPRINT: &str = "SHA256:im2Ax9lDCLdCsxID4aJp6akD8JHblj0BFdOHJBHmSlo";
const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHwf2HMM5TRXvo2SQJjsNkiDD5KqiiNjrGVv3UUh+mMT5RHxiRtOnlqvjhQtBq0VpmpCV/PwUdhOig4vkbqAcEc=";

fn show(env: &TestEnv, slug: &str) -> Value {
    env.call(&["client", "show", slug, "--json"]).ok().json()
}

fn full() -> TestEnv {
    TestEnv::copied("client", fill)
}

fn fill(env: &TestEnv) {
    let args = [
        "client",
        "add",
        "acme",
        "--name",
        "Acme GmbH",
        "--email",
        "it@acme.example",
        "--email",
        "jo@acme.example",
        "--phone",
        "+49 30 1234",
        "--key",
        ED25519,
        "--key-verified",
        "read out over the phone",
        "--retain-until",
        "2099-12-31",
        "--min-assurance",
        "document",
        "--rules",
        "VPN only\nnever at night",
    ];
    env.call(&args).ok().prints("").tells("acme");
}

#[test]
fn everything_that_is_noted_is_shown() {
    let env = full();
    let shown = show(&env, "acme");
    assert_eq!(shown["client"], "acme");
    assert_eq!(shown["name"], "Acme GmbH");
    assert_eq!(
        shown["emails"],
        json!(["it@acme.example", "jo@acme.example"])
    );
    assert_eq!(shown["phone"], "+49 30 1234");
    assert_eq!(shown["retain_until"], "2099-12-31T23:59:59Z");
    assert_eq!(shown["min_assurance"], "document");
    assert_eq!(shown["rules"], "VPN only\nnever at night");
    assert_eq!(shown["entries"], 0);
    let key = json!({
        "key": ED25519,
        "fingerprint": FINGERPRINT,
        "verified": "read out over the phone",
        "imported": false,
        "from": shown["keys"][0]["from"],
        "to": null,
    });
    assert!(shown["keys"][0]["from"].is_string());
    assert_eq!(shown["keys"], json!([key]));
    let text = env.call(&["client", "show", "acme"]).ok();
    text.shows("Acme GmbH").shows(FINGERPRINT).shows("VPN only");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn the_people_of_a_client_are_noted_and_who_of_them_may_permit() {
    let env = full();
    let edit = |more: &[&str]| env.call(&[&["client", "edit", "acme"], more].concat());
    let anna = "Anna Baker <anna@acme.example>";
    edit(&["--person", anna, "--may-permit"]).ok();
    edit(&["--person", "Al", "--person", "Bo <bo@acme.example>"]).ok();
    edit(&["--person", "Anna B. Baker <anna@acme.example>"]).ok();
    let persons = json!([
        {"name": "Anna B. Baker", "email": "anna@acme.example", "may_permit": true},
        {"name": "Al", "email": null, "may_permit": false},
        {"name": "Bo", "email": "bo@acme.example", "may_permit": false},
    ]);
    assert_eq!(show(&env, "acme")["persons"], persons);
    env.call(&["client", "show", "acme"])
        .ok()
        .shows("person: Anna B. Baker <anna@acme.example> (may permit)");
    edit(&["--unset", "person=bo@acme.example"]).ok();
    edit(&["--unset", "person=Al"]).ok();
    edit(&["--unset", "person=Al"])
        .fails(3)
        .says("no person Al");
    edit(&["--unset", "person"]).ok();
    assert_eq!(show(&env, "acme")["persons"], json!([]));
    for bad in [
        "",
        "anna@acme.example",
        "<anna@acme.example>",
        "Anna <anna>",
    ] {
        edit(&["--person", bad]).fails(2);
    }
    edit(&["--may-permit"]).fails(2);
}

#[test]
fn nobody_may_permit_who_was_not_named_alone_as_such() {
    let env = full();
    let before = show(&env, "acme")["persons"].clone();
    for words in ["edit acme", "add other"] {
        let words: Vec<&str> = words.split(' ').collect();
        let anna = ["--person", "Anna <anna@acme.example>", "--may-permit"];
        let call = [&["client"], &words[..], &anna, &["--person", "Max"]].concat();
        env.call(&call)
            .fails(2)
            .hints("vault client edit CLIENT --person PERSON --may-permit");
    }
    assert_eq!(show(&env, "acme")["persons"], before);
    env.call(&["client", "show", "other"]).fails(3);
    let twice = ["client", "edit", "acme", "--person", "Max", "--may-permit"];
    env.call(&[&twice[..], &["--may-permit"]].concat())
        .fails(2)
        .says("--may-permit is given 2 times, --person once");
    let max = ["client", "edit", "acme", "--person", "Max"];
    env.call(&max).ok();
    env.call(&[&max[..4], &["Anna", "--may-permit"]].concat())
        .ok();
    env.call(&["client", "show", "acme"])
        .ok()
        .shows("person: Anna (may permit)")
        .hides("Max (may permit)");
    let both = "client add other --person Al --may-permit --person Bo --may-permit";
    env.call(&both.split(' ').collect::<Vec<_>>()).ok();
    env.call(&["client", "show", "other"])
        .ok()
        .shows("person: Al (may permit)")
        .shows("Bo (may permit)");
}

#[test]
fn older_agreements_are_kept_listed_and_written_out() {
    let env = full();
    env.call(&["contact", "add", "bob"]).ok();
    for (command, name) in [("client", "acme"), ("contact", "bob")] {
        let call = |words: &[&str]| env.call(&[&[command], words].concat());
        call(&["show", name, "--agreements", "none"])
            .fails(3)
            .hints("--agreement FILE");
        let old = env.file("nda.pdf", "old");
        call(&["edit", name, "--agreement", &old])
            .ok()
            .hides("which is kept");
        let new = env.file("nda.pdf", "new");
        call(&["edit", name, "--agreement", &new])
            .ok()
            .tells("agreement: nda.pdf (was nda.pdf, which is kept)");
        let shown = call(&["show", name, "--json"]).ok().json();
        let all = shown["agreements"].as_array().unwrap();
        assert_eq!(
            (all.len(), &all[0]["counts"], &all[1]["counts"]),
            (2, &json!(false), &json!(true))
        );
        assert_eq!(shown["agreement"]["sha256"], all[1]["sha256"]);
        let text = call(&["show", name]).ok();
        for file in all {
            text.shows(file["sha256"].as_str().unwrap());
        }
        text.shows(", counts, ").shows(", does not count, ");
        let out = format!("{name}-papers");
        call(&["show", name, "--agreements", &out]).ok();
        let folder = env.work().join(&out);
        for (file, content) in [("nda.pdf", "old"), ("nda-2.pdf", "new")] {
            assert_eq!(std::fs::read_to_string(folder.join(file)).unwrap(), content);
            assert_eq!(mode_of(&folder.join(file)), 0o600);
        }
        assert_eq!(mode_of(&folder), 0o700);
        call(&["show", name, "--agreements", &out]).fails(7);
        call(&["show", name, "--agreements", "x", "--agreement", "-"]).fails(2);
    }
}

#[test]
fn the_agreement_with_a_client_comes_back_as_it_was() {
    let env = full();
    let contract = env.file("contract.pdf", "%PDF-1.4 contract");
    let edit = |more: &[&str]| env.call(&[&["client", "edit", "acme"], more].concat());
    env.call(&["client", "show", "acme", "--agreement", "-"])
        .fails(3)
        .hints("vault client edit acme --agreement FILE");
    edit(&["--agreement", &contract, "--agreed-on", "2026-01-10"]).ok();
    let shown = show(&env, "acme");
    assert_eq!(shown["agreement"]["name"], "contract.pdf");
    assert_eq!(shown["agreed_on"], "2026-01-10");
    env.call(&["client", "show", "acme", "--agreement", "-"])
        .ok()
        .prints("%PDF-1.4 contract");
    edit(&["--agreement", &contract])
        .ok()
        .tells("nothing changed");
    edit(&["--unset", "agreement"]).ok();
    assert_eq!(show(&env, "acme")["agreement"], Value::Null);
    edit(&["--agreed-on", "2199-01-01"])
        .fails(2)
        .says("still to come");
    edit(&["--agreed-on", "soon"]).fails(2);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn clients_are_listed_with_stable_keys() {
    let env = full();
    env.add("globex/mail", "x");
    env.add("globex/web", "x");
    env.call(&["rm", "globex/web", "--yes"]).ok();
    let list = env.call(&["client", "list", "--json"]).ok().json();
    let expected = json!([
        {"client": "acme", "name": "Acme GmbH", "entries": 0,
         "retain_until": "2099-12-31T23:59:59Z", "min_assurance": "document"},
        {"client": "globex", "name": null, "entries": 1,
         "retain_until": null, "min_assurance": null},
    ]);
    assert_eq!(list, expected);
    env.call(&["client", "list"]).ok().shows("Acme GmbH");
}

#[test]
fn entries_of_a_noted_client_are_added_to_it() {
    let env = full();
    let added = env.call(&["add", "acme/wp"]).stdin("x").ok();
    added.hides("new client");
    assert_eq!(show(&env, "acme")["entries"], 1);
}

#[test]
fn a_slug_that_is_taken_or_looks_like_one_is_a_conflict() {
    let env = full();
    env.call(&["client", "add", "acme"])
        .fails(7)
        .hints("vault client edit acme");
    env.call(&["client", "add", "ACME"]).fails(7).says("acme");
    env.call(&["client", "add", "\u{430}cme"])
        .fails(7)
        .says("acme");
    env.call(&["client", "add", "cafe\u{301}"]).ok();
    env.call(&["client", "add", "caf\u{e9}"]).fails(7);
}

#[test]
fn keys_of_every_kind_are_taken_literally_or_from_a_file() {
    let env = TestEnv::ready();
    let file = env.file("jo.pub", format!("{ECDSA} jo@laptop\n"));
    let args = ["client", "add", "acme", "--key", ED25519, "--key", &file];
    env.call(&args).ok();
    let keys = show(&env, "acme")["keys"].clone();
    assert_eq!(keys[0]["key"], ED25519);
    assert_eq!(keys[1]["key"], ECDSA);
    assert_eq!(keys[1]["verified"], Value::Null);
}

#[test]
fn what_is_no_public_key_is_refused_and_a_private_one_not_repeated() {
    let env = TestEnv::ready();
    let private = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n";
    let file = env.file("id", private);
    for bad in [
        "",
        "nosuch.pub",
        "ssh-ed25519 AAAA",
        &ED25519.replace("ssh-ed25519", "ssh-foo"),
    ] {
        let args = ["client", "add", "acme", "--key", bad];
        env.call(&args).fails(2);
    }
    for bad in [private, &file] {
        let refused = env.call(&["client", "add", "acme", &format!("--key={bad}")]);
        refused.fails(2).hints(".pub").hides("b3Blbn");
    }
    let twice = ["client", "add", "acme", "--key", ED25519, "--key", ED25519];
    env.call(&twice).fails(2).says("twice");
}

#[test]
fn how_a_key_was_verified_is_said_for_all_or_none() {
    let env = TestEnv::ready();
    let args = [
        "client",
        "add",
        "acme",
        "--key",
        ED25519,
        "--key",
        ECDSA,
        "--key-verified",
        "phone",
    ];
    env.call(&args).fails(2).says("--key-verified");
    env.call(&["client", "add", "acme", "--key-verified", "phone"])
        .fails(2);
}

#[test]
fn bad_values_are_refused() {
    let env = TestEnv::ready();
    for options in [
        ["--email", "nobody"],
        ["--email", "a b@c"],
        ["--name", ""],
        ["--rules", ""],
        ["--retain-until", "2020-01-01"],
        ["--retain-until", "soon"],
        ["--min-assurance", "certain"],
        ["--lang", "fr"],
        ["--role", "king"],
    ] {
        env.call(&["client", "add", "acme", options[0], options[1]])
            .fails(2);
    }
    env.call(&["client", "add", "a/b"]).fails(2);
    env.call(&["client", "list", "--json"]).ok().prints("[]\n");
}

#[test]
fn an_option_of_edit_changes_its_field_and_no_other() {
    let env = full();
    let before = show(&env, "acme");
    env.call(&["client", "edit", "acme", "--email", "new@acme.example"])
        .ok();
    let mut after = show(&env, "acme");
    let three = ["it@acme.example", "jo@acme.example", "new@acme.example"];
    assert_eq!(after["emails"], json!(three), "one more, and none is lost");
    after["emails"] = before["emails"].clone();
    assert_eq!(after, before);
    let gone = ["client", "edit", "acme", "--unset", "email=jo@acme.example"];
    env.call(&gone).ok();
    let two = ["it@acme.example", "new@acme.example"];
    assert_eq!(show(&env, "acme")["emails"], json!(two));
    env.call(&gone).fails(3).says("jo@acme.example");
    let args = ["client", "edit", "acme", "--key", ED25519, "--key", ECDSA];
    env.call(&args).ok();
    let keys = show(&env, "acme")["keys"].clone();
    assert_eq!(keys[0]["verified"], "read out over the phone");
    assert_eq!(keys[1]["verified"], Value::Null);
}

#[test]
fn unset_empties_what_it_names() {
    let env = full();
    for (name, key, empty) in [
        ("name", "name", Value::Null),
        ("email", "emails", json!([])),
        ("phone", "phone", Value::Null),
        ("retain-until", "retain_until", Value::Null),
        ("min-assurance", "min_assurance", Value::Null),
        ("rules", "rules", Value::Null),
    ] {
        env.call(&["client", "edit", "acme", "--unset", name]).ok();
        assert_eq!(show(&env, "acme")[key], empty, "{name}");
    }
    env.call(&["client", "edit", "acme", "--unset", "slug"])
        .fails(2);
    env.call(&["client", "edit", "acme"]).fails(2);
    env.call(&["client", "edit", "acne", "--name", "x"])
        .fails(3)
        .hints("acme");
}

#[test]
fn a_client_with_entries_is_not_removed() {
    let env = full();
    env.add("acme/wp", "x");
    env.call(&["client", "rm", "acme", "--yes"])
        .fails(7)
        .says("client acme has 1 entry\n")
        .hints("vault list acme");
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["client", "rm", "acme", "--yes"])
        .fails(7)
        .says("client acme has 1 entry in the trash")
        .hints("trash");
    env.add("acme/wp", "x");
    env.call(&["client", "rm", "acme", "--yes"])
        .fails(7)
        .says("client acme has 1 entry, 1 more in the trash")
        .hints("vault trash list");
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["trash", "empty", "--yes"]).ok();
    env.call(&["client", "rm", "acme"]).fails(9).hints("--yes");
    env.call(&["client", "rm", "acme", "--yes"]).ok();
    env.call(&["client", "show", "acme"]).fails(3);
    env.call(&["client", "list", "--json"]).ok().prints("[]\n");
    env.call(&["verify", "--full"]).ok();
    // The name is free again, and nothing of the old client shines through.
    env.add("acme/wp", "y");
    assert_eq!(show(&env, "acme")["name"], Value::Null);
    env.call(&["client", "rm", "acne", "--yes"])
        .fails(3)
        .hints("acme");
}

#[test]
fn the_rules_are_repeated_to_a_person_and_in_no_pipe() {
    let env = full();
    env.add("acme/wp", "hunter2");
    env.call(&["get", "acme/wp"])
        .ok()
        .prints("hunter2\n")
        .silently();
    let mut terminal = env.terminal("vault get acme/wp; echo \"exit=$?\"");
    terminal
        .sees("assword: ")
        .types(PASSWORD)
        .sees("Acme GmbH asks:")
        .sees("  VPN only\n")
        .sees("  never at night\n")
        .sees("hunter2\n")
        .sees("exit=0")
        .ends();
    let mut terminal = env.terminal("vault get acme/wp | cat; echo \"exit=$?\"");
    terminal.sees("assword: ").types(PASSWORD).sees("exit=0");
    let screen = terminal.ends();
    assert!(!screen.contains("VPN"), "{screen}");
}

#[test]
fn rules_cannot_drive_the_terminal() {
    let env = TestEnv::ready();
    let rules = "\u{1b}]0;owned\u{7}";
    env.call(&["client", "add", "acme", "--rules", rules]).ok();
    env.add("acme/wp", "hunter2");
    let mut terminal = env.terminal("vault get acme/wp; echo \"exit=$?\"");
    terminal.sees("assword: ").types(PASSWORD).sees("exit=0");
    let screen = terminal.ends();
    assert!(!screen.contains("\u{1b}]0"), "{screen}");
}

#[test]
fn a_day_ends_where_it_is_said() {
    let env = TestEnv::ready();
    for (zone, end) in [
        ("CET-1", "2099-12-31T22:59:59Z"),
        ("EST5", "2100-01-01T04:59:59Z"),
    ] {
        let args = ["client", "add", zone, "--retain-until", "2099-12-31"];
        env.call(&args).var("TZ", zone).ok();
        let shown = env.call(&["client", "show", zone, "--json"]).ok().json();
        assert_eq!(shown["retain_until"], end);
    }
}

#[test]
fn shares_that_outlast_the_new_end_of_retention_are_named_with_how_to_end_them() {
    let env = bakery();
    let add = [
        "consent",
        "add",
        "baker",
        "--to",
        "cy",
        "--scope",
        "baker/*",
        "--expires",
        "90d",
    ];
    let how = ["--purpose", "x", "--by", "Anna", "--note", "yes"];
    env.call(&[&add[..], &how].concat()).ok();
    let share = |days: &str| {
        let args = ["share", "baker/cms", "--to", "cy", "--passphrase", "--json"];
        let made = env.call(&[&args[..], &["--expires", days]].concat()).ok();
        number(made.json()["changed"][0].as_str().unwrap())
    };
    let (short, long) = (share("2d"), share("12d"));
    let edit = ["client", "edit", "baker", "--retain-until", "5d"];
    env.call(&edit)
        .ok()
        .tells(&format!("share {long} for cy ends on "))
        .tells(&format!("hint: to end it: vault revoke {long}"))
        .hides(&short);
    env.call(&["client", "edit", "baker", "--rules", "none"])
        .ok()
        .hides(&long);
}

#[test]
fn what_was_replaced_is_told() {
    let env = full();
    let edit = [
        "client", "edit", "acme", "--name", "Acme AG", "--lang", "de",
    ];
    let day = ["--retain-until", "2098-12-31"];
    env.call(&[&edit[..], &day].concat())
        .ok()
        .tells("name: Acme AG (was Acme GmbH)\n")
        .tells("retain-until: 2098-12-31 23:59 UTC (was 2099-12-31 23:59 UTC)\n")
        .hides("lang: de");
    env.call(&["client", "edit", "acme", "--unset", "lang"])
        .ok()
        .tells("lang: none (was de)\n");
    let reach = [
        "client",
        "edit",
        "acme",
        "--phone",
        "3",
        "--email",
        "new@acme.example",
    ];
    env.call(&reach)
        .ok()
        .tells("phone: 3 (was ")
        .tells(" (added new@acme.example)\n");
    env.call(&[
        "client",
        "edit",
        "acme",
        "--unset",
        "email=new@acme.example",
    ])
    .ok()
    .tells("email: ")
    .tells("new@acme.example)\n");
}

#[test]
fn clients_are_listed_by_a_part_of_their_names() {
    let env = TestEnv::ready();
    for (slug, name) in [
        ("acme", "Acme GmbH"),
        ("bolt", "Bolt and Nut"),
        ("cafe", "Shop"),
    ] {
        env.call(&["client", "add", slug, "--name", name]).ok();
    }
    let listed = |part: &str| {
        let all = env.call(&["client", "list", part, "--json"]).ok().json();
        let all = all.as_array().unwrap().clone();
        let slugs = all
            .iter()
            .map(|it| it["client"].as_str().unwrap().to_owned());
        slugs.collect::<Vec<_>>()
    };
    assert_eq!(listed("BOL"), ["bolt"]);
    assert_eq!(listed("gmbh"), ["acme"]);
    assert_eq!(listed("sho"), ["cafe"]);
    let none = env.call(&["client", "list", "xyz"]).ok();
    none.tells("no client is called so");
}
