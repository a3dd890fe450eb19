//! `vault import` of `.env` files.

use super::import::{import, paths, show};
use crate::support::env::TestEnv;

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
    told.tells("row 2 not kept: there is no NAME=value")
        .hides("hunter2");
    let open = env.file("open", "A=\"hunter2\n");
    let refused = env.call(&["import", &open, "--format", "dotenv"]).fails(2);
    refused
        .says("line 1: a quote is never closed")
        .hides("hunter2");
}

#[test]
fn import_and_run_read_the_same_in_a_file() {
    let env = TestEnv::ready();
    let file = env.file(
        ".env",
        "\u{feff}A= # only a comment\r\nB=v\t# tab comment\r\nC=#FF0000\r\n\
        D=`a $B \\n \"c'`\r\nE: yaml\r\nF=\"two\r\nlines\"\r\nG=first\r\nG='second'\r\nexport H = x y #z\r\n",
    );
    let import = ["import", &file, "--client", "acme", "--json"];
    let answer = env.call(&import).ok().json();
    let skipped: Vec<_> = (0..2).map(|n| &answer["skipped_rows"][n]["row"]).collect();
    assert_eq!(
        skipped,
        [1, 8],
        "an empty value and one that is set again: {answer}"
    );
    for (name, value) in [
        ("B", "v"),
        ("C", "#FF0000"),
        ("D", "a $B \\n \"c'"),
        ("E", "yaml"),
        ("F", "two\nlines"),
        ("G", "second"),
        ("H", "x y"),
    ] {
        assert_eq!(env.secret(&format!("acme/{name}")), value, "{name}");
        for source in [["--env-file", &file], ["--client", "acme"]] {
            let print = ["run", source[0], source[1], "--", "printenv", name];
            env.call(&print).ok().prints(&format!("{value}\n"));
        }
    }
    env.call(&["run", "--env-file", &file, "--", "printenv", "A"])
        .ok()
        .prints("\n");
}
