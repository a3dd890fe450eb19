//! Entries from a real terminal: secrets that are typed, questions before something goes.

use crate::support::env::{PASSWORD, TestEnv};

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
