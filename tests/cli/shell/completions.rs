//! `completions` prints a script for each shell; what the scripts ask is answered quickly, quietly
//! and without asking. The shells themselves are in `tests/interop`.

use std::time::Instant;

use crate::cli::sharing::share::{consented, share};
use crate::support::env::{TIMEOUT, TestEnv, number};

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

/// What bash would insert for a line, one a line.
fn bash(env: &TestEnv, line: &str) -> String {
    let script = format!(
        "eval \"$(vault completions bash)\"; COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; \
         _vault; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let done = env.shell(&script).no_password().ok();
    done.silently();
    done.text().to_owned()
}

#[test]
fn every_shell_has_a_script_and_needs_no_vault() {
    let env = TestEnv::new();
    for shell in SHELLS {
        let script = env.call(&["completions", shell]).no_password().ok();
        script
            .silently()
            .shows(&format!("complete --shell {shell}"));
    }
    env.call(&["completions", "PowerShell"]).ok();
    env.call(&["completions", "tcsh"]).fails(2).says("one of");
    assert!(env.everything().is_empty(), "nothing is written");
}

#[test]
fn bash_completes_commands_options_and_values() {
    let env = TestEnv::new();
    assert_eq!(bash(&env, "vault ro"), "rotate\n");
    assert_eq!(bash(&env, "vault client sh"), "show\n");
    assert_eq!(bash(&env, "vault get --at"), "--at-version\n");
    assert_eq!(bash(&env, "vault --color al"), "always\n");
    assert_eq!(bash(&env, "vault --color=al"), "always\n");
    assert_eq!(bash(&env, "vault completions po"), "powershell\n");
    assert_eq!(bash(&env, "vault help ro"), "rotate\n");
}

#[test]
fn hidden_commands_are_not_offered() {
    let env = TestEnv::new();
    assert_eq!(bash(&env, "vault compl"), "completions\n");
    assert_eq!(bash(&env, "vault complete"), "\n");
    env.call(&["help"]).ok().hides("complete --shell");
    env.call(&["help", "--all"]).ok().hides("cursor");
}

#[test]
fn another_name_of_a_command_is_understood_and_not_offered() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let re = bash(&env, "vault re");
    assert!(re.contains("receive\n") && !re.contains("reveal"), "{re}");
    assert_eq!(bash(&env, "vault client l"), "list\n");
    env.call(&["unlock"]).ok();
    assert_eq!(bash(&env, "vault reveal a"), "acme/wp\n");
}

#[test]
fn the_options_of_a_command_come_before_those_of_all() {
    let env = TestEnv::new();
    let offered = bash(&env, "vault get --");
    let at = |option: &str| offered.lines().position(|line| line == option).unwrap();
    for own in ["--field", "--pending", "--clip", "--out"] {
        for global in ["--vault", "--json", "--quiet", "--help"] {
            assert!(at(own) < at(global), "{own} and {global} in {offered}");
        }
    }
}

#[test]
fn what_an_entry_has_is_offered_as_its_field() {
    let env = TestEnv::ready();
    let add = [
        "add",
        "acme/wp",
        "-u",
        "kim",
        "--url",
        "https://acme.example",
    ];
    let add = [&add[..], &["--env", "WP_TOKEN", "--field", "port=22"]].concat();
    env.call(&add).stdin("x").ok();
    env.call(&["unlock"]).ok();
    let fields = bash(&env, "vault get acme/wp --field ");
    assert_eq!(fields, "env\nport\nsecret\nurl\nusername\n");
    for field in fields.lines() {
        env.call(&["get", "acme/wp", "--field", field]).ok();
    }
}

#[test]
fn what_the_scripts_ask_is_answered_without_a_word_whatever_is_wrong() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let vault = env.vault_file();
    std::fs::write(&vault, b"no vault").unwrap();
    let lines: [&[&str]; 7] = [
        &["vault", "get", ""],
        &["vault", "--vault", "/no/such/vault", "get", "a"],
        &["vault", "--nosuch", "get", ""],
        &["vault", "--password-fd", "99", "get", ""],
        &["vault", "nosuch", ""],
        &["vault"],
        &[],
    ];
    for shell in SHELLS {
        for line in lines {
            let args = [&["complete", "--shell", shell, "--"], line].concat();
            env.call(&args).no_password().ok().silently();
        }
    }
}

#[test]
fn tab_asks_for_no_password_and_derives_none_from_a_variable() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let args = ["complete", "--shell", "fish", "--", "vault", "get", ""];
    let mark = env.path("asked");
    let call = env
        .call(&args)
        .var("VAULT_PASSWORD_COMMAND", format!("touch '{mark}'"));
    call.ok().silently().prints("");
    assert!(!std::path::Path::new(&mark).exists());
}

#[test]
fn names_come_from_the_agent_and_nothing_is_recorded() {
    let env = TestEnv::with(&[("acme/my site", "x"), ("bolt/db", "y")]);
    assert_eq!(bash(&env, "vault get "), "\n", "locked");
    env.call(&["unlock"]).ok();
    let before = env.everything();
    assert_eq!(bash(&env, "vault get acme/"), "acme/my\\ site\n");
    assert_eq!(bash(&env, "vault client show b"), "bolt\n");
    let args = ["complete", "--shell", "fish", "--", "vault", "get", ""];
    let names = env.call(&args).no_password().ok();
    names.silently().prints("acme/my site\nbolt/db\n");
    assert_eq!(bash(&env, "vault --no-agent get acme/"), "\n");
    assert_eq!(env.everything(), before, "nothing is written");
    env.call(&["lock"]).ok();
    assert_eq!(bash(&env, "vault get acme/"), "\n");
}

#[test]
fn contacts_and_numbers_are_offered_with_what_they_are() {
    let (env, _) = consented();
    let shared = share(&env, &["acme/wp"]);
    let share = number(shared["share"]["id"].as_str().unwrap());
    env.call(&["unlock"]).ok();
    assert_eq!(bash(&env, "vault share acme/wp --to b"), "bob\n");
    assert_eq!(
        bash(&env, &format!("vault revoke {}", &share[..4])),
        format!("{share}\n")
    );
    let ask = |words: &[&str]| {
        let args = [&["complete", "--shell", "fish", "--", "vault"], words].concat();
        env.call(&args).no_password().ok().text().to_owned()
    };
    let told = ask(&["shares", "show", ""]);
    assert_eq!(told, format!("{share}\tacme/wp to bob, sent\n"));
    let told = ask(&["consent", "show", ""]);
    assert!(told.ends_with("\tacme to bob, given\n"), "{told}");
    env.call(&["recovery", "add", "--out", "recovery.key"]).ok();
    let way = &env.call(&["recovery", "list", "--json"]).ok().json()[0];
    let (id, key) = (
        way["id"].as_str().unwrap(),
        way["recipient"].as_str().unwrap(),
    );
    let told = ask(&["recovery", "rm", ""]);
    assert_eq!(told, format!("{}\t{key}\n", &id[..8]));
    assert_eq!(ask(&["recipient", "rm", ""]), "");
    let backups = ask(&["restore", ""]);
    assert!(backups.contains("last.age\tlast, "), "{backups}");
    assert!(!ask(&["restore", "./x"]).contains("last.age"));
}

#[test]
fn what_is_in_the_trash_is_offered_where_it_is_meant() {
    let env = TestEnv::with(&[("acme/wp", "x"), ("acme/db", "y")]);
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["unlock"]).ok();
    for command in ["restore", "empty"] {
        let line = format!("vault trash {command} acme/");
        assert_eq!(bash(&env, &line), "acme/wp\n", "{command}");
    }
    assert_eq!(bash(&env, "vault rm acme/"), "acme/\nacme/db\n");
}

#[test]
fn tab_is_no_use_of_the_key() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.call(&["unlock", "--for", "10m", "--idle", "2s"]).ok();
    let start = Instant::now();
    while bash(&env, "vault get a") != "\n" {
        assert!(start.elapsed() < TIMEOUT, "it is kept for who only types");
    }
}

#[test]
fn what_run_starts_is_left_to_the_shell_where_it_can_be() {
    let env = TestEnv::new();
    for (shell, answer) in [
        ("zsh", ":command\n"),
        ("fish", ":command\n"),
        ("elvish", ""),
    ] {
        let args = [
            "complete", "--shell", shell, "--", "vault", "run", "--", "np",
        ];
        env.call(&args).ok().silently().prints(answer);
    }
    let line = "'vault run --client acme -- vaul'";
    let words = "COMP_WORDS=(vault run --client acme -- vaul) COMP_CWORD=5";
    let script = format!(
        "eval \"$(vault completions bash)\"; COMP_LINE={line}; COMP_POINT=${{#COMP_LINE}}; \
         {words}; _vault; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    env.shell(&script).ok().silently().shows("vault\n");
}

#[test]
fn a_path_is_left_to_the_shell() {
    let env = TestEnv::new();
    for line in [
        &["vault", "--vault", ""][..],
        &["vault", "detach", "a/b", "c", "--out", "x"],
    ] {
        let args = [&["complete", "--shell", "zsh", "--"], line].concat();
        env.call(&args).ok().prints(":files\n");
    }
}
