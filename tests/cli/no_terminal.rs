//! Without a terminal: every command that would have to ask exits 9 at once and says what would
//! have answered.

use crate::support::env::{CHEAP, TestEnv};

#[test]
fn every_question_has_an_option_that_answers_it() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let asks: [(&[&str], &str); 9] = [
        (&["get", "acme/wp"], "--password-file"),
        (&["show", "acme/wp"], "--password-file"),
        (&["list"], "--password-file"),
        (&["add", "acme/db"], "--password-file"),
        (&["edit", "acme/wp", "--notes", "x"], "--password-file"),
        (&["rm", "acme/wp", "--yes"], "--password-file"),
        (&["log"], "--password-file"),
        (&["verify", "--full"], "--password-file"),
        (&["passwd"], "--password-file"),
    ];
    for (args, option) in asks {
        for no_input in [&[][..], &["--no-input"]] {
            let args = [no_input, args].concat();
            env.call(&args)
                .stdin("x")
                .no_password()
                .fails(9)
                .hints(option);
        }
    }
    // With the password at hand there is still something to ask.
    env.call(&["rm", "acme/wp"]).fails(9).hints("--yes");
    env.call(&["passwd"]).fails(9).hints("--new-password-file");
}

#[test]
fn a_new_vault_needs_a_password_from_somewhere() {
    let env = TestEnv::new();
    for no_input in [&[][..], &["--no-input"]] {
        let args = [no_input, &["init", "--kdf", CHEAP]].concat();
        env.call(&args)
            .no_password()
            .fails(9)
            .hints("--password-file");
    }
    assert!(!env.vault_file().exists());
}

#[test]
fn stdin_is_not_asked_for_the_password_or_a_yes() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let typed = format!("{}\ny\ny\n", crate::support::env::PASSWORD);
    env.call(&["get", "acme/wp"])
        .no_password()
        .stdin(&typed)
        .fails(9);
    env.call(&["rm", "acme/wp"]).stdin("y\n").fails(9);
    assert_eq!(env.secret("acme/wp"), "hunter2");
}

#[test]
fn it_does_not_hang_on_a_stdin_that_never_ends() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let endless = "vault get acme/wp < <(sleep 1000 & echo $! > pid; wait); code=$?; \
                   kill \"$(cat pid)\"; exit $code";
    env.shell(endless).ok().prints("hunter2\n");
    let refused = endless.replace("vault get", "unset VAULT_PASSWORD_FILE; vault rm");
    env.shell(&refused).fails(9).hints("--password-file");
}
