//! A dry run of what takes away or ends: it refuses and says what the real one does, and writes
//! nothing.

use clap::{Command, CommandFactory};
use vault::cli::Cli;

use crate::cli::sharing::share::{add_bob, consent, request, share};
use crate::cli::sync::second_device;
use crate::support::env::TestEnv;
use crate::support::sender::Sender;

const SSH_PUBLIC: &str = include_str!("../access/keys/id_ed25519.pub");
const FORETOLD: &str = "dry run: nothing will be changed\n";

/// What takes away or ends. Words in capitals are numbers that the vault has.
const ENDING: [&str; 16] = [
    "trash restore acme/old",
    "trash empty --yes",
    "client rm empty --yes",
    "contact rm eve --yes",
    "contact leave bob --out letters --yes",
    "contact lost bob --out letters --yes",
    "revoke SHARE --reason over --out bob.notice",
    "revoke --to bob",
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
const PLANNED: [&str; 8] = [
    "rm", "mv", "import", "export", "restore", "merge", "sync", "share",
];

/// What asks and takes nothing away: it adds, or makes anew.
const ADDING: [&str; 5] = ["edit", "rotate", "consent answer", "ack", "id rotate"];

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
        assert_eq!(dry.stderr, format!("{FORETOLD}{}", real.stderr), "{line}");
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
        ("client rm acme --yes", 7),
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
        assert_eq!(dry.stderr, format!("{FORETOLD}{}", real.stderr), "{line}");
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
    let resolve = ["resolve", "acme/wp", "--version", "2"];
    let choices = laptop.call(&["history", "acme/wp", "--json"]).ok().json();
    let dry = laptop.call(&[&resolve[..], &["-n"]].concat()).run();
    assert_eq!(laptop.everything(), before);
    let real = laptop.call(&resolve).run();
    assert_eq!(dry.code, real.code, "{choices}");
    assert_eq!(dry.stderr, format!("{FORETOLD}{}", real.stderr));
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
    below("", &Cli::command(), &mut |words, command| {
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
            assert!(ADDING.contains(&words), "{words} is in no table");
        }
    });
    assert_eq!(seen.len(), 15 + PLANNED.len(), "{seen:?}");
}
