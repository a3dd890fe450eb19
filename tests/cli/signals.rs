//! Ctrl-C and Ctrl-Z at a prompt, and the terminal as it was before.

use std::process::Command;

use rexpect::process::{Signal, WaitStatus};

use crate::support::env::{CHEAP, PASSWORD, TestEnv};

#[test]
fn ctrl_c_at_a_prompt_ends_it_by_the_signal() {
    let env = TestEnv::new();
    let mut command = Command::new("bash");
    command.args(["-c", "stty sane; exec vault init"]);
    let mut terminal = env.start(command);
    terminal.sees("password: ").presses('c');
    let status = terminal.session.process().wait().unwrap();
    assert!(
        matches!(status, WaitStatus::Signaled(_, Signal::SIGINT, _)),
        "{status:?}"
    );
    assert!(env.snapshot().is_empty(), "it leaves no file");
}

#[test]
fn ctrl_c_at_a_prompt_restores_the_echo() {
    let env = TestEnv::new();
    let script = format!("trap : INT; vault init --kdf {CHEAP}; echo \"exit=$?\"; stty -a");
    let mut terminal = env.terminal(&script);
    terminal
        .sees("password: ")
        .types(PASSWORD)
        .sees(": ")
        .presses('c');
    terminal
        .sees("exit=130")
        .sees(" icanon ")
        .sees(" echo ")
        .ends();
    assert!(env.snapshot().is_empty(), "it leaves no file");
}

#[test]
fn ctrl_c_while_a_secret_is_asked_for_adds_nothing() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let file = env.password_file();
    let before = env.snapshot();
    let script = format!(
        "trap : INT; VAULT_PASSWORD_FILE='{}' vault add acme/db; echo \"exit=$?\"; stty -a",
        file.display()
    );
    let mut terminal = env.terminal(&script);
    terminal
        .sees("acme/db")
        .sees(": ")
        .presses('c')
        .sees("exit=130")
        .sees(" echo ")
        .ends();
    assert_eq!(env.snapshot(), before);
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_asks_again() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let mut terminal = env.job_control();
    terminal
        .types("stty echo; vault get acme/wp")
        .sees("assword")
        .sees(": ")
        .presses('z');
    terminal
        .sees("Stopped")
        .sees("$>")
        .types("stty -a")
        .sees(" echo ")
        .sees("$>");
    terminal
        .types("fg")
        .sees("assword")
        .sees(": ")
        .types(PASSWORD);
    terminal
        .sees("hunter2")
        .sees("$>")
        .types("stty -a")
        .sees(" echo ")
        .sees("$>");
    assert!(!terminal.screen.contains(PASSWORD), "{}", terminal.screen);
    terminal.types("exit");
}

#[test]
fn what_is_typed_ahead_is_no_answer() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let export = format!(
        "export VAULT_PASSWORD_FILE='{}'",
        env.password_file().display()
    );
    let script = format!("{export}; echo ready; read -r go; vault rm acme/wp; echo done");
    let mut terminal = env.terminal(&script);
    terminal.sees("ready\n");
    terminal.session.send("go\ny\n").unwrap();
    terminal.session.flush().unwrap();
    terminal.sees("[y/N] ").types("n").sees("done\n").ends();
    env.call(&["list"]).ok().prints("acme/wp\n");
}

#[test]
fn ctrl_c_at_a_question_is_no_yes() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let export = format!(
        "export VAULT_PASSWORD_FILE='{}'",
        env.password_file().display()
    );
    let script = format!("trap : INT; {export}; vault rm acme/wp; echo \"exit=$?\"");
    let mut terminal = env.terminal(&script);
    terminal.sees("[y/N] ").presses('c').sees("exit=130").ends();
    assert_eq!(env.secret("acme/wp"), "hunter2");
}

#[test]
fn a_killed_prompt_restores_the_echo_too() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("QUIT", 131)] {
        let script = "sh -c 'ulimit -c 0; echo $$ > pid; exec vault get acme/wp'";
        let mut terminal = env.terminal(&format!("{script}; echo \"exit=$?\"; stty -a"));
        terminal.sees("assword: ");
        let kill = env.shell(&format!("kill -{signal} \"$(cat pid)\""));
        kill.ok().prints("");
        terminal.sees(&format!("exit={code}")).sees(" echo ").ends();
    }
}
