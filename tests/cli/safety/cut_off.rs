//! What a power cut, a kill or a disk that fails may leave behind, and what the next call makes of
//! it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use crate::cli::consent::consent_keys::card;
use crate::cli::sharing::share::consent;
use crate::support::call::Output;
use crate::support::env::{CHEAP, TestEnv, mode};

/// The file of this name in the state folder.
pub(crate) fn in_state(env: &TestEnv, name: &str) -> PathBuf {
    let mut files = env.everything().into_keys();
    files.find(|path| path.ends_with(name)).unwrap()
}

/// A command that file permissions bind even when root runs the tests.
fn unprivileged(env: &TestEnv, args: &str, stdin: &str) -> Output {
    let bound = if geteuid().is_root() {
        "setpriv --bounding-set -all --inh-caps -all "
    } else {
        ""
    };
    let script = format!("exec {bound}vault {args}");
    env.shell(&script).stdin(stdin).run()
}

#[track_caller]
fn says(output: &Output, code: i32, text: &str) {
    assert_eq!(output.code, Some(code), "{output:?}");
    assert!(output.stderr.contains(text), "no {text:?}: {output:?}");
}

fn hidden(folder: &Path) -> Vec<PathBuf> {
    let all = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    all.filter(|path| path.to_str().unwrap().ends_with(".vault-tmp"))
        .collect()
}

const NEW: &str = "heron-Quartz4-maple-dusk";

/// Runs what makes new keys, and takes from the device's memory what it learnt of them.
fn cut_after_new_keys(env: &TestEnv, args: &[&str]) {
    let memory = ["pin.json", "device.json"].map(|name| {
        let path = in_state(env, name);
        let bytes = fs::read(&path).unwrap();
        (path, bytes)
    });
    env.call(args).ok();
    for (path, bytes) in memory {
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn new_keys_that_the_pin_could_not_follow_lock_nobody_out() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    cut_after_new_keys(&env, &["id", "rotate", "--yes"]);
    env.call(&["verify"]).ok();
    assert_eq!(env.secret("acme/wp"), "hunter2");
    // Nor those that the pin does not follow a second time.
    cut_after_new_keys(&env, &["id", "rotate", "--yes"]);
    env.add("acme/new", "x");
    assert_eq!(env.secret("acme/new"), "x");
    env.call(&["verify", "--full"]).ok();
    env.call(&["log", "--verify"]).ok();

    let new = env.file("new", NEW);
    let passwd = ["passwd", "--compromised", "--new-password-file", &new];
    cut_after_new_keys(&env, &passwd);
    let got = env.call(&["get", "acme/wp"]).password(NEW).ok();
    got.prints("hunter2\n");
}

#[test]
fn new_keys_that_this_device_did_not_make_are_refused_with_the_way_out() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    cut_after_new_keys(&env, &["id", "rotate", "--yes"]);
    fs::remove_file(in_state(&env, "intended")).unwrap();
    let list = env.call(&["list"]).fails(5);
    list.hints("--accept-signer SHA256:");
    env.call(&["verify"]).fails(5);
}

#[test]
fn a_change_that_a_power_cut_may_take_back_is_not_remembered() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let before = fs::read(env.vault_file()).unwrap();
    // A folder that one may write and not read cannot be synced.
    fs::set_permissions(env.data(), mode(0o300)).unwrap();
    let added = unprivileged(&env, "add acme/new", "x");
    fs::set_permissions(env.data(), mode(0o700)).unwrap();
    says(&added, 1, "is written, but may not survive a power cut");
    env.call(&["list"]).ok().shows("acme/new");
    // The same once more, and then the cut.
    fs::write(env.vault_file(), &before).unwrap();
    let state = fs::read_dir(env.state())
        .unwrap()
        .map(|e| e.unwrap().path());
    state.for_each(|path| drop(fs::remove_dir_all(path)));
    env.call(&["list"]).ok();
    fs::set_permissions(env.data(), mode(0o300)).unwrap();
    let added = unprivileged(&env, "add acme/new", "x");
    fs::set_permissions(env.data(), mode(0o700)).unwrap();
    says(&added, 1, "may not survive");
    fs::write(env.vault_file(), &before).unwrap();
    env.call(&["list"]).ok().prints("acme/wp\n").silently();
}

#[test]
fn init_says_that_the_vault_is_made_when_something_fails_after() {
    let env = TestEnv::new();
    let folder = PathBuf::from(env.path("folder"));
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, mode(0o300)).unwrap();
    let args = format!("--vault folder/v.age init --kdf {CHEAP} --recovery r.key");
    let made = unprivileged(&env, &args, "");
    fs::set_permissions(&folder, mode(0o700)).unwrap();
    says(&made, 1, "the vault is made at");
    // It is there, and so is the other way into it.
    env.call(&["--vault", "folder/v.age", "list"]).ok();
    let other = ["--vault", "folder/v.age", "list", "--identity", "r.key"];
    env.call(&other).no_password().ok();
}

#[test]
fn an_init_with_a_recovery_identity_that_makes_no_vault_leaves_no_file_in_the_way() {
    let env = TestEnv::new();
    env.file("plain", "no folder");
    let args = ["init", "--kdf", CHEAP, "--recovery", "r.key"];
    let plain = env.path("plain");
    env.call(&args).var("XDG_DATA_HOME", &plain).fails(1);
    assert!(!Path::new(&env.path("r.key")).exists());
    env.call(&args).ok();
    let list = ["list", "--identity", "r.key"];
    env.call(&list).no_password().ok();
}

#[test]
fn verify_of_a_vault_that_was_never_unlocked_here_takes_it_for_no_other() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let folder = in_state(&env, "pin.json");
    fs::remove_file(folder).unwrap();
    let verify = env.call(&["verify"]).fails(5);
    verify
        .says("never seen")
        .hints("--signer")
        .hides("another vault");
}

#[test]
fn a_share_whose_folder_cannot_be_synced_is_sent_and_said_to_be() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let bob = TestEnv::ready();
    let card = card(&env, &bob, "bob.card");
    env.call(&["contact", "add", "bob", "--card", &card]).ok();
    env.takes_notes_of("acme");
    consent(&env, &["--scope", "acme/*"]);
    let out = PathBuf::from(env.path("out"));
    fs::create_dir(&out).unwrap();
    fs::set_permissions(&out, mode(0o300)).unwrap();
    let output = unprivileged(&env, "share acme/wp --to bob --out out/bob.age", "");
    fs::set_permissions(&out, mode(0o700)).unwrap();
    says(&output, 0, "may not survive a power cut");
    assert!(out.join("bob.age").exists());
    let shares = env.call(&["shares", "--json"]).ok().json();
    assert_eq!(shares[0]["state"], "sent");
}

#[test]
fn files_of_which_each_byte_is_the_same_are_one_backup() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    fs::create_dir(env.path("usb")).unwrap();
    env.call(&["backup", "--to", "usb"]).ok();
    env.call(&["id", "rotate", "--yes"]).ok();
    // Generation 2 is beside the vault and on the stick, both from before the keys were rotated.
    let restore = env.call(&["restore", "2", "--yes"]).fails(5);
    restore.hints("--accept-signer");
}

#[test]
fn what_killed_writers_left_is_removed_by_the_next_that_writes_there() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let key = env.file("id", "PRIVATE");
    env.call(&["attach", "acme/wp", &key, "--as", "id"]).ok();
    env.file("tpl", "{{ vault://acme/wp }}");
    fs::create_dir(env.path("usb")).unwrap();
    let state = in_state(&env, "pin.json").parent().unwrap().to_path_buf();
    let work = env.work();
    let usb = work.join("usb");
    let leave = |folder: &Path, name: &str| {
        let left = folder.join(format!(".{name}.Ab12Cd.vault-tmp"));
        fs::write(&left, "PLAIN").unwrap();
        fs::set_permissions(&left, fs::Permissions::from_mode(0o600)).unwrap();
    };
    let cases: [(&Path, &str, &[&str]); 6] = [
        (&work, "r.key", &["recovery", "add", "--out", "r.key"]),
        (&work, "out", &["inject", "-i", "tpl", "-o", "out"]),
        (&work, "id2", &["detach", "acme/wp", "id", "--out", "id2"]),
        (&usb, "vault-1-01234567.age", &["backup", "--to", "usb"]),
        (&state, "copies.json", &["edit", "acme/wp", "--notes", "n"]),
        (
            &env.data(),
            "other.age",
            &["edit", "acme/wp", "--notes", "o"],
        ),
    ];
    for (folder, name, args) in cases {
        leave(folder, name);
        env.call(args).ok();
        assert_eq!(hidden(folder), Vec::<PathBuf>::new(), "{args:?}");
    }
}

/// While a recovery identity waits for the vault to be written, its file has no name that a kill
/// could leave.
#[test]
fn a_secret_that_waits_for_its_file_leaves_nothing_when_its_writer_is_killed() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let lock = fs::File::options()
        .read(true)
        .open(env.data().join("vault.age.lock"))
        .unwrap();
    lock.lock().unwrap();
    let mut child = env.call(&["recovery", "add", "--out", "r.key"]).spawn();
    let id = child.id();
    let waits = || {
        let open = fs::read_dir(format!("/proc/{id}/fd")).into_iter().flatten();
        let mut open = open
            .flatten()
            .filter_map(|fd| fs::read_link(fd.path()).ok());
        open.any(|path| path.ends_with("vault.age.lock"))
    };
    let start = std::time::Instant::now();
    while !waits() {
        assert!(
            start.elapsed() < crate::support::env::TIMEOUT,
            "it never waits"
        );
        std::thread::yield_now();
    }
    assert_eq!(hidden(&env.work()), Vec::<PathBuf>::new());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(hidden(&env.work()), Vec::<PathBuf>::new());
    assert!(!Path::new(&env.path("r.key")).exists());
}
