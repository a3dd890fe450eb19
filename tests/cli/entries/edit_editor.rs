//! `edit --editor`: an entry as a text in the user's editor, and where that text must not be.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::env::{PASSWORD, TestEnv, holds, mode, mode_of};
use crate::support::wait::wait_for;

const SECRET: &str = "canary-Zebra9-secret";
const PIN: &str = "canary-pin-27182818";

/// An entry with something of everything.
fn full() -> TestEnv {
    let env = TestEnv::full(SECRET);
    let pin = ["edit", "acme/wp", "--secret-field", "pin"];
    env.call(&pin).stdin(PIN).ok();
    env
}

/// An editor: a script that gets the file as `$1`.
fn editor(env: &TestEnv, script: &str) -> String {
    let path = env.file("the editor.sh", format!("#!/bin/bash\nset -e\n{script}\n"));
    fs::set_permissions(&path, mode(0o700)).unwrap();
    format!("'{path}'")
}

fn edit(env: &TestEnv, script: &str) -> crate::support::call::Success {
    let editor = editor(env, script);
    env.call(&["edit", "acme/wp", "--editor"])
        .var("EDITOR", editor)
        .ok()
}

fn show(env: &TestEnv) -> Value {
    env.call(&["show", "acme/wp", "--json"]).ok().json()
}

/// The folders of all edits that are open or were left, of this environment's processes or others.
fn leftovers() -> Vec<PathBuf> {
    let found = fs::read_dir("/dev/shm").into_iter().flatten();
    let paths = found.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.to_string_lossy().contains("vault-edit-"))
        .collect()
}

/// The place of the file, which the editor wrote down.
fn place(env: &TestEnv) -> PathBuf {
    fs::read_to_string(env.path("place")).unwrap().trim().into()
}

#[test]
fn lines_set_change_and_empty_fields() {
    let env = full();
    edit(
        &env,
        "sed -i -e 's/admin/root/' -e '/^notes/,/^and Al/d' -e 's/^id = .*/no = \"7\"/' \
        -e 's/^tags.*/tags = [\"new\"]/' -e 's/\"90d\"/\"1y\"/' \
        -e 's/^expires.*/expires = \"2098-01-01\"/' $1",
    )
    .prints("")
    .tells("changed acme/wp");
    let shown = show(&env);
    assert_eq!(shown["username"], "root");
    assert_eq!(shown["notes"], Value::Null);
    assert_eq!(shown["tags"], json!(["new"]));
    assert_eq!(shown["fields"], json!({"no": "7"}));
    assert_eq!(shown["rotate_every"], "P1Y");
    assert_eq!(shown["expires"], "2098-01-01T23:59:59Z");
    assert_eq!(shown["env"], "WP_PASSWORD", "what was left alone stays");
    assert_eq!(
        shown["urls"],
        json!(["https://one.example", "https://two.example"])
    );
    assert_eq!(env.secret("acme/wp"), SECRET);
}

#[test]
fn everything_but_secrets_can_be_emptied() {
    let env = full();
    edit(&env, "sed -n '/^secrets/p' $1 > $1.new; mv $1.new $1");
    let shown = show(&env);
    for key in ["username", "notes", "env", "expires", "rotate_every"] {
        assert_eq!(shown[key], Value::Null, "{key}");
    }
    assert_eq!(shown["urls"], json!([]));
    assert_eq!(shown["fields"], json!({}));
    assert_eq!(env.secret("acme/wp"), SECRET);
}

#[test]
fn an_unchanged_text_changes_nothing() {
    let env = full();
    let before = (env.snapshot(), env.generation());
    edit(&env, "touch $1").prints("").tells("nothing changed");
    edit(&env, "echo '# a comment' >> $1").tells("nothing changed");
    // An editor that leaves a window behind ends at once.
    edit(&env, "(sleep 1; echo late >> $1) 2>/dev/null &").tells("--wait");
    assert_eq!((env.snapshot(), env.generation()), before);
    let editor = editor(&env, "true");
    let call = env.call(&["edit", "acme/wp", "--editor", "--json"]);
    let answer = call.var("EDITOR", editor).ok().json();
    assert_eq!(answer["changed"], json!([]));
}

#[test]
fn the_text_is_private_and_holds_no_secret() {
    let env = full();
    edit(
        &env,
        "stat -c %a $1 > modes; stat -c %a $(dirname $1) >> modes; cp $1 copy; echo $1 > place; \
        stat -f -c %T $1 > filesystem; echo draft > $1~; env > variables",
    );
    assert_eq!(fs::read_to_string(env.path("modes")).unwrap(), "600\n700\n");
    assert_eq!(
        fs::read_to_string(env.path("filesystem")).unwrap(),
        "tmpfs\n"
    );
    let copy = fs::read(env.path("copy")).unwrap();
    assert!(holds(&copy, "admin") && holds(&copy, "pin"));
    assert!(!holds(&copy, SECRET) && !holds(&copy, PIN));
    let place = place(&env);
    assert!(
        !place.exists() && !place.parent().unwrap().exists(),
        "nothing is left"
    );
    assert!(fs::read_dir(env.tmp()).unwrap().next().is_none());
    let variables = fs::read_to_string(env.path("variables")).unwrap();
    assert!(!variables.contains("VAULT_PASSWORD"), "{variables}");
}

#[test]
fn with_secret_the_values_are_edited_and_the_reveal_is_logged() {
    let env = full();
    let editor = editor(
        &env,
        "cp $1 copy; sed -i 's/canary-Zebra9-secret/new one/; s/2718/3141/' $1",
    );
    let call = env.call(&["edit", "acme/wp", "--editor", "--with-secret"]);
    call.var("EDITOR", editor)
        .ok()
        .hides(SECRET)
        .hides("new one");
    assert!(holds(&fs::read(env.path("copy")).unwrap(), SECRET));
    assert_eq!(env.secret("acme/wp"), "new one");
    let pin = env.call(&["get", "-n", "acme/wp", "--field", "pin"]).ok();
    pin.prints("canary-pin-31412818");
    let old = env
        .call(&["get", "-n", "acme/wp", "--at-version", "1"])
        .ok();
    old.prints(SECRET);
    let log = env.call(&["log", "--json"]).ok().json();
    let reveals = log
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["action"] == "reveal");
    assert_eq!(reveals.count(), 5, "secret and pin, then three gets: {log}");
}

#[test]
fn a_hidden_field_goes_with_its_name_and_needs_a_value_to_come() {
    let env = full();
    edit(&env, "sed -i 's/\"pin\", //' $1");
    env.call(&["get", "acme/wp", "--field", "pin"]).fails(3);
    let editor = editor(
        &env,
        "sed -i 's/^secrets = .*/secrets = [\"secret\", \"puk\"]/' $1",
    );
    let call = env.call(&["edit", "acme/wp", "--editor"]);
    call.var("EDITOR", editor).fails(2).hints("--secret-field");
}

#[test]
fn the_entry_keeps_its_secret() {
    let env = full();
    let editor = editor(&env, "sed -i 's/^secrets = .*/secrets = [\"pin\"]/' $1");
    let call = env.call(&["edit", "acme/wp", "--editor"]);
    call.var("EDITOR", editor).fails(2).says("keeps its secret");
}

#[test]
fn a_text_that_cannot_be_kept_is_refused_by_its_line_without_its_content() {
    let env = full();
    let wrong = [
        "printf 'x\\n\\ncanary-typo\\n' > $1",
        "sed -i 's/^env.*/env = \"canary-typo\"/' $1",
        "sed -i 's/^tags/canary-typo/' $1",
        "sed -i 's/^expires.*/expires = \"2020-01-01\"/' $1",
        "printf '\\xff\\xfe' > $1",
    ];
    for script in wrong {
        let editor = editor(&env, script);
        let call = env
            .call(&["edit", "acme/wp", "--editor"])
            .var("EDITOR", editor);
        call.fails(2).hides("canary-typo");
    }
    let editor = editor(&env, "printf 'notes = \"a\"\\n\\nenv = 7\\n' > $1");
    let call = env
        .call(&["edit", "acme/wp", "--editor"])
        .var("EDITOR", editor);
    call.fails(2).says("line 3");
}

#[test]
fn an_editor_that_fails_changes_nothing() {
    let env = full();
    for script in ["sed -i s/admin/root/ $1; exit 3", "rm $1", "kill -9 $$"] {
        let editor = editor(&env, script);
        let call = env
            .call(&["edit", "acme/wp", "--editor"])
            .var("EDITOR", editor);
        call.fails(1);
    }
    for (value, code) in [("/no/such/editor", 1), ("'open quote", 2)] {
        let call = env
            .call(&["edit", "acme/wp", "--editor"])
            .var("EDITOR", value);
        call.fails(code).says("");
    }
    let huge = editor(&env, "truncate -s 20M $1");
    let call = env
        .call(&["edit", "acme/wp", "--editor"])
        .var("EDITOR", huge);
    call.fails(1).says("limit");
    assert_eq!(show(&env)["username"], "admin");
}

#[test]
fn without_a_terminal_vi_is_not_started() {
    let env = full();
    let reveals = env.call(&["log", "--json"]).ok().json();
    let args = ["edit", "acme/wp", "--editor", "--with-secret"];
    env.call(&args)
        .fails(9)
        .says("no terminal")
        .hints("VISUAL")
        .hides(SECRET);
    assert_eq!(env.call(&["log", "--json"]).ok().json(), reveals);
}

#[test]
fn visual_comes_first_and_arguments_are_passed_on() {
    let env = full();
    let editor = editor(&env, "[ \"$1\" = 'an argument' ]; sed -i s/admin/root/ $2");
    let call = env.call(&["edit", "acme/wp", "--editor"]);
    call.var("VISUAL", format!("{editor} \"an argument\""))
        .var("EDITOR", "false")
        .ok();
    assert_eq!(show(&env)["username"], "root");
}

#[test]
fn other_options_do_not_go_with_it() {
    let env = full();
    for options in [
        &["-u", "x"][..],
        &["--secret"],
        &["--unset", "notes"],
        &["--tag", "x"],
    ] {
        let args = [&["edit", "acme/wp", "--editor"], options].concat();
        env.call(&args).var("EDITOR", "true").fails(2);
    }
    env.call(&["edit", "acme/wp", "--with-secret"])
        .fails(2)
        .says("--editor");
    env.call(&["edit", "acme/nosuch", "--editor"])
        .var("EDITOR", "true")
        .fails(3);
}

#[test]
fn others_may_write_meanwhile_but_not_the_same() {
    let env = full();
    let other = "vault edit acme/wp --notes meanwhile";
    let password = env.password_file().display().to_string();
    let script = format!("VAULT_PASSWORD_FILE='{password}' {other}; sed -i s/admin/root/ $1");
    edit(&env, &script);
    let shown = show(&env);
    assert_eq!(
        (&shown["username"], &shown["notes"]),
        (&json!("root"), &json!("meanwhile"))
    );
    let script = format!(
        "VAULT_PASSWORD_FILE='{password}' vault edit acme/wp -u other; sed -i s/root/mine/ $1"
    );
    let editor = editor(&env, &script);
    let output = env
        .call(&["edit", "acme/wp", "--editor"])
        .var("EDITOR", editor)
        .run();
    assert_eq!(output.code, Some(7), "{output:?}");
    assert!(output.stderr.contains("username"), "{output:?}");
    assert_eq!(show(&env)["username"], "other");
}

#[test]
fn told_to_end_it_ends_the_editor_and_wipes_the_text() {
    for signal in ["TERM", "HUP"] {
        let env = full();
        let script =
            "echo $1 > $1.place; cp $1.place place.new; mv place.new place; sleep 100 & wait";
        let editor = editor(&env, script);
        let call = env.call(&["edit", "acme/wp", "--editor", "--with-secret"]);
        let mut child = call.var("EDITOR", editor).spawn();
        wait_for(Path::new(&env.path("place")));
        let place = place(&env);
        assert!(place.exists());
        let kill = ["-s", signal, &child.id().to_string()];
        assert!(Command::new("kill").args(kill).status().unwrap().success());
        let status = child.wait().unwrap();
        assert_eq!(status.code(), None, "it dies by the signal: {status}");
        assert!(
            !place.exists() && !place.parent().unwrap().exists(),
            "{signal}: it is wiped"
        );
    }
}

#[test]
fn what_a_killed_edit_has_left_is_swept_by_the_next_command_and_an_open_one_is_not() {
    let env = full();
    let script = "echo $1 > $1.place; cp $1.place place.new; mv place.new place; sleep 100 & wait";
    let editor = editor(&env, script);
    let open = || {
        let _ = fs::remove_file(env.path("place"));
        let call = env.call(&["edit", "acme/wp", "--editor", "--with-secret"]);
        let child = call.var("EDITOR", &editor).spawn();
        wait_for(Path::new(&env.path("place")));
        (child, place(&env))
    };
    let (mut killed, left) = open();
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(left.exists(), "nobody could wipe it");
    let (mut alive, edited) = open();
    assert!(!left.exists() && !left.parent().unwrap().exists());
    env.call(&["list"]).ok();
    assert!(edited.exists(), "it is still open");
    alive.kill().unwrap();
    alive.wait().unwrap();
    env.call(&["get", "acme/wp"]).ok();
    assert!(!edited.parent().unwrap().exists());
}

#[test]
fn ctrl_c_is_for_the_editor() {
    let env = full();
    let editor = editor(
        &env,
        "trap 'sed -i s/admin/root/ $1; exit 0' INT; echo ready; while :; do sleep 0.05; done",
    );
    let password = env.password_file().display().to_string();
    let mut terminal = env.terminal(&format!(
        "trap : INT; VAULT_PASSWORD_FILE='{password}' EDITOR=\"{editor}\" vault edit acme/wp --editor; echo exit=$?"
    ));
    terminal.sees("ready").presses('c').sees("exit=0").ends();
    assert_eq!(show(&env)["username"], "root");
}

#[test]
fn on_a_terminal_a_slip_is_edited_again_and_nothing_typed_is_lost() {
    let env = full();
    let script = "if [ -e slipped ]; then sed -i 's/^env = 7/env = \"ROOT\"/' $1; \
        else touch slipped; sed -i -e s/admin/root/ -e 's/^env.*/env = 7/' $1; fi";
    let editor = editor(&env, script);
    let mut terminal = env.terminal(&format!(
        "EDITOR=\"{editor}\" vault edit acme/wp --editor; echo exit=$?"
    ));
    terminal
        .sees(": ")
        .types(PASSWORD)
        .sees("line ")
        .sees("[Y/n] ")
        .types("");
    terminal.sees("changed acme/wp").sees("exit=0").ends();
    let shown = show(&env);
    assert_eq!(
        (&shown["username"], &shown["env"]),
        (&json!("root"), &json!("ROOT"))
    );
    fs::remove_file(env.path("slipped")).unwrap();
    let editor = crate::cli::entries::edit_editor::editor(&env, "printf 'env = 7' > $1");
    let mut terminal = env.terminal(&format!(
        "EDITOR=\"{editor}\" vault edit acme/wp --editor; echo exit=$?"
    ));
    terminal
        .sees(": ")
        .types(PASSWORD)
        .sees("[Y/n] ")
        .types("n")
        .sees("exit=2")
        .ends();
    assert_eq!(show(&env), shown);
}

#[test]
fn without_a_terminal_the_text_is_kept_and_its_place_told() {
    let env = full();
    let editor = editor(&env, "sed -i -e s/admin/root/ -e 's/^env.*/env = 7/' $1");
    let edit = |more: &[&str]| {
        let call = env.call(&[&["edit", "acme/wp", "--editor"], more].concat());
        call.var("EDITOR", editor.clone()).fails(2)
    };
    let refused = edit(&[]);
    let place = refused.hints("the text is kept in ").word("/");
    let place = Path::new(&place);
    assert!(fs::read_to_string(place).unwrap().contains("root"));
    assert_eq!(mode_of(place), 0o600);
    fs::remove_dir_all(place.parent().unwrap()).unwrap();
    // One with the values of secrets is not left behind.
    edit(&["--with-secret"]).hides("kept in");
}

#[test]
fn on_a_terminal_edit_alone_opens_the_editor_and_lets_choose() {
    let env = full();
    let editor = editor(&env, "sed -i s/admin/root/ $1");
    let file = env.password_file();
    let start = format!(
        "export VAULT_PASSWORD_FILE='{}' EDITOR=\"{editor}\"",
        file.display()
    );
    let mut terminal = env.terminal(&format!("{start}; vault edit acme/wp; echo exit=$?"));
    terminal.sees("changed acme/wp").sees("exit=0").ends();
    assert_eq!(show(&env)["username"], "root");
    env.call(&["edit", "acme/wp", "-u", "admin"]).ok();
    let mut terminal = env.terminal(&format!("{start}; vault edit; echo exit=$?"));
    terminal.sees("edit: ").types("").sees("changed acme/wp");
    terminal.sees("exit=0").ends();
    assert_eq!(show(&env)["username"], "root");
    // What is piped in was meant for an option.
    env.call(&["edit", "acme/wp"])
        .fails(2)
        .says("nothing to change");
    let piped = format!("{start}; echo x | vault edit acme/wp; echo exit=$?");
    let mut terminal = env.terminal(&piped);
    terminal.sees("nothing to change").sees("exit=2").ends();
}

#[test]
fn nothing_of_an_edit_is_left_on_disk_or_in_memory() {
    let env = full();
    edit(&env, "echo $1 > place; sed -i s/admin/root/ $1");
    let place = place(&env);
    assert!(!leftovers().contains(&place.parent().unwrap().to_path_buf()));
    fs::remove_file(env.path("the editor.sh")).unwrap();
    for (path, content) in &env.everything() {
        assert!(!holds(content, "ask Jo"), "{}", path.display());
    }
    let executable = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o111 != 0;
    assert!(!executable(&env.vault_file()));
}
