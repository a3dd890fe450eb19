//! `vault import` of a store of passage, encrypted here.

use std::fs;
use std::os::unix::fs::symlink;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;

use super::import::{paths, show};
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
