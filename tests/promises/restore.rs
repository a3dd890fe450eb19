//! Promise 3, on the way back: a restore or a backup that is killed, or that meets a full disk,
//! leaves the old file or the new one, never anything between.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::promises::command;
use crate::support::env::TestEnv;

/// So many a plain run kills, and so many `.ci/run`.
const FEW: u32 = 12;
const MANY: u32 = 40;

/// How long to wait before a kill: about as long as a call takes at the moment, however busy the
/// machine is.
struct Pace {
    usual: Duration,
    kills: u16,
}

impl Pace {
    /// Measures one call.
    fn of(env: &TestEnv, args: &[&str]) -> Self {
        let start = Instant::now();
        let _ = env.call(args).run();
        Self {
            usual: start.elapsed(),
            kills: 0,
        }
    }

    /// Starts it, kills it, each time at another moment, and says whether it was through.
    fn kill(&mut self, env: &TestEnv, args: &[&str]) -> bool {
        let mut child = command(env, args).spawn().unwrap();
        // Multiples of the golden ratio: however many there are, they are spread evenly.
        let part = (f32::from(self.kills) * 0.618_034).fract();
        self.kills += 1;
        thread::sleep(self.usual.mul_f32(1.5 * part));
        // It may have ended by now.
        let _ = child.kill();
        let status = child.wait().unwrap();
        assert!(
            status.success() || status.code().is_none(),
            "it failed by itself: {status}"
        );
        let through = status.success();
        self.usual = self.usual.mul_f32(if through { 0.85 } else { 1.15 });
        through
    }
}

fn list(env: &TestEnv) -> String {
    env.call(&["list"]).ok().text().to_owned()
}

/// A vault, and copies of it at generations 2 and 4.
fn env() -> TestEnv {
    TestEnv::copied("copies at 2 and 4", |env| {
        env.add("acme/one", "1");
        fs::copy(env.vault_file(), env.path("old.age")).unwrap();
        env.add("acme/two", "2");
        env.call(&["rm", "acme/one", "--yes"]).ok();
        fs::copy(env.vault_file(), env.path("new.age")).unwrap();
    })
}

fn damage(env: &TestEnv) -> Vec<u8> {
    let mut bytes = fs::read(env.vault_file()).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(env.vault_file(), &bytes).unwrap();
    bytes
}

fn restores_killed(kills: u32) {
    let env = env();
    let mut pace = Pace::of(&env, &["restore", "old.age", "--yes"]);
    let (mut kept, mut done) = (0, 0);
    for _ in 0..kills {
        let before = list(&env);
        let (target, expected) = match before.as_str() {
            "acme/one\n" => ("new.age", "acme/two\n"),
            "acme/two\n" => ("old.age", "acme/one\n"),
            other => panic!("neither: {other}"),
        };
        let through = pace.kill(&env, &["restore", target, "--yes"]);
        let after = list(&env);
        env.call(&["verify", "-q"]).ok();
        if after == expected {
            done += 1;
        } else {
            assert_eq!(after, before, "something between");
            assert!(!through, "exit 0, and nothing is restored");
            kept += 1;
        }
    }
    assert!(
        kept > 0 && done > 0,
        "{kept} kept, {done} done: hardly a test"
    );
    env.call(&["verify", "--full"]).ok();
    env.call(&["log", "--verify"]).ok();
}

#[test]
fn a_restore_killed_at_any_moment_leaves_the_old_vault_or_the_new_one() {
    restores_killed(FEW);
}

#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn a_restore_killed_at_any_of_40_moments_leaves_the_old_vault_or_the_new_one() {
    restores_killed(MANY);
}

fn replacements_killed(kills: u32) {
    let env = env();
    let good = fs::read(env.vault_file()).unwrap();
    let restore = ["restore", "new.age", "--yes"];
    damage(&env);
    let mut pace = Pace::of(&env, &restore);
    let mut done = 0;
    for _ in 0..kills {
        let bad = damage(&env);
        let through = pace.kill(&env, &restore);
        let after = fs::read(env.vault_file()).unwrap();
        if after == good {
            let aside = env
                .snapshot()
                .into_iter()
                .any(|(path, bytes)| path.to_str().unwrap().contains(".damaged-") && bytes == bad);
            assert!(aside, "the damaged file is gone");
            done += 1;
        } else {
            assert!(after == bad, "something between");
            assert!(!through, "exit 0, and it is damaged still");
            fs::write(env.vault_file(), &good).unwrap();
        }
    }
    assert!(done > 0, "hardly a test");
    assert_eq!(list(&env), "acme/two\n");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_damaged_vault_is_replaced_as_a_whole_or_not_at_all() {
    replacements_killed(FEW);
}

#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn a_damaged_vault_is_replaced_as_a_whole_or_not_at_all_at_any_of_40_moments() {
    replacements_killed(MANY);
}

fn older_copies_killed(kills: u32) {
    let env = env();
    let copy = env.path("old.age");
    let args = ["restore", &copy, "--yes", "--accept-generation", "2"];
    damage(&env);
    let mut pace = Pace::of(&env, &args);
    let mut done = 0;
    for _ in 0..kills {
        let before = env.generation();
        let good = fs::read(env.vault_file()).unwrap();
        let bad = damage(&env);
        let through = pace.kill(&env, &args);
        let after = fs::read(env.vault_file()).unwrap();
        if after == bad {
            assert!(!through);
            fs::write(env.vault_file(), good).unwrap();
        } else {
            // It is no rollback and no fork for this device, which wrote it.
            env.call(&["list"]).ok().prints("acme/one\n").silently();
            assert_eq!(env.generation(), before + 1);
            done += 1;
        }
    }
    assert!(done > 0, "hardly a test");
    env.add("acme/more", "x");
    env.call(&["verify", "--full"]).ok();
    env.call(&["log", "--verify"]).ok();
}

#[test]
fn an_older_copy_in_place_of_a_damaged_vault_is_the_next_generation_or_nothing() {
    older_copies_killed(FEW);
}

#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn an_older_copy_is_the_next_generation_or_nothing_at_any_of_40_moments() {
    older_copies_killed(MANY);
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn backups_killed(kills: u32) {
    let env = TestEnv::with(&[("acme/long", &"x".repeat(900_000))]);
    let good = fs::read(env.vault_file()).unwrap();
    let usb = PathBuf::from(env.path("usb"));
    fs::create_dir(&usb).unwrap();
    let mut pace = Pace::of(&env, &["backup", "--to", "usb"]);
    let mut whole = 0;
    for _ in 0..kills {
        for file in files_in(&usb) {
            if !file.to_str().unwrap().ends_with(".vault-tmp") {
                fs::remove_file(file).unwrap();
            }
        }
        let through = pace.kill(&env, &["backup", "--to", "usb"]);
        let copies: Vec<_> = files_in(&usb)
            .into_iter()
            .filter(|file| !file.to_str().unwrap().ends_with(".vault-tmp"))
            .collect();
        assert!(
            copies.len() == usize::from(!copies.is_empty()),
            "{copies:?}"
        );
        assert!(
            !through || copies.len() == 1,
            "exit 0, and there is no copy"
        );
        for copy in copies {
            assert!(fs::read(copy).unwrap() == good, "half a copy");
            whole += 1;
        }
    }
    assert!(whole > 0, "hardly a test");
    env.call(&["backup", "--to", "usb"]).ok();
    assert_eq!(files_in(&usb).len(), 1, "what was killed left something");
}

#[test]
fn a_backup_killed_at_any_moment_leaves_a_whole_copy_or_none() {
    backups_killed(FEW);
}

#[test]
#[ignore = "takes minutes; .ci/run runs it"]
fn a_backup_killed_at_any_of_40_moments_leaves_a_whole_copy_or_none() {
    backups_killed(MANY);
}

#[test]
fn a_restore_past_the_limit_of_file_sizes_changes_nothing() {
    let env = TestEnv::with(&[("acme/long", &"x".repeat(200_000))]);
    fs::copy(env.vault_file(), env.path("copy.age")).unwrap();
    env.call(&["rm", "acme/long", "--yes"]).ok();
    let limited = "trap '' XFSZ; ulimit -f 100; exec vault restore copy.age --yes";
    env.shell(limited).fails(1).says("vault.age");
    env.call(&["restore", "copy.age", "--yes"]).ok();
    let bad = damage(&env);
    fs::copy(
        env.state().join(id(&env)).join("last.age"),
        env.path("last.age"),
    )
    .unwrap();
    let limited = "trap '' XFSZ; ulimit -f 100; exec vault restore last.age --yes";
    env.shell(limited).fails(1).says("vault.age");
    assert!(fs::read(env.vault_file()).unwrap() == bad);
    env.call(&["restore", "last.age", "--yes"]).ok();
    env.call(&["verify", "--full"]).ok();
}

/// The name of the folder of what this device knows of the vault.
fn id(env: &TestEnv) -> PathBuf {
    env.vault_state().file_name().unwrap().into()
}

#[test]
#[ignore = "mounts a small file system, which needs root; .ci/run runs it"]
fn a_full_disk_takes_no_part_of_a_backup() {
    let env = TestEnv::with(&[("acme/long", &"x".repeat(100_000))]);
    let script = r#"
        set -eu
        mkdir usb
        mount -t tmpfs -o size=400k none usb
        for n in 1 2 3 4 5 6; do
            printf x | vault add acme/$n
            code=0
            vault backup --to usb || code=$?
            [ $code = 0 ] && continue
            [ $code = 1 ]
            vault backups --json >list
            grep -q "\"kind\":\"copy\"" list
            ! grep -q "\"ok\":false" list
            ls -A usb
            rm usb/vault-3-*
            vault backup --to usb
            exit 0
        done
        echo "the disk was never full" >&2
        exit 99"#;
    let script = format!("exec unshare --mount sh -c '{script}'");
    let listing = env.shell(&script).ok().text().to_owned();
    let strangers: Vec<_> = (listing.lines())
        .filter(|name| !name.starts_with("vault-"))
        .collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}
