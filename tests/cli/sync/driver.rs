//! `merge-driver` and `diff-text`, as git calls them: two states become one in a third file, or
//! that stays as it is; what is shown of a state tells no secret.

use std::fs;
use std::os::unix::fs::symlink;
use std::thread;
use std::time::Instant;

use super::{apart, copy_of, put_in_place, second_device};
use crate::support::call::{Call, Failure, Success};
use crate::support::env::{CHEAP, TestEnv, mode_of};

/// The states of both sides, beside the vault of the first, as git would lay them there.
fn states(ours: &TestEnv, theirs: &TestEnv, here: &TestEnv) -> [String; 2] {
    [
        copy_of(ours, here, ".merge_file_ours"),
        copy_of(theirs, here, ".merge_file_theirs"),
    ]
}

fn driver<'a>(env: &'a TestEnv, ours: &str, theirs: &str) -> Call<'a> {
    let vault = env.vault_file();
    env.call(&[
        "merge-driver",
        "/dev/null",
        ours,
        theirs,
        vault.to_str().unwrap(),
    ])
}

/// Both become one.
#[track_caller]
fn merges(env: &TestEnv, [ours, theirs]: &[String; 2]) -> Success {
    driver(env, ours, theirs).ok()
}

/// They do not, and the first is as it was.
#[track_caller]
fn leaves(env: &TestEnv, [ours, theirs]: &[String; 2], code: i32) -> Failure {
    let before = fs::read(ours).unwrap();
    let failed = driver(env, ours, theirs).fails(code);
    assert!(fs::read(ours).unwrap() == before);
    failed
}

/// git puts the outcome in the vault's place.
fn check_out(env: &TestEnv, [ours, _]: &[String; 2]) {
    fs::remove_file(env.vault_file()).unwrap();
    fs::copy(ours, env.vault_file()).unwrap();
}

#[test]
fn two_states_become_one_and_nothing_else_is_touched() {
    let (laptop, desktop) = apart();
    laptop.add("acme/laptop", "one");
    desktop.add("acme/desktop", "two");
    laptop.call(&["get", "acme/laptop"]).ok();
    let both = states(&laptop, &desktop, &laptop);
    let (before, state) = (laptop.snapshot(), laptop.vault_state());
    let pin = fs::read(state.join("pin.json")).unwrap();
    merges(&laptop, &both).prints("").tells("new: acme/desktop");
    assert_eq!(mode_of(both[0].as_ref()), 0o600);
    assert!(laptop.snapshot() == before);
    assert!(fs::read(state.join("pin.json")).unwrap() == pin);
    check_out(&laptop, &both);
    let list = laptop.call(&["list"]).ok();
    list.silently()
        .prints("acme/desktop\nacme/laptop\nacme/wp\n");
    assert_eq!(laptop.generation(), 4);
    laptop.add("acme/next", "x");
    laptop.call(&["log", "--verify"]).ok().shows("reveal");
    laptop.call(&["verify", "--full"]).ok();
}

#[test]
fn a_state_that_has_all_of_the_other_is_taken_unchanged() {
    let (laptop, desktop) = apart();
    desktop.add("acme/desktop", "two");
    let [behind, ahead] = states(&laptop, &desktop, &laptop);
    let whole = fs::read(&ahead).unwrap();
    let both = [ahead, behind];
    merges(&laptop, &both).tells("has all of it");
    assert!(fs::read(&both[0]).unwrap() == whole);
    let [ahead, behind] = both;
    let both = [behind, ahead];
    merges(&laptop, &both).tells("new: acme/desktop");
    assert!(fs::read(&both[0]).unwrap() == whole);
    assert_eq!(mode_of(both[0].as_ref()), 0o600);
}

#[test]
fn the_outcome_is_the_same_whichever_side_is_whose() {
    let (laptop, desktop) = apart();
    laptop.call(&["edit", "acme/wp", "-u", "ann"]).ok();
    desktop.call(&["edit", "acme/wp", "-u", "bert"]).ok();
    let told = |sides: [&TestEnv; 2]| {
        let both = states(sides[0], sides[1], &laptop);
        merges(&laptop, &both).tells("1 conflict to settle");
        let outcome = TestEnv::new();
        fs::create_dir_all(outcome.data()).unwrap();
        check_out(&second_device(&laptop), &both);
        fs::copy(&both[0], outcome.vault_file()).unwrap();
        outcome.call(&["conflicts"]).ok().text().to_owned()
    };
    let one = told([&laptop, &desktop]);
    assert!(one.contains("acme/wp") && one.contains("username"), "{one}");
    assert_eq!(told([&desktop, &laptop]), one);
}

#[test]
fn an_outcome_that_was_thrown_away_leaves_no_trace() {
    let (laptop, desktop) = apart();
    laptop.add("acme/laptop", "one");
    desktop.add("acme/desktop", "two");
    let first = states(&laptop, &desktop, &laptop);
    merges(&laptop, &first);
    let thrown_away = fs::read(&first[0]).unwrap();
    // The merge is given up, and this device goes on.
    laptop.call(&["list"]).ok().silently();
    laptop.add("acme/more", "three");
    let second = states(&laptop, &desktop, &laptop);
    merges(&laptop, &second);
    check_out(&laptop, &second);
    laptop.call(&["list"]).ok().silently();
    laptop.add("acme/next", "x");
    // It comes back all the same, from a branch that was kept.
    let kept = laptop.file("kept.age", thrown_away);
    let merged = laptop.call(&["merge", &kept]).ok();
    assert!(!merged.hides("two machines").text().contains("acme"));
    laptop.call(&["log", "--verify"]).ok();
}

#[test]
fn what_is_older_or_lacks_something_is_told_by_the_next_command() {
    let (laptop, desktop) = apart();
    laptop.add("acme/first", "one");
    let early = copy_of(&laptop, &laptop, "early");
    laptop.add("acme/second", "two");
    desktop.add("acme/desktop", "two");
    // As in the middle of a rebase: an early state is merged, the late one is still to come.
    let both = [copy_of(&desktop, &laptop, "theirs"), early];
    merges(&laptop, &both).hides("older").hides("missing");
    let late = copy_of(&laptop, &laptop, "late");
    check_out(&laptop, &both);
    laptop.call(&["list"]).ok().tells("is missing");
    let refused = laptop.call(&["add", "acme/x"]).stdin("x").fails(7);
    refused.hints("vault merge --all");
    let both = [both[0].clone(), late];
    merges(&laptop, &both);
    check_out(&laptop, &both);
    laptop.call(&["list"]).ok().silently().shows("acme/second");
    laptop.add("acme/x", "x");
    // And where the rebase is given up in the middle, the command that was told ends it.
    let both = states(&desktop, &laptop, &laptop);
    put_in_place(&desktop, &laptop);
    laptop.call(&["list"]).fails(5).hints("vault restore");
    laptop.call(&["merge", "--all"]).ok();
    laptop.call(&["list"]).ok().silently().shows("acme/second");
    drop(both);
}

#[test]
fn where_it_is_locked_nothing_is_asked_and_the_way_out_is_told() {
    let (laptop, desktop) = apart();
    laptop.add("acme/laptop", "one");
    desktop.add("acme/desktop", "two");
    let both = states(&laptop, &desktop, &laptop);
    let failed = driver(&laptop, &both[0], &both[1]).no_password().fails(2);
    failed
        .says("locked")
        .hints("unlock")
        .hints("git checkout -m --");
    assert!(fs::read(&both[0]).unwrap() == fs::read(laptop.vault_file()).unwrap());
    laptop.call(&["unlock"]).ok();
    driver(&laptop, &both[0], &both[1]).no_password().ok();
    let wrong = states(&laptop, &desktop, &laptop);
    driver(&laptop, &wrong[0], &wrong[1])
        .password("another")
        .fails(4);
}

#[test]
fn what_is_no_state_of_this_vault_leaves_the_file_as_it_is() {
    let (laptop, desktop) = apart();
    laptop.add("acme/laptop", "one");
    desktop.add("acme/desktop", "two");
    let [ours, theirs] = states(&laptop, &desktop, &laptop);
    let foreign = TestEnv::with(&[("acme/wp", "x")]);
    let foreign = copy_of(&foreign, &laptop, "foreign");
    let mut bytes = fs::read(&theirs).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let forged = laptop.file("forged", &bytes);
    let pointer = laptop.file("pointer", "version https://git-lfs.github.com/spec/v1\n");
    let large = laptop.file("large", fs::read(&theirs).unwrap());
    fs::File::options()
        .write(true)
        .open(&large)
        .unwrap()
        .set_len(300 << 20)
        .unwrap();
    let link = laptop.path("link");
    symlink(&theirs, &link).unwrap();
    let folder = laptop.path("folder");
    fs::create_dir(&folder).unwrap();
    laptop.shell("mkfifo fifo").ok();
    for (bad, reason) in [
        (foreign, "another vault"),
        (forged, "signature"),
        (pointer, "other side"),
        (large, "the limit is"),
        (link, "symbolic link"),
        (folder, "regular file"),
        (laptop.path("fifo"), "regular file"),
    ] {
        let failed = leaves(&laptop, &[ours.clone(), bad], 5);
        failed.says(reason).says("left as it is").hints("git add ");
    }
    // Neither is it merged into.
    let swapped = [laptop.path("forged"), ours.clone()];
    leaves(&laptop, &swapped, 5).says("on this side");
    leaves(&laptop, &[laptop.path("foreign"), ours], 5);
    laptop.call(&["merge-driver", "a", "b", "c"]).fails(2);
}

#[test]
fn a_key_that_no_known_device_added_comes_in_from_neither_side() {
    let (laptop, desktop) = apart();
    let key = age::x25519::Identity::generate().to_public().to_string();
    desktop.call(&["recipient", "add", &key]).ok();
    laptop.add("acme/laptop", "one");
    let both = states(&laptop, &desktop, &laptop);
    let failed = leaves(&laptop, &both, 9);
    let all = desktop.call(&["recipient", "list", "--json"]).ok().json();
    let id = &all[0]["id"].as_str().unwrap()[..8];
    for (when, option) in [("if you know that key", "accept"), ("; if not", "reject")] {
        failed.hints(&format!("{when}: git cat-file blob :3:"));
        failed.hints(&format!(
            " merge theirs.age --{option}-recipient {id} && rm theirs.age && git add "
        ));
    }
    // In a rebase, their side is ours.
    let both = states(&desktop, &laptop, &laptop);
    leaves(&laptop, &both, 9).hints("--accept-recipient");
    // This device's own key comes in on either side.
    let key = age::x25519::Identity::generate().to_public().to_string();
    let (laptop, desktop) = apart();
    laptop.call(&["recipient", "add", &key]).ok();
    desktop.add("acme/desktop", "two");
    for sides in [[&laptop, &desktop], [&desktop, &laptop]] {
        merges(&laptop, &states(sides[0], sides[1], &laptop));
    }
}

#[test]
fn a_state_with_another_password_or_signer_is_left_to_vault_merge() {
    let (laptop, desktop) = apart();
    laptop.add("acme/laptop", "one");
    let new = desktop.file("new", "quartz-Lantern3-moose-drip");
    let passwd = ["passwd", "--kdf", CHEAP, "--new-password-file", &new];
    desktop.call(&passwd).ok();
    let both = states(&laptop, &desktop, &laptop);
    leaves(&laptop, &both, 9).hints(" merge theirs.age");
    let (laptop, desktop) = apart();
    laptop.add("acme/laptop", "one");
    desktop.add("acme/desktop", "two");
    desktop.call(&["id", "rotate", "--yes"]).ok();
    let both = states(&laptop, &desktop, &laptop);
    leaves(&laptop, &both, 5)
        .hints("--accept-signer")
        .hints("git cat-file");
    // Whoever has made the new keys knows both.
    for sides in [[&laptop, &desktop], [&desktop, &laptop]] {
        let both = states(sides[0], sides[1], &desktop);
        merges(&desktop, &both);
        check_out(&desktop, &both);
        desktop.call(&["list"]).ok().silently().shows("acme/laptop");
    }
}

#[test]
fn a_driver_that_is_killed_leaves_the_first_side_as_it_was_or_the_whole_outcome() {
    const KILLS: u32 = 16;
    let (laptop, desktop) = apart();
    laptop.add("acme/laptop", "one");
    desktop.add("acme/desktop", "two");
    let both = states(&laptop, &desktop, &laptop);
    let before = fs::read(&both[0]).unwrap();
    let start = Instant::now();
    merges(&laptop, &both);
    let usual = start.elapsed().mul_f32(1.1);
    let mut left = 0;
    for kill in 0..KILLS {
        fs::write(&both[0], &before).unwrap();
        let mut child = driver(&laptop, &both[0], &both[1]).spawn();
        drop(child.stdin.take());
        thread::sleep(usual * kill / KILLS);
        let _ = child.kill();
        child.wait().unwrap();
        if fs::read(&both[0]).unwrap() == before {
            left += 1;
            continue;
        }
        let whole = ["--vault", &both[0], "verify", "--full"];
        second_device(&desktop).call(&whole).ok();
    }
    assert!(left > 0, "none was hit in time");
    laptop.call(&["verify", "--full"]).ok();
}

/// What git shows of the vault.
fn text(env: &TestEnv) -> Call<'_> {
    env.call(&["diff-text", env.vault_file().to_str().unwrap()])
}

#[test]
fn a_locked_state_is_shown_by_what_stands_in_the_clear() {
    let env = TestEnv::full("hunter2");
    let status = env.call(&["verify", "--json"]).ok().json();
    // A password at hand does not count: nothing is derived for each commit of a log.
    let shown = text(&env).ok();
    shown
        .silently()
        .shows("generation 2")
        .shows(status["vault_id"].as_str().unwrap());
    shown.shows("m=7MiB,t=6,p=1").shows("\nlocked\n");
    shown.hides("acme").hides("wp").hides("hunter2");
    let damaged = env.file("damaged", "age-encryption.org/v1\n");
    env.call(&["diff-text", &damaged])
        .ok()
        .prints("no vault file, or a damaged one\n");
    env.call(&["diff-text", "gone"]).fails(3);
    env.call(&["unlock"]).ok();
    let mut bytes = fs::read(env.vault_file()).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let forged = env.file("forged", bytes);
    let shown = env.call(&["diff-text", &forged]).ok();
    shown.shows("signature does not fit").hides("acme");
}

#[test]
fn an_unlocked_state_is_shown_by_names_and_no_value_is() {
    let env = TestEnv::full("hunter2");
    env.call(&["unlock"]).ok();
    env.call(&["rotate", "acme/wp", "--stdin"])
        .stdin("hunter3")
        .ok();
    let file = env.file("key.pem", "content-of-the-file");
    env.call(&["attach", "acme/wp", &file]).ok();
    env.call(&["edit", "acme/wp", "--field", "id=account-of-acme"])
        .ok();
    env.me();
    let shown = text(&env).no_password().ok();
    for line in [
        "client acme\n",
        "entry acme/wp\n",
        "entry acme/wp: username, write ",
        "entry acme/wp: id, write ",
        "entry acme/wp: secret version 1, ",
        "entry acme/wp: secret version 2, ",
        "entry acme/wp: file key.pem, ",
        "me: address, write ",
    ] {
        shown.shows(line);
    }
    // Behind the fingerprint, in which any three letters may stand.
    let (_, names) = shown.text().split_once("\nclient acme\n").unwrap();
    for value in [
        "hunter",
        "admin",
        "one.example",
        "prod",
        "cms",
        "account-of",
        "WP_PASSWORD",
        "2099",
        "ask Jo",
        "content-of",
        "Lindenstr",
        "Kim",
    ] {
        assert!(!names.contains(value), "{value}: {names}");
    }
    assert_eq!(text(&env).ok().text(), shown.text());
    env.call(&["edit", "acme/wp", "-u", "other"]).ok();
    let after = text(&env).ok();
    let news: Vec<&str> = after
        .text()
        .lines()
        .filter(|it| !shown.text().contains(*it))
        .collect();
    let names: Vec<&str> = news
        .iter()
        .map(|line| line.split(", write").next().unwrap())
        .collect();
    assert!(names.contains(&"entry acme/wp: username"), "{news:?}");
    assert_eq!(news.len(), 3, "{news:?}");
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    text(&env)
        .ok()
        .shows("trash acme/wp")
        .hides("entry acme/wp");
}
