//! A dry run of what takes away or ends: it refuses and says what the real one does, and writes
//! nothing.

use std::path::Path;

use clap::Command;
use vault::cli::whole_tree;

use crate::cli::sharing::share::{add_bob, consent, request, share};
use crate::cli::sync::second_device;
use crate::support::env::{TestEnv, mode};
use crate::support::sender::Sender;

const SSH_PUBLIC: &str = include_str!("../access/keys/id_ed25519.pub");
const CLOSING: &str = "dry run: nothing was changed";

/// What takes away or ends. Words in capitals are numbers that the vault has.
const ENDING: [&str; 19] = [
    "trash restore acme/old",
    "trash empty --yes",
    "purge acme/db --backups --certificate gone.txt --yes",
    "client rm empty --yes",
    "client close empty --yes",
    "contact rm eve --yes",
    "contact leave bob --out letters --yes",
    "contact lost bob --out letters --yes",
    "revoke SHARE --reason over --out bob.notice",
    "revoke --to bob",
    "review SHARE --end --note over",
    "consent withdraw CONSENT",
    "consent cancel REQUEST",
    "recovery rm RECOVERY --yes",
    "recipient rm RECIPIENT --yes",
    "detach acme/db db.conf --out out.conf",
    "detach acme/db db.conf --yes",
    "attest RECEIVED --outside none --yes --out gone.json",
    "incident close INCIDENT --cause x --measures y --yes",
];

/// What has a plan of its own instead, which names more than the answer does.
const PLANNED: [&str; 16] = [
    "log",
    "rm",
    "mv",
    "import",
    "export",
    "restore",
    "merge",
    "sync",
    "share",
    "edit",
    "rotate",
    "id rotate",
    "client rename",
    "backup",
    "breach check",
    "helper",
];

/// What asks and takes nothing away: it adds.
const ADDING: [&str; 2] = ["consent answer", "ack"];

/// A vault that has something of everything to take away.
fn full() -> TestEnv {
    TestEnv::copied("something of everything to take away", |env| {
        add_bob(env);
        env.me();
        consent(env, &["--scope", "acme/wp"]);
        share(env, &["acme/wp"]);
        request(env, &["--scope", "acme/db", "--purpose", "x"]).ok();
        env.add("acme/old", "x");
        env.call(&["rm", "acme/old", "--yes"]).ok();
        env.call(&["client", "add", "empty"]).ok();
        env.call(&["contact", "add", "eve"]).ok();
        let conf = env.file("db.conf", "port=1");
        env.call(&["attach", "acme/db", &conf]).ok();
        env.call(&["recovery", "add", "--out", "key"]).ok();
        let key = env.file("id.pub", SSH_PUBLIC);
        env.call(&["recipient", "add", &key]).ok();
        let sender = Sender::new();
        let file = sender.share(env);
        let trust = ["receive", &file, "--accept-terms", "--trust"];
        let into = [sender.fingerprint(), "--into", "lender"];
        env.call(&[&trust[..], &into].concat()).ok();
        std::fs::remove_file(&file).unwrap();
        let open = ["incident", "open", "theirs was broken into", "--entry"];
        let opened = env.call(&[&open[..], &["acme/db", "--json"]].concat()).ok();
        let id = opened.json()["changed"][0].as_str().unwrap().to_owned();
        let told = ["incident", "told", &id, "acme", "--by", "phone"];
        env.call(&told).ok();
    })
}

/// The words of a line, with the numbers that this vault has.
fn words(env: &TestEnv, line: &str) -> Vec<String> {
    let first = |list: &[&str]| {
        let all = env.call(&[list, &["--json"]].concat()).ok().json();
        all[0]["id"].as_str().unwrap().to_owned()
    };
    let consent = |state: &str| {
        let all = env.call(&["consent", "list", "--json"]).ok().json();
        let mut all = all.as_array().unwrap().iter();
        let found = all.find(|it| it["state"].as_str().unwrap().starts_with(state));
        found.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let word = |word: &str| match word {
        "SHARE" => first(&["shares"]),
        "RECEIVED" => first(&["shares", "--received"]),
        "RECOVERY" => first(&["recovery", "list"]),
        "RECIPIENT" => first(&["recipient", "list"]),
        "INCIDENT" => first(&["incident", "list"]),
        "CONSENT" => consent("given"),
        "REQUEST" => consent("requested"),
        other => other.to_owned(),
    };
    line.split(' ').map(word).collect()
}

/// Checks that a dry run says what the real one says, of each deed that it would be done, and that
/// nothing was changed.
fn check_foretold(line: &str, dry: &str, real: &str) {
    let mut foretold: Vec<&str> = dry.lines().collect();
    assert_eq!(foretold.pop(), Some(CLOSING), "{line}: {dry}");
    assert_eq!(foretold.len(), real.lines().count(), "{line}: {dry}");
    assert!(dry.contains("would "), "{line}: {dry}");
    for (dry, real) in foretold.into_iter().zip(real.lines()) {
        let first = real.split(' ').next().unwrap_or_default();
        let is_deed =
            first.ends_with("ed") || ["put", "took", "withdrew", "wrote"].contains(&first);
        if is_deed {
            assert!(dry.starts_with("would "), "{line}: {dry}");
        } else if !dry.contains("would ") {
            assert_eq!(dry, real, "{line}");
        }
    }
}

#[test]
fn it_says_what_the_real_one_says_and_writes_nothing() {
    for line in ENDING {
        let env = full();
        let words = words(&env, line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let before = env.everything();
        let dry = env.call(&[&words[..], &["-n"]].concat()).run();
        assert_eq!(
            (dry.code, &*dry.stdout),
            (Some(0), &b""[..]),
            "{line}: {dry:?}"
        );
        assert_eq!(env.everything(), before, "{line}");
        let answer = env.call(&[&words[..], &["--dry-run", "--json"]].concat());
        let answer = answer.ok().json();
        assert_eq!(env.everything(), before, "{line}");
        let real = env.call(&words).run();
        assert_eq!(real.code, Some(0), "{line}: {real:?}");
        assert_ne!(env.everything(), before, "{line}");
        check_foretold(line, &dry.stderr, &real.stderr);
        assert_eq!(
            (&answer["ok"], &answer["dry_run"]),
            (&true.into(), &true.into())
        );
        assert!(answer["changed"].is_array(), "{line}: {answer}");
    }
}

#[test]
fn it_refuses_what_the_real_one_refuses() {
    let env = full();
    for (line, code) in [
        ("trash restore acme/wp", 3),
        ("purge acme/wp --yes", 7),
        ("purge acme/nosuch --yes", 3),
        ("purge --final acme", 3),
        ("client rm acme --yes", 7),
        ("client close nobody --yes", 3),
        ("client close acme --yes", 9),
        ("purge --records acme --yes", 7),
        ("client rm nobody --yes", 3),
        ("contact rm bob --yes", 7),
        ("contact leave nobody --yes", 3),
        ("revoke abcd", 3),
        ("revoke SHARE --out no/folder/x", 2),
        ("consent cancel CONSENT", 6),
        ("recovery rm nosuch --yes", 3),
        ("detach acme/db nosuch --yes", 3),
        ("detach acme/db db.conf --out id.pub", 7),
        ("attest SHARE --yes --outside none", 3),
        ("incident close INCIDENT --yes", 2),
    ] {
        let words = words(&env, line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let real = env.call(&words).run();
        assert_eq!(real.code, Some(code), "{line}: {real:?}");
        let dry = env.call(&[&words[..], &["-n"]].concat()).run();
        assert_eq!(dry.code, real.code, "{line}: {dry:?}");
        assert_eq!(dry.stderr, real.stderr, "{line}");
    }
}

#[test]
fn a_choice_between_two_devices_can_be_tried_too() {
    let laptop = TestEnv::with(&[("acme/wp", "common")]);
    let desktop = second_device(&laptop);
    for (env, secret) in [(&laptop, "one"), (&desktop, "two")] {
        let rotate = ["rotate", "acme/wp", "--stdin"];
        env.call(&rotate).stdin(secret).ok();
    }
    let copy = std::fs::read(desktop.vault_file()).unwrap();
    let copy = laptop.file("desktop.age", copy);
    laptop.call(&["merge", &copy]).ok();
    let before = laptop.everything();
    let conflicts = laptop.call(&["conflicts", "--json"]).ok().json();
    let version = conflicts[0]["versions"][0].as_str().unwrap();
    let version = version.strip_prefix("version ").unwrap();
    let resolve = ["resolve", "acme/wp", "--version", version];
    let dry = laptop.call(&[&resolve[..], &["-n"]].concat()).run();
    assert_eq!(laptop.everything(), before);
    let real = laptop.call(&resolve).run();
    assert_eq!((dry.code, real.code), (Some(0), Some(0)), "{conflicts}");
    check_foretold("resolve", &dry.stderr, &real.stderr);
}

#[test]
fn every_command_that_asks_before_it_takes_away_can_be_tried() {
    fn below(words: &str, command: &Command, check: &mut impl FnMut(&str, &Command)) {
        for command in command.get_subcommands() {
            let words = format!("{words} {}", command.get_name());
            check(words.trim_start(), command);
            below(&words, command, check);
        }
    }
    let has = |command: &Command, option: &str| {
        let mut options = command.get_arguments();
        options.any(|arg| arg.get_long() == Some(option))
    };
    let mut seen = Vec::new();
    below("", &whole_tree(), &mut |words, command| {
        let is_ending = ENDING.iter().any(|line| {
            let rest = line.strip_prefix(words);
            rest.is_some_and(|rest| rest.starts_with(' '))
        });
        let is_ending = is_ending || words == "resolve";
        let is_known = is_ending && command.get_subcommands().next().is_none();
        if is_known || PLANNED.contains(&words) {
            assert!(has(command, "dry-run"), "{words}");
            seen.push(words.to_owned());
        } else if has(command, "yes") {
            // What a command has for all below it is in the table once.
            let group = words.split(' ').next().unwrap();
            let is_known = ADDING.contains(&words) || PLANNED.contains(&group);
            assert!(is_known, "{words} is in no table");
        }
    });
    assert_eq!(seen.len(), 18 + PLANNED.len(), "{seen:?}");
}

/// A program that leaves a trace.
fn hook(env: &TestEnv) -> String {
    let path = env.file("hook", "#!/bin/sh\ntouch ran\n");
    std::fs::set_permissions(&path, mode(0o700)).unwrap();
    path
}

/// A dry run of something else than what takes away; gives what it told.
fn dry(env: &TestEnv, words: &[&str], stdin: &str) -> String {
    let before = env.everything();
    let dry = env.call(&[words, &["-n"]].concat()).stdin(stdin).run();
    assert_eq!(dry.code, Some(0), "{words:?}: {dry:?}");
    assert_eq!(env.everything(), before, "{words:?}");
    let last = dry.stderr.lines().last();
    assert_eq!(last, Some(CLOSING), "{words:?}");
    let json = env.call(&[words, &["-n", "--json"]].concat());
    let json = json.stdin(stdin).ok().json();
    assert_eq!(json["dry_run"], true, "{words:?}");
    assert!(json["changed"].is_array(), "{words:?}");
    dry.stderr
}

#[test]
fn a_rotation_draws_and_prints_nothing_and_runs_no_program() {
    let env = TestEnv::with(&[("acme/wp", "hunter2"), ("acme/db", "hunter3")]);
    let hook = hook(&env);
    for words in [
        &["rotate", "acme/wp", "--generate"][..],
        &["rotate", "acme/wp"],
    ] {
        let told = dry(&env, words, "");
        let said = "would rotate acme/wp; the old secret stays in the history\n";
        assert_eq!(told, format!("{said}{CLOSING}\n"));
    }
    let told = dry(&env, &["rotate", "acme/wp", "--begin", "--generate"], "");
    assert!(
        told.starts_with("would begin a rotation of acme/wp"),
        "{told}"
    );
    dry(&env, &["rotate", "acme/wp", "--stdin"], "hunter4");
    let again = ["rotate", "acme/wp", "--stdin", "-n"];
    (env.call(&again).stdin("hunter2").fails(2)).says("not a new secret");
    let exec = ["rotate", "acme/wp", "-n", "--exec", &hook];
    env.call(&exec)
        .ok()
        .prints("")
        .tells("would run ")
        .tells("would rotate acme/wp");
    env.call(&["rotate", "acme/wp", "--exec", &hook, "-n"])
        .fails(2)
        .says("-n would go to the program")
        .hints("put -n before --exec");
    assert!(!Path::new(&env.path("ran")).exists());
    env.call(&["rotate", "acme/none", "--generate", "-n"])
        .fails(3);
    let begin = ["rotate", "acme/db", "--begin", "--generate"];
    env.call(&begin).ok();
    let told = dry(&env, &["rotate", "acme/db", "--confirm"], "");
    assert!(told.starts_with("would rotate acme/db"), "{told}");
    let told = dry(&env, &["rotate", "acme/db", "--abort"], "");
    assert!(
        told.starts_with("would discard pending version 2"),
        "{told}"
    );
    env.call(&["rotate", "acme/db", "--generate", "-n"])
        .fails(7);
}

#[test]
fn what_is_due_is_named_and_nothing_is_asked() {
    let env = TestEnv::with(&[("acme/wp", "hunter2"), ("acme/db", "hunter3")]);
    let hook = hook(&env);
    let due = ["edit", "acme/wp", "--rotate-every", "1s"];
    env.call(&due).ok();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let before = env.everything();
    env.call(&["rotate", "--due", "-n"])
        .ok()
        .prints("acme/wp\n")
        .tells("1 of 1: acme/wp: due")
        .tells("would ask about 1 of 1");
    env.call(&["rotate", "--due", "-n", "--exec", &hook])
        .ok()
        .prints("acme/wp\n")
        .tells("would change the secrets of 1 of 1");
    assert_eq!(env.everything(), before);
}

#[test]
fn an_edit_says_what_it_would_change() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["edit", "acme/wp", "--tag", "cms"]).ok();
    let told = dry(&env, &["edit", "acme/wp", "--tag", "shop", "-u", "kim"], "");
    assert!(told.contains("tag: cms, shop (added shop)\n"), "{told}");
    assert!(told.contains("would change acme/wp\n"), "{told}");
    let told = dry(&env, &["edit", "acme/wp", "--words", "5"], "");
    assert_eq!(told, format!("would change acme/wp\n{CLOSING}\n"));
    let same = ["edit", "acme/wp", "--secret", "-n"];
    env.call(&same).stdin("hunter2").fails(2);
    env.call(&["edit", "acme/wp", "-n"])
        .fails(2)
        .says("nothing to change");
    let editor = ["edit", "acme/wp", "--editor", "-n"];
    env.call(&editor).fails(2);
}

#[test]
fn keys_names_and_copies_are_foretold_too() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let told = dry(&env, &["id", "rotate", "--out", "card"], "");
    assert!(
        told.contains("There is no way back.\nwould make new keys\n"),
        "{told}"
    );
    let told = dry(&env, &["client", "rename", "acme", "bolt"], "");
    assert!(
        told.contains("would rename client acme to bolt\n"),
        "{told}"
    );
    let told = dry(&env, &["mv", "acme/wp", "bolt/"], "");
    assert!(
        told.contains("would move acme/wp to bolt/wp (new client bolt)\n"),
        "{told}"
    );
    assert!(
        told.contains("would leave client acme with no entries\n"),
        "{told}"
    );
    std::fs::create_dir(env.path("disk")).unwrap();
    for user in ["a", "b"] {
        env.call(&["backup", "--to", "disk"]).ok();
        env.call(&["edit", "acme/wp", "-u", user]).ok();
    }
    let told = dry(&env, &["backup", "--to", "disk", "--keep", "1"], "");
    assert!(
        told.starts_with("would copy generation 4 to ")
            && told.contains("\nwould remove 2 older copies\n"),
        "{told}"
    );
    env.call(&["backup", "--to", "nodisk", "-n"]).fails(2);
}
