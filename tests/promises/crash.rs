//! Promise 3: exit 0 means that the change survives `kill -9`; a full disk or a crash leaves the
//! old vault or the new one, never anything between.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::mem;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::promises::{answers, command, without_privileges};
use crate::support::env::{CHEAP, TestEnv, mode};

/// Vaults that are written to side by side.
const LANES: usize = 4;

/// What a vault and its device's memory consist of, backups aside.
const KNOWN: [&str; 10] = [
    "vault.age",
    "vault.age.lock",
    "paths.json",
    "paths.lock",
    "pin.json",
    "device.json",
    "last.age",
    "checked.json",
    "journal",
    "state.lock",
];

fn paths(env: &TestEnv) -> BTreeSet<String> {
    let list = env.call(&["list", "--json"]).ok().json();
    let entries = list.as_array().unwrap().iter();
    entries
        .map(|entry| entry["path"].as_str().unwrap().to_owned())
        .collect()
}

/// What lies in the vault's folder and in the state folder and is no part of either.
fn strangers(env: &TestEnv) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![env.data(), env.state()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if !KNOWN.contains(&name.as_str()) && !is_backup(&name) {
                found.push(entry.path());
            }
        }
    }
    found
}

/// `GENERATION-<8 hex digits>.age`.
fn is_backup(name: &str) -> bool {
    let stem = name.strip_suffix(".age").and_then(|n| n.split_once('-'));
    stem.is_some_and(|(generation, hash)| {
        generation.parse::<u64>().is_ok()
            && hash.len() == 8
            && hash.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

#[derive(Default)]
struct Tally {
    killed: u32,
    kept_old: u32,
    has_new: u32,
}

/// Starts an `add`, kills it at `moment`, and looks at what is left: `there` are the paths of the
/// vault, before and after.
fn kill_one(
    env: &TestEnv,
    path: &str,
    moment: Duration,
    there: &mut BTreeSet<String>,
    tally: &mut Tally,
) {
    let mut add = command(env, &["add", path]);
    let mut child = add.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(path.as_bytes()).unwrap();
    drop(stdin);
    thread::sleep(moment);
    // It may have ended by now.
    let _ = child.kill();
    let status = child.wait().unwrap();

    env.call(&["verify", "-q"]).ok();
    let before = mem::replace(there, paths(env));
    let after = &*there;
    let mut with_new = before.clone();
    with_new.insert(path.to_owned());
    if status.success() {
        assert_eq!(*after, with_new, "exit 0, and {path} is gone");
        return;
    }
    assert_eq!(status.code(), None, "{path}: it failed by itself");
    tally.killed += 1;
    if *after == before {
        tally.kept_old += 1;
    } else {
        assert_eq!(*after, with_new, "neither the old vault nor the new one");
        tally.has_new += 1;
    }
}

/// Kills its share of `kills` writers, one after the other on a vault of its own.
fn kill_many(lane: usize, kills: u32) -> Tally {
    let env = TestEnv::with(&[("acme/first", "acme/first")]);
    let start = Instant::now();
    env.add("acme/second", "acme/second");
    let usual = start.elapsed().mul_f32(1.1);
    let (mut there, mut tally) = (paths(&env), Tally::default());
    for n in (0..kills).skip(lane).step_by(LANES) {
        let moment = usual * (n + 1) / kills;
        kill_one(&env, &format!("acme/{n}"), moment, &mut there, &mut tally);
    }
    env.add("acme/last", "acme/last");
    let left = strangers(&env);
    assert!(left.is_empty(), "left by killed writers: {left:?}");
    env.call(&["verify", "--full"]).ok();
    for path in paths(&env).iter().step_by(9) {
        assert_eq!(&env.secret(path), path);
    }
    tally
}

fn writers_killed(kills: u32) {
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES)
            .map(|n| scope.spawn(move || kill_many(n, kills)))
            .collect();
        lanes.into_iter().map(|lane| lane.join().unwrap()).collect()
    });
    let sum = |part: fn(&Tally) -> u32| tallies.iter().map(part).sum::<u32>();
    let (killed, old, new) = (sum(|t| t.killed), sum(|t| t.kept_old), sum(|t| t.has_new));
    let met = format!("{killed} of {kills} killed, {old} before and {new} after the change");
    assert!(killed > kills / 4 && old > 0, "{met}: hardly a test");
}

#[test]
fn a_writer_killed_at_any_moment_leaves_the_old_vault_or_the_new_one() {
    writers_killed(40);
}

#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn a_writer_killed_at_any_of_500_moments_leaves_the_old_vault_or_the_new_one() {
    writers_killed(500);
}

fn inits_killed(kills: u32) {
    let env = TestEnv::new();
    let init = ["init", "--kdf", CHEAP];
    let start = Instant::now();
    env.call(&init).ok();
    let usual = start.elapsed();
    for n in 0..kills {
        let _ = fs::remove_dir_all(env.data());
        let _ = fs::remove_dir_all(env.state());
        let mut child = command(&env, &init).spawn().unwrap();
        thread::sleep(usual * n / kills);
        let _ = child.kill();
        child.wait().unwrap();
        if env.vault_file().exists() {
            env.call(&init).fails(7);
        } else {
            env.call(&init).ok();
        }
        env.add("acme/wp", "one");
        env.call(&["verify", "--full"]).ok();
    }
}

#[test]
fn an_init_killed_at_any_moment_leaves_a_vault_or_none() {
    inits_killed(8);
}

#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn an_init_killed_at_any_of_40_moments_leaves_a_vault_or_none() {
    inits_killed(40);
}

fn password_changes_killed(kills: u32) {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let new = "heron-Quartz4-maple-dusk";
    let new_file = env.file("new-password", new);
    let change = ["passwd", "--kdf", CHEAP, "--new-password-file", &new_file];
    let change_back = || {
        let back = env.file("old-password", crate::support::env::PASSWORD);
        let change = ["passwd", "--kdf", CHEAP, "--new-password-file", &back];
        env.call(&change).password(new).ok();
    };
    let start = Instant::now();
    env.call(&change).ok();
    let usual = start.elapsed();
    change_back();
    for n in 0..kills {
        let mut child = command(&env, &change).spawn().unwrap();
        thread::sleep(usual * n / kills);
        let _ = child.kill();
        let changed = child.wait().unwrap().success();
        let output = env.call(&["get", "-n", "acme/wp"]).run();
        match output.code {
            Some(0) => assert!(!changed, "exit 0, and the old password opens"),
            Some(4) => change_back(),
            _ => panic!("{output:?}"),
        }
    }
    assert_eq!(env.secret("acme/wp"), "one");
}

#[test]
fn a_password_change_killed_at_any_moment_leaves_one_password_that_opens() {
    password_changes_killed(10);
}

#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn a_password_change_killed_at_any_of_40_moments_leaves_one_password_that_opens() {
    password_changes_killed(40);
}

#[test]
fn a_reveal_is_in_the_log_before_the_secret_is_out() {
    let env = TestEnv::with(&[("acme/long", &"x".repeat(1 << 20))]);
    let mut get = command(&env, &["get", "acme/long"]);
    let mut child = get.stdout(Stdio::piped()).spawn().unwrap();
    // More than a pipe holds: with the first byte out, it waits for the rest to be read.
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut [0]).unwrap();
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
    drop(out);
    let log = env.call(&["log", "--json"]).ok().json();
    let last = log.as_array().unwrap().last().unwrap();
    assert_eq!(last["action"], "reveal", "{log}");
}

#[test]
fn a_write_past_the_limit_of_file_sizes_leaves_the_vault_as_it_was() {
    let env = TestEnv::with(&[("acme/long", &"x".repeat(200_000))]);
    let before = fs::read(env.vault_file()).unwrap();
    for limit in ["ulimit -f 100", "trap '' XFSZ; ulimit -f 100"] {
        let script = format!("{limit}; exec vault add acme/new");
        env.shell(&script).stdin("two").fails(1).says("vault.age");
        let left = strangers(&env);
        assert!(left.is_empty(), "{limit}: {left:?}");
    }
    assert_eq!(fs::read(env.vault_file()).unwrap(), before);
    env.call(&["verify", "--full"]).ok();

    env.add("acme/next", "three");
    let left = strangers(&env);
    assert!(left.is_empty(), "{left:?}");
}

#[test]
#[ignore = "mounts a small file system, which needs root; .ci/run runs it"]
fn a_full_disk_leaves_the_vault_as_it_was() {
    let env = TestEnv::with(&[("acme/long", &"x".repeat(100_000))]);
    let script = r#"
        set -eu
        mkdir disk
        mount -t tmpfs -o size=600k none disk
        cp "$1" disk/vault.age
        for n in 1 2 3 4 5 6 7 8; do
            sum=$(sha256sum <disk/vault.age)
            code=0
            printf x | vault --vault disk/vault.age add acme/$n || code=$?
            [ $code = 0 ] && continue
            [ $code = 1 ]
            [ "$sum" = "$(sha256sum <disk/vault.age)" ]
            vault --vault disk/vault.age verify --full >/dev/null
            rm -r disk/vault.age.backups
            printf x | vault --vault disk/vault.age add acme/$n
            ls -A disk
            exit 0
        done
        echo "the disk was never full" >&2
        exit 99"#;
    let file = env.vault_file();
    let script = format!(
        "exec unshare --mount sh -c '{script}' sh {}",
        file.display()
    );
    let listing = env.shell(&script).ok().text().to_owned();
    let left: Vec<_> = listing
        .lines()
        .filter(|n| !n.starts_with("vault.age"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_answer_that_cannot_be_written_is_no_success() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    for args in [
        "get acme/wp",
        "list",
        "show acme/wp",
        "log",
        "status --json",
    ] {
        let output = env.shell(&format!("exec vault {args} >/dev/full")).run();
        assert!(output.code == Some(1), "expected exit 1\n{output:?}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_fails_and_changes_nothing() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    fs::set_permissions(env.data(), mode(0o500)).unwrap();
    let unprivileged = without_privileges();
    let add = format!("exec {unprivileged}vault add acme/new");
    env.shell(&add).stdin("two").fails(1);
    let get = format!("exec {unprivileged}vault get -n acme/wp");
    env.shell(&get).ok().prints("one");
    fs::set_permissions(env.data(), mode(0o700)).unwrap();
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_journal_that_cannot_be_written_is_a_warning_and_the_secret_is_given() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let script = format!(
        "find '{}' -type f -exec chmod 400 {{}} + ; find '{}' -depth -type d -exec chmod 500 {{}} + ;\
         exec {}vault get -n acme/wp",
        env.state().display(),
        env.state().display(),
        without_privileges(),
    );
    let output = answers(env.shell(&script), 0);
    assert_eq!(output.stdout, b"one");
    assert!(!output.stderr.is_empty(), "it does not warn");
    env.shell(&format!("chmod -R u+rwX '{}'", env.state().display()))
        .ok();
}

#[test]
fn a_torn_line_of_the_journal_blocks_nothing() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    env.secret("acme/wp");
    let journal = env
        .everything()
        .into_keys()
        .find(|path| path.ends_with("journal"));
    let journal = journal.expect("a reveal was not written to a journal");
    let whole = fs::read(&journal).unwrap();
    let damaged = [
        &whole[..whole.len() / 2],
        &[b"\n", &whole[..], b"\xff\0torn"].concat()[..],
    ];
    for bytes in damaged {
        fs::write(&journal, bytes).unwrap();
        assert_eq!(env.secret("acme/wp"), "one");
        env.call(&["edit", "acme/wp", "--notes", "n"]).ok();
        env.call(&["verify", "--full"]).ok();
        env.call(&["log"]).ok();
    }
}
