//! `vault import` of the databases of `KeePass` itself. The two here were written by pykeepass, an
//! implementation of its own.

use crate::env::TestEnv;
use crate::import::{field, paths, show};

const AES: &[u8] = include_bytes!("kdbx/aes_argon2d.kdbx");
const CHACHA: &[u8] = include_bytes!("kdbx/chacha20_argon2id_key_file.kdbx");
const DATABASE_PASSWORD: &str = "plum-Trellis7";
const KEY_FILE: &str = "any bytes at all";

fn holds_what_was_put_in(env: &TestEnv) {
    assert_eq!(paths(env), ["Acme/other", "Acme/wp"]);
    assert_eq!(env.secret("Acme/wp"), "second");
    assert_eq!(env.secret("Acme/other"), "p\u{e9}");
    let first = ["get", "-n", "Acme/wp", "--at-version", "1"];
    env.call(&first).ok().prints("first");
    let wp = show(env, "Acme/wp");
    assert_eq!(
        (&wp["username"], &wp["notes"]),
        (&"ann".into(), &"n".into())
    );
    assert_eq!(wp["tags"], serde_json::json!(["web"]));
    assert_eq!(wp["fields"], serde_json::json!({"seen": "text"}));
    assert_eq!(field(env, "Acme/wp", "pin"), "1234");
    let detach = ["detach", "Acme/wp", "key.pem", "--out", "-"];
    env.call(&detach).ok().prints("PEM\n");
}

#[test]
fn a_database_is_opened_with_its_password() {
    let env = TestEnv::ready();
    let file = env.file("db.kdbx", AES);
    let password = env.file("db-password", DATABASE_PASSWORD);
    env.call(&["import", &file, "--source-password-file", &password])
        .ok();
    holds_what_was_put_in(&env);
}

#[test]
fn a_database_is_opened_with_its_password_and_its_key_file() {
    let env = TestEnv::ready();
    let file = env.file("db.kdbx", CHACHA);
    let password = env.file("db-password", DATABASE_PASSWORD);
    let key = env.file("db-key", KEY_FILE);
    let with_password = ["import", &file, "--source-password-file", &password];
    env.call(&with_password).fails(4).hides(DATABASE_PASSWORD);
    let with_both = [&with_password[..], &["--source-key-file", &key]].concat();
    env.call(&with_both).ok();
    holds_what_was_put_in(&env);
}

#[test]
fn a_wrong_password_and_no_password_are_told_apart() {
    let env = TestEnv::ready();
    let file = env.file("db.kdbx", AES);
    let wrong = env.file("wrong", "wrong");
    let refused = env
        .call(&["import", &file, "--source-password-file", &wrong])
        .fails(4);
    refused.says("does not open the database of KeePass");
    env.call(&["import", &file])
        .fails(9)
        .hints("--source-password-file");
    env.call(&["import", &file, "--source-password-file", "nowhere"])
        .fails(2);
}

#[test]
fn a_database_that_is_damaged_anywhere_is_refused() {
    let env = TestEnv::ready();
    let password = env.file("db-password", DATABASE_PASSWORD);
    for at in (8..AES.len()).step_by(97) {
        let mut damaged = AES.to_vec();
        damaged[at] ^= 1;
        let file = env.file("db.kdbx", &damaged);
        let call = ["import", &file, "--source-password-file", &password];
        let output = env.call(&call).run();
        assert!(matches!(output.code, Some(4 | 5)), "byte {at}: {output:?}");
    }
    for length in [12, 40, 300, AES.len() - 1] {
        let file = env.file("db.kdbx", &AES[..length]);
        let call = ["import", &file, "--source-password-file", &password];
        env.call(&call).fails(5).hints("export");
    }
}

#[test]
fn a_database_that_asks_for_too_much_is_refused_before_anything_is_derived() {
    let env = TestEnv::ready();
    let password = env.file("db-password", DATABASE_PASSWORD);
    // The number behind the name M, its type and both lengths: bytes of memory.
    let name = [1, 0, 0, 0, b'M', 8, 0, 0, 0];
    let at = AES
        .windows(name.len())
        .position(|bytes| bytes == name)
        .unwrap()
        + name.len();
    let mut greedy = AES.to_vec();
    greedy[at..at + 8].copy_from_slice(&(1_u64 << 43).to_le_bytes());
    let file = env.file("db.kdbx", greedy);
    let refused = env
        .call(&["import", &file, "--source-password-file", &password])
        .fails(5);
    refused.says("more memory or time");
}
