//! What is nobody else's stays untouched: vaults side by side in one folder, a recovery file that
//! another process wrote, a journal that cannot be read.

use std::fs;
use std::thread;

use crate::support::env::{CHEAP, TestEnv};

#[test]
fn two_vaults_in_one_folder_do_not_disturb_each_other() {
    let env = TestEnv::new();
    // One name begins with the other.
    let vaults = ["a", "a.age", "b.age"].map(|name| env.path(name));
    for vault in &vaults {
        env.call(&["--vault", vault, "init", "--kdf", CHEAP]).ok();
    }
    thread::scope(|scope| {
        for vault in &vaults {
            for n in 0..12 {
                let env = &env;
                scope.spawn(move || {
                    let path = format!("acme/{n}");
                    env.call(&["--vault", vault, "--wait", "5m", "add", &path])
                        .stdin("s")
                        .ok();
                });
            }
        }
    });
    for vault in &vaults {
        let list = env.call(&["--vault", vault, "list", "--json"]).ok().json();
        assert_eq!(list.as_array().unwrap().len(), 12, "{vault}");
    }
}

#[test]
fn of_parallel_inits_the_one_that_made_the_vault_keeps_its_recovery_file() {
    let env = TestEnv::new();
    let codes: Vec<Option<i32>> = thread::scope(|scope| {
        let inits: Vec<_> = (0..4)
            .map(|_| {
                let env = &env;
                scope.spawn(move || {
                    env.call(&["init", "--kdf", CHEAP, "--recovery", "recovery.key"])
                        .run()
                        .code
                })
            })
            .collect();
        inits.into_iter().map(|init| init.join().unwrap()).collect()
    });
    let made = codes.iter().filter(|code| **code == Some(0)).count();
    assert!(made <= 1, "{codes:?}");
    if made == 1 {
        env.call(&["list", "--identity", "recovery.key"]).ok();
    }
}

#[test]
fn a_journal_that_cannot_be_read_blocks_nothing_and_is_set_aside() {
    let env = TestEnv::with(&[("acme/wp", "s")]);
    let journal = env.vault_state().join("journal");
    let _ = fs::remove_file(&journal);
    fs::create_dir(&journal).unwrap();
    let get = env.call(&["get", "acme/wp"]).run();
    assert_eq!(get.code, Some(0), "{get:?}");
    assert!(get.stderr.contains("not in the log"), "{get:?}");
    env.add("acme/new", "s");
    assert!(env.vault_state().join("journal.damaged-1").is_dir());
    env.call(&["log"]).ok().shows("journal damaged");
    env.call(&["get", "acme/wp"]).ok();
    env.call(&["log"]).ok().shows("reveal");
}

#[test]
fn a_journal_past_its_limit_blocks_nothing() {
    let env = TestEnv::with(&[("acme/wp", "s")]);
    let journal = env.vault_state().join("journal");
    let file = fs::File::create(&journal).unwrap();
    file.set_len(65 << 20).unwrap();
    let get = env.call(&["get", "acme/wp", "--json"]).run();
    assert_eq!(get.code, Some(0), "{get:?}");
    assert!(
        get.stderr.contains("{\"warning\":"),
        "a script is told too: {get:?}"
    );
    env.add("acme/new", "s");
    env.call(&["verify", "--full"]).ok();
}
