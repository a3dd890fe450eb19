//! Help: for people who know nothing yet, with an example for every command.

use clap::{ArgAction, Command};
use vault::cli::whole_tree;

use crate::support::env::TestEnv;

pub(super) const COMMANDS: [&str; 23] = [
    "init",
    "add",
    "get",
    "show",
    "list",
    "find",
    "edit",
    "mv",
    "rm",
    "trash",
    "purge",
    "history",
    "client",
    "generate",
    "rotate",
    "attach",
    "attachments",
    "detach",
    "id",
    "verify",
    "log",
    "passwd",
    "status",
];

#[test]
fn help_is_an_answer() {
    let env = TestEnv::new();
    for args in [&["help"][..], &["--help"], &["-h"]] {
        let help = env.call(args).no_password().ok();
        help.silently();
        for command in COMMANDS {
            let named = |word: &str| word.trim_end_matches(',') == command;
            assert!(help.text().split_whitespace().any(named), "{command}");
        }
    }
    assert!(
        env.everything().is_empty(),
        "looking for help makes nothing"
    );
}

#[test]
fn every_option_of_all_commands_is_explained() {
    let help = TestEnv::new().call(&["--help"]).no_password().ok();
    for option in [
        "--vault",
        "--password-fd",
        "--password-file",
        "--key-file",
        "--identity",
        "--wait",
        "--kdf-limit",
        "--accept-generation",
        "--accept-signer",
        "--no-input",
        "--json",
        "--quiet",
        "--color",
        "VAULT_FILE",
        "VAULT_PASSWORD_FILE",
        "VAULT_PASSWORD_COMMAND",
        "VAULT_KEY_FILE",
    ] {
        help.shows(option);
    }
}

#[test]
fn no_command_is_help_too() {
    let env = TestEnv::new();
    let output = env.call(&[]).no_password().run();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        output.stderr
    );
    assert!(
        text.contains("Usage") && text.contains("init"),
        "{output:?}"
    );
    assert!(matches!(output.code, Some(0 | 2)), "{output:?}");
}

#[test]
fn the_help_of_each_command_has_an_example() {
    let env = TestEnv::new();
    for command in COMMANDS
        .into_iter()
        .chain(["tour", "backup", "backups", "restore", "doctor"])
    {
        for args in [[command, "--help"], ["help", command]] {
            let help = env.call(&args).no_password().ok();
            help.silently().shows("Usage: vault ").shows("xample");
            // An example starts with the program, below the usage line.
            let name = format!("vault {command}");
            assert!(help.text().matches(&name).count() >= 2, "{}", help.text());
        }
    }
}

#[test]
fn the_version_is_an_answer() {
    let env = TestEnv::new();
    let expected = format!("vault {}\n", env!("CARGO_PKG_VERSION"));
    for args in [["--version"], ["-V"]] {
        env.call(&args)
            .no_password()
            .ok()
            .prints(&expected)
            .silently();
    }
}

#[test]
fn an_unknown_command_or_option_is_bad_usage_with_the_nearest_one() {
    let env = TestEnv::new();
    env.call(&["lst"]).fails(2).says("list");
    env.call(&["add", "acme/wp", "--note", "x"])
        .fails(2)
        .says("--notes");
}

#[test]
fn an_argument_too_many_could_be_a_secret_and_is_not_repeated() {
    let env = TestEnv::new();
    for args in [
        ["add", "acme/wp", "hunter2"],
        ["rotate", "acme/wp", "hunter2"],
    ] {
        let failure = env.call(&args).fails(2);
        failure.hides("hunter2").hints("stdin");
    }
}

#[test]
fn a_value_that_could_be_a_secret_is_not_repeated() {
    let env = TestEnv::new();
    let bad: [&[&str]; 7] = [
        &["--password-fd", "hunter2/", "list"],
        &["passwd", "--new-password-fd", "hunter2/"],
        &["add", "acme/wp", "--secret-field", "hunter2/"],
        &["add", "acme/wp", "--field", "hunter2/"],
        &["edit", "acme/wp", "--unset", "hunter2/"],
        &["attach", "acme/wp", "file", "--as", "hunter2/"],
        &["generate", "--charset=", "hunter2/"],
    ];
    for args in bad {
        env.call(args).fails(2).hides("hunter2");
    }
    let descriptor = env.call(bad[0]).fails(2);
    descriptor.says("--password-fd").says("is a number");
}

#[test]
fn a_value_that_is_no_secret_is_repeated_with_what_is_wrong() {
    let env = TestEnv::new();
    let wait = env.call(&["--wait", "soon", "list"]).fails(2);
    wait.says("'soon'").says("10s");
    let length = env.call(&["generate", "--length", "ten"]).fails(2);
    length.says("'ten'").says("a whole number is needed");
}

#[test]
fn secrets_as_other_tools_take_them_are_answered_with_how_it_goes_here() {
    let env = TestEnv::new();
    let options: [&[&str]; 4] = [
        &["--secret", "hunter2"],
        &["-p", "hunter2"],
        &["--password=hunter2"],
        &["-phunter2"],
    ];
    for option in options {
        let failure = env.call(&[&["add", "acme/wp"], option].concat()).fails(2);
        failure.hides("hunter2").hints("never an argument");
    }
}

#[test]
fn options_that_exclude_each_other_or_repeat_are_bad_usage() {
    let env = TestEnv::ready();
    env.file("new", "quartz-Lantern3-moose-drip");
    env.file("key", "k");
    let bad: [&[&str]; 3] = [
        &[
            "passwd",
            "--new-password-file",
            "new",
            "--new-password-fd",
            "3",
        ],
        &["passwd", "--no-key-file", "--new-key-file", "key"],
        &["list", "--color", "always", "--color", "never"],
    ];
    for args in bad {
        env.call(args).fails(2).says("--");
    }
}

#[test]
fn help_fits_on_one_screen_and_says_where_there_is_more() {
    let env = TestEnv::new();
    for args in [&["help"][..], &["-h"]] {
        let help = env.call(args).no_password().var("COLUMNS", "100").ok();
        let lines = help.text().lines();
        assert!(lines.clone().count() <= 50, "{}", help.text());
        assert!(lines.into_iter().all(|line| line.chars().count() <= 100));
        help.shows("vault help --all").shows("Keep and use:");
        help.hides("--kdf-limit");
    }
    let all = env.call(&["help", "--all"]).no_password().ok();
    all.shows("--kdf-limit").shows("Keep and use:");
}

/// Every command that does something, with how it is called.
fn below(usage: &str, command: &Command, check: &dyn Fn(&str, &Command)) {
    for command in command.get_subcommands().filter(|it| !it.is_hide_set()) {
        let usage = format!("{usage} {}", command.get_name());
        below(&usage, command, check);
        if command.get_subcommands().next().is_none() {
            check(&usage, command);
        }
    }
}

#[test]
fn help_all_has_every_option_of_every_command_and_those_of_all_commands_once() {
    let env = TestEnv::new();
    let all = env.call(&["help", "--all"]).no_password().ok();
    let part = |usage: &str| {
        let starts = [" ", "\n"].map(|end| format!("\n{usage}{end}"));
        let mut parts = starts
            .iter()
            .filter_map(|start| all.text().split_once(start));
        let part = parts.next().map(|(_, rest)| rest);
        let part = part.unwrap_or_else(|| panic!("{usage} is missing"));
        part.split("\nvault ").next().unwrap().to_owned()
    };
    below("vault", &whole_tree(), &|usage, command| {
        let part = part(usage);
        let about = command.get_about().unwrap().to_string();
        assert!(part.contains(&about), "{usage}: {part}");
        let shown = |arg: &&clap::Arg| {
            !arg.is_hide_set()
                && !arg.is_global_set()
                && !matches!(arg.get_action(), ArgAction::Help | ArgAction::Version)
        };
        let options = command.get_arguments().filter(shown);
        for option in options.filter_map(|arg| arg.get_long()) {
            assert!(part.contains(&format!("--{option}")), "{usage}: {option}");
        }
    });
    assert_eq!(all.text().matches("--kdf-limit").count(), 1);
    assert_eq!(all.text().matches("--help").count(), 2);
    let client = env.call(&["help", "client", "--all"]).no_password().ok();
    client.shows("vault client edit ").shows("--retain-until");
    client.hides("--kdf-limit").hides("vault contact edit ");
}

#[test]
fn the_short_help_of_a_command_has_its_own_options_only() {
    let env = TestEnv::new();
    let short = env.call(&["add", "-h"]).no_password().ok();
    short.shows("--username").hides("--kdf-limit");
    let long = env.call(&["add", "--help"]).no_password().ok();
    long.shows("--username")
        .hides("--kdf-limit")
        .shows("vault help --all");
    env.call(&["help", "client", "edit"])
        .ok()
        .shows("--retain-until")
        .shows("vault client edit acme");
    env.call(&["help", "nosuch"]).fails(2).hints("vault help");
}

#[test]
fn a_topic_is_read_by_its_name() {
    let env = TestEnv::new();
    let topic = env.call(&["help", "scripts"]).no_password().ok();
    topic.silently();
    topic.shows("\nExit codes\n\n  0              done, and safe on disk\n");
    let widest = topic.text().lines().filter(|line| !line.starts_with(' '));
    assert!(widest.map(|line| line.chars().count()).max() <= Some(100));
    let narrow = env.call(&["help", "keyboard"]).var("COLUMNS", "60").ok();
    let widest = narrow.text().lines().filter(|line| !line.starts_with(' '));
    assert!(widest.map(|line| line.chars().count()).max() <= Some(60));
    env.call(&["help", "scrpits"])
        .fails(2)
        .hints("did you mean: vault help scripts");
    env.call(&["help", "scripts", "add"]).fails(2);
}

#[test]
fn what_stands_in_braces_is_not_broken() {
    let env = TestEnv::new();
    for columns in (50..=100).step_by(7) {
        let help = env.call(&["help", "inject"]).no_password();
        let help = help.var("COLUMNS", columns.to_string()).ok();
        for code in [
            "{{ vault://CLIENT/NAME#FIELD }}",
            "{{ vault://acme/db | dotenv }}",
            "{{ … | shell }}",
            "{{ \"{{\" }}",
        ] {
            help.shows(code);
        }
        assert!(!help.text().contains('\u{a0}'), "{}", help.text());
    }
}
