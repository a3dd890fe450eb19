//! Recovery identities are made, listed and taken away.

use std::fs;

use serde_json::json;

use crate::support::call::Call;
use crate::support::env::{TestEnv, has_keys, holds, mode_of};

const NEW: &str = "quartz-Lantern3-moose-drip";

fn by<'a>(env: &'a TestEnv, identity: &str, args: &[&str]) -> Call<'a> {
    env.call(&[&["--identity", identity], args].concat())
        .no_password()
}

/// The id of the only recovery identity.
fn only_id(env: &TestEnv) -> String {
    let list = env.call(&["recovery", "list", "--json"]).ok().json();
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    list[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_printed_opens_the_vault_and_is_kept_nowhere() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let added = env.call(&["recovery", "add"]).ok();
    added.shows("AGE-SECRET-KEY-1").tells("not shown again");
    let key = added.text().lines().last().unwrap().to_owned();
    assert_eq!(added.text().lines().count(), 3, "no code for a pipe");
    let kept = env.everything();
    assert!(!kept.values().any(|file| holds(file, &key)));
    env.file("recovery", added.text());
    by(&env, "recovery", &["get", "acme/wp"])
        .ok()
        .prints("hunter2\n");
    env.call(&["log"])
        .ok()
        .shows("recovery identity")
        .hides(&key);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_lost_password_is_replaced_with_it() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["recovery", "add", "--out", "recovery"])
        .ok()
        .prints("")
        .hides("AGE-SECRET-KEY");
    assert_eq!(mode_of(&env.work().join("recovery")), 0o600);
    env.file("new", NEW);
    let passwd = ["passwd", "--new-password-file", "new"];
    by(&env, "recovery", &passwd).ok();
    env.call(&["get", "acme/wp"]).fails(4);
    let get = env.call(&["get", "acme/wp"]).password(NEW);
    get.ok().prints("hunter2\n");
}

#[test]
fn one_that_was_taken_away_opens_old_files_only() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["recovery", "add", "--out", "one"]).ok();
    let id = only_id(&env);
    env.call(&["recovery", "add", "--out", "two"]).ok();
    fs::copy(env.vault_file(), env.path("old.age")).unwrap();
    let rm = env.call(&["recovery", "rm", &id[..4], "--yes", "--json"]);
    let done = rm.ok().json();
    assert_eq!(done["changed"], json!([id]));
    by(&env, "one", &["get", "acme/wp"]).fails(4).says("one");
    by(&env, "two", &["get", "acme/wp"]).ok();
    env.call(&["edit", "acme/wp", "--notes", "x"]).ok();
    by(&env, "one", &["get", "acme/wp"]).fails(4);
    let device = TestEnv::new();
    let old = env.path("old.age");
    let one = env.path("one");
    let get = ["--vault", &old, "--identity", &one, "get", "acme/wp"];
    device.call(&get).no_password().ok().prints("hunter2\n");
    env.call(&["log"]).ok().shows("remove  recovery identity");
}

#[test]
fn taking_one_away_asks_and_says_what_it_does_not_mend() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.call(&["recovery", "add", "--out", "one"]).ok();
    let id = only_id(&env);
    env.call(&["recovery", "rm", &id]).fails(9).hints("--yes");
    env.call(&["recovery", "rm", "beef"]).fails(3).hints("list");
    env.call(&["recovery", "rm", "xyz"]).fails(3).hints("list");
    env.call(&["recipient", "rm", &id, "--yes"])
        .fails(3)
        .hints("vault recovery rm");
    by(&env, "one", &["recovery", "rm", &id, "--yes"])
        .fails(4)
        .hints("passwd");
    let rm = env.call(&["recovery", "rm", &id, "--yes"]).ok();
    rm.tells("only the password")
        .tells("backups")
        .tells("vault id rotate")
        .tells("vault passwd --compromised");
    let list = env.call(&["recovery", "list"]).ok();
    list.prints("").tells("vault recovery add");
    env.call(&["recovery", "rm", &id, "--yes"]).fails(3);
    let mut terminal = env.terminal(&format!(
        "vault recovery add --out two --password-file {p}; \
         vault recovery rm $(vault recovery list --password-file {p} | cut -c-8) \
         --password-file {p}; echo \"exit=$?\"",
        p = env.password_file().display()
    ));
    terminal.sees("last way in").sees("[y/N]").types("n");
    terminal.sees("kept it").sees("exit=0").ends();
    only_id(&env);
}

#[test]
fn a_terminal_shows_the_key_and_a_code_to_scan() {
    let env = TestEnv::ready();
    let password = env.password_file();
    let script = format!(
        "vault recovery add --password-file {}; echo \"exit=$?\"",
        password.display()
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("exit=0");
    let screen = terminal.ends();
    assert!(screen.contains("AGE-SECRET-KEY-1"), "{screen}");
    for drawn in ["████", "▀", "▄"] {
        // The terminal's bytes, each as a character.
        let bytes: String = drawn.bytes().map(char::from).collect();
        assert!(screen.contains(&bytes), "no {drawn}: {screen}");
    }
}

#[test]
fn a_page_to_print_holds_what_is_needed_and_nothing_that_runs() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let vault = env.call(&["id", "--json"]).ok().json();
    let vault = vault["vault_id"].as_str().unwrap().to_owned();
    for name in ["sheet.html", "sheet.txt"] {
        let added = env.call(&["recovery", "add", "--sheet", name, "--json"]);
        let added = added.ok().json();
        assert_eq!(added["identity"], json!(null));
        assert_eq!(mode_of(&env.work().join(name)), 0o600);
        let page = fs::read_to_string(env.path(name)).unwrap();
        let recipient = added["recipient"].as_str().unwrap();
        for part in [&vault, recipient, "vault passwd --identity", "age -d -i"] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        assert!(!page.contains("<script") && !page.contains("src="));
        // As a person types it, with the groups' spaces.
        let lines = page.lines().map(|line| {
            line.trim_start_matches("<pre class=\"key\">")
                .trim_end_matches("</pre>")
        });
        let lines = lines.skip_while(|line| !line.starts_with("AGE-S"));
        let key: Vec<&str> = lines.take(4).collect();
        env.file("typed", key.join(" "));
        by(&env, "typed", &["get", "acme/wp"])
            .ok()
            .prints("hunter2\n");
    }
}

#[test]
fn nothing_is_added_where_its_file_cannot_be_written() {
    let env = TestEnv::ready();
    let taken = env.file("taken.txt", "something else");
    for option in ["--out", "--sheet"] {
        env.call(&["recovery", "add", option, "taken.txt"]).fails(7);
        env.call(&["recovery", "add", option, "no/folder/r.txt"])
            .fails(2);
    }
    env.call(&["recovery", "add", "--sheet", "page.pdf"])
        .fails(2)
        .hints(".html");
    let same = ["recovery", "add", "--out", "r.txt", "--sheet", "r.txt"];
    env.call(&same).fails(2);
    assert_eq!(fs::read_to_string(taken).unwrap(), "something else");
    let both = ["recovery", "add", "--out", "new", "--sheet", "taken.txt"];
    env.call(&both).fails(7);
    assert!(!env.work().join("new").exists());
    env.call(&["recovery", "list"]).ok().prints("");
}

#[test]
fn json_has_the_identity_only_where_no_file_has_it() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let added = env.call(&["recovery", "add", "--json"]).ok().json();
    env.file("key", added["identity"].as_str().unwrap());
    by(&env, "key", &["list"]).ok().prints("acme/wp\n");
    let list = env.call(&["recovery", "list", "--json"]).ok().json();
    has_keys(&list[0], &["id", "kind", "recipient", "added"]);
    assert_eq!(list[0]["kind"], "recovery");
    assert_eq!(list[0]["recipient"], added["recipient"]);
    assert_eq!(list[0]["id"], added["changed"][0]);
    let others = env.call(&["recipient", "list", "--json"]).ok().json();
    assert_eq!(others, json!([]));
}

#[test]
#[cfg(target_os = "linux")]
fn an_identity_that_could_not_be_shown_is_named_to_be_taken_away() {
    let env = TestEnv::ready();
    let output = env.shell("vault recovery add > /dev/full").run();
    assert_eq!(output.code, Some(1), "{output:?}");
    let id = only_id(&env);
    let hint = format!("vault recovery rm {}", &id[..8]);
    assert!(output.stderr.contains(&hint), "{output:?}");
}
