//! Backups belong to their vault: what a file is decides what becomes of it, never its name.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use crate::support::call::Output;
use crate::support::env::{CHEAP, TestEnv, mode};

fn folder(env: &TestEnv) -> PathBuf {
    env.data().join("vault.age.backups")
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The generations that `backups` calls good, beside the vault.
fn good(env: &TestEnv) -> Vec<u64> {
    let list = env.call(&["backups", "--json"]).no_password().ok().json();
    let list = list.as_array().unwrap().iter();
    let good = list.filter(|file| file["kind"] == "automatic" && file["ok"] == true);
    let mut good: Vec<u64> = good
        .map(|file| file["generation"].as_u64().unwrap())
        .collect();
    good.sort_unstable();
    good
}

fn grow(env: &TestEnv, times: usize) {
    for _ in 0..times {
        let n = env.generation();
        env.add(&format!("acme/{n}"), "x");
    }
}

/// What to put before a command so that file permissions bind it even when root runs the tests.
fn unprivileged() -> &'static str {
    if geteuid().is_root() {
        "setpriv --bounding-set -all --inh-caps -all "
    } else {
        ""
    }
}

#[track_caller]
fn failed(output: &Output, code: i32, why: &str) {
    assert_eq!(output.code, Some(code), "{output:?}");
    assert!(output.stderr.contains(why), "{output:?}");
}

#[test]
fn the_ten_newest_are_kept_whatever_else_lies_there_and_that_is_not_touched() {
    let env = TestEnv::ready();
    let stranger = TestEnv::ready();
    grow(&stranger, 12);
    grow(&env, 3);
    let folder = folder(&env);
    let mut odd = Vec::new();
    let mut put = |name: String, bytes: Vec<u8>| {
        fs::write(folder.join(&name), bytes).unwrap();
        odd.push(name);
    };
    for n in 0..10 {
        put(format!("99999{n}-0000000{n}.age"), b"no".to_vec());
    }
    for name in names(&crate::cli::safety::backups_belong::folder(&stranger)) {
        let bytes =
            fs::read(crate::cli::safety::backups_belong::folder(&stranger).join(&name)).unwrap();
        put(name, bytes);
    }
    // This vault's own file under a name that is not its own.
    put(
        "888888-01234567.age".into(),
        fs::read(env.vault_file()).unwrap(),
    );
    put("x.age.part".into(), b"mine".to_vec());
    put("7-01234567.age.part".into(), b"mine".to_vec());
    grow(&env, 14);
    let now = env.generation();
    let newest: Vec<u64> = (now - 10..now).collect();
    let kept = good(&env);
    assert_eq!(kept[kept.len() - 10..], newest[..], "{kept:?}");
    assert_eq!(kept.len(), 11, "one more for the day: {kept:?}");
    let left = names(&folder);
    assert!(odd.iter().all(|name| left.contains(name)), "{left:?}");
}

#[test]
fn generations_of_former_keys_are_the_vaults_own() {
    let env = TestEnv::ready();
    grow(&env, 12);
    env.call(&["id", "rotate", "--yes"]).ok();
    grow(&env, 12);
    assert_eq!(names(&folder(&env)).len(), 11);
}

#[test]
fn a_file_that_claims_to_be_a_later_generation_and_is_signed_by_another_does_not_count() {
    use vault::crypto::{Draft, NoPlugins, SealedFile, SigningKey, derive, seal};
    let env = TestEnv::ready();
    let file = SealedFile::parse(fs::read(env.vault_file()).unwrap()).unwrap();
    let password = vault::model::text::secret::Secret::new(crate::support::env::PASSWORD.into());
    let key = derive(&password, None, file.access()).unwrap();
    grow(&env, 2);
    for generation in 900..912 {
        let draft = Draft {
            vault_id: file.facts().vault_id,
            generation,
            parents: vec![],
        };
        let other = SigningKey::generate();
        let forged = seal(b"{}", &draft, &key, &[], &NoPlugins, &other).unwrap();
        let hash = vault::model::records::event::sha256_hex(forged.bytes());
        let name = format!("{generation}-{}.age", &hash[..8]);
        fs::write(folder(&env).join(name), forged.bytes()).unwrap();
    }
    grow(&env, 12);
    let now = env.generation();
    assert!((now - 10..now).all(|generation| good(&env).contains(&generation)));
    assert_eq!(names(&folder(&env)).len(), 12 + 11);
}

#[test]
fn a_folder_that_is_a_link_is_refused_before_anything_changes() {
    let env = TestEnv::ready();
    grow(&env, 2);
    let elsewhere = PathBuf::from(env.path("elsewhere"));
    fs::rename(folder(&env), &elsewhere).unwrap();
    fs::write(elsewhere.join("x.age.part"), "mine").unwrap();
    symlink(&elsewhere, folder(&env)).unwrap();
    let before = names(&elsewhere);
    let failure = env.call(&["add", "acme/new"]).stdin("x").fails(5);
    failure.says("is a link").says("vault.age.backups");
    assert_eq!(names(&elsewhere), before);
    failed(&env.call(&["backups"]).run(), 5, "is a link");
    // What this device keeps elsewhere comes back all the same.
    fs::remove_file(env.vault_file()).unwrap();
    env.call(&["restore", "last.age", "--yes"]).ok();
    assert_eq!(env.secret("acme/1"), "x");
}

#[test]
fn a_lost_vault_is_brought_back_and_not_made_anew() {
    let env = TestEnv::ready();
    grow(&env, 3);
    let last = fs::read(env.vault_file()).unwrap();
    fs::rename(env.vault_file(), env.path("away.age")).unwrap();
    let failure = env.call(&["list"]).fails(3);
    failure.hints("vault restore last.age").hints("last.age; ");
    let status = env.call(&["status"]).no_password().ok();
    status.tells("vault restore last.age");
    let init = env.call(&["init", "--kdf", CHEAP]).no_password().fails(7);
    init.hints("vault restore last.age").hints("move away");
    env.call(&["restore", "last.age", "--yes"]).ok();
    assert!(fs::read(env.vault_file()).unwrap() == last);
}

#[test]
fn init_beside_the_generations_of_another_vault_is_refused() {
    let env = TestEnv::ready();
    grow(&env, 3);
    let other = TestEnv::new();
    fs::create_dir_all(other.data()).unwrap();
    fs::create_dir(folder(&other)).unwrap();
    for name in names(&folder(&env)) {
        fs::copy(folder(&env).join(&name), folder(&other).join(&name)).unwrap();
    }
    let init = other.call(&["init", "--kdf", CHEAP]).no_password().fails(7);
    init.says("vault.age.backups").hints("vault restore N");
    other.call(&["list"]).fails(3).hints("vault restore N");
    other.call(&["restore", "3", "--yes"]).ok();
    assert_eq!(other.generation(), 3);
    // What is no vault is in nobody's way.
    let odd = TestEnv::new();
    fs::create_dir_all(folder(&odd)).unwrap();
    fs::write(folder(&odd).join("9-01234567.age"), "no").unwrap();
    odd.call(&["init", "--kdf", CHEAP]).ok();
}

#[test]
fn init_where_a_vault_was_that_lives_elsewhere_now_is_no_loss() {
    let env = TestEnv::ready();
    grow(&env, 2);
    let moved = env.path("moved.age");
    fs::rename(env.vault_file(), &moved).unwrap();
    env.call(&["init", "--kdf", CHEAP]).fails(7);
    env.call(&["--vault", &moved, "list"]).ok();
    // Its generations lie here still.
    env.call(&["init", "--kdf", CHEAP]).fails(7);
    fs::rename(folder(&env), env.path("moved.age.backups")).unwrap();
    env.call(&["init", "--kdf", CHEAP]).ok();
    env.add("acme/new", "y");
    env.call(&["--vault", &moved, "list"]).ok().shows("acme/1");
}

#[test]
fn another_vault_behind_a_link_is_refused_as_one_that_was_copied_there() {
    let env = TestEnv::with(&[("acme/wp", "mine")]);
    env.call(&["--vault", "other.age", "init", "--kdf", CHEAP])
        .ok();
    let other = ["--vault", "other.age", "add", "globex/mail"];
    env.call(&other).stdin("theirs").ok();
    // One that this device never saw.
    let stranger = TestEnv::with(&[("globex/mail", "theirs")]);
    env.file("stranger.age", fs::read(stranger.vault_file()).unwrap());
    for name in ["other.age", "stranger.age"] {
        fs::rename(env.vault_file(), env.path("vault.away")).unwrap();
        symlink(env.path(name), env.vault_file()).unwrap();
        let get = env.call(&["get", "globex/mail"]).fails(5);
        get.says("another vault").hints("--accept-signer");
        env.call(&["verify"]).fails(5).says("another vault");
        env.call(&["add", "acme/secret"]).stdin("x").fails(5);
        fs::remove_file(env.vault_file()).unwrap();
        fs::rename(env.path("vault.away"), env.vault_file()).unwrap();
    }
    assert_eq!(env.secret("acme/wp"), "mine");
}

#[test]
fn a_place_is_known_however_its_folder_is_named() {
    let env = TestEnv::ready();
    let folder = PathBuf::from(env.path("place"));
    fs::create_dir_all(folder.join("sub")).unwrap();
    symlink(&folder, env.path("alias")).unwrap();
    let at = |vault: &str, args: &[&str]| env.call(&[&["--vault", vault][..], args].concat());
    at("place/vault.age", &["init", "--kdf", CHEAP]).ok();
    at("place/theirs.age", &["init", "--kdf", CHEAP]).ok();
    fs::rename(folder.join("vault.age"), folder.join("vault.away")).unwrap();
    symlink("theirs.age", folder.join("vault.age")).unwrap();
    for name in [
        "place/vault.age",
        "place/sub/../vault.age",
        "alias/vault.age",
    ] {
        at(name, &["list"]).fails(5).says("another vault");
        at(name, &["add", "acme/wp"]).stdin("x").fails(5);
    }
    at("place/theirs.age", &["list"]).ok();
}

#[test]
fn another_vault_in_a_folder_behind_a_link_is_refused_too() {
    let env = TestEnv::with(&[("acme/wp", "mine")]);
    let stranger = TestEnv::with(&[("globex/mail", "theirs")]);
    let theirs = PathBuf::from(env.path("theirs"));
    fs::create_dir(&theirs).unwrap();
    fs::copy(stranger.vault_file(), theirs.join("vault.age")).unwrap();
    fs::rename(env.data(), env.path("data.away")).unwrap();
    symlink(&theirs, env.data()).unwrap();
    env.call(&["get", "globex/mail"]).fails(5);
}

#[test]
fn the_same_vault_behind_a_link_is_the_same_vault() {
    let env = TestEnv::with(&[("acme/wp", "mine")]);
    let moved = env.path("moved.age");
    fs::rename(env.vault_file(), &moved).unwrap();
    symlink(&moved, env.vault_file()).unwrap();
    assert_eq!(env.secret("acme/wp"), "mine");
    env.add("acme/new", "x");
    assert!(fs::symlink_metadata(env.vault_file()).unwrap().is_symlink());
}

#[test]
fn a_folder_that_cannot_be_looked_through_is_no_empty_one() {
    let env = TestEnv::ready();
    grow(&env, 3);
    fs::set_permissions(folder(&env), mode(0o000)).unwrap();
    let run = |args: &str| {
        let script = format!("exec {}vault {args}", unprivileged());
        env.shell(&script).run()
    };
    let restore = run("restore 2 --yes");
    let backups = run("backups");
    let last = run("restore last.age --dry-run");
    fs::set_permissions(folder(&env), mode(0o700)).unwrap();
    failed(&restore, 1, "look through");
    failed(&backups, 1, "look through");
    assert_eq!(last.code, Some(0), "{last:?}");
}
