//! Entries from a real terminal: secrets that are typed, questions before something goes.

use crate::support::env::{PASSWORD, TestEnv};
use crate::support::terminal::Terminal;

#[test]
fn add_asks_for_the_secret_once_and_shows_nothing_of_it() {
    let env = TestEnv::with(&[]);
    let file = env.password_file();
    let script = format!(
        "vault --password-file '{}' add acme/wp; echo \"exit=$?\"; stty -a",
        file.display()
    );
    let mut terminal = env.terminal(&script);
    terminal
        .sees("acme/wp")
        .sees(": ")
        .types("s3cret of the day")
        .sees("added acme/wp");
    terminal.sees("exit=0").sees(" echo ");
    let screen = terminal.ends();
    assert!(!screen.contains("s3cret"), "{screen}");
    assert_eq!(env.secret("acme/wp"), "s3cret of the day");
}

#[test]
fn add_asks_for_hidden_fields_after_the_secret() {
    let env = TestEnv::with(&[]);
    let file = env.password_file();
    let script = format!(
        "VAULT_PASSWORD_FILE='{}' vault add acme/bank --secret-field pin; echo \"exit=$?\"",
        file.display()
    );
    let mut terminal = env.terminal(&script);
    terminal
        .sees(": ")
        .types("s3cret")
        .sees("pin")
        .sees(": ")
        .types("9471")
        .sees("exit=0");
    let screen = terminal.ends();
    assert!(
        !screen.contains("s3cret") && !screen.contains("9471"),
        "{screen}"
    );
    assert_eq!(env.secret("acme/bank"), "s3cret");
    env.call(&["get", "acme/bank", "--field", "pin"])
        .ok()
        .prints("9471\n");
}

#[test]
fn add_without_a_vault_offers_init_and_goes_on() {
    let env = TestEnv::new();
    let mut terminal = env.terminal("vault add acme/wp; echo \"exit=$?\"");
    terminal.sees("[y/N] ").types("y");
    terminal
        .sees("password: ")
        .types(PASSWORD)
        .sees(": ")
        .types(PASSWORD);
    terminal
        .sees("acme/wp")
        .sees(": ")
        .types("s3cret")
        .sees("added acme/wp")
        .sees("exit=0");
    let screen = terminal.ends();
    assert!(
        !screen.contains("s3cret") && !screen.contains(PASSWORD),
        "{screen}"
    );
    assert_eq!(env.secret("acme/wp"), "s3cret");
}

#[test]
fn add_without_a_vault_takes_no_for_an_answer() {
    let env = TestEnv::new();
    let mut terminal = env.terminal("vault add acme/wp; echo \"exit=$?\"");
    terminal
        .sees("[y/N] ")
        .types("n")
        .sees("vault init")
        .sees("exit=3")
        .ends();
    assert!(!env.data().exists());
}

#[test]
fn a_secret_in_a_pipe_is_read_while_the_password_is_typed() {
    let env = TestEnv::with(&[]);
    let script = "printf 'from\\nthe pipe\\n' | vault add acme/wp; echo \"exit=$?\"";
    let mut terminal = env.terminal(script);
    terminal
        .sees("assword")
        .sees(": ")
        .types(PASSWORD)
        .sees("exit=0")
        .ends();
    assert_eq!(env.secret("acme/wp"), "from\nthe pipe");
}

#[test]
fn rm_asks_and_only_yes_is_yes() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let file = env.password_file();
    let export = format!("export VAULT_PASSWORD_FILE='{}'", file.display());
    for (answer, left) in [("", 1), ("n", 1), ("yeah", 1), ("y", 0)] {
        let mut terminal = env.terminal(&format!("{export}; vault rm acme/wp; echo done"));
        terminal
            .sees("acme/wp")
            .sees("[y/N] ")
            .types(answer)
            .sees("done\n")
            .ends();
        let listed = env.call(&["list"]).ok();
        assert_eq!(listed.text().lines().count(), left, "{answer:?}");
    }
}

#[test]
fn no_input_without_a_vault_does_not_offer_to_make_one() {
    let env = TestEnv::new();
    let mut terminal = env.terminal("vault --no-input add acme/wp; echo \"exit=$?\"");
    terminal
        .sees("hint:")
        .sees("vault init")
        .sees("exit=3")
        .ends();
    assert!(!env.data().exists());
}

#[test]
fn several_pasted_lines_are_refused_rather_than_cut() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let export = format!(
        "export VAULT_PASSWORD_FILE='{}'",
        env.password_file().display()
    );
    let mut terminal = env.terminal(&format!("{export}; vault add acme/key; echo \"exit=$?\""));
    terminal
        .sees("acme/key: ")
        .types("first line\nsecond line")
        .sees("exit=2");
    let screen = terminal.ends();
    assert!(
        !screen.contains("first") && !screen.contains("second"),
        "{screen}"
    );
    env.call(&["list"]).ok().prints("acme/wp\n");
}

/// Runs a command on a terminal with the password at hand.
fn typed(env: &TestEnv, command: &str) -> Terminal {
    let file = env.password_file();
    env.terminal(&format!(
        "VAULT_PASSWORD_FILE='{}' {command}; echo \"exit=$?\"",
        file.display()
    ))
}

#[test]
fn add_asks_for_the_password_and_the_seed_and_again_for_a_mistyped_one() {
    let env = TestEnv::with(&[]);
    let mut terminal = typed(&env, "vault add acme/wp --totp");
    terminal
        .sees("Secret of acme/wp")
        .sees(": ")
        .types("s3cret");
    terminal
        .sees("Seed of the one-time codes")
        .sees(": ")
        .types("1189");
    terminal.sees("Seed of the one-time codes").sees(": ");
    terminal.types("JBSWY3DPEHPK3PXP").sees("exit=0");
    let screen = terminal.ends();
    for typed in ["s3cret", "1189", "JBSWY3D"] {
        assert!(!screen.contains(typed), "{screen}");
    }
    assert_eq!(env.secret("acme/wp"), "s3cret");
    env.call(&["code", "acme/wp"]).ok();
    // Enter alone is no password; the seed is asked for three times.
    let mut terminal = typed(&env, "vault add acme/mfa --totp");
    terminal.sees("Secret of acme/mfa").sees(": ").types("");
    for _ in 0..3 {
        terminal.sees("Seed of").sees(": ").types("not a seed!");
    }
    terminal.sees("exit=2").ends();
    let mut terminal = typed(&env, "vault add acme/mfa --totp");
    terminal.sees("Secret of acme/mfa").sees(": ").types("");
    terminal
        .sees("Seed of")
        .sees(": ")
        .types("JBSWY3DPEHPK3PXP");
    terminal.sees("exit=0").ends();
    let shown = env.call(&["show", "acme/mfa", "--json"]).ok().json();
    assert_eq!(shown["has"]["secret"], false);
    assert_eq!(shown["has"]["totp"], true);
}

#[test]
fn a_key_of_several_lines_is_pasted_at_a_prompt() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    // An empty line within it is a part of it.
    let key = "-----BEGIN KEY-----\nDEK-Info: 1\n\nabc+/=\n-----END KEY-----";
    let mut terminal = typed(&env, "vault add acme/key --multiline");
    terminal.sees("several lines").sees(":\n");
    terminal.types(&format!("{key}\n"));
    let screen = terminal.sees("exit=0").ends();
    assert!(!screen.contains("KEY"), "{screen}");
    assert_eq!(env.secret("acme/key"), key);
    // Line by line, until Ctrl-D.
    let mut terminal = typed(&env, "vault edit acme/wp --secret --multiline");
    terminal.sees("several lines").sees(":\n").types("one");
    terminal.types("two").presses('d').sees("exit=0").ends();
    assert_eq!(env.secret("acme/wp"), "one\ntwo");
    let mut terminal = typed(&env, "vault edit acme/wp --secret --multiline");
    terminal.sees(":\n").types("").sees("nothing was entered");
    terminal.sees("exit=2").ends();
    let mut terminal = typed(&env, "vault rotate acme/key --multiline");
    terminal.sees("several lines").sees(":\n").types("new");
    terminal
        .types("key")
        .types("")
        .sees("changed on the site?")
        .types("y");
    terminal.sees("exit=0").ends();
    assert_eq!(env.secret("acme/key"), "new\nkey");
    // Without it, several lines are refused and it is named.
    let mut terminal = typed(&env, "vault edit acme/wp --secret");
    terminal.sees(": ").types("three\nfour").sees("--multiline");
    terminal.sees("exit=2").ends();
}
