//! Where the master password comes from, in which order, and what becomes of the source.

#[cfg(target_os = "linux")]
use std::{io::Write, net::TcpListener, thread};

use crate::support::env::{PASSWORD, TestEnv};

const WRONG: &str = "wrong-Password-1234";
const GET: &str = "get acme/wp";

/// A vault with an entry, and the files `right` and `wrong` to point at.
fn env() -> TestEnv {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.file("right", PASSWORD);
    env.file("wrong", WRONG);
    env
}

#[test]
fn each_source_opens_the_vault() {
    let env = env();
    let by = |script: &str| {
        env.shell(script).no_password().ok().prints("hunter2\n");
    };
    by(&format!("vault --password-fd 3 {GET} 3< right"));
    by(&format!("vault --password-file right {GET}"));
    by(&format!("VAULT_PASSWORD_COMMAND='cat right' vault {GET}"));
    by(&format!("VAULT_PASSWORD_FILE=right vault {GET}"));
    by(&format!("cat right | vault --password-fd 0 {GET}"));
    by(&format!("vault --password-file <(cat right) {GET}"));
    by(&format!("vault {GET} --password-file right"));
}

/// Programs such as Node give their children sockets where others give pipes.
#[test]
#[cfg(target_os = "linux")]
fn a_socket_is_a_descriptor_like_any_other() {
    let env = env();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let sender = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.write_all(PASSWORD.as_bytes()).unwrap();
    });
    env.shell(&format!(
        "exec vault --password-fd 3 {GET} 3</dev/tcp/127.0.0.1/{port}"
    ))
    .no_password()
    .ok()
    .prints("hunter2\n");
    sender.join().unwrap();
}

/// Gets the secret with one source for each of the files named, in the order in which sources are
/// looked for.
fn get(
    env: &TestEnv,
    fd: &str,
    file: &str,
    command: &str,
    var: &str,
) -> crate::support::call::Output {
    let or_nothing = |name: &str, text: String| if name.is_empty() { String::new() } else { text };
    let script = [
        or_nothing(command, format!("VAULT_PASSWORD_COMMAND='cat {command}' ")),
        or_nothing(var, format!("VAULT_PASSWORD_FILE={var} ")),
        format!("vault {GET}"),
        or_nothing(file, format!(" --password-file {file}")),
        or_nothing(fd, format!(" --password-fd 3 3< {fd}")),
    ];
    env.shell(&script.concat()).no_password().run()
}

#[test]
fn the_earlier_source_wins() {
    let env = env();
    for (right, wrong, code) in [("right", "wrong", 0), ("wrong", "right", 4)] {
        let outputs = [
            get(&env, right, "", wrong, ""),
            get(&env, right, "", "", wrong),
            get(&env, "", right, wrong, ""),
            get(&env, "", right, "", wrong),
            get(&env, "", "", right, wrong),
            get(&env, right, "", wrong, wrong),
        ];
        for output in outputs {
            assert_eq!(output.code, Some(code), "{output:?}");
        }
    }
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let env = env();
    let mut call = env.call(&["get", "acme/wp"]);
    for name in ["VAULT_FILE", "VAULT_KEY_FILE", "VAULT_PASSWORD_COMMAND"] {
        call = call.var(name, "");
    }
    call.ok().prints("hunter2\n");
    let empty = env.call(&["get", "acme/wp"]).var("VAULT_PASSWORD_FILE", "");
    empty.fails(9);
}

#[test]
fn a_descriptor_goes_before_a_file() {
    let env = env();
    for (right, wrong, code) in [("right", "wrong", 0), ("wrong", "right", 4)] {
        let output = get(&env, right, wrong, "", "");
        assert_eq!(output.code, Some(code), "{output:?}");
    }
}

#[test]
fn an_explicit_source_that_cannot_be_read_is_no_fall_through() {
    let env = env();
    let bad = [
        ("vault --password-file nosuch", "nosuch"),
        ("vault --password-file .", "."),
        ("vault --password-fd 9", "9"),
        ("vault --password-fd x", "--password-fd"),
        ("VAULT_PASSWORD_COMMAND='exit 3' vault", "3"),
        (
            "VAULT_PASSWORD_COMMAND=no-such-program-here vault",
            "command",
        ),
        ("VAULT_PASSWORD_FILE=nosuch vault", "nosuch"),
        ("VAULT_PASSWORD_COMMAND=true vault", "empty"),
        ("vault --password-file /dev/null", "empty"),
    ];
    for (script, said) in bad {
        // The password in VAULT_PASSWORD_FILE would be right.
        env.shell(&format!("{script} {GET}")).fails(2).says(said);
    }
}

#[test]
fn the_password_is_the_first_line_without_its_end() {
    let env = env();
    for content in ["{}\n", "{}\r\n", "{}\nsecond line\n", "{}"] {
        let call = env
            .call(&["get", "acme/wp"])
            .password(&content.replace("{}", PASSWORD));
        call.ok().prints("hunter2\n");
    }
    for content in [" {}", "{} ", "\n{}", "\u{feff}{}"] {
        let call = env
            .call(&["get", "acme/wp"])
            .password(&content.replace("{}", PASSWORD));
        let code = if content.starts_with('\n') { 2 } else { 4 };
        call.fails(code);
    }
}

#[test]
fn composed_and_decomposed_letters_are_the_same_password() {
    let env = TestEnv::new();
    let init = env.call(&["init", "--kdf", crate::support::env::CHEAP]);
    init.password("Gre\u{301}gory-okapi-Trellis7").ok();
    let add = env
        .call(&["add", "acme/wp"])
        .password("Gr\u{e9}gory-okapi-Trellis7");
    add.stdin("hunter2").ok();
}

#[test]
fn a_command_may_print_more_than_the_password() {
    let env = env();
    let call = env.call(&["get", "acme/wp"]).no_password();
    call.var("VAULT_PASSWORD_COMMAND", "cat right; echo; seq 100000")
        .ok()
        .prints("hunter2\n");
}

#[test]
fn a_failing_command_is_named_by_its_exit_not_by_its_output() {
    let env = env();
    let call = env.call(&["get", "acme/wp"]);
    let failure = call
        .var("VAULT_PASSWORD_COMMAND", "echo half-a-password; exit 7")
        .fails(2);
    failure.says("7").hides("half-a-password");
}

#[test]
fn the_command_sees_nothing_of_where_passwords_come_from() {
    let env = env();
    let call = env
        .call(&["get", "acme/wp"])
        .var("VAULT_PASSWORD_OTHER", "x");
    let command = "env > seen; cat right";
    call.var("VAULT_PASSWORD_COMMAND", command)
        .ok()
        .prints("hunter2\n");
    let seen = std::fs::read_to_string(env.path("seen")).unwrap();
    assert!(seen.contains("HOME="), "{seen}");
    assert!(!seen.contains("VAULT_PASSWORD"), "{seen}");
}

#[test]
fn the_command_does_not_eat_the_secret_on_stdin() {
    let env = env();
    let call = env
        .call(&["add", "acme/db"])
        .stdin("from stdin\n")
        .no_password();
    call.var("VAULT_PASSWORD_COMMAND", "cat > /dev/null; cat right")
        .ok();
    assert_eq!(env.secret("acme/db"), "from stdin");
}

#[test]
fn password_and_secret_may_come_one_after_the_other_on_stdin() {
    let env = env();
    let call = env
        .call(&["add", "acme/db", "--password-fd", "0"])
        .no_password();
    let output = call.stdin(format!("{PASSWORD}\nfrom stdin\n")).run();
    // Refusing it is as good; taking the password for the secret is not.
    match output.code {
        Some(0) => assert_eq!(env.secret("acme/db"), "from stdin"),
        code => assert_eq!(code, Some(2), "{output:?}"),
    }
}

#[test]
fn with_nobody_to_ask_it_says_what_would_have_answered() {
    let env = env();
    for args in [
        &["get", "acme/wp"][..],
        &["list"],
        &["log"],
        &["add", "acme/db"],
    ] {
        let failure = env.call(args).no_password().stdin("x").fails(9);
        failure.says("password").hints("--password-file");
    }
    let failure = env
        .call(&["get", "acme/wp", "--no-input"])
        .no_password()
        .fails(9);
    failure.hints("VAULT_PASSWORD_COMMAND");
}

#[test]
fn a_wrong_password_is_locked_and_names_the_vault_not_the_password() {
    let env = env();
    for args in [
        &["get", "acme/wp"][..],
        &["list"],
        &["add", "acme/db"],
        &["log"],
    ] {
        env.call(args)
            .stdin("x")
            .password(WRONG)
            .fails(4)
            .says("password")
            .hides(WRONG);
    }
}
