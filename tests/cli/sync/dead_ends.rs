//! Each message of a fork, of an old file and of a key that nobody here knows leads to a command that
//! ends it.

use std::fs;

use super::{apart, copy_of, put_in_place};
use crate::support::env::TestEnv;

struct DeadEnd {
    name: &'static str,
    make: fn() -> TestEnv,
    /// The command that is refused, and how.
    refused: &'static [&'static str],
    code: i32,
    /// What stands in front of the way out: a command, or an option that goes with the refused one.
    before: &'static str,
}

fn new_key() -> String {
    age::x25519::Identity::generate().to_public().to_string()
}

/// A device at whose place stands what another has made that added a key.
fn with_a_key(add: &[&str]) -> (TestEnv, TestEnv) {
    let (laptop, desktop) = apart();
    desktop.call(add).ok();
    (laptop, desktop)
}

fn unknown_key() -> TestEnv {
    let (laptop, desktop) = with_a_key(&["recipient", "add", &new_key()]);
    put_in_place(&desktop, &laptop);
    laptop
}

fn fork_and_unknown_key() -> TestEnv {
    let (laptop, desktop) = with_a_key(&["recipient", "add", &new_key()]);
    laptop.add("acme/laptop", "one");
    put_in_place(&desktop, &laptop);
    laptop
}

fn fork_and_unknown_identity() -> TestEnv {
    let (laptop, desktop) = with_a_key(&["recovery", "add", "--out", "r.key"]);
    laptop.add("acme/laptop", "one");
    put_in_place(&desktop, &laptop);
    laptop
}

fn copy_with_unknown_key() -> TestEnv {
    let (laptop, desktop) = with_a_key(&["recipient", "add", &new_key()]);
    laptop.add("acme/laptop", "one");
    copy_of(&desktop, &laptop, "copy.age");
    laptop
}

/// The file of the other device has all that is here, and could take its place as it is.
fn later_with_unknown_key() -> TestEnv {
    let (laptop, desktop) = with_a_key(&["recipient", "add", &new_key()]);
    copy_of(&desktop, &laptop, "copy.age");
    laptop
}

fn fork() -> TestEnv {
    let (laptop, desktop) = apart();
    laptop.add("acme/laptop", "one");
    desktop.add("acme/desktop", "two");
    put_in_place(&desktop, &laptop);
    laptop
}

fn old_file() -> TestEnv {
    let laptop = TestEnv::with(&[("acme/wp", "common")]);
    let old = fs::read(laptop.vault_file()).unwrap();
    laptop.add("acme/later", "two");
    laptop.add("acme/more", "two");
    fs::write(laptop.vault_file(), old).unwrap();
    laptop
}

fn old_file_and_backups() -> TestEnv {
    let laptop = old_file();
    fs::remove_file(laptop.vault_state().join("last.age")).unwrap();
    laptop
}

fn old_file_alone() -> TestEnv {
    let laptop = old_file_and_backups();
    fs::remove_dir_all(laptop.data().join("vault.age.backups")).unwrap();
    laptop
}

const EDIT: &[&str] = &["edit", "acme/wp", "-u", "ann"];

const DEAD_ENDS: &[DeadEnd] = &[
    DeadEnd {
        name: "an unknown key, to read",
        make: unknown_key,
        refused: &["list"],
        code: 0,
        before: "if it is not yours: ",
    },
    DeadEnd {
        name: "an unknown key, to change",
        make: unknown_key,
        refused: EDIT,
        code: 9,
        before: "if not: ",
    },
    DeadEnd {
        name: "a fork with an unknown key, to read",
        make: fork_and_unknown_key,
        refused: &["list"],
        code: 0,
        before: "if it is not yours: ",
    },
    DeadEnd {
        name: "a fork with an unknown key, to merge",
        make: fork_and_unknown_key,
        refused: &["merge", "--all"],
        code: 9,
        before: "if not: ",
    },
    DeadEnd {
        name: "a fork with an unknown identity, to read",
        make: fork_and_unknown_identity,
        refused: &["list"],
        code: 0,
        before: "if it is not yours: ",
    },
    DeadEnd {
        name: "a copy with an unknown key",
        make: copy_with_unknown_key,
        refused: &["merge", "copy.age"],
        code: 9,
        before: "if not: ",
    },
    DeadEnd {
        name: "a later copy with an unknown key",
        make: later_with_unknown_key,
        refused: &["merge", "copy.age"],
        code: 9,
        before: "if not: ",
    },
    DeadEnd {
        name: "a fork",
        make: fork,
        refused: EDIT,
        code: 7,
        before: "hint: ",
    },
    DeadEnd {
        name: "an old file",
        make: old_file,
        refused: &["list"],
        code: 5,
        before: "hint: ",
    },
    DeadEnd {
        name: "an old file and backups",
        make: old_file_and_backups,
        refused: &["list"],
        code: 5,
        before: "hint: ",
    },
    DeadEnd {
        name: "an old file alone",
        make: old_file_alone,
        refused: &["list"],
        code: 5,
        before: "older file: ",
    },
];

/// The command or the option behind a text.
fn told(messages: &str, before: &str, name: &str) -> Vec<String> {
    let messages = messages.replace('\n', " ");
    let at = messages.find(before);
    let at = at.unwrap_or_else(|| panic!("{name}: no {before:?} in {messages}"));
    let rest = &messages[at + before.len()..];
    let end = rest.find([';', ',']).unwrap_or(rest.len());
    let is_word = |word: &&str| !["takes", "makes", "goes"].contains(word);
    let words = rest[..end].split_whitespace().take_while(is_word);
    words.map(ToOwned::to_owned).collect()
}

#[test]
fn each_message_leads_to_a_command_that_ends_it() {
    for it in DEAD_ENDS {
        let env = (it.make)();
        let refused = env.call(it.refused).run();
        assert_eq!(
            refused.code,
            Some(it.code),
            "{}: {}",
            it.name,
            refused.stderr
        );
        let told = told(&refused.stderr, it.before, it.name);
        let mut way: Vec<&str> = told.iter().map(String::as_str).collect();
        if way.first() == Some(&"vault") {
            way.remove(0);
        } else {
            way = [it.refused, &way[..]].concat();
        }
        if way.contains(&"rm") {
            way.push("--yes");
        }
        let mut ended = env.call(&way).run();
        // What is lost everywhere is told first.
        if let Some((_, way)) = ended.stderr.split_once("goes on without it: vault ") {
            let way: Vec<&str> = way.split_whitespace().collect();
            ended = env.call(&way).run();
        }
        assert_eq!(
            ended.code,
            Some(0),
            "{}: {way:?}: {}",
            it.name,
            ended.stderr
        );
        env.call(&["list"]).ok().silently();
        env.call(EDIT).ok();
        for family in ["recipient", "recovery"] {
            env.call(&[family, "list"]).ok().prints("");
        }
        env.call(&["verify", "--full"]).ok();
    }
}
