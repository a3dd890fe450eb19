//! Questions on a real terminal: what is asked, and what is not echoed.

use crate::support::env::{CHEAP, PASSWORD, TestEnv};

#[test]
fn init_asks_twice_and_shows_nothing_of_the_password() {
    let env = TestEnv::new();
    let mut terminal = env.terminal(&format!("vault init --kdf {CHEAP}; echo \"exit=$?\""));
    terminal
        .sees("password: ")
        .types(PASSWORD)
        .sees(": ")
        .types(PASSWORD)
        .sees("exit=0");
    let screen = terminal.ends();
    assert!(!screen.contains(PASSWORD), "{screen}");
    env.call(&["list"]).ok().prints("");
}

#[test]
fn the_password_of_another_vault_is_asked_for_by_its_name() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let vault = env.vault_file().display().to_string();
    std::fs::copy(&vault, env.path("bob.age")).unwrap();
    for (command, prompt) in [
        ("vault --vault bob.age list", "Master password of bob.age: "),
        (
            "VAULT_FILE=./bob.age vault list",
            "Master password of ./bob.age: ",
        ),
        (
            &*format!("VAULT_FILE='{vault}' vault list"),
            "Master password: ",
        ),
        ("vault list", "Master password: "),
    ] {
        let mut terminal = env.terminal(command);
        terminal.sees(prompt).types(PASSWORD);
        terminal.sees("acme/wp").ends();
    }
}

#[test]
fn init_asks_again_when_the_two_differ() {
    let env = TestEnv::new();
    let mut terminal = env.terminal(&format!("vault init --kdf {CHEAP}; echo \"exit=$?\""));
    terminal
        .sees("password: ")
        .types(PASSWORD)
        .sees(": ")
        .types("a slip of the finger");
    terminal.sees("not the same");
    terminal
        .sees("password: ")
        .types(PASSWORD)
        .sees(": ")
        .types(PASSWORD)
        .sees("exit=0");
    let screen = terminal.ends();
    assert!(
        !screen.contains(PASSWORD) && !screen.contains("finger"),
        "{screen}"
    );
    env.call(&["list"]).ok().prints("");
}

#[test]
fn a_password_that_is_weak_or_empty_is_asked_for_again() {
    let env = TestEnv::new();
    let mut terminal = env.terminal("vault add acme/wp; echo \"exit=$?\"");
    terminal.sees("[y/N] ").types("y").sees("password: ");
    terminal.types("").sees("nothing was entered");
    terminal.sees("password: ").types("password1");
    terminal.sees("too easy to guess").sees("password: ");
    terminal.types(PASSWORD).sees("again: ").types(PASSWORD);
    terminal.sees("vault recovery add").sees("acme/wp");
    terminal.sees(": ").types("hunter2").sees("exit=0");
    let screen = terminal.ends();
    assert!(!screen.contains("password1"), "{screen}");
    assert_eq!(env.secret("acme/wp"), "hunter2");
}

#[test]
fn a_password_that_stays_weak_is_refused_after_three_times() {
    let env = TestEnv::new();
    let mut terminal = env.terminal(&format!("vault init --kdf {CHEAP}; echo \"exit=$?\""));
    for _ in 0..3 {
        terminal.sees("password: ").types("password1");
    }
    terminal.sees("exit=6");
    terminal.ends();
    assert!(!env.vault_file().exists());
}

#[test]
fn get_asks_for_the_password_and_prints_the_secret() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let mut terminal = env.terminal("vault get acme/wp; echo \"exit=$?\"");
    terminal
        .sees("assword")
        .sees(": ")
        .types(PASSWORD)
        .sees("hunter2\n")
        .sees("exit=0");
    let screen = terminal.ends();
    assert!(!screen.contains(PASSWORD), "{screen}");
}

#[test]
fn the_question_goes_to_the_terminal_wherever_stdout_and_stderr_lead() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let script = "vault get acme/wp > out 2> err < /dev/null; echo \"exit=$?\"";
    let mut terminal = env.terminal(script);
    terminal
        .sees("assword")
        .sees(": ")
        .types(PASSWORD)
        .sees("exit=0")
        .ends();
    let read = |name: &str| std::fs::read_to_string(env.path(name)).unwrap();
    assert_eq!(read("out"), "hunter2\n");
    assert_eq!(read("err"), "");
}

#[test]
fn a_wrong_password_may_be_typed_again_and_is_an_error_at_last() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let mut terminal = env.terminal("vault get acme/wp; echo \"exit=$?\"; stty -a");
    for _ in 0..3 {
        terminal.sees("assword: ").types("wrong-Password-1234");
    }
    terminal.sees("vault:").sees("exit=4").sees(" echo ");
    let screen = terminal.ends();
    assert!(
        !screen.contains("hunter2") && !screen.contains("1234"),
        "{screen}"
    );
    let mut terminal = env.terminal("vault get acme/wp; echo \"exit=$?\"");
    terminal.sees("assword: ").types("wrong-Password-1234");
    terminal
        .sees("assword: ")
        .types(PASSWORD)
        .sees("hunter2\n")
        .sees("exit=0")
        .ends();
}

#[test]
fn a_bad_name_is_not_shown_as_it_is() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["unlock"]).ok();
    // One that has to be written out, and one that may be a part of a name.
    for (command, exit) in [("rm", 2), ("get", 3)] {
        let call = format!("vault {command} $'acme/\\e]0;owned\\u202ered'; echo \"exit=$?\"");
        let mut terminal = env.terminal(&call);
        let screen = terminal.sees(&format!("exit={exit}")).ends();
        assert!(
            !screen.contains("\u{1b}]0") && !screen.contains("\u{e2}\u{80}\u{ae}"),
            "{screen}"
        );
    }
}

#[test]
fn passwd_asks_for_the_old_one_and_twice_for_the_new_one() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let new = "quartz-Lantern3-moose-drip";
    let mut terminal = env.terminal("vault passwd; echo \"exit=$?\"");
    terminal.sees("assword").sees(": ").types(PASSWORD);
    terminal
        .sees("assword")
        .sees(": ")
        .types(new)
        .sees(": ")
        .types(new)
        .sees("exit=0");
    let screen = terminal.ends();
    assert!(
        !screen.contains(new) && !screen.contains(PASSWORD),
        "{screen}"
    );
    env.call(&["get", "acme/wp"])
        .password(new)
        .ok()
        .prints("hunter2\n");
}

#[test]
fn no_input_on_a_terminal_names_the_option_instead_of_asking() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let file = env.password_file();
    let script = format!(
        "vault --no-input get acme/wp; echo \"exit=$?\"
         export VAULT_PASSWORD_FILE='{}'
         vault --no-input rm acme/wp; echo \"exit=$?\"
         vault --no-input add acme/db; echo \"exit=$?\"
         vault --no-input passwd; echo \"exit=$?\"",
        file.display()
    );
    let mut terminal = env.terminal(&script);
    terminal
        .sees("hint:")
        .sees("--password-file")
        .sees("exit=9");
    terminal.sees("hint:").sees("--yes").sees("exit=9");
    terminal.sees("hint:").sees("stdin").sees("exit=9");
    terminal
        .sees("hint:")
        .sees("--new-password-file")
        .sees("exit=9")
        .ends();
}

#[test]
fn escape_sequences_are_shown_escaped_and_piped_exactly() {
    let secret = "\u{1b}]0;owned\u{7}\u{1b}[31mred\u{202e}live\nnext line";
    let env = TestEnv::with(&[("acme/wp", secret)]);
    let notes = ["edit", "acme/wp", "--notes", "\u{1b}[2Jcleared"];
    env.call(&notes).ok();
    let export = format!(
        "export VAULT_PASSWORD_FILE='{}'",
        env.password_file().display()
    );
    let script = format!(
        "{export}; vault get acme/wp; vault get acme/wp --field notes; vault show acme/wp; \
         vault get -n acme/wp > out; vault get -n acme/wp | cat > piped"
    );
    let mut terminal = env.terminal(&script);
    let screen = terminal
        .sees("owned")
        .sees("red")
        .sees("next line")
        .ends()
        .to_owned();
    // The bytes of U+202E as the terminal would have got them.
    for raw in [
        "\u{1b}]",
        "\u{1b}[31m",
        "\u{1b}[2J",
        "\u{7}",
        "\u{e2}\u{80}\u{ae}",
    ] {
        assert!(!screen.contains(raw), "{raw:?} in {screen:?}");
    }
    for name in ["out", "piped"] {
        assert_eq!(std::fs::read_to_string(env.path(name)).unwrap(), secret);
    }
}
#[test]
fn the_end_of_input_is_no_password() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let mut terminal = env.terminal("vault get acme/wp; echo \"exit=$?\"; stty -a");
    terminal
        .sees("assword: ")
        .presses('d')
        .sees("exit=2")
        .sees(" echo ")
        .ends();
    let mut terminal = env.terminal("vault get acme/wp; echo \"exit=$?\"");
    terminal.sees("assword: ").types("").sees("exit=2").ends();
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let env = TestEnv::new();
    let calls = [
        ("vault list", true),
        ("vault --color never list", false),
        ("NO_COLOR=1 vault list", false),
        ("NO_COLOR=1 vault --color always list", true),
        ("vault list 2>&1 | cat", false),
    ];
    for (call, coloured) in calls {
        let mut terminal = env.terminal(call);
        let screen = terminal.sees("vault init").ends();
        assert_eq!(screen.contains("\u{1b}["), coloured, "{call}: {screen:?}");
    }
    for (call, coloured) in [
        ("vault mv nothing x/y", true),
        ("vault --color=never mv nothing x/y", false),
    ] {
        let mut terminal = env.terminal(call);
        let screen = terminal.sees("CLIENT/NAME").ends();
        assert_eq!(screen.contains("\u{1b}["), coloured, "{call}: {screen:?}");
    }
}

#[test]
fn what_is_typed_while_the_key_is_derived_is_not_shown_and_stays() {
    let env = TestEnv::new();
    env.call(&["init", "--kdf", "m=256MiB,t=12,p=1"]).ok();
    let mut terminal = env.terminal("vault list; read -r next; echo \"next=$next\"");
    terminal.sees("password: ").types(PASSWORD);
    terminal.sees("Deriving").types("typed ahead");
    terminal.sees("next=typed ahead");
    let screen = terminal.ends();
    assert_eq!(screen.matches("typed ahead").count(), 1, "{screen}");
}

#[test]
fn ctrl_c_while_the_key_is_derived_gives_the_terminal_back() {
    let env = TestEnv::new();
    env.call(&["init", "--kdf", "m=256MiB,t=12,p=1"]).ok();
    let mut terminal = env.terminal("trap : INT; vault list; echo \"exit=$?\"; stty -a");
    terminal.sees("password: ").types(PASSWORD);
    terminal.sees("Deriving").presses('c');
    terminal.sees("exit=130");
    let screen = terminal.ends();
    assert!(
        screen.contains(" echo ") && screen.contains(" icanon "),
        "{screen}"
    );
}

#[test]
fn who_types_the_password_again_and_again_is_told_of_unlock_once() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let mut told = Vec::new();
    for _ in 0..5 {
        let mut terminal = env.terminal("vault list");
        terminal.sees("password: ").types(PASSWORD);
        told.push(terminal.ends().contains("vault unlock"));
    }
    assert_eq!(told, [false, false, true, false, false]);
}

#[test]
fn an_import_offers_to_make_the_vault_too() {
    let env = TestEnv::new();
    let csv = "name,url,username,password\nshop,https://shop.example,jo,hunter2\n";
    env.file("passwords.csv", csv);
    let mut terminal = env.terminal("vault import passwords.csv; echo \"exit=$?\"");
    terminal
        .sees("[y/N] ")
        .types("y")
        .sees("password: ")
        .types(PASSWORD);
    terminal.sees("again: ").types(PASSWORD).sees("exit=0");
    terminal.ends();
    env.call(&["find", "jo"]).ok().shows("shop");
}
