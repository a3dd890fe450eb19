//! Prompts on a real pseudo-terminal: this test executable runs itself as the program that asks.

use std::path::Path;
use std::process::{Command, Stdio};

use rexpect::session::PtyReplSession;
use vault::error::{Error, Result};
use vault::ui::{Ui, UiOptions, Unasked};

use crate::support::default_signals;

const ROLE: &str = "TERMINAL_TEST_ROLE";
const UNASKED: Unasked = Unasked {
    needed: "a password is needed",
    instead: "use --password-file",
};

/// What the child is to do, and its answer.
fn answer(role: &str) -> Result<String> {
    let ui = Ui::new(UiOptions::default());
    Ok(match role {
        "secret" => ui.prompt_secret("Secret", UNASKED)?.expose().to_owned(),
        "pid" => {
            let prompt = format!("Secret of {}", std::process::id());
            ui.prompt_secret(&prompt, UNASKED)?.expose().to_owned()
        }
        "new" => ui
            .prompt_new_password("New", "Again", UNASKED, |_| Ok(()))?
            .expose()
            .to_owned(),
        "confirm" => ui.confirm("Sure?", UNASKED)?.to_string(),
        "line" => ui.ask_line("Name", UNASKED)?,
        "after" => {
            ui.prompt_secret("Secret", UNASKED)?;
            ui.line("working")?;
            ui.flush()?;
            std::thread::sleep(std::time::Duration::from_secs(20));
            "survived".to_owned()
        }
        "spinner" => {
            let spinner = ui.spinner("deriving");
            std::thread::sleep(std::time::Duration::from_secs(1));
            drop(spinner);
            "done".to_owned()
        }
        _ => return Err(Error::usage("no such role")),
    })
}

/// Not a test of its own: the program that asks, when the variable says so.
#[test]
fn child() {
    if let Ok(role) = std::env::var(ROLE) {
        let ui = Ui::new(UiOptions::default());
        match answer(&role) {
            Ok(answer) => ui
                .line(&format!("answer <{}>", answer.escape_default()))
                .unwrap(),
            Err(error) => ui.error(&error),
        }
        ui.flush().unwrap();
    }
}

fn program() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "terminal::child",
        "--nocapture",
        "--test-threads=1",
    ]);
    command
}

/// A shell with job control on a terminal that echoes, which has started the child.
fn shell(role: &str) -> PtyReplSession {
    default_signals::restore();
    let mut shell = rexpect::spawn_bash(Some(10_000)).unwrap();
    let command = program();
    let arguments: Vec<_> = command.get_args().map(|a| a.to_str().unwrap()).collect();
    // `quit` is what rexpect types at the end.
    shell.send_line("quit() { exit; }; stty echo").unwrap();
    shell.wait_for_prompt().unwrap();
    let path = Path::new(command.get_program()).display().to_string();
    let line = format!("{ROLE}={role} '{path}' {}", arguments.join(" "));
    shell.send_line(&line).unwrap();
    shell
}

/// The terminal echoes, reads lines and makes signals, as before.
fn expect_sane_terminal(shell: &mut PtyReplSession) {
    shell.wait_for_prompt().unwrap();
    shell.send_line("stty -a | tr -d ';' | tr ' ' '\\n' | grep -Ex -- '-?(icanon|echo|isig)' | xargs echo modes:").unwrap();
    shell.exp_string("modes: isig icanon echo\r\n").unwrap();
    shell.wait_for_prompt().unwrap();
}

fn expect_exit_code(shell: &mut PtyReplSession, code: &str) {
    shell.wait_for_prompt().unwrap();
    shell.send_line("echo code=$?.").unwrap();
    shell.exp_string(&format!("code={code}.")).unwrap();
    expect_sane_terminal(shell);
}

#[test]
fn a_secret_is_read_but_not_shown() {
    let mut shell = shell("secret");
    shell.exp_string("Secret: ").unwrap();
    shell.send_line("wrong\x15grüße x\x7fy").unwrap();
    assert_eq!(shell.exp_string("answer <").unwrap().trim(), "");
    shell.exp_string(r"gr\u{fc}\u{df}e y>").unwrap();
    expect_sane_terminal(&mut shell);
}

#[test]
fn a_long_secret_can_be_pasted() {
    let mut shell = shell("secret");
    shell.exp_string("Secret: ").unwrap();
    let long = "0123456789".repeat(2_000);
    shell.send_line(&long).unwrap();
    shell.exp_string(&format!("answer <{long}>")).unwrap();
}

#[test]
fn several_pasted_lines_are_refused_and_do_not_reach_the_shell() {
    let mut shell = shell("secret");
    shell.exp_string("Secret: ").unwrap();
    shell.send_line("one\ntouch two\nthree").unwrap();
    shell.exp_string("more than one line was entered").unwrap();
    let rest = shell.wait_for_prompt().unwrap();
    assert!(!rest.contains("touch"));
    shell.send_line("").unwrap();
    expect_sane_terminal(&mut shell);
}

#[test]
fn the_end_of_input_is_nothing_entered() {
    let mut shell = shell("secret");
    shell.exp_string("Secret: ").unwrap();
    shell.send_control('d').unwrap();
    shell.exp_string("nothing was entered").unwrap();
    expect_sane_terminal(&mut shell);
}

#[test]
fn a_mismatch_asks_again() {
    let mut shell = shell("new");
    for (new, again) in [("one", "two"), ("three", "three")] {
        shell.exp_string("New: ").unwrap();
        shell.send_line(new).unwrap();
        shell.exp_string("Again: ").unwrap();
        shell.send_line(again).unwrap();
        if new == "one" {
            shell.exp_string("the two are not the same").unwrap();
        }
    }
    shell.exp_string("answer <three>").unwrap();
}

#[test]
fn three_mismatches_are_enough() {
    let mut shell = shell("new");
    for _ in 0..3 {
        shell.exp_string("New: ").unwrap();
        shell.send_line("one").unwrap();
        shell.exp_string("Again: ").unwrap();
        shell.send_line("two").unwrap();
    }
    shell.exp_string("vault: the two are not the same").unwrap();
}

#[test]
fn ctrl_c_at_a_prompt_kills_and_restores_the_terminal() {
    let mut shell = shell("secret");
    shell.exp_string("Secret: ").unwrap();
    shell.send("half a sec").unwrap();
    shell.send_control('c').unwrap();
    expect_exit_code(&mut shell, "130");
}

#[test]
fn a_termination_at_a_prompt_restores_the_terminal() {
    for (signal, code) in [("TERM", "143"), ("HUP", "129"), ("QUIT", "131")] {
        let mut shell = shell("pid");
        let (_, prompt) = shell.exp_regex("Secret of [0-9]+: ").unwrap();
        let pid = prompt.trim_matches(|c: char| !c.is_ascii_digit());
        let kill = Command::new("kill").args(["-s", signal, pid]).status();
        assert!(kill.unwrap().success());
        expect_exit_code(&mut shell, code);
    }
}

#[test]
fn a_stopped_prompt_is_shown_again_and_hidden() {
    let mut shell = shell("secret");
    shell.exp_string("Secret: ").unwrap();
    shell.send("forgotten").unwrap();
    shell.send_control('z').unwrap();
    shell.exp_string("Stopped").unwrap();
    expect_sane_terminal(&mut shell);
    shell.send_line("fg").unwrap();
    shell.exp_string("Secret: ").unwrap();
    shell.send_line("hunter2").unwrap();
    assert!(!shell.exp_string("answer <").unwrap().contains("hunter2"));
    shell.exp_string("hunter2>").unwrap();
    expect_sane_terminal(&mut shell);
}

#[test]
fn a_stopped_prompt_can_be_terminated_in_the_background() {
    let mut shell = shell("secret");
    shell.exp_string("Secret: ").unwrap();
    shell.send_control('z').unwrap();
    shell.exp_string("Stopped").unwrap();
    shell.wait_for_prompt().unwrap();
    // Two threads wake up at once: now and then reading in the background stops the process
    // again before the signal's handler has ended. It ends when it is continued.
    shell.send_line("kill %1; sleep 0.3; fg").unwrap();
    shell.exp_string("Terminated").unwrap();
    expect_sane_terminal(&mut shell);
}

#[test]
fn a_prompt_sent_to_the_background_waits_for_the_foreground() {
    let mut shell = shell("secret");
    shell.exp_string("Secret: ").unwrap();
    shell.send_control('z').unwrap();
    shell.exp_string("Stopped").unwrap();
    shell.wait_for_prompt().unwrap();
    shell.send_line("bg; sleep 0.3; echo waited").unwrap();
    shell.exp_string("\r\nwaited").unwrap();
    expect_sane_terminal(&mut shell);
    shell.send_line("fg").unwrap();
    shell.exp_string("Secret: ").unwrap();
    shell.send_line("hunter2").unwrap();
    assert!(!shell.exp_string("answer <").unwrap().contains("hunter2"));
    shell.exp_string("hunter2>").unwrap();
}

#[test]
fn ctrl_c_still_works_after_a_prompt() {
    let mut shell = shell("after");
    shell.exp_string("Secret: ").unwrap();
    shell.send_line("x").unwrap();
    shell.exp_string("working").unwrap();
    shell.send_control('c').unwrap();
    expect_exit_code(&mut shell, "130");
}

#[test]
fn a_confirmation_is_no_by_default() {
    for (typed, expected) in [
        ("", "false"),
        ("yess", "false"),
        ("Y", "true"),
        ("yes", "true"),
    ] {
        let mut shell = shell("confirm");
        shell.exp_string("Sure? [y/N] ").unwrap();
        shell.send_line(typed).unwrap();
        shell.exp_string(&format!("answer <{expected}>")).unwrap();
    }
    let mut shell = shell("confirm");
    shell.exp_string("Sure? [y/N] ").unwrap();
    shell.send_control('d').unwrap();
    shell.exp_string("answer <false>").unwrap();
}

#[test]
fn a_line_is_asked_visibly() {
    let mut shell = shell("line");
    shell.exp_string("Name: ").unwrap();
    shell.send_line("acme").unwrap();
    shell.exp_string("acme\r\n").unwrap();
    shell.exp_string("answer <acme>").unwrap();
}

#[test]
fn a_spinner_is_drawn_and_cleared() {
    let mut shell = shell("spinner");
    shell.exp_string("deriving").unwrap();
    shell.exp_string("answer <done>").unwrap();
}

#[test]
fn without_a_terminal_nothing_hangs() {
    for role in ["secret", "new", "confirm", "line"] {
        let mut command = Command::new("setsid");
        command
            .arg("--wait")
            .arg(program().get_program())
            .args(program().get_args());
        let output = command
            .env(ROLE, role)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        let expected = "vault: a password is needed, and there is no terminal to ask on\n\
                        hint: use --password-file\n";
        assert!(text.contains(expected), "{text}");
    }
}
