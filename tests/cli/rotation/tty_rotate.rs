//! Rotation on a real terminal: a new secret counts when a person says that the site has it.

use std::thread::sleep;
use std::time::Duration;

use crate::cli::sharing::share::{consented, share};
use crate::support::env::{PASSWORD, TestEnv};
use crate::support::terminal::Terminal;

/// Runs a script in which the vault opens without asking.
fn on_terminal(env: &TestEnv, script: &str) -> Terminal {
    let file = env.password_file();
    let export = format!("export VAULT_PASSWORD_FILE='{}'", file.display());
    env.terminal(&format!("{export}; {script}; echo \"exit=$?\""))
}

fn wp() -> TestEnv {
    TestEnv::with(&[("acme/wp", "first")])
}

#[test]
fn a_generated_secret_is_shown_and_counts_when_the_site_has_it() {
    let env = wp();
    let generate = "vault rotate acme/wp --generate --words 5 --separator .";
    let mut terminal = on_terminal(&env, generate);
    terminal.sees("changed on the site? [y/N] ");
    // Whatever happens to the terminal now, the secret is safe.
    let pending = env.call(&["get", "-n", "acme/wp", "--pending"]).ok();
    assert_eq!(env.secret("acme/wp"), "first");
    terminal.types("y").sees("rotated acme/wp").sees("exit=0");
    assert!(terminal.ends().contains(pending.text()));
    assert_eq!(env.secret("acme/wp"), pending.text());
}

#[test]
fn no_leaves_it_pending_and_says_how_it_goes_on() {
    let env = wp();
    for (answer, number) in [("n", 2), ("", 3)] {
        let mut terminal = on_terminal(&env, "vault rotate acme/wp --generate");
        terminal.sees("[y/N] ").types(answer).sees("is pending");
        terminal
            .sees("--confirm")
            .sees("--abort")
            .sees("exit=0")
            .ends();
        assert_eq!(env.secret("acme/wp"), "first");
        let pending = env.call(&["get", "acme/wp", "--pending", "--json"]).ok();
        assert_eq!(pending.json()["version"], number);
        env.call(&["rotate", "acme/wp", "--abort"]).ok();
    }
}

#[test]
fn the_end_of_input_and_an_interrupt_leave_it_pending() {
    for (key, exit) in [('d', "exit=0"), ('c', "exit=130")] {
        let env = wp();
        let mut terminal = on_terminal(&env, "trap : INT; vault rotate acme/wp --generate");
        terminal.sees("[y/N] ").presses(key).sees(exit).ends();
        assert_eq!(env.secret("acme/wp"), "first");
        env.call(&["get", "acme/wp", "--pending"]).ok();
    }
}

#[test]
fn a_typed_secret_is_asked_for_once_and_not_shown() {
    let env = wp();
    let mut terminal = on_terminal(&env, "vault rotate acme/wp");
    terminal.sees("New secret of acme/wp: ").types("s3cond");
    terminal.sees("[y/N] ").types("y").sees("exit=0");
    assert!(!terminal.ends().contains("s3cond"));
    assert_eq!(env.secret("acme/wp"), "s3cond");
    let mut terminal = on_terminal(&env, "vault rotate acme/wp --begin");
    terminal
        .sees(": ")
        .types("th1rd")
        .sees("--confirm")
        .sees("exit=0");
    assert!(!terminal.ends().contains("th1rd"));
    assert_eq!(env.secret("acme/wp"), "s3cond");
}

#[test]
fn a_piped_secret_is_asked_about_and_not_shown() {
    let env = wp();
    let mut terminal = on_terminal(&env, "printf s3cond | vault rotate acme/wp --stdin");
    terminal.sees("[y/N] ").types("n").sees("exit=0");
    // The script is not echoed: what is on the screen came from the program.
    assert!(!terminal.ends().contains("s3cond"));
    assert_eq!(env.secret("acme/wp"), "first");
}

#[test]
fn no_input_and_begin_do_not_ask() {
    let env = wp();
    let script = "vault --no-input rotate acme/wp --generate && \
                  vault rotate acme/wp --begin --generate > begun && \
                  vault rotate acme/wp --confirm";
    let mut terminal = on_terminal(&env, script);
    terminal.sees("version 2 is current");
    terminal.sees("version 3 is current").sees("exit=0");
    assert!(!terminal.ends().contains("[y/N]"));
    let begun = std::fs::read_to_string(env.path("begun")).unwrap();
    env.call(&["get", "acme/wp"]).ok().prints(&begun);
}

#[test]
fn the_master_password_is_typed_once() {
    let env = wp();
    let mut terminal = env.terminal("vault rotate acme/wp --generate; echo \"exit=$?\"");
    terminal.sees("assword").sees(": ").types(PASSWORD);
    terminal.sees("[y/N] ").types("y").sees("exit=0");
    let screen = terminal.ends().to_lowercase();
    assert_eq!(screen.matches("password").count(), 1, "{screen}");
}

/// Three entries of two clients whose secrets are due, and one that is not.
fn due() -> TestEnv {
    TestEnv::copied("three are due", |env| {
        for path in ["acme/a", "acme/b", "globex/c"] {
            let args = ["add", path, "-u", "jo", "--rotate-every", "1s"];
            env.call(&args).stdin("first").ok();
        }
        env.add("acme/never", "first");
        sleep(Duration::from_secs(2));
    })
}

#[test]
fn due_walks_through_what_is_due_one_after_another() {
    let env = due();
    let mut terminal = on_terminal(&env, "vault rotate --due --words 5 --generate");
    terminal.sees("1 of 3: acme/a").sees("user jo");
    terminal.sees("[q]uit: ").types("g");
    terminal.sees("[y/N] ").types("y").sees("rotated acme/a");
    terminal
        .sees("2 of 3: acme/b")
        .sees("[q]uit: ")
        .types("what?");
    terminal
        .sees("[q]uit: ")
        .types("t")
        .sees(": ")
        .types("s3cond");
    terminal.sees("[y/N] ").types("n").sees("pending");
    terminal.sees("3 of 3: globex/c").sees("[q]uit: ").types("");
    assert!(!terminal.sees("exit=0").ends().contains("s3cond"));
    assert!(env.secret("acme/a").contains('-'));
    assert_eq!(env.secret("acme/b"), "first");
    assert_eq!(env.secret("globex/c"), "first");
    env.call(&["get", "acme/b", "--pending"])
        .ok()
        .prints("s3cond\n");
}

#[test]
fn due_asks_about_what_is_pending_and_keeps_to_a_client() {
    let env = due();
    let begin = ["rotate", "acme/a", "--begin", "--stdin"];
    env.call(&begin).stdin("second").ok();
    let mut terminal = on_terminal(&env, "vault rotate --due --client acme");
    terminal.sees("1 of 2: acme/a").sees("pending");
    terminal.sees("[y/N] ").types("y").sees("rotated acme/a");
    terminal.sees("2 of 2: acme/b").sees("[q]uit: ").types("q");
    terminal.sees("exit=0").ends();
    assert_eq!(env.secret("acme/a"), "second");
    assert_eq!(env.secret("acme/b"), "first");
}

#[test]
fn where_nothing_is_due_it_says_so() {
    let env = wp();
    let mut terminal = on_terminal(&env, "vault rotate --due");
    terminal.sees("nothing is due").sees("exit=0").ends();
    let mut terminal = on_terminal(&env, "vault rotate --due --client nobody");
    terminal.sees("no client nobody").sees("exit=3").ends();
}

#[test]
fn ctrl_c_ends_the_program_that_changes_it_and_leaves_it_pending() {
    let env = wp();
    let exec = "trap : INT; vault rotate acme/wp --exec sh -c 'echo started; exec sleep 60'";
    let mut terminal = on_terminal(&env, exec);
    terminal.sees("started\n").presses('c');
    terminal.sees("killed by signal 2").sees("is pending");
    terminal.sees("--confirm").sees("exit=7").ends();
    assert_eq!(env.secret("acme/wp"), "first");
    env.call(&["get", "acme/wp", "--pending"]).ok();
}

#[test]
fn what_is_known_and_in_the_trash_is_due_with_the_commands_that_help() {
    let (env, _) = consented();
    let id = share(&env, &["acme/wp", "acme/db"])["share"]["id"].clone();
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["rm", "acme/db", "--yes"]).ok();
    env.call(&["revoke", id.as_str().unwrap()])
        .ok()
        .tells("to be rotated: acme/db (in the trash), acme/wp (in the trash)")
        .tells("vault rotate --due goes through them");
    env.call(&["trash", "empty", "acme/db", "--yes"]).ok();
    let mut terminal = on_terminal(&env, "vault rotate --due");
    terminal.sees("1 of 1: acme/wp").sees("bob may know it");
    terminal.sees("it is in the trash here, and works at the site as before");
    terminal.sees("vault trash restore acme/wp; vault rotate acme/wp");
    terminal.sees("vault trash empty acme/wp");
    terminal.sees("exit=0").ends();
    env.call(&["trash", "restore", "acme/wp"]).ok();
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    let mut terminal = on_terminal(&env, "vault rotate --due");
    terminal.sees("nothing is due").sees("exit=0").ends();
}
