//! `run` on a real terminal: the program has it as if there were no vault between.

use crate::support::env::{PASSWORD, TestEnv};

pub(super) fn vault() -> TestEnv {
    TestEnv::copied("for run on a terminal", |env| {
        let wp = ["add", "acme/wp", "--env", "WP_PASSWORD"];
        env.call(&wp).stdin("hunter2").ok();
    })
}

pub(super) fn export(env: &TestEnv) -> String {
    let file = env.password_file();
    format!("export VAULT_PASSWORD_FILE='{}'", file.display())
}

#[test]
fn a_real_terminal_stays_one_also_after_a_question() {
    let env = vault();
    let looks = "test -t 0 && test -t 1 && test -t 2 && stty -a && tty && echo $WP_PASSWORD";
    let script = format!("tty; vault run --client acme -- sh -c '{looks}'; echo \"exit=$?\"");
    let mut terminal = env.terminal(&script);
    terminal.sees("assword").sees(": ").types(PASSWORD);
    terminal.sees(" echo ").sees("hunter2\n").sees("exit=0");
    let screen = terminal.ends().to_owned();
    let tty = screen.lines().next().unwrap().trim();
    assert_eq!(screen.matches(tty).count(), 2, "{screen}");
    assert!(!screen.contains(PASSWORD), "{screen}");
}

#[test]
fn colours_reach_the_terminal() {
    let env = vault();
    let script = format!(
        "{}; vault run --client acme -- printf '\\033[31mred\\033[0m\\n'",
        export(&env)
    );
    let screen = env.terminal(&script).ends().to_owned();
    assert!(screen.contains("\u{1b}[31mred"), "{screen:?}");
}

#[test]
fn ctrl_c_reaches_the_program_alone() {
    let env = vault();
    let traps = "trap \"echo caught; exit 5\" INT; echo ready; while :; do sleep 0.1; done";
    let script = format!(
        "trap : INT; {}; vault run --client acme -- bash -c '{traps}'; echo \"exit=$?\"",
        export(&env)
    );
    let mut terminal = env.terminal(&script);
    terminal
        .sees("ready\n")
        .presses('c')
        .sees("caught")
        .sees("exit=5")
        .ends();
    let script = format!(
        "trap : INT; {}; vault run --client acme -- bash -c 'echo ready; exec sleep 60'; \
         echo \"exit=$?\"",
        export(&env)
    );
    let mut terminal = env.terminal(&script);
    terminal
        .sees("ready\n")
        .presses('c')
        .sees("exit=130")
        .ends();
}

#[test]
fn it_stops_and_goes_on_like_any_job() {
    let env = vault();
    let mut terminal = env.job_control();
    terminal.types(&export(&env)).sees("$>");
    // It reads only once the job goes on: a process that is about to stop still takes what is typed.
    let line = "vault run --client acme -- bash -c 'echo rea\"\"dy; \
                until [ -e resumed ]; do sleep 0.1; done; read line; echo got-$line'";
    terminal.types(line).sees("ready").presses('z');
    terminal.sees("Stopped").sees("$>").types("fg");
    terminal.sees("vault run");
    env.file("resumed", "");
    terminal.types("hello").sees("got-hello").sees("$>");
    terminal.types("exit");
}

#[test]
fn a_window_that_changes_its_size_is_told_to_the_program() {
    let env = vault();
    let traps = "trap \"stty size; exit 0\" WINCH; echo ready; while :; do sleep 0.1; done";
    let script = format!(
        "{}; (until test -e go; do sleep 0.1; done; stty rows 41 cols 123 < /dev/tty) & \
         vault run --client acme -- bash -c '{traps}'",
        export(&env)
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("ready\n");
    env.file("go", "");
    terminal.sees("41 123").ends();
}
