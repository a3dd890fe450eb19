//! `vault import` of `.env` files.

use crate::env::TestEnv;
use crate::import::{import, paths, show};

#[test]
fn each_variable_becomes_an_entry_that_gives_it_back() {
    let env = TestEnv::ready();
    let file = env.file(
        ".env",
        "\u{feff}# comment\r\n\r\nexport DB_URL=postgres://u:p@h/db?x=1 # trailing\r\n\
        SINGLE='a\\n$B'\r\nDOUBLE=\"a\\nb \\\"c\\\" \\$D ${E}\"\r\nYAML: 1\r\nSPACED = x y \r\n\
        EMPTY=\r\nMULTI=\"-----BEGIN\r\nKEY-----\"\r\nHASH=a#b\r\n",
    );
    let answer = env
        .call(&["import", &file, "--client", "acme", "--json"])
        .ok()
        .json();
    assert_eq!(
        (&answer["added"], &answer["skipped"]),
        (&7.into(), &1.into())
    );
    assert_eq!(answer["format"], "dotenv");
    let expected = [
        ("DB_URL", "postgres://u:p@h/db?x=1"),
        ("SINGLE", "a\\n$B"),
        ("DOUBLE", "a\nb \"c\" $D ${E}"),
        ("YAML", "1"),
        ("SPACED", "x y"),
        ("MULTI", "-----BEGIN\nKEY-----"),
        ("HASH", "a#b"),
    ];
    for (name, value) in expected {
        let path = format!("acme/{name}");
        assert_eq!(env.secret(&path), value, "{name}");
        assert_eq!(show(&env, &path)["env"], name);
    }
}

#[test]
fn without_a_client_they_go_to_imported() {
    let env = TestEnv::ready();
    import(&env, "A=1\nB=2\n");
    assert_eq!(paths(&env), ["imported/A", "imported/B"]);
}

#[test]
fn what_is_no_variable_is_told_by_its_line() {
    let env = TestEnv::ready();
    let file = env.file(".env", "A=1\nhunter2\nB=2\n");
    env.call(&["import", &file]).fails(2).hides("hunter2");
    let told = env.call(&["import", &file, "--format", "dotenv"]).ok();
    told.tells("row 2 not kept: it is no NAME=value")
        .hides("hunter2");
    let open = env.file("open", "A=\"hunter2\n");
    let refused = env.call(&["import", &open, "--format", "dotenv"]).fails(2);
    refused.says("row 1 is never closed").hides("hunter2");
}
