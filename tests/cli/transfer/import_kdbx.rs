//! `vault import` of the databases of `KeePass` itself. The two here were written by pykeepass, an
//! implementation of its own.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::import::{field, paths, show};
use crate::support::env::TestEnv;

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
    let detach = ["get", "Acme/wp", "--file", "key.pem"];
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

#[test]
fn a_key_file_of_any_kind_opens_a_database() {
    let env = TestEnv::ready();
    let key = Sha256::digest(KEY_FILE);
    let digits = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut digits, byte| {
            write!(digits, "{byte:02X}").unwrap();
            digits
        })
    };
    let hex = digits(&key);
    let hash = digits(&Sha256::digest(key)[..4]);
    let xml = |version: &str, data: &str| {
        format!(
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<KeyFile><Key>{data}</Key>\
            <Meta><Version>{version}</Version></Meta></KeyFile>"
        )
    };
    let (first, second) = hex.split_at(32);
    let files: [(&str, Vec<u8>); 6] = [
        ("bytes", key.to_vec()),
        ("hex", hex.clone().into_bytes()),
        ("hashed", KEY_FILE.into()),
        (
            "xml-1",
            xml("1.00", &format!("<Data>{}</Data>", STANDARD.encode(key))).into(),
        ),
        (
            "xml-2",
            xml(
                "2.0",
                &format!("<Data Hash=\"{hash}\">\n\t{first}\n\t{second}\n</Data>"),
            )
            .into(),
        ),
        (
            "xml-2-without-hash",
            xml("2.0", &format!("<Data>{hex}</Data>")).into(),
        ),
    ];
    let file = env.file("db.kdbx", CHACHA);
    let password = env.file("db-password", DATABASE_PASSWORD);
    let open = |content: &[u8]| {
        let key = env.file("db-key", content);
        let call = [
            "import",
            &file,
            "--dry-run",
            "--source-password-file",
            &password,
        ];
        env.call(&[&call[..], &["--source-key-file", &key]].concat())
    };
    for (kind, content) in files {
        let opened = open(&content).run();
        assert_eq!(opened.code, Some(0), "{kind}: {opened:?}");
    }
    let wrong = xml("2.0", &format!("<Data Hash=\"00000000\">{hex}</Data>"));
    open(wrong.as_bytes())
        .fails(5)
        .says("key file")
        .says("damaged");
    let unknown = xml("3.0", &format!("<Data>{hex}</Data>"));
    open(unknown.as_bytes()).fails(6).says("version");
}

#[test]
fn databases_of_other_versions_are_named() {
    let env = TestEnv::ready();
    let refused = |start: &[u8], says: &str| {
        let file = env.file("db", [start, &[0; 64][..]].concat());
        let password = env.file("db-password", "x");
        env.call(&["import", &file, "--source-password-file", &password])
            .fails(6)
            .says(says);
    };
    refused(b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5", "KeePass 1");
    refused(b"\x03\xd9\xa2\x9a\x66\xfb\x4b\xb5", "KDBX 2");
    refused(b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5\0\0\x02\0", "version 2");
    refused(b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5\0\0\x05\0", "version 5");
}
