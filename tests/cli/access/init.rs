//! `init` makes a vault, where it is told to, and never overwrites one.

use std::fs;
use std::path::Path;

use crate::support::env::{CHEAP, TestEnv, mode, mode_of};

#[test]
fn a_new_vault_is_private_and_empty() {
    let env = TestEnv::new();
    env.call(&["init", "--kdf", CHEAP])
        .ok()
        .prints("")
        .tells("vault.age");
    assert_eq!(mode_of(&env.vault_file()), 0o600);
    assert_eq!(mode_of(&env.data()), 0o700);
    let file = fs::read(env.vault_file()).unwrap();
    assert!(file.starts_with(b"age-encryption.org/v1\n-> vault-argon2id "));
    env.call(&["list"]).ok().prints("");
    assert_eq!(env.generation(), 1);
}

#[test]
fn the_default_cost_is_that_of_rfc_9106() {
    let env = TestEnv::new();
    env.call(&["init"]).ok();
    let file = fs::read(env.vault_file()).unwrap();
    let header = String::from_utf8_lossy(&file[..200]).into_owned();
    let stanza = header.lines().nth(1).unwrap();
    assert!(stanza.contains(" 65536 3 4 - "), "{stanza}");
}

#[test]
fn init_in_json_says_what_changed() {
    let env = TestEnv::new();
    let made = env.call(&["init", "--kdf", CHEAP, "--json"]).ok().json();
    assert_eq!(made["ok"], true);
    assert!(
        made["changed"].is_array() && made["warnings"].is_array(),
        "{made}"
    );
}

#[test]
fn an_existing_vault_is_never_overwritten() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.call(&["init", "--kdf", CHEAP])
        .fails(7)
        .says("vault.age");
    assert_eq!(env.secret("acme/wp"), "x");
}

#[test]
fn no_other_file_is_overwritten_either() {
    let env = TestEnv::new();
    let path = env.file("thesis.txt", "years of work");
    env.call(&["--vault", &path, "init", "--kdf", CHEAP])
        .fails(7);
    assert_eq!(fs::read_to_string(path).unwrap(), "years of work");
}

#[test]
fn the_vault_lies_where_it_is_told_to() {
    let env = TestEnv::new();
    let (one, two) = (env.path("one.age"), env.path("two.age"));
    env.call(&["--vault", &one, "init", "--kdf", CHEAP]).ok();
    env.call(&["init", "--kdf", CHEAP])
        .var("VAULT_FILE", &two)
        .ok();
    env.call(&["add", "acme/one", "--vault", &one])
        .stdin("1")
        .ok();
    env.call(&["add", "acme/two"])
        .var("VAULT_FILE", &two)
        .stdin("2")
        .ok();
    // The option goes before the variable.
    env.call(&["list", "--vault", &one])
        .var("VAULT_FILE", &two)
        .ok()
        .prints("acme/one\n");
    env.call(&["list"])
        .var("VAULT_FILE", &two)
        .ok()
        .prints("acme/two\n");
    env.call(&["list"])
        .var("VAULT_FILE", "two.age")
        .ok()
        .prints("acme/two\n");
    assert!(!env.data().exists());
}

#[test]
fn a_weak_password_is_refused_unless_allowed() {
    let env = TestEnv::new();
    let weak = |options: &[&str]| {
        env.call(&[&["init", "--kdf", CHEAP], options].concat())
            .password("password1")
    };
    weak(&[]).fails(6).hides("password1").hints("--allow-weak");
    assert!(!env.vault_file().exists());
    weak(&["--allow-weak"]).ok();
    env.call(&["list"]).password("password1").ok();
}

#[test]
fn parameters_under_the_floor_or_over_the_ceiling_are_refused() {
    let env = TestEnv::new();
    let bad = [
        "m=7MiB,t=5,p=1",
        "m=6MiB,t=64,p=1",
        "m=19456,t=1,p=1",
        "m=19455,t=2,p=1",
        "m=3GiB,t=1,p=4",
        "m=64MiB,t=65,p=4",
        "m=64MiB,t=3,p=17",
        "m=2GiB,t=9,p=4",
    ];
    for kdf in bad {
        env.call(&["init", "--kdf", kdf]).fails(6);
        assert!(!env.vault_file().exists(), "{kdf}");
    }
    for kdf in ["", "m=", "m=lots", "t=0", "x=1", "m=64MB"] {
        env.call(&["init", "--kdf", kdf]).fails(2);
    }
}

#[test]
fn without_a_password_there_is_no_vault() {
    let env = TestEnv::new();
    let call = env.call(&["init", "--kdf", CHEAP]).no_password();
    call.fails(9).hints("--password-file");
    assert!(!env.vault_file().exists());
}

#[test]
fn a_key_file_is_needed_from_then_on() {
    let env = TestEnv::new();
    env.file("key", [7, 0, 255, 10]);
    env.file("other", [8]);
    let init = ["init", "--kdf", CHEAP, "--key-file", "key"];
    env.call(&init).ok();
    let get = |options: &[&str]| env.call(&[&["get", "acme/wp"], options].concat());
    env.call(&["add", "acme/wp", "--key-file", "key"])
        .stdin("x")
        .ok();
    get(&["--key-file", "key"]).ok().prints("x\n");
    get(&[])
        .var("VAULT_KEY_FILE", env.path("key"))
        .ok()
        .prints("x\n");
    get(&[]).fails(4).hints("--key-file");
    get(&["--key-file", "other"]).fails(4);
    get(&["--key-file", "nosuch"]).fails(2).says("nosuch");
}

#[test]
fn a_new_key_file_is_made_and_never_over_another() {
    let env = TestEnv::new();
    let init = ["init", "--kdf", CHEAP, "--new-key-file", "key"];
    env.call(&init).ok().tells("without it").tells("--key-file");
    assert_eq!(fs::read(env.path("key")).unwrap().len(), 32);
    assert_eq!(mode_of(Path::new(&env.path("key"))), 0o600);
    env.call(&["list"]).fails(4).hints("--key-file");
    env.call(&["list", "--key-file", "key"]).ok();
    // Another vault does not get its key file from there.
    let key = fs::read(env.path("key")).unwrap();
    let other = ["--vault", "other.age"];
    env.call(&[&other[..], &init].concat()).fails(7).says("key");
    assert_eq!(fs::read(env.path("key")).unwrap(), key);
    let missing = ["init", "--kdf", CHEAP, "--new-key-file", "no/such"];
    env.call(&[&other[..], &missing].concat()).fails(2);
    let both = [&other[..], &init, &["--key-file", "nosuch"]].concat();
    env.call(&both).fails(2);
    assert!(!Path::new(&env.path("other.age")).exists());
}

#[test]
fn a_key_file_has_to_exist_before_the_vault() {
    let env = TestEnv::new();
    let init = ["init", "--kdf", CHEAP, "--key-file", "nosuch"];
    env.call(&init).fails(2).says("nosuch");
    assert!(!env.vault_file().exists());
}

#[test]
fn a_folder_that_cannot_be_made_is_a_failure() {
    let env = TestEnv::new();
    env.file("plain", "");
    let data = env.path("plain");
    let output = env.call(&["init", "--kdf", CHEAP]);
    output.var("XDG_DATA_HOME", &data).fails(1).says("plain");
}

#[test]
fn a_folder_that_was_named_is_not_made() {
    let env = TestEnv::new();
    for named in ["nosuch/v.age", "no/such/v.age"] {
        env.call(&["--vault", named, "init", "--kdf", CHEAP])
            .fails(2)
            .says("there is no folder no")
            .hints("make the folder first");
    }
    assert!(!env.work().join("nosuch").exists());
}

#[test]
fn every_change_keeps_the_generation_before_it() {
    let env = TestEnv::ready();
    let first = fs::read(env.vault_file()).unwrap();
    env.add("acme/wp", "x");
    let backups = env.data().join("vault.age.backups");
    let files: Vec<_> = fs::read_dir(&backups)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(fs::read(&files[0]).unwrap(), first);
    let name = files[0].file_name().unwrap().to_str().unwrap();
    let hash = name
        .strip_prefix("1-")
        .and_then(|rest| rest.strip_suffix(".age"));
    let hash = hash.unwrap_or_else(|| panic!("{name}"));
    assert!(
        hash.len() == 8 && u32::from_str_radix(hash, 16).is_ok(),
        "{name}"
    );
    assert_eq!(mode_of(&backups), 0o700);
    assert_eq!(mode_of(&files[0]), 0o600);
}

#[test]
fn a_file_that_asks_for_more_than_the_limit_is_not_tried() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let limited = ["get", "acme/wp", "--kdf-limit", "m=1MiB"];
    // Before anything is asked: no password is at hand.
    let failure = env.call(&limited).no_password().fails(5);
    failure.says("7MiB").says("1MiB").hints("--kdf-limit");
    let raised = ["get", "acme/wp", "--kdf-limit", "m=8GiB,t=100"];
    env.call(&raised).ok().prints("x\n");
    env.call(&["get", "acme/wp", "--kdf-limit", "lots"])
        .fails(2);
}

#[test]
fn a_vault_behind_a_symlink_is_replaced_at_its_real_place() {
    let env = TestEnv::new();
    let real = env.path("real.age");
    env.call(&["--vault", &real, "init", "--kdf", CHEAP]).ok();
    std::os::unix::fs::symlink("real.age", env.path("link.age")).unwrap();
    env.call(&["--vault", "link.age", "add", "acme/wp"])
        .stdin("x")
        .ok();
    assert!(
        fs::symlink_metadata(env.path("link.age"))
            .unwrap()
            .is_symlink()
    );
    env.call(&["--vault", &real, "get", "acme/wp"])
        .ok()
        .prints("x\n");
}

#[test]
fn a_file_left_open_to_others_is_private_again_after_a_change() {
    let env = TestEnv::ready();
    fs::set_permissions(env.vault_file(), mode(0o644)).unwrap();
    env.add("acme/wp", "x");
    assert_eq!(mode_of(&env.vault_file()), 0o600);
    assert_eq!(env.secret("acme/wp"), "x");
    assert_eq!(env.generation(), 2);
}

#[test]
fn a_vault_that_is_missing_is_made_where_it_was_named() {
    let env = TestEnv::new();
    env.call(&["--vault", "work.age", "list"])
        .fails(3)
        .hints("vault --vault work.age init");
}

#[test]
fn a_link_that_leads_nowhere_is_named_with_its_target() {
    let env = TestEnv::new();
    std::os::unix::fs::symlink("gone/vault.age", env.path("link.age")).unwrap();
    for command in ["list", "init", "verify"] {
        env.call(&["--vault", "link.age", command])
            .fails(3)
            .says("gone/vault.age")
            .hints("remove the link");
    }
}
