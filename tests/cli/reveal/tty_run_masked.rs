//! `run --mask` on a real terminal: the program has one of its own, which is as ours.

use super::tty_run::{export, vault};
use crate::support::env::PASSWORD;

#[test]
fn a_program_has_a_terminal_and_ours_is_given_back() {
    let env = vault();
    let looks = "test -t 0 && test -t 1 && test -t 2 && stty -a && : < /dev/tty && \
        echo \"<$WP_PASSWORD>\"; read line; echo got-$line; exit 7";
    let script = format!(
        "stty -a > before; vault run --mask --client acme -- sh -c '{looks}'; \
         echo \"exit=$?\"; stty -a | cmp - before && echo as before"
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("assword").sees(": ").types(PASSWORD);
    terminal.sees(" echo ").sees("<[vault: acme/wp]>");
    terminal
        .types("typed")
        .sees("got-typed")
        .sees("exit=7")
        .sees("as before");
    let screen = terminal.ends().to_owned();
    assert!(
        !screen.contains("hunter2") && !screen.contains(PASSWORD),
        "{screen}"
    );
    // What is typed is echoed once.
    assert_eq!(screen.matches("typed").count(), 2, "{screen}");
}

#[test]
fn ctrl_c_and_signals_reach_the_program_and_the_terminal_is_given_back() {
    let env = vault();
    let traps = "trap \"echo caught; exit 5\" INT TERM; echo ready; while :; do sleep 0.1; done";
    let script = format!(
        "stty -a > before; trap : INT; {}; vault run --mask --client acme -- bash -c '{traps}'; \
         echo \"exit=$?\"; stty -a | cmp - before && echo as before",
        export(&env)
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("ready").presses('c').sees("caught");
    terminal.sees("exit=5").sees("as before").ends();
    let ended = "trap \"\" INT; echo ready; kill -TERM $PPID; exec sleep 50";
    let script = format!(
        "stty -a > before; {}; vault run --mask --client acme -- bash -c '{ended}'; \
         echo \"exit=$?\"; stty -a | cmp - before && echo as before",
        export(&env)
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("exit=143").sees("as before").ends();
}

#[test]
fn it_stops_and_goes_on_like_any_job() {
    let env = vault();
    let mut terminal = env.job_control();
    terminal.types(&export(&env)).sees("$>");
    let line = "vault run --mask --client acme -- bash -c 'echo rea\"\"dy; \
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
         vault run --mask --client acme -- bash -c '{traps}'",
        export(&env)
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("ready");
    env.file("go", "");
    terminal.sees("41 123").ends();
}

#[test]
fn in_a_pipeline_the_keys_are_left_to_the_other() {
    let env = vault();
    let script = format!(
        "{}; vault run --mask --client acme -- sh -c 'echo $WP_PASSWORD; sleep 1' | \
         (read first; read answer < /dev/tty; echo \"$first and $answer\")",
        export(&env)
    );
    let mut terminal = env.terminal(&script);
    terminal
        .types("yes")
        .sees("[vault: acme/wp] and yes")
        .ends();
}
