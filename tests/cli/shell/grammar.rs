//! One thing, one option: what the whole tree of commands is held against, and what every answer
//! for scripts has in common.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, Command};
use serde_json::Value;
use vault::cli::whole_tree;
use vault::model::text::name::{ClientSlug, ContactName};

use crate::cli::sharing::share::{consented, share};
use crate::support::env::TestEnv;

/// Options of one name that differ by intention, with why.
const DIFFER: &[(&str, &str)] = &[
    ("format", "of what is read, and of what is written"),
    ("from", "a time, or an address"),
    ("keep", "a count of copies, or a folder"),
    ("confirm", "that a rotation is done, and when to ask"),
    (
        "again",
        "a share by its number, and a secret that was there before",
    ),
    ("card", "a file that is read, and what id prints"),
    (
        "stdin",
        "where a secret is read, and what a program is given there",
    ),
    ("update", "what is there already, or a share by its number"),
    ("version", "of the program, and of what resolve chooses"),
];

/// Every option of every command: the words of the command, and the option.
fn options() -> Vec<(String, Arg)> {
    fn below(path: &str, command: &Command, all: &mut Vec<(String, Arg)>) {
        let own = command.get_arguments().filter(|arg| !arg.is_global_set());
        all.extend(own.map(|arg| (path.to_owned(), arg.clone())));
        for command in command.get_subcommands() {
            below(&format!("{path} {}", command.get_name()), command, all);
        }
    }
    let mut all = Vec::new();
    below("vault", &whole_tree(), &mut all);
    assert!(all.len() > 200, "{}", all.len());
    all
}

fn is(arg: &Arg, of: TypeId) -> bool {
    arg.get_value_parser().type_id() == of
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

#[test]
fn a_client_a_contact_an_output_a_yes_and_a_dry_run_are_called_the_same_everywhere() {
    // A client that is not looked for but made, who is meant where a word could be both, and whose
    // device is lost; where git's and docker's new logins go, which is what they call it; of the log
    // -n is how many events.
    let by_intention = [
        "vault log dry-run",
        "vault receive into",
        "vault who contact",
        "vault incident open contact",
        "vault incident note contact",
        "vault purge records",
        "vault client close without",
        "vault helper git store",
        "vault helper docker store",
    ];
    let mut wrong = Vec::new();
    for (command, arg) in options() {
        let Some(long) = arg.get_long() else {
            continue;
        };
        let at = format!("{command} {long}");
        let expected = match long {
            _ if by_intention.contains(&&*at) => continue,
            _ if is(&arg, TypeId::of::<ClientSlug>()) => ("client", None),
            _ if is(&arg, TypeId::of::<ContactName>()) => ("to", None),
            "out" | "output" => ("out", Some('o')),
            "yes" | "force-yes" => ("yes", Some('y')),
            "dry-run" | "dry" => ("dry-run", Some('n')),
            _ => continue,
        };
        if (long, arg.get_short()) != expected {
            wrong.push(at);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_a_command_writes_is_its_out() {
    // A second file beside `--out` or beside the answer, and a folder of papers.
    let besides = [
        "vault init recovery",
        "vault recovery add sheet",
        "vault shares show evidence",
        "vault consent show evidence",
        "vault purge certificate",
        "vault client close certificate",
        "vault contact show agreement",
        "vault client show agreement",
        "vault contact show agreements",
        "vault client show agreements",
    ];
    for (command, arg) in options() {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let long = arg.get_long().unwrap_or_default();
        let writes = ["Write ", "Where to write", "A new file"];
        let writes = writes.iter().any(|start| help.starts_with(start));
        if writes && is(&arg, TypeId::of::<PathBuf>()) {
            let at = format!("{command} {long}");
            assert!(long == "out" || besides.contains(&&*at), "{at}: {help}");
        }
    }
}

#[test]
fn an_option_of_one_name_has_one_letter_and_one_kind_of_value() {
    let mut known: BTreeMap<String, (String, Option<char>, bool)> = BTreeMap::new();
    for (command, arg) in options() {
        let Some(long) = arg.get_long().map(str::to_owned) else {
            continue;
        };
        // -n of the log is how many events.
        let is_of_log = command == "vault log" && long == "dry-run";
        if is_of_log || DIFFER.iter().any(|(name, _)| *name == long) {
            continue;
        }
        let this = (command.clone(), arg.get_short(), takes_value(&arg));
        let first = known.entry(long.clone()).or_insert_with(|| this.clone());
        assert_eq!(
            (first.1, first.2),
            (this.1, this.2),
            "--{long}: {} and {command}",
            first.0
        );
    }
}

#[test]
fn what_lists_things_of_clients_takes_a_client_as_an_option() {
    let all = options();
    for command in [
        "vault find",
        "vault log",
        "vault shares",
        "vault shares list",
        "vault consent list",
        "vault export",
        "vault rotate",
        "vault revoke",
        "vault run",
        "vault who",
    ] {
        let mut of_it = all.iter().filter(|(path, _)| path == command);
        assert!(
            of_it.any(|(_, arg)| arg.get_long() == Some("client")),
            "{command}"
        );
    }
    let (env, _) = consented();
    share(&env, &["acme/wp"]);
    env.add("globex/wp", "x");
    let of = |args: &[&str]| {
        let all = env.call(&[args, &["--json"]].concat()).ok().json();
        all.as_array().unwrap().len()
    };
    assert_eq!(of(&["find", "wp"]), 2);
    assert_eq!(of(&["find", "wp", "--client", "globex"]), 1);
    for command in [&["shares"][..], &["consent", "list"]] {
        assert_eq!(of(&[command, &["--client", "acme"]].concat()), 1);
        assert_eq!(of(&[command, &["acme"]].concat()), 1);
        assert_eq!(of(&[command, &["--client", "globex"]].concat()), 0);
    }
    env.call(&["find", "wp", "--client", "acne"]).fails(3);
    env.call(&["shares", "acme", "--client", "acme"]).fails(2);
}

#[test]
fn a_group_of_commands_alone_lists_what_it_is_about() {
    let (env, _) = consented();
    for group in [
        "client",
        "contact",
        "consent",
        "recovery",
        "recipient",
        "shares",
    ] {
        let alone = env.call(&[group, "--json"]).ok().json();
        assert_eq!(alone, env.call(&[group, "list", "--json"]).ok().json());
    }
}

#[test]
fn old_names_of_options_still_count() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    env.call(&["id", "rotate", "--yes", "--card", "new.card"])
        .ok();
    assert!(env.work().join("new.card").exists());
    env.call(&["id", "rotate", "--help"])
        .ok()
        .shows("--out")
        .hides("--card <");
    for line in ["receive x --receipt r", "revoke 2F95-B33D --notice n"] {
        let args: Vec<&str> = line.split(' ').collect();
        let failed = env.call(&args).run();
        assert!(!failed.stderr.contains("unexpected"), "{failed:?}");
    }
}

#[test]
fn a_place_in_a_folder_that_is_not_there_is_wrong_use_in_every_command() {
    let (env, _) = consented();
    let shared = share(&env, &["acme/wp"]);
    let share = shared["share"]["id"].as_str().unwrap().to_owned();
    let consent = env.call(&["consent", "list", "--json"]).ok().json()[0]["id"].clone();
    for line in [
        "share acme/db --to bob --out OUT",
        "revoke SHARE --out OUT",
        "shares show SHARE --out OUT",
        "consent show CONSENT --out OUT",
        "consent request acme --to bob --scope acme/* --purpose x --out OUT",
        "ask acme/new --for x --out OUT",
        "page --out OUT",
        "contact leave bob --yes --out OUT",
        "recovery add --out OUT",
        "recovery add --sheet OUT.txt",
        "export --plaintext --out OUT",
        "man --out OUT",
        "backup --to OUT",
    ] {
        let line = line.replace("OUT", "no/folder/new");
        let line = line.replace("SHARE", &share);
        let line = line.replace("CONSENT", consent.as_str().unwrap());
        let args: Vec<&str> = line.split(' ').collect();
        env.call(&args).fails(2).says("no/folder");
    }
}

#[test]
fn times_for_scripts_are_whole_seconds_in_utc() {
    let (env, _) = consented();
    let shared = share(&env, &["acme/wp"]);
    env.call(&["revoke", shared["share"]["id"].as_str().unwrap()])
        .ok();
    env.call(&["unlock"]).ok();
    std::fs::create_dir(env.path("usb")).unwrap();
    env.call(&["backup", "--to", "usb"]).ok();
    env.call(&["rm", "acme/db", "--yes"]).ok();
    let ask = ["ask", "acme/new", "--for", "x", "--text"];
    env.call(&ask).ok();
    for command in [
        "backups",
        "list",
        "log",
        "status",
        "shares",
        "ask list",
        "consent list",
        "client list",
        "contact list",
        "trash list",
        "recovery list",
        "history acme/wp",
        "show acme/wp",
        "who acme",
        "client show acme",
        "contact show bob",
        "doctor --fail-on high",
        "me",
        "id",
    ] {
        let args: Vec<&str> = command.split(' ').chain(["--json"]).collect();
        let times = times(&env.call(&args).ok().json());
        for time in times {
            assert!(time.ends_with('Z') && time.len() == 20, "{command}: {time}");
        }
    }
}

#[test]
fn json_calls_a_client_and_a_contact_the_same_everywhere() {
    let (env, _) = consented();
    share(&env, &["acme/wp"]);
    let ask = ["ask", "acme/new", "--for", "x", "--text"];
    env.call(&ask).ok();
    for (command, key, is) in [
        ("list", "client", "acme"),
        ("client list", "client", "acme"),
        ("consent list", "client", "acme"),
        ("shares", "client", "acme"),
        ("ask list", "client", "acme"),
        ("shares", "to", "bob"),
    ] {
        let args: Vec<&str> = command.split(' ').chain(["--json"]).collect();
        assert_eq!(env.call(&args).ok().json()[0][key], is, "{command}");
    }
    let consents = env.call(&["consent", "list", "--json"]).ok().json();
    assert_eq!(consents[0]["to"][0], "bob");
}

/// Every text of a value that is a time.
fn times(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(times).collect(),
        Value::Object(members) => members.values().flat_map(times).collect(),
        _ => Vec::new(),
    }
}
