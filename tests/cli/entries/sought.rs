//! Entries named in part: by a person at a terminal, where something is read.

use crate::support::env::TestEnv;
use crate::support::terminal::Terminal;

fn env() -> TestEnv {
    TestEnv::copied("to be named in part", |env| {
        env.add("acme/wordpress", "secret-one");
        env.add("acme/wordpress-old", "secret-two");
        env.add("globex/cpanel", "secret-three");
        env.add("Müller/db", "secret-four");
    })
}

/// Runs a command on a terminal with the password at hand.
fn typed(env: &TestEnv, command: &str) -> Terminal {
    let file = env.password_file();
    env.terminal(&format!(
        "export VAULT_PASSWORD_FILE='{}'; {command}; echo \"exit=$?\"",
        file.display()
    ))
}

#[test]
fn a_part_is_enough_where_one_path_holds_it() {
    let env = env();
    for (command, answer) in [
        ("vault get cpan", "secret-three"),
        ("vault get GLOBEX/C", "secret-three"),
        ("vault get muller", "secret-four"),
        ("vault get MÜLLER/DB", "secret-four"),
        ("vault get ordpress-o", "secret-two"),
        ("vault get acme/wordpress", "secret-one"),
        ("vault get ACME/WordPress", "secret-one"),
        ("vault show cpanel", "globex/cpanel"),
        ("vault history cpanel", "current"),
    ] {
        let mut terminal = typed(&env, command);
        terminal.sees(answer).sees("exit=0").ends();
    }
    // Which one it was is told.
    let mut terminal = typed(&env, "vault get cpan");
    terminal.sees("globex/cpanel").sees("secret-three").ends();
    // Where the answer begins with it, it is told once.
    let mut terminal = typed(&env, "vault show cpanel");
    let screen = terminal.sees("exit=0").ends();
    assert_eq!(screen.matches("globex/cpanel").count(), 1, "{screen}");
}

#[test]
fn several_are_listed_with_what_is_enough() {
    let env = env();
    let mut terminal = typed(&env, "vault get wordpress");
    terminal.sees("2 entries have wordpress in their names");
    terminal
        .sees("acme/wordpress")
        .sees("acme/wordpress-old (ol)");
    let screen = terminal.sees("exit=2").ends();
    assert!(!screen.contains("secret-"), "{screen}");
}

#[test]
fn what_no_path_holds_is_not_found() {
    let env = env();
    let mut terminal = typed(&env, "vault get cpanle");
    terminal.sees("no entry has cpanle in its name");
    terminal
        .sees("did you mean globex/cpanel?")
        .sees("exit=3")
        .ends();
    let mut terminal = typed(&env, "vault get nothing");
    terminal.sees("vault list shows").sees("exit=3").ends();
}

#[test]
fn a_script_names_the_whole_path() {
    let env = env();
    for command in ["get", "show", "history", "code"] {
        let refused = env.call(&[command, "cpanel"]).fails(2);
        refused.is(&format!(
            "vault: ENTRY: an entry is CLIENT/NAME, as in acme/wordpress\nhint: vault {command} --help shows what it takes\n"
        ));
        env.call(&[command, "globex/cpan"])
            .fails(3)
            .hints("did you mean globex/cpanel?");
    }
    // On a terminal too, where a program reads the answer, or stdin is a program's.
    for command in [
        "vault get cpanel | cat",
        "vault get cpanel < /dev/null",
        "vault get cpanel --json",
        "vault get cpanel --no-input",
    ] {
        let mut terminal = typed(&env, command);
        let screen = terminal.sees("an entry is CLIENT/NAME").ends();
        assert!(!screen.contains("secret-"), "{command}: {screen}");
    }
}

#[test]
fn what_changes_or_reveals_elsewhere_takes_no_part() {
    let env = env();
    for command in [
        "vault rm cpanel",
        "vault edit cpanel -u x",
        "vault rotate cpanel --generate",
        "vault mv cpanel globex/panel",
        "vault run --entry cpanel -- env",
        "vault share cpanel --to bob",
    ] {
        let mut terminal = typed(&env, command);
        terminal.sees("an entry is CLIENT/NAME").ends();
    }
    env.call(&["list"])
        .ok()
        .prints("Müller/db\nacme/wordpress\nacme/wordpress-old\nglobex/cpanel\n");
}

#[test]
fn what_is_asked_about_may_be_named_in_part_too() {
    let env = env();
    for (command, answer) in [
        ("vault who cpan", "globex/cpanel: nobody but you"),
        ("vault who glob", "globex: 1 credential"),
        ("vault shares cpan", "nothing was shared yet"),
        ("vault log --no-pager cpan", "globex/cpanel"),
    ] {
        let mut terminal = typed(&env, command);
        terminal.sees(answer).sees("exit=0").ends();
    }
    env.call(&["contact", "add", "robert"]).ok();
    let mut terminal = typed(&env, "vault who rob");
    terminal
        .sees("robert: can know nothing")
        .sees("exit=0")
        .ends();
    let mut terminal = typed(&env, "vault who wordp");
    terminal.sees("2 entries have wordp").sees("exit=2").ends();
    for command in [&["who", "cpan"][..], &["shares", "cpan"], &["log", "cpan"]] {
        env.call(command).fails(3);
    }
}

#[test]
fn what_changes_asks_whether_one_of_those_that_hold_the_part_was_meant() {
    let env = env();
    for command in [
        "vault rotate cpan",
        "vault edit CPANEL -u x",
        "vault rm -y cpanel",
    ] {
        let mut terminal = typed(&env, command);
        terminal
            .sees("did you mean globex/cpanel?")
            .sees("exit=2")
            .ends();
    }
    let mut terminal = typed(&env, "vault rotate wordpress");
    terminal.sees("did you mean one of: acme/wordpress, acme/wordpress-old?");
    terminal.sees("exit=2").ends();
    for n in 0..5 {
        env.add(&format!("many/wordpress-{n}"), "x");
    }
    let mut terminal = typed(&env, "vault rm wordpress");
    terminal.sees(", or one of 3 more?").sees("exit=2").ends();
    let mut terminal = typed(&env, "vault rotate nothing-like-it");
    terminal.sees("shows what it takes").sees("exit=2").ends();
}

#[test]
fn list_takes_a_part_and_any_case_from_a_person() {
    let env = env();
    for (command, shown) in [
        (
            "vault list ordpress",
            &["acme/wordpress", "acme/wordpress-old"][..],
        ),
        ("vault list GLOBEX", &["globex/cpanel"]),
        ("vault list acme/wordpress-o", &["acme/wordpress-old"]),
        ("vault list muller/", &["Müller/db"]),
    ] {
        let screen = typed(&env, command).sees("exit=0").ends().to_owned();
        let part = command.split(' ').next_back().unwrap();
        assert!(screen.contains(&format!(
            "what has {} in its name",
            part.trim_end_matches('/')
        )));
        let bytes: Vec<u8> = screen.chars().map(|c| u8::try_from(c).unwrap()).collect();
        let screen = String::from_utf8(bytes).unwrap();
        let lines = screen
            .lines()
            .filter(|line| line.contains('/') && !line.contains("what has"));
        let lines: Vec<&str> = lines.map(str::trim_end).collect();
        assert_eq!(lines, shown, "{command}");
    }
    typed(&env, "vault list nothing").sees("exit=3").ends();
    typed(&env, "vault list ordpress | cat")
        .sees("no client ordpress")
        .ends();
    env.call(&["list", "GLOBEX"])
        .fails(3)
        .hints("did you mean globex?");
}
