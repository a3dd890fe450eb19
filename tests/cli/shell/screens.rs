//! What is shown fits the terminal: tables are cut, texts are broken between words, and what can be
//! pasted is on one line.

use clap::Command;
use regex::Regex;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;
use vault::cli::whole_tree;

use crate::cli::sharing::share::consented;
use crate::cli::sync::second_device;
use crate::support::env::{CHEAP, TestEnv, number};
use crate::support::sender::{Sender, item};

const SSH_PRIVATE: &str = include_str!("../access/keys/id_ed25519");
const SSH_PUBLIC: &str = include_str!("../access/keys/id_ed25519.pub");

const WIDTHS: [usize; 3] = [60, 80, 120];

/// What every listing has to cope with: long names, other scripts, and what a terminal would obey.
fn hostile() -> TestEnv {
    let (env, _) = consented();
    let long = "x".repeat(300);
    let add = ["add", "acme/long", "-u", &long, "--notes"];
    let notes = "one \u{1b}]0;owned\u{7}\u{202e} two ".repeat(20);
    env.call(&[&add[..], &[&notes]].concat()).stdin("x").ok();
    env.call(&["add", "acme/日本語サイト", "-u", "管理者", "--generate"])
        .ok();
    env.call(&["share", "acme/wp", "acme/db", "--to", "bob"])
        .ok();
    let words = "a purpose of many words ".repeat(10);
    let mut add = vec!["consent", "add", "acme", "--to", "bob", "--by", "Jo Doe"];
    add.extend(["--scope", "acme/*", "--note", "x", "--purpose", &words]);
    env.call(&add).ok();
    env.call(&["rm", "acme/db", "--yes"]).ok();
    let name = "Acme and all of its daughters ".repeat(8);
    let person = format!("{name} <jo@acme.example>");
    env.call(&[
        "client", "edit", "acme", "--name", &name, "--person", &person,
    ])
    .ok();
    let role = "looks after the shop and the mails ".repeat(8);
    env.call(&["contact", "edit", "bob", "--role", &role]).ok();
    env.call(&["rotate", "acme/wp", "--generate", "--reason", &words])
        .ok();
    let file = env.file("a-name-of-a-file-that-is-long-and-says-all.conf", "x");
    env.call(&["attach", "acme/wp", &file]).ok();
    env.call(&["recovery", "add", "--out", "key"]).ok();
    let key = env.file("id_ed25519", SSH_PRIVATE);
    env.call(&["attach", "acme/long", &key]).ok();
    let key = env.file("id.pub", SSH_PUBLIC);
    let name = "l".repeat(40);
    env.call(&["recipient", "add", &key, "--name", &name]).ok();
    let wild = format!("{}{WILD}", "wide ".repeat(40));
    for change in [
        &["edit", "acme/long", "--expires", "1s"][..],
        &["incident", "open", &wild, "--entry", "acme/long"],
        &[
            "audit",
            "accept",
            "client-no-rules",
            "acme",
            "--until",
            "90d",
            "--reason",
            &wild,
        ],
    ] {
        env.call(change).ok();
    }
    env.call(&["ask", "acme/asked-for", "--text", "--for", &wild])
        .ok();
    receive(&env, &wild);
    go_apart(&env, &wild);
    env
}

/// What a terminal would obey, and what it would show backwards.
const WILD: &str = "\u{1b}[31m\u{7}\u{202e}\u{2067}";

/// Takes in a share with a long name and a wild purpose.
fn receive(env: &TestEnv, wild: &str) {
    let sender = Sender::new();
    let file = sender.share_with(env, |bundle| {
        bundle.purpose = wild.into();
        let fields = [("secret", "x"), ("username", wild)];
        bundle.items = vec![item(&"n".repeat(40), &fields)];
    });
    let receive = [
        "receive",
        "--accept-terms",
        &file,
        "--into",
        "lender",
        "--trust",
    ];
    env.call(&[&receive[..], &[sender.fingerprint()]].concat())
        .ok();
}

/// Lets two devices change the same, and takes in both.
fn go_apart(env: &TestEnv, wild: &str) {
    let other = second_device(env);
    other.call(&["edit", "acme/wp", "-u", "other"]).ok();
    env.call(&["edit", "acme/wp", "-u", wild]).ok();
    let copy = env.file("met.age", std::fs::read(other.vault_file()).unwrap());
    env.call(&["merge", &copy]).ok();
}

/// What a script shows on a terminal of so many columns, without colour.
fn screen(env: &TestEnv, columns: usize, script: &str) -> String {
    let password = env.password_file();
    let script = format!(
        "stty cols {columns} rows 50; export PAGER=cat NO_COLOR=1 VAULT_PASSWORD_FILE='{}'; {script}",
        password.display()
    );
    // A character is a byte there.
    let shown = env.terminal(&script).ends().to_owned();
    let bytes: Vec<u8> = shown.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let screen = String::from_utf8(bytes).unwrap();
    // What is wiped away while a busy machine derives the key.
    let progress = Regex::new(r"[^\n]*\r\x1b\[2K").unwrap();
    let screen = progress.replace_all(&screen, "");
    assert!(
        !screen.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{2067}']),
        "{screen:?}"
    );
    screen.replace('\r', "")
}

/// The lines that are wider than the screen, but for those that cannot be broken.
fn too_wide(screen: &str, columns: usize) -> Vec<&str> {
    let lines = screen.lines().filter(|line| line.width() > columns);
    // A command is whole, so that it can be pasted.
    let lines = lines.filter(|line| !line.trim_start().starts_with("vault "));
    let breakable = |line: &&str| {
        let words = line.split_whitespace();
        words.filter(|word| word.width() < columns / 2).count() > 2
    };
    lines.filter(breakable).collect()
}

/// Every listing and card, with a member of its JSON that tells its lines apart and is never cut; an
/// id as people are shown it.
const LISTINGS: [(&str, Option<&str>); 38] = [
    ("list", Some("path")),
    ("list --long", None),
    ("list --tree", None),
    ("list --due", None),
    ("list --expired --long", None),
    ("find acme", Some("path")),
    ("trash list", Some("id")),
    ("history acme/wp", None),
    ("attachments acme/wp", None),
    ("ssh-agent --list", Some("key")),
    ("client list", Some("client")),
    ("contact list", Some("name")),
    ("consent list", Some("id")),
    ("shares list", Some("id")),
    ("ask list", Some("id")),
    ("shares --received", Some("id")),
    ("who acme", None),
    ("who bob", None),
    ("log", None),
    ("backups", None),
    ("conflicts", None),
    ("recovery list", Some("id")),
    ("recipient list", Some("id")),
    ("status", None),
    ("doctor", None),
    ("verify", None),
    ("audit --accepted", None),
    ("audit", None),
    ("review --list", None),
    ("incident list", Some("id")),
    ("breach check --pwned list -n", None),
    ("find wide --long", None),
    ("who acme/wp", None),
    ("show acme/long", None),
    ("show acme/wp", None),
    ("client show acme", None),
    ("contact show bob", None),
    ("me", None),
];

/// The length of an id as JSON has it.
const UUID_CHARS: usize = 36;

/// Commands that list nothing of their own.
const NO_LISTINGS: &str = "init add get code edit mv rm purge client contact consent trash recovery recipient \
    generate rotate attach detach share shares grant revoke receive decline ack attest report evidence run \
    inject import export id backup restore merge resolve sync unlock lock passwd tour help man completions \
    records toms clauses page helper scan redact";

#[test]
fn every_command_is_known_here_as_a_listing_or_as_none() {
    let env = TestEnv::new();
    let listed: Vec<&str> = LISTINGS.iter().map(|(line, _)| *line).collect();
    let known = |command: &str| {
        let mut firsts = listed.iter().filter_map(|line| line.split(' ').next());
        firsts.any(|first| first == command) || NO_LISTINGS.split(' ').any(|it| it == command)
    };
    let words = ["complete", "--shell", "zsh", "--", "vault", "help", ""];
    let all = env.call(&words).no_password().ok();
    let names = all
        .text()
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    // Topics have a line that says what they are about.
    let commands: Vec<String> = names
        .filter(|name| name.len() == 1)
        .map(|name| name.concat())
        .collect();
    assert!(commands.len() > 40, "{commands:?}");
    for command in &commands {
        assert!(known(command), "{command} is in neither table");
        let list = env.call(&["help", command, "list"]).no_password().run();
        if list.code == Some(0) {
            let line = format!("{command} list");
            assert!(listed.contains(&&*line), "{line} is missing above");
        }
    }
}

/// How many rows a listing has; none for a card.
fn rows(env: &TestEnv, listing: &str) -> Option<usize> {
    let args: Vec<&str> = listing.split(' ').chain(["--json"]).collect();
    let answer = env.call(&args).run();
    let all: Value = serde_json::from_slice(&answer.stdout).unwrap_or_default();
    all.as_array().map(Vec::len)
}

#[test]
fn listings_and_cards_fit_the_terminal() {
    let env = hostile();
    // The hash of a secret that is there, in a list of leaked ones.
    env.file("list", "11F6AD8EC52A2984ABAAFD7C3B516503785C2072:3\n");
    let mut wrong = Vec::new();
    for (listing, kept) in LISTINGS {
        let kept: Vec<String> = kept.map_or_else(Vec::new, |key| {
            let args: Vec<&str> = listing.split(' ').chain(["--json"]).collect();
            let all = env.call(&args).ok().json().as_array().unwrap().clone();
            let values = all.iter().map(|it| it[key].as_str().unwrap().to_owned());
            values.collect()
        });
        if rows(&env, listing) == Some(0) {
            wrong.push(format!("{listing} is empty"));
        }
        for columns in WIDTHS {
            let shown = screen(&env, columns, &format!("vault {listing}"));
            let wide = too_wide(&shown, columns).into_iter();
            wrong.extend(wide.map(|line| format!("{listing} at {columns}: {line}")));
            for value in &kept {
                let is_id = value.len() == UUID_CHARS;
                let told = match value.get(..8).filter(|_| is_id) {
                    Some(short) => shown.contains(short) || shown.contains(&number(value)),
                    None => shown.contains(value),
                };
                if !told {
                    wrong.push(format!("{listing} at {columns} lost {value}:\n{shown}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_would_drive_the_terminal_is_seen_in_the_listings() {
    let env = hostile();
    let shown = screen(&env, 120, "vault show acme/long; vault consent list");
    assert!(shown.contains("\\x1b]0;owned\\x07"), "{shown}");
    assert!(shown.contains("\\u{202e}"), "{shown}");
}

#[test]
fn json_is_laid_out_on_a_terminal_and_on_one_line_in_a_pipe() {
    let env = hostile();
    let shown = screen(&env, 80, "vault find globex --json");
    assert!(
        shown.contains("\n    \"path\": \"globex/mail\","),
        "{shown}"
    );
    let piped = screen(&env, 80, "vault find globex --json | cat");
    assert!(piped.contains("[{\"client\":\"globex\","), "{piped}");
}

#[test]
fn a_table_is_cut_on_a_terminal_and_whole_in_a_pipe() {
    let env = hostile();
    let long = "x".repeat(300);
    let table = screen(&env, 80, "vault list --long");
    assert!(table.contains("xxx…"), "{table}");
    assert!(!table.contains(&long), "{table}");
    let piped = screen(&env, 80, "vault list --long | cat");
    assert!(piped.contains(&long) && !piped.contains('…'), "{piped}");
}

#[test]
fn a_narrow_table_drops_what_nobody_has_and_keeps_the_time_of_day() {
    let env = TestEnv::with(&[("acme/hosting/a-name-of-28-letters", "x")]);
    let shown = screen(&env, 60, "vault list --long; vault log");
    assert!(shown.contains("\nacme/hosting/a-name-of-28-let"), "{shown}");
    assert!(
        !["FLAGS", "EXPIRES", "DEVICE"]
            .iter()
            .any(|it| shown.contains(it)),
        "{shown}"
    );
    let minute = Regex::new(r"\n20\d\d-\d\d-\d\d \d\d:\d\d  add ").unwrap();
    assert!(minute.is_match(&shown), "{shown}");
    // A script has every column.
    env.call(&["list", "--long"]).ok().shows("1  just now");
}

#[test]
fn paths_are_cut_on_a_terminal_too() {
    let env = TestEnv::new();
    env.call(&["init", "--kdf", CHEAP]).ok();
    let name = "x".repeat(60);
    env.add(&format!("acme/{name}/y"), "x");
    let shown = screen(&env, 60, "vault list; vault list --tree; vault rm acme/ -n");
    assert!(too_wide(&shown, 60).is_empty(), "{shown}");
    // The note of the dry run names it whole.
    assert_eq!(shown.matches("xxx…xxx").count(), 3, "{shown}");
    assert_eq!(shown.matches("xx/y\n").count(), 3, "{shown}");
    let piped = screen(&env, 60, "vault list | cat");
    assert!(piped.contains(&name), "{piped}");
}

#[test]
fn messages_are_broken_between_words_and_commands_are_not() {
    let env = hostile();
    let shown = screen(&env, 60, "vault share acme/long --to nobody-of-that-name");
    assert!(too_wide(&shown, 60).is_empty(), "{shown}");
    let shown = screen(&env, 60, "vault add acme/a-name-of-some-length --generate");
    let command = "vault get acme/a-name-of-some-length";
    assert!(shown.lines().any(|line| line.contains(command)), "{shown}");
    assert!(shown.lines().count() > 2, "{shown}");
}

#[test]
fn a_command_in_a_card_is_not_broken_either() {
    let (env, _) = consented();
    env.add("acme/cpanel", "x");
    let args = ["share", "acme/cpanel", "--to", "bob", "--changed-ok"];
    let args = [&args[..], &["--json"]].concat();
    let shared = env.call(&args).ok().json();
    env.call(&["revoke", shared["share"]["id"].as_str().unwrap()])
        .ok();
    for columns in 50..75 {
        let shown = screen(&env, columns, "vault status; vault unlock");
        let whole = "vault rotate acme/cpanel";
        let whole = shown.lines().filter(|line| line.contains(whole));
        assert_eq!(whole.count(), 2, "at {columns}: {shown}");
        assert!(too_wide(&shown, columns).is_empty(), "{shown}");
    }
}

#[test]
fn topics_fit_the_terminal() {
    let env = TestEnv::new();
    let texts = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/help/topics"));
    let topics = texts.unwrap().map(|text| text.unwrap().path());
    let topics: Vec<String> = topics
        .map(|text| text.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(topics.len() > 10, "{topics:?}");
    for columns in [60, 80] {
        let script: Vec<String> = topics.iter().map(|it| format!("vault help {it}")).collect();
        let script = script.join("; ");
        let shown = screen(&env, columns, &script);
        let wide = too_wide(&shown, columns).into_iter();
        // A quoted word of a command is one.
        let wide = wide.filter(|line| !line.trim_start().starts_with('\''));
        let wide: Vec<&str> = wide.collect();
        assert!(wide.is_empty(), "at {columns}: {wide:#?}");
    }
}

#[test]
fn a_program_is_shown_as_it_has_to_be_saved() {
    let env = TestEnv::new();
    let text = include_str!("../../../src/help/topics/recipes.txt");
    let shown = screen(&env, 60, "vault help recipes").replace('\r', "");
    let programs: Vec<&str> = text
        .split("\n\n")
        .filter(|it| it.starts_with("  #!"))
        .collect();
    assert!(programs.len() >= 6, "{programs:?}");
    for program in programs {
        assert!(shown.contains(program), "{program}\n--- shown\n{shown}");
    }
}

#[test]
fn a_question_is_broken_between_words_too() {
    let env = hostile();
    let password = env.password_file();
    let name = "acme/a-name-that-is-rather-long-for-a-narrow-terminal";
    env.add(name, "x");
    let script = format!(
        "stty cols 60 rows 50; export NO_COLOR=1 VAULT_PASSWORD_FILE='{}'; vault share '{name}' --to bob; \
         vault rm '{name}'; vault -q revoke --to bob --yes; vault trash empty",
        password.display()
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("[y/N] ").types("y");
    terminal.sees("[y/N] ").types("n");
    let shown = terminal.ends().replace('\r', "");
    assert!(too_wide(&shown, 60).is_empty(), "{shown}");
    assert!(shown.contains("\n  "), "{shown}");
}

/// The words of every command that is not hidden.
fn commands_below(words: &str, command: &Command, all: &mut Vec<String>) {
    let shown = command.get_subcommands().filter(|it| !it.is_hide_set());
    for command in shown {
        let words = format!("{words} {}", command.get_name());
        commands_below(&words, command, all);
        all.push(words);
    }
}

#[test]
fn every_page_of_help_fits_the_terminal() {
    let env = TestEnv::new();
    let mut commands = Vec::new();
    commands_below("", &whole_tree(), &mut commands);
    assert!(commands.len() > 80, "{commands:?}");
    let pages = commands
        .iter()
        .flat_map(|words| [format!("vault help{words}"), format!("vault{words} -h")]);
    let pages: Vec<String> = ["vault help", "vault help --all", "vault -h", "vault --help"]
        .map(str::to_owned)
        .into_iter()
        .chain(pages)
        .collect();
    for columns in WIDTHS {
        for pages in pages.chunks(40) {
            let shown = screen(&env, columns, &pages.join("; "));
            assert!(
                shown.matches("Usage:").count() + 2 >= pages.len(),
                "{shown}"
            );
            let wide = shown.lines().filter(|line| line.width() > columns.min(100));
            let wide: Vec<&str> = wide.collect();
            assert!(wide.is_empty(), "at {columns}: {wide:#?}");
        }
    }
}

#[test]
fn an_example_is_whole_or_goes_on_as_a_shell_takes_it() {
    let env = TestEnv::new();
    let shown = screen(&env, 60, "vault help share");
    assert!(
        shown.contains("  vault share acme/wordpress --to bob\n      # the secret and all"),
        "{shown}"
    );
    assert!(shown.contains(" \\\n      "), "{shown}");
    let options = shown.find("Options:").unwrap();
    let examples = shown.find("Examples:").unwrap();
    assert!(
        options < examples && !shown.contains("--kdf-limit"),
        "{shown}"
    );
    assert!(shown.contains("vault help --all") || shown.contains("vault\nhelp --all"));
}

#[test]
fn a_long_name_stands_above_what_is_said_of_it() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.add(&format!("acme/{}", "n".repeat(60)), "y");
    for columns in WIDTHS {
        let shown = screen(&env, columns, "vault who acme");
        let wide = too_wide(&shown, columns);
        assert!(wide.is_empty(), "{columns}: {wide:?}\n{shown}");
        assert_eq!(shown.matches("  nobody but you").count(), 2, "{shown}");
        assert!(shown.contains("\nwp  "), "{shown}");
    }
}
