//! Keys of their owner's open the vault too: age's, SSH's, and those that plugins hold.

use std::fs;

use serde_json::json;

use crate::support::call::Call;
use crate::support::env::{CHEAP, TestEnv};
use crate::support::fake_plugin::{FakePlugin, IDENTITY, RECIPIENT};

const NEW: &str = "quartz-Lantern3-moose-drip";
/// Of a hardware key, as age's own tests have it.
const TAG: &str = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e";

/// Made by `ssh-keygen -t ed25519`.
const SSH: &str = include_str!("keys/id_ed25519");
const SSH_PUBLIC: &str = include_str!("keys/id_ed25519.pub");
/// The same with the passphrase `open-sesame`.
const SSH_ENCRYPTED: &str = include_str!("keys/id_ed25519_encrypted");
const RSA: &str = include_str!("keys/id_rsa");
const RSA_PUBLIC: &str = include_str!("keys/id_rsa.pub");

fn by<'a>(env: &'a TestEnv, identity: &str, args: &[&str]) -> Call<'a> {
    env.call(&[&["--identity", identity], args].concat())
        .no_password()
}

fn env() -> TestEnv {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.file("id", SSH);
    env.file("id.pub", SSH_PUBLIC);
    env.file("id_encrypted", SSH_ENCRYPTED);
    env.file("new", NEW);
    env
}

#[test]
fn an_ssh_key_opens_the_vault_for_reading_and_for_passwd() {
    let env = env();
    let add = ["recipient", "add", "id.pub", "--name", "laptop"];
    env.call(&add).ok().tells("--identity");
    by(&env, "id", &["get", "acme/wp"]).ok().prints("hunter2\n");
    by(&env, "id", &["add", "acme/db"])
        .stdin("x")
        .fails(4)
        .hints("passwd");
    let list = env.call(&["recipient", "list", "--json"]).ok().json();
    assert_eq!(list[0]["kind"], "ssh");
    assert_eq!(list[0]["name"], "laptop");
    let key: Vec<&str> = SSH_PUBLIC.split(' ').take(2).collect();
    assert_eq!(list[0]["recipient"], key.join(" "));
    env.call(&["recipient", "list"]).ok().shows("laptop");
    by(&env, "id", &["passwd", "--new-password-file", "new"]).ok();
    let get = env.call(&["get", "acme/wp"]).password(NEW);
    get.ok().prints("hunter2\n");
    by(&env, "id", &["list"]).ok();
}

#[test]
fn an_rsa_key_does_too() {
    let env = env();
    env.file("rsa", RSA);
    env.call(&["recipient", "add", RSA_PUBLIC.trim()]).ok();
    by(&env, "rsa", &["get", "acme/wp"])
        .ok()
        .prints("hunter2\n");
    by(&env, "id", &["get", "acme/wp"]).fails(4);
}

#[test]
fn an_age_key_does_too() {
    let env = env();
    let other = [
        "--vault",
        "other",
        "init",
        "--kdf",
        CHEAP,
        "--recovery",
        "age.key",
    ];
    env.call(&other).ok();
    let text = fs::read_to_string(env.path("age.key")).unwrap();
    let public = text.lines().find_map(|line| line.split("key: ").nth(1));
    env.call(&["recipient", "add", public.unwrap()]).ok();
    by(&env, "age.key", &["get", "acme/wp"]).ok();
    let list = env.call(&["recipient", "list", "--json"]).ok().json();
    assert_eq!(list[0]["kind"], "age");
}

#[test]
fn the_passphrase_of_an_ssh_key_is_asked_for_where_the_key_fits() {
    let env = env();
    let list = by(&env, "id_encrypted", &["list"]);
    list.fails(4).says("no way into the vault");
    env.call(&["recipient", "add", "id.pub"]).ok();
    by(&env, "id_encrypted", &["list"])
        .fails(9)
        .hints("terminal");
    let script = "vault get acme/wp --identity id_encrypted; echo \"exit=$?\"";
    let mut terminal = env.terminal(script);
    terminal
        .sees("Passphrase of id_encrypted: ")
        .types("open-sesame");
    let screen = terminal.sees("hunter2").sees("exit=0").ends();
    assert!(!screen.contains("open-sesame"));
    let mut terminal = env.terminal(script);
    terminal.sees("Passphrase of id_encrypted: ").types("shut");
    terminal.sees("wrong passphrase").sees("exit=4").ends();
}

#[test]
fn a_key_that_was_taken_away_opens_old_files_only() {
    let env = env();
    let add = ["recipient", "add", "id.pub", "--name", "laptop"];
    env.call(&add).ok();
    let list = env.call(&["recipient", "list", "--json"]).ok().json();
    let id = list[0]["id"].as_str().unwrap();
    env.call(&["recipient", "rm", "desktop", "--yes"])
        .fails(3)
        .hints("vault recipient list");
    fs::copy(env.vault_file(), env.path("old.age")).unwrap();
    env.call(&["recovery", "rm", id, "--yes"]).fails(3);
    let rm = env.call(&["recipient", "rm", "laptop", "--yes"]).ok();
    rm.tells("Old copies").tells("vault id rotate");
    by(&env, "id", &["list"]).fails(4);
    let device = TestEnv::new();
    let (old, key) = (env.path("old.age"), env.path("id"));
    let list = ["--vault", &old, "--identity", &key, "list"];
    device.call(&list).no_password().ok().prints("acme/wp\n");
    // It may come back.
    env.call(&["recipient", "add", "id.pub"]).ok();
    by(&env, "id", &["list"]).ok();
}

#[test]
fn what_is_no_public_key_is_refused_and_not_repeated() {
    let env = env();
    env.file("two.pub", format!("{SSH_PUBLIC}{RSA_PUBLIC}"));
    env.file("none.pub", "# nothing\n");
    env.call(&["recovery", "add", "--out", "recovery"]).ok();
    let ecdsa = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHwf2HMM5TRXvo2SQJjsNkiDD5KqiiNjrGVv3UUh+mMT5RHxiRtOnlqvjhQtBq0VpmpCV/PwUdhOig4vkbqAcEc=";
    for bad in [
        "id",
        "id_encrypted",
        "recovery",
        "two.pub",
        "none.pub",
        "nosuch.pub",
        "hunter2",
        "age1",
        ecdsa,
        &RECIPIENT.replace("k8q", "k9q"),
        "age1../x1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0s6rrtuv",
        "age1pq1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0sq5eur9",
        IDENTITY,
    ] {
        let refused = env.call(&["recipient", "add", bad]).fails(2);
        if bad == "hunter2" {
            refused.says("that is no key, and there is no file of that name");
        }
        refused
            .hides("hunter2")
            .hides("AGE-SECRET-KEY-1")
            .hides("AGE-PLUGIN-FAKE-1");
    }
}

#[test]
fn a_key_is_a_way_in_once_and_there_are_29_at_most() {
    let env = env();
    env.call(&["recipient", "add", "id.pub"]).ok();
    env.call(&["recipient", "add", SSH_PUBLIC.trim()])
        .fails(7)
        .says("already");
    for _ in 0..28 {
        env.call(&["recovery", "add", "--json"]).ok();
    }
    env.call(&["recovery", "add"])
        .fails(2)
        .says("29")
        .hints("rm");
    by(&env, "id", &["list"]).ok();
}

#[test]
fn keys_that_do_not_fit_the_header_are_refused() {
    let env = env();
    let mut outcome = None;
    for _ in 0..29 {
        let key = env.path("big");
        let _ = fs::remove_file(&key);
        let _ = fs::remove_file(format!("{key}.pub"));
        // The public halves need not have private ones.
        fs::write(format!("{key}.pub"), made_up_rsa_4096()).unwrap();
        let before = env.snapshot();
        let output = env.call(&["recipient", "add", "big.pub"]).run();
        if output.code != Some(0) {
            assert_eq!(env.snapshot(), before);
            outcome = Some(output);
            break;
        }
    }
    let output = outcome.expect("29 keys of 4096 bits take more than 16 KiB");
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("16384"), "{output:?}");
    env.call(&["list"]).ok();
}

/// A modulus that is no product of primes, which nobody looks at.
fn made_up_rsa_4096() -> String {
    use std::sync::atomic::{AtomicU8, Ordering};

    use base64::Engine;
    static COUNT: AtomicU8 = AtomicU8::new(0);
    let mut blob = Vec::new();
    let mut put = |bytes: &[u8]| {
        blob.extend_from_slice(&u32::try_from(bytes.len()).unwrap().to_be_bytes());
        blob.extend_from_slice(bytes);
    };
    put(b"ssh-rsa");
    put(&[1, 0, 1]);
    let mut modulus = vec![0xa5; 513];
    modulus[0] = 0;
    modulus[7] = COUNT.fetch_add(1, Ordering::Relaxed);
    put(&modulus);
    let blob = base64::engine::general_purpose::STANDARD.encode(blob);
    format!("ssh-rsa {blob}\n")
}

#[test]
fn a_hardware_key_of_the_native_kind_needs_no_plugin_for_changes() {
    let env = env();
    env.call(&["recipient", "add", TAG]).ok();
    env.call(&["edit", "acme/wp", "--notes", "x"]).ok();
    let header = fs::read(env.vault_file()).unwrap();
    let header = String::from_utf8_lossy(&header[..2000]).into_owned();
    assert!(header.contains("-> p256tag "), "{header}");
    let list = env.call(&["recipient", "list", "--json"]).ok().json();
    assert_eq!(list[0]["recipient"], TAG);
}

#[test]
fn a_plugin_wraps_at_each_change_and_unlocks() {
    let env = env();
    let plugin = FakePlugin::install(&env);
    let with = |args: &[&str]| {
        let call = env.call(args);
        call.var("PATH", plugin.path())
    };
    let add = ["recipient", "add", RECIPIENT];
    env.call(&add).fails(1).says("age-plugin-fake");
    with(&add).ok().tells("plugin");
    with(&["edit", "acme/wp", "--notes", "x"]).ok();
    let unlock = ["--identity", "fake.identity", "get", "acme/wp"];
    with(&unlock).no_password().ok().prints("hunter2\n");
    let list = env.call(&["recipient", "list", "--json"]).ok().json();
    assert_eq!(list[0]["kind"], "plugin");
    // It is given no password, and not the folder in which somebody happens to be.
    let seen = plugin.seen();
    assert!(seen.contains("--age-plugin=recipient-v1 in /\n"), "{seen}");
    assert!(!seen.contains("VAULT_PASSWORD"), "{seen}");
    let passwd = [
        "--identity",
        "fake.identity",
        "passwd",
        "--new-password-file",
        "new",
    ];
    with(&passwd).no_password().ok();
    with(&["get", "acme/wp"]).password(NEW).ok();
}

#[test]
fn without_its_plugin_a_vault_is_read_but_not_changed() {
    let env = env();
    let plugin = FakePlugin::install(&env);
    let add = ["recipient", "add", RECIPIENT];
    env.call(&add).var("PATH", plugin.path()).ok();
    env.call(&["get", "acme/wp"]).ok().prints("hunter2\n");
    env.call(&["edit", "acme/wp", "--notes", "x"])
        .fails(1)
        .says("age-plugin-fake")
        .hints("vault recipient list");
    env.call(&["add", "acme/db"])
        .fails(1)
        .says("age-plugin-fake");
    by(&env, "fake.identity", &["list"])
        .fails(1)
        .says("age-plugin-fake");
    // A program of that name in the current folder is not meant.
    fs::copy(
        env.home().join("plugins/age-plugin-fake"),
        env.path("age-plugin-fake"),
    )
    .unwrap();
    let path = format!(".::{}", std::env::var("PATH").unwrap());
    env.call(&["edit", "acme/wp", "--notes", "x"])
        .var("PATH", path)
        .fails(1);
    // Taken away, it is needed no more.
    let list = env.call(&["recipient", "list", "--json"]).ok().json();
    let id = list[0]["id"].as_str().unwrap();
    env.call(&["recipient", "rm", id, "--yes"]).ok();
    env.call(&["edit", "acme/wp", "--notes", "x"]).ok();
}

#[test]
fn a_plugin_that_misbehaves_changes_nothing() {
    let env = env();
    let plugin = FakePlugin::install(&env);
    let add = || {
        env.call(&["recipient", "add", RECIPIENT])
            .var("PATH", plugin.path())
    };
    for does in ["dies", "raves", "endless", "fails", "asks", "steals"] {
        plugin.that(does);
        add().fails(1).says("age-plugin-fake");
        plugin.no_longer(does);
    }
    plugin.that("labels");
    add().fails(2).says("postquantum");
    plugin.no_longer("labels");
    add().ok();
    let unlock = || by(&env, "fake.identity", &["list"]).var("PATH", plugin.path());
    for (does, code) in [
        ("dies", 1),
        ("raves", 1),
        ("endless", 1),
        ("fails", 4),
        ("asks", 9),
    ] {
        plugin.that(does);
        unlock().fails(code).says("age-plugin-fake");
        plugin.no_longer(does);
    }
    plugin.that("tells");
    unlock().ok().tells("age-plugin-fake: touch it");
}

#[test]
fn a_plugin_asks_for_its_pin_on_the_terminal() {
    let env = env();
    let plugin = FakePlugin::install(&env);
    let add = ["recipient", "add", RECIPIENT];
    env.call(&add).var("PATH", plugin.path()).ok();
    plugin.that("asks");
    let script = format!(
        "PATH={}:$PATH; vault get acme/wp --identity fake.identity; echo \"exit=$?\"",
        env.home().join("plugins").display()
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("age-plugin-fake: PIN: ").types("1234");
    let screen = terminal.sees("hunter2").sees("exit=0").ends();
    assert!(!screen.contains("1234"), "{screen}");
    let mut terminal = env.terminal(&script);
    terminal.sees("age-plugin-fake: PIN: ").types("4321");
    terminal.sees("wrong PIN").sees("exit=4").ends();
}

#[test]
fn an_identity_of_a_plugin_with_a_path_in_its_name_starts_nothing() {
    let env = env();
    let bad = "AGE-PLUGIN-../X-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SXYD52N";
    env.file("bad", bad);
    by(&env, "bad", &["list"])
        .fails(2)
        .says("line 1")
        .hides("QQQSYQ");
}

#[test]
fn the_ways_in_are_listed_apart() {
    let env = env();
    env.call(&["recovery", "add", "--out", "recovery"]).ok();
    env.call(&["recipient", "add", "id.pub"]).ok();
    let kinds = |command: &str| {
        let list = env.call(&[command, "list", "--json"]).ok().json();
        let kinds = list.as_array().unwrap().iter();
        json!(kinds.map(|way| way["kind"].clone()).collect::<Vec<_>>())
    };
    assert_eq!(kinds("recovery"), json!(["recovery"]));
    assert_eq!(kinds("recipient"), json!(["ssh"]));
}
