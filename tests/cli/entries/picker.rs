//! Choosing an entry on a terminal where none was named.

use std::fs;

use crate::support::env::{PASSWORD, TestEnv};
use crate::support::terminal::Terminal;

const DOWN: &str = "\x1b[B";
const UP: &str = "\x1bOA";
const ESCAPE: &str = "\x1b";
/// Gives the screen back.
const LEFT: &str = "\x1b[?1049l";

fn env() -> TestEnv {
    TestEnv::copied("to pick from", |env| {
        env.add("acme/wordpress", "secret-one");
        env.add("globex/mail", "secret-two");
        env.add("globex/ftp", "secret-three");
        let edit = [
            "edit",
            "globex/ftp",
            "-u",
            "jo",
            "--url",
            "https://files.example",
        ];
        env.call(&edit).ok();
    })
}

/// Runs a script with the password at hand.
fn run(env: &TestEnv, script: &str) -> Terminal {
    let file = env.password_file();
    env.terminal(&format!(
        "export VAULT_PASSWORD_FILE='{}'; {script}",
        file.display()
    ))
}

fn press(terminal: &mut Terminal, keys: &str) {
    terminal.session.send(keys).unwrap();
    terminal.session.flush().unwrap();
}

/// Runs `vault get`, presses these keys once the list is there, and expects this.
#[track_caller]
fn chooses(env: &TestEnv, keys: &str, expected: &str) {
    let mut terminal = run(env, "vault get; echo \"exit=$?\"; stty -a");
    terminal.sees("3/3 get: ");
    press(&mut terminal, keys);
    terminal.sees(LEFT).sees(expected).sees("exit=0");
    terminal.sees(" icanon ").sees(" echo ").ends();
}

#[test]
fn what_is_typed_filters_names_usernames_and_urls() {
    let env = env();
    chooses(&env, "\r", "secret-one\n");
    chooses(&env, "wdprs\r", "secret-one\n");
    chooses(&env, "jo\r", "secret-three\n");
    chooses(&env, "files.ex\r", "secret-three\n");
    chooses(&env, "glob mail\r", "secret-two\n");
}

#[test]
fn arrows_and_control_keys_move() {
    let env = env();
    // In the order of their paths: acme/wordpress, globex/ftp, globex/mail.
    chooses(&env, &format!("{DOWN}\r"), "secret-three\n");
    chooses(&env, &format!("{DOWN}{DOWN}{DOWN}{UP}\r"), "secret-three\n");
    chooses(&env, "\x0e\x0e\r", "secret-two\n");
    chooses(&env, "\x0e\x0e\x10\r", "secret-three\n");
    chooses(&env, "\x1b[F\r", "secret-two\n");
    chooses(&env, "xyz\x15mail\r", "secret-two\n");
    chooses(&env, "mailx\x7f\r", "secret-two\n");
}

#[test]
fn escape_chooses_nothing() {
    let env = env();
    for keys in [ESCAPE, "\x04", "nosuch\r\x1b"] {
        let mut terminal = run(&env, "vault get > out; echo \"exit=$?\"; stty -a");
        terminal.sees("3/3 get: ");
        press(&mut terminal, keys);
        terminal
            .sees("no entry was chosen")
            .sees("vault get acme/wordpress");
        terminal
            .sees("exit=1")
            .sees(" icanon ")
            .sees(" echo ")
            .ends();
        assert_eq!(fs::read_to_string(env.path("out")).unwrap(), "");
    }
}

#[test]
fn what_matches_nothing_is_said_and_enter_does_nothing_then() {
    let env = env();
    let mut terminal = run(&env, "vault get; echo \"exit=$?\"");
    terminal.sees("3/3 get: ");
    press(&mut terminal, "xyz\r");
    terminal.sees("nothing matches");
    press(&mut terminal, "\x15ftp\r");
    terminal.sees("secret-three\n").sees("exit=0").ends();
}

#[test]
fn a_signal_gives_the_terminal_back() {
    let env = env();
    let mut terminal = run(&env, "trap : INT; vault get; echo \"exit=$?\"; stty -a");
    terminal.sees("3/3 get: ").presses('c').sees(LEFT);
    terminal
        .sees("exit=130")
        .sees(" icanon ")
        .sees(" echo ")
        .ends();
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("QUIT", 131)] {
        let script = "sh -c 'ulimit -c 0; echo $$ > pid; exec vault get'";
        let mut terminal = run(&env, &format!("{script}; echo \"exit=$?\"; stty -a"));
        terminal.sees("3/3 get: ");
        env.shell(&format!("kill -{signal} \"$(cat pid)\"")).ok();
        terminal
            .sees(LEFT)
            .sees(&format!("exit={code}"))
            .sees(" echo ")
            .ends();
    }
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_shows_the_list_again() {
    let env = env();
    let mut terminal = env.job_control();
    terminal
        .types("stty echo; vault get")
        .sees("assword: ")
        .types(PASSWORD);
    terminal.sees("3/3 get: ").presses('z');
    terminal
        .sees(LEFT)
        .sees("Stopped")
        .sees("$>")
        .types("stty -a")
        .sees(" echo ")
        .sees("$>");
    terminal.types("fg").sees("3/3 get: ");
    press(&mut terminal, "mail\r");
    terminal.sees("secret-two").sees("$>").types("exit");
}

#[test]
fn stdout_gets_the_secret_and_nothing_else() {
    let env = env();
    let mut terminal = run(&env, "vault get 2> err | cat > out; echo done");
    terminal.sees("3/3 get: ");
    press(&mut terminal, "mail\r");
    terminal.sees("done").ends();
    assert_eq!(fs::read_to_string(env.path("out")).unwrap(), "secret-two\n");
    assert_eq!(fs::read_to_string(env.path("err")).unwrap(), "");
    let mut terminal = run(&env, "vault get --json < /dev/null > out; echo done");
    terminal.sees("3/3 get: ");
    press(&mut terminal, "mail\r");
    terminal.sees("done").ends();
    let out = fs::read_to_string(env.path("out")).unwrap();
    assert!(out.starts_with('{') && out.contains("globex/mail"), "{out}");
}

#[test]
fn every_command_about_an_entry_lets_choose_it() {
    let env = env();
    let notes = env.file("notes.txt", "attached");
    env.call(&["attach", "globex/mail", &notes]).ok();
    for (command, shown) in [
        ("show", "globex/mail"),
        ("history", "add"),
        ("edit -u ada", "changed globex/mail"),
        ("rotate --generate --no-input", "entry"),
        ("detach --out there", "wrote there"),
        ("rm --yes", "globex/mail in the trash"),
    ] {
        let mut terminal = run(&env, &format!("vault {command}; echo \"exit=$?\""));
        if command.contains("--no-input") {
            terminal.sees(shown).sees("exit=9").ends();
            continue;
        }
        terminal.sees("/3 ");
        press(&mut terminal, "mail\r");
        terminal.sees(LEFT).sees(shown).sees("exit=0").ends();
    }
    assert_eq!(fs::read_to_string(env.path("there")).unwrap(), "attached");
    env.call(&["list"])
        .ok()
        .prints("acme/wordpress\nglobex/ftp\n");
}

#[test]
fn of_several_attachments_one_is_chosen() {
    let env = env();
    for name in ["one.txt", "two.txt"] {
        let file = env.file(name, name);
        env.call(&["attach", "globex/mail", &file]).ok();
    }
    let mut terminal = run(
        &env,
        "vault detach globex/mail --out there; echo \"exit=$?\"",
    );
    terminal.sees("2/2 detach: ");
    press(&mut terminal, "two\r");
    terminal.sees("wrote there").sees("exit=0").ends();
    assert_eq!(fs::read_to_string(env.path("there")).unwrap(), "two.txt");
    let none = ["detach", "globex/ftp"];
    env.call(&none).fails(9).hints("vault detach");
}

#[test]
fn without_a_terminal_it_says_how_to_name_the_entry() {
    let env = env();
    for command in ["get", "show", "history", "rm", "rotate", "detach"] {
        let hint = format!("vault {command} ");
        env.call(&[command]).fails(9).hints(&hint);
        env.call(&[command, "--no-input"])
            .no_password()
            .fails(9)
            .hints(&hint);
        let error = env.call(&[command, "--json"]).fails(9).json();
        assert_eq!(error["code"], "needs_input");
    }
    env.call(&["edit", "-u", "x"]).fails(9).hints("vault edit ");
    // These say where to put something, and that is not to be chosen.
    env.call(&["add"]).fails(2);
    env.call(&["mv"]).fails(2);
    env.call(&["attach"]).fails(2);
}

#[test]
fn with_nothing_to_choose_from_it_says_so() {
    let empty = TestEnv::ready();
    let mut terminal = run(&empty, "vault get; echo \"exit=$?\"");
    terminal
        .sees("no entries")
        .sees("vault add")
        .sees("exit=3")
        .ends();
    let none = TestEnv::new();
    let mut terminal = run(&none, "vault get; echo \"exit=$?\"");
    terminal
        .sees("there is no vault")
        .sees("vault init")
        .sees("exit=3")
        .ends();
    let mut terminal = run(&empty, "TERM=dumb vault get; echo \"exit=$?\"");
    terminal.sees("cannot show a list").sees("exit=9").ends();
}

#[test]
fn stored_text_cannot_drive_the_terminal() {
    let env = TestEnv::ready();
    let user = "\x1b]0;owned\x07\x1b[31m\u{202e}x\ny";
    let add = [
        "add",
        "acme/wp",
        "-u",
        user,
        "--url",
        "https://x.example/\x1b[2J",
    ];
    env.call(&add).stdin("hunter2").ok();
    let mut terminal = run(&env, "vault get; echo \"exit=$?\"");
    terminal.sees("1/1 get: ").sees("\\x1b]0;owned");
    press(&mut terminal, "\r");
    let screen = terminal.sees("hunter2").sees("exit=0").ends();
    for raw in [
        "\x1b]0;",
        "\x07",
        "\x1b[31m",
        "\x1b[2J",
        "\u{e2}\u{80}\u{ae}",
    ] {
        assert!(!screen.contains(raw), "{raw:?} in {screen:?}");
    }
}

#[test]
fn it_works_on_a_tiny_terminal_and_one_that_changes_its_size() {
    let env = env();
    for size in ["rows 1 cols 1", "rows 2 cols 10", "rows 0 cols 0"] {
        let mut terminal = run(&env, &format!("stty {size}; vault get; echo \"exit=$?\""));
        terminal.sees("\x1b[?25h");
        press(&mut terminal, "mail\r");
        terminal
            .sees(LEFT)
            .sees("secret-two\n")
            .sees("exit=0")
            .ends();
    }
    let script = "tty > tty; vault get; echo \"exit=$?\"";
    let mut terminal = run(&env, &format!("stty rows 24 cols 80; {script}"));
    terminal.sees("3/3 get: ").sees("Esc to leave");
    env.shell("stty rows 3 cols 20 < \"$(cat tty)\"").ok();
    // Drawn anew, with no room for the help.
    terminal.sees("3/3 get: ").sees("> acme/wordpress");
    press(&mut terminal, &format!("{DOWN}{DOWN}\r"));
    terminal.sees("secret-two\n").sees("exit=0").ends();
}
