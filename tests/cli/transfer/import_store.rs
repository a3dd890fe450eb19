//! `vault import` of a store of passage, encrypted here.

use std::fs;
use std::os::unix::fs::symlink;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;

use super::import::{paths, show};
use crate::support::call::Call;
use crate::support::env::TestEnv;

/// A store with these files, and the file of its identity.
fn store(env: &TestEnv, files: &[(&str, &str)]) -> (String, String) {
    let identity = Identity::generate();
    let folder = env.work().join("store");
    for (name, text) in files {
        let path = folder.join(format!("{name}.age"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let sealed = age::encrypt(&identity.to_public(), text.as_bytes()).unwrap();
        fs::write(path, sealed).unwrap();
    }
    let key = env.file("identities", identity.to_string().expose_secret());
    (folder.to_str().unwrap().to_owned(), key)
}

#[test]
fn a_store_is_read_and_what_else_is_in_it_is_told() {
    let env = TestEnv::ready();
    let note = "Recovery codes:\n\n1111\n\n3333\nNote: call Jo";
    let (store, key) = store(
        &env,
        &[
            ("acme/wp", &format!("pw\n{note}\n")),
            ("acme/.env", "hidden file\n"),
        ],
    );
    symlink(
        format!("{store}/acme/wp.age"),
        format!("{store}/linked.age"),
    )
    .unwrap();
    fs::write(format!("{store}/README.md"), "x").unwrap();
    fs::write(format!("{store}/.age-recipients"), "x").unwrap();
    fs::create_dir(format!("{store}/.git")).unwrap();
    fs::write(format!("{store}/.git/x.age"), "x").unwrap();
    let import = ["import", &store, "--source-key-file", &key, "--json"];
    let answer = env.call(&import).ok().json();
    assert_eq!(
        (&answer["format"], &answer["added"]),
        (&"passage".into(), &2.into())
    );
    assert_eq!(paths(&env), ["acme/env", "acme/wp"]);
    assert_eq!(env.secret("acme/wp"), "pw");
    assert_eq!(show(&env, "acme/wp")["notes"], note);
    let told = answer["refused"].as_array().unwrap();
    assert_eq!(told.len(), 2, "{answer}");
    for (row, name) in told.iter().zip(["README.md", "linked.age: it is a link"]) {
        assert!(
            row["reason"].as_str().unwrap().starts_with(name),
            "{answer}"
        );
    }
}

#[test]
fn what_a_file_of_a_store_loses_is_told_by_its_name() {
    let env = TestEnv::ready();
    let (store, key) = store(
        &env,
        &[("acme/wp", "pw\notpauth://hotp/x?secret=x&counter=1\n")],
    );
    let import = ["import", &store, "--source-key-file", &key, "--json"];
    let answer = env.call(&import).ok().json();
    let reason = answer["refused"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("acme/wp: "), "{answer}");
}

#[test]
fn a_store_of_which_the_first_file_is_closed_is_read_all_the_same() {
    let env = TestEnv::ready();
    let (store, key) = store(&env, &[("acme/wp", "pw\n")]);
    let other = age::encrypt(&Identity::generate().to_public(), b"theirs").unwrap();
    fs::write(format!("{store}/acme/a.age"), other).unwrap();
    let import = ["import", &store, "--source-key-file", &key, "--json"];
    let answer = env.call(&import).ok().json();
    assert_eq!(answer["added"], 1, "{answer}");
    let told = answer["refused"][0]["reason"].as_str().unwrap();
    assert!(told.starts_with("acme/a: none of the keys"), "{answer}");
    // Where none opens it is no success, and one of them is named.
    fs::remove_file(format!("{store}/acme/wp.age")).unwrap();
    env.call(&import).fails(4).says("acme/a: none of the keys");
}

/// A `gpg` of which only `says` counts: it prints a password and exits 0.
fn fake_gpg(env: &TestEnv, says: &str) {
    let folder = env.home().join("bin");
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("gpg");
    let lines = says
        .split(' ')
        .map(|word| format!("echo '[GNUPG:] {word}' >&2\n"));
    let lines: String = lines.collect();
    fs::write(&program, format!("#!/bin/sh\n{lines}echo pw\n")).unwrap();
    fs::set_permissions(&program, crate::support::env::mode(0o755)).unwrap();
}

/// `vault import` of the folder `store`, with that `gpg`.
fn import_with_it(env: &TestEnv) -> Call<'_> {
    env.shell("export PATH=\"$HOME/bin:$PATH\"; vault import store --client acme")
}

#[test]
fn a_file_counts_where_gpg_says_that_it_is_decrypted_and_whole() {
    let env = TestEnv::ready();
    let store = env.work().join("store");
    fs::create_dir(&store).unwrap();
    fs::write(store.join("wp.gpg"), "x").unwrap();
    for says in [
        "",
        "PLAINTEXT",
        "BEGIN_DECRYPTION DECRYPTION_OKAY GOODMDC END_DECRYPTION",
        "BEGIN_DECRYPTION PLAINTEXT DECRYPTION_OKAY END_DECRYPTION",
        "PLAINTEXT BEGIN_DECRYPTION PLAINTEXT DECRYPTION_OKAY GOODMDC END_DECRYPTION",
        "BEGIN_DECRYPTION PLAINTEXT PLAINTEXT DECRYPTION_OKAY GOODMDC END_DECRYPTION",
    ] {
        fake_gpg(&env, says);
        import_with_it(&env).fails(1).says("wp: it is torn");
    }
    fake_gpg(
        &env,
        "ENC_TO BEGIN_DECRYPTION PLAINTEXT PLAINTEXT_LENGTH DECRYPTION_OKAY GOODMDC END_DECRYPTION",
    );
    import_with_it(&env).ok();
    assert_eq!(env.secret("acme/wp"), "pw");
}
