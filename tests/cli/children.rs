//! Programs that are started have a clean table of descriptors and no password in their
//! environment: whatever this process was started with ends here, but for what `run` becomes.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::env::TestEnv;

/// A program in a folder of its own that notes which descriptors above the standard streams it
/// has, and which variables of passwords, and then does `then`.
fn spy(env: &TestEnv, name: &str, then: &str) -> String {
    let folder = env.home().join("bin");
    fs::create_dir_all(&folder).unwrap();
    let seen = env.path("seen");
    let password = env.password_file().display().to_string();
    let script = format!(
        "#!/bin/bash\ntouch '{seen}.started'\nfor n in /proc/$$/fd/*; do readlink \"$n\"; done | grep -F '{password}' \
         >> '{seen}'\nenv | grep VAULT_PASSWORD >> '{seen}'\n{then}\n"
    );
    let file = folder.join(name);
    fs::write(&file, script).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(&seen, "").unwrap();
    file.display().to_string()
}

fn seen(env: &TestEnv) -> String {
    assert!(fs::exists(env.path("seen.started")).unwrap());
    fs::read_to_string(env.path("seen")).unwrap()
}

/// `vault ARGS` with the password on descriptor 7 and other files open on 8 and 9.
fn with_descriptors(env: &TestEnv, args: &str, before: &str) -> String {
    let file = env.password_file();
    let file = file.display();
    format!(
        "export PATH=\"$HOME/bin:$PATH\"; {before} exec 7<'{file}' 8<'{file}' 9<'{file}'; vault --password-fd 7 {args}"
    )
}

#[test]
fn an_editor_has_none_of_our_descriptors() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    spy(&env, "editor", "exit 0");
    let script = with_descriptors(&env, "edit acme/wp --editor", "export EDITOR=editor;");
    env.shell(&script).no_password().ok();
    assert_eq!(seen(&env), "");
}

#[test]
fn a_program_that_changes_a_secret_has_none_of_our_descriptors() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let program = spy(&env, "change", "cat > /dev/null");
    let script = with_descriptors(&env, &format!("rotate acme/wp --exec '{program}'"), "");
    env.shell(&script).no_password().ok();
    assert_eq!(seen(&env), "");
}

#[test]
fn gpg_has_none_of_our_descriptors() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    spy(&env, "gpg", "cat; exit 0");
    let args = "export --format pass --gpg-recipient kim --out store";
    let script = with_descriptors(&env, args, "");
    env.shell(&script).no_password().ok();
    assert_eq!(seen(&env), "");
}

#[test]
fn a_pager_has_none_of_our_descriptors() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    spy(&env, "pages", "cat > /dev/null");
    let file = env.password_file().display().to_string();
    let before = format!("export PAGER=pages VAULT_PASSWORD_FILE='{file}';");
    let script = with_descriptors(&env, "log; echo \"exit=$?\"", &before);
    env.terminal(&script).sees("exit=0").ends();
    assert_eq!(seen(&env), "");
}

#[test]
fn a_clipboards_program_has_none_of_our_descriptors() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    // What is copied, and what is there when the time comes to clear it.
    let board = env.path("board");
    let then = format!("case \"$*\" in *-out*) cat '{board}';; *) cat > '{board}';; esac");
    spy(&env, "xclip", &then);
    let file = env.password_file().display().to_string();
    for clear in ["never", "1s"] {
        let before = format!("export DISPLAY=:77 VAULT_PASSWORD_FILE='{file}';");
        let args = format!("get acme/wp --clip --clear-after {clear}");
        let script = with_descriptors(&env, &args, &before);
        env.shell(&script).no_password().ok();
        assert_eq!(fs::read_to_string(&board).unwrap(), "x");
    }
    // The process that clears it starts the program too.
    let start = std::time::Instant::now();
    while fs::read_to_string(&board).unwrap() == "x" {
        assert!(
            start.elapsed() < crate::support::env::TIMEOUT,
            "it is never cleared"
        );
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(seen(&env), "");
}

#[test]
fn a_plugin_has_none_of_our_descriptors() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    spy(&env, "age-plugin-fake", "exit 1");
    let args = format!("recipient add {}", crate::support::fake_plugin::RECIPIENT);
    let script = with_descriptors(&env, &args, "");
    env.shell(&script).no_password().fails(1);
    assert_eq!(seen(&env), "");
}

#[test]
fn a_password_command_has_none_of_our_descriptors() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let file = env.password_file();
    let command = spy(&env, "tell", &format!("cat '{}'", file.display()));
    let script = format!(
        "exec 8<'{0}' 9<'{0}'; vault passwd --new-password-fd 8 --kdf {1}",
        file.display(),
        crate::support::env::CHEAP
    );
    env.shell(&script)
        .no_password()
        .var("VAULT_PASSWORD_COMMAND", command)
        .ok();
    assert_eq!(seen(&env), "");
}

#[test]
fn what_run_becomes_has_what_it_was_given_but_no_password() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let file = env.password_file();
    let file = file.display();
    env.file("seven", "seven");
    let looks = "for n in 5 6 7; do cat /dev/fd/$n 2>/dev/null && echo; done";
    let script = format!(
        "exec 5< <(printf five) 6<'{file}' 7<seven; \
         vault --password-file /dev/fd/6 run --env X=vault://acme/wp -- sh -c '{looks}'"
    );
    env.shell(&script)
        .no_password()
        .ok()
        .prints("five\nseven\n");
}

#[test]
fn two_passwords_come_from_one_descriptor_line_by_line() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let old = fs::read_to_string(env.password_file()).unwrap();
    let new = "another-Trellis7-okapi-vend";
    let both = env.file("both", format!("{}\n{new}\n", old.trim_end()));
    let script = format!(
        "vault passwd --password-fd 3 --new-password-fd 3 --kdf {} 3<{both}",
        crate::support::env::CHEAP
    );
    env.shell(&script).no_password().ok();
    env.call(&["get", "acme/wp"])
        .password(new)
        .ok()
        .prints("x\n");
}

#[test]
fn a_password_command_has_ended_when_it_has_whoever_holds_its_pipe() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let password = fs::read_to_string(env.password_file()).unwrap();
    let password = password.trim_end();
    // A call that waited for it would be ended as one that hangs.
    let sleeper = "sleep 600 2> /dev/null & echo $! >> sleepers";
    let command = format!("{sleeper}; echo '{password}'");
    env.call(&["get", "acme/wp"])
        .no_password()
        .var("VAULT_PASSWORD_COMMAND", command)
        .ok()
        .prints("x\n");
    // What has not printed by its end has printed nothing.
    env.call(&["get", "acme/wp"])
        .no_password()
        .var("VAULT_PASSWORD_COMMAND", sleeper)
        .fails(2)
        .says("is empty");
    env.shell("kill $(cat sleepers)").ok();
}
