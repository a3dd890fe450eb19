//! The arrows of the crate's module map: who may use whom, who may print, who may name a cipher.
//!
//! Read from the sources as text, so that a forbidden `use` fails here and not in a review.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails panics"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use graph::{Graph, Module, circles, without_comments, without_tests};

mod graph;
mod paths;

/// The top-level modules in layers, the highest first: each may use those in lower layers, and none
/// beside it. A new module says here where it belongs.
const LAYERS: [&[&str]; 11] = [
    &["lib"],
    &["cli"],
    &["commands"],
    &["context", "help"],
    &["agent", "sync"],
    &["store", "exchange", "import", "export", "report", "breach"],
    &["pages"],
    &["crypto", "ui"],
    &["process"],
    &["model"],
    &["error"],
];

/// A file of `src`: its path below it, its top-level module, and its code without comments.
struct Source {
    path: String,
    module: String,
    code: String,
    lines: usize,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    let sources: Vec<_> = files.iter().map(|path| source(&root, path)).collect();
    assert!(sources.len() > 20, "there are sources to read");
    sources
}

fn source(root: &Path, path: &PathBuf) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let path = path.strip_prefix(root).unwrap();
    let top = path.components().next().unwrap().as_os_str();
    let module = Path::new(top).with_extension("");
    Source {
        path: path.display().to_string(),
        module: module.to_str().unwrap().to_owned(),
        code: without_comments(&text),
        lines: text.lines().count(),
    }
}

/// Whether `word` stands in `code` as a word of its own.
fn names(code: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        !code[..at].ends_with(is_part) && !code[at + word.len()..].starts_with(is_part)
    })
}

/// Files outside of `home` that name one of these, as a word or by a path.
fn offenders(home: &[&str], words: &[&str], wanted: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources() {
        if home
            .iter()
            .any(|home| source.module == *home || source.path == *home)
        {
            continue;
        }
        let code = without_tests(&source.code);
        let paths = paths::paths(&code);
        let named = words.iter().filter(|word| names(&code, word));
        let named = named.chain(wanted.iter().filter(|path| paths::names(&paths, path)));
        found.extend(named.map(|it| format!("{} names {it}", source.path)));
    }
    found
}

#[test]
fn a_path_is_found_however_it_is_written() {
    let wanted = "std::process::Command";
    for code in [
        "use std::process::Command;",
        "use std::{fs, process::{Child, Command}};",
        "use std::process; fn a() { process::Command::new(\"x\"); }",
        "use std::{fs, process}; fn a(_: process::Command) {}",
        "use std::process::Command as Program;",
        "use std::process as p; fn a() { p::Command::new(\"x\"); }",
        "fn a() { std::process::Command::new(\"x\"); }",
        "fn a() { ::std::process\n    ::Command::new(\"x\"); }",
    ] {
        assert!(paths::names(&paths::paths(code), wanted), "{code}");
    }
    for code in [
        "use std::process::ExitCode;",
        "use crate::process::Command;",
        "use std::process::CommandLine; fn a(_: Command) {}",
    ] {
        assert!(!paths::names(&paths::paths(code), wanted), "{code}");
    }
}

/// Only `home` names one of these.
fn assert_only_in(home: &[&str], words: &[&str], wanted: &[&str]) {
    let found = offenders(home, words, wanted);
    assert!(found.is_empty(), "{found:#?}");
}

fn layer(module: &str) -> usize {
    let at = LAYERS.iter().position(|layer| layer.contains(&module));
    at.unwrap_or_else(|| panic!("{module} is no known module"))
}

fn graph() -> Graph {
    Graph::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

/// The graph of a crate with these files.
fn graph_of(files: &[(&str, &str)]) -> Graph {
    let words = |path: &str| path.split('/').map(str::to_owned).collect::<Module>();
    let files = files
        .iter()
        .map(|(path, text)| (words(path), (*text).to_owned()));
    Graph::of(&files.collect())
}

/// What uses something above it or beside it.
fn arrows_up(graph: &Graph) -> Vec<String> {
    let mut wrong = Vec::new();
    for (module, others) in graph.edges() {
        let Some(top) = module.first() else { continue };
        for other in others {
            let Some(below) = other.first().filter(|other| *other != top) else {
                continue;
            };
            if layer(below) <= layer(top) {
                wrong.push(format!("{} uses {}", module.join("::"), other.join("::")));
            }
        }
    }
    wrong
}

#[test]
fn arrows_point_down_only() {
    let wrong = arrows_up(&graph());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_arrow_up_is_found_however_it_is_written() {
    let store = ("store/file", "pub struct File;");
    for code in [
        "use crate::{error::{Error, Kind}, store::file, ui::Ui};",
        "use super::super::store::file::File as F;",
        "fn a() -> crate::store::file::File { todo!() }",
        "macro_rules! m { () => { $crate::store::file::File } }",
    ] {
        let model = ("model/x", code);
        let found = arrows_up(&graph_of(&[store, model]));
        assert_eq!(found, ["model::x uses store::file"], "{code}");
    }
    let re_export = ("model", "pub use crate::store::file::File;");
    assert_eq!(arrows_up(&graph_of(&[store, re_export])).len(), 1);
    let tests = (
        "model/y",
        "#[cfg(test)]\nmod tests {\n    use crate::store::file;\n}\n",
    );
    assert!(arrows_up(&graph_of(&[store, tests])).is_empty());
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let edges = graph().edges();
    assert!(edges.len() > 300, "only {} files were read", edges.len());
    let files: Vec<String> = circles(&edges)
        .iter()
        .map(|module| module.join("/"))
        .collect();
    assert!(files.is_empty(), "{files:#?}");
}

#[test]
fn no_folders_use_each_other_in_a_circle() {
    let graph = graph();
    let mut wrong = Vec::new();
    for folder in graph.folders() {
        let circle = circles(&graph.within(&folder));
        if !circle.is_empty() {
            wrong.push(format!("{}: {circle:?}", folder.join("/")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_circle_is_found_through_re_exports_and_folders() {
    let facade = ("crypto", "pub use seal::Seal;");
    let seal = ("crypto/seal", "use crate::store::a::A;");
    let store = [
        ("store/a", "use super::b::B;"),
        ("store/b", "use crate::crypto::Seal;"),
    ];
    let files = graph_of(&[facade, seal, store[0], store[1]]);
    assert_eq!(circles(&files.edges()).len(), 3);
    // Without a circle of files, two folders can still stand in one.
    let apart = [
        ("model/a/one", "use crate::model::b::two;"),
        ("model/b/two", ""),
        ("model/b/three", "use crate::model::a::four::Four;"),
        ("model/a/four", ""),
    ];
    let folders = graph_of(&apart);
    assert!(circles(&folders.edges()).is_empty());
    assert_eq!(circles(&folders.within(&["model".to_owned()])).len(), 2);
}

#[test]
fn ciphers_are_named_in_crypto_alone() {
    let ciphers = [
        "aes",
        "age",
        "age_core",
        "argon2",
        "cbc",
        "chacha20",
        "chacha20poly1305",
        "ed25519_dalek",
        "hmac",
        "salsa20",
        "ssh_key",
        "x25519_dalek",
    ];
    assert_only_in(&["crypto"], &[], &ciphers);
}

#[test]
fn the_terminal_is_read_and_written_in_ui_alone() {
    let macros = ["println!", "print!", "eprintln!", "eprint!", "dbg!"];
    let paths = [
        "std::io::stdout",
        "std::io::stderr",
        "std::io::stdin",
        "std::io::Stdout",
        "std::io::Stderr",
        "std::io::Stdin",
        "rpassword",
        "indicatif",
        "rustix::termios",
    ];
    // A program whose output is masked has a terminal of its own.
    assert_only_in(&["ui", "process/masked_terminal.rs"], &macros, &paths);
}

#[test]
fn programs_are_started_in_process_alone() {
    let mut found = offenders(&["process"], &[], &["std::process::Command"]);
    // What takes this process's place is started too.
    let others = sources().into_iter().filter(|it| it.module != "process");
    found.extend(
        others
            .filter(|it| it.code.contains(".exec()"))
            .map(|it| it.path),
    );
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_command_has_one_now() {
    let clocks = [
        "jiff::Timestamp::now",
        "jiff::Zoned::now",
        "std::time::SystemTime::now",
    ];
    assert_only_in(&["context.rs"], &[], &clocks);
}

/// What the one builder hands to a program is tried by `cli/children.rs`.
#[test]
fn one_builder_starts_every_program() {
    let sources = sources();
    let builders = sources
        .iter()
        .filter(|it| it.code.contains("Command::new("));
    let builders: Vec<&str> = builders.map(|it| it.path.as_str()).collect();
    assert_eq!(builders, ["process/child.rs"]);
}

/// Their table is held by `cli/entries/fields.rs` against every command that takes fields.
#[test]
fn commands_take_the_fields_of_an_entry_from_their_table() {
    let keys = ["username", "urls", "tags", "notes", "rotate_every"];
    let above = ["cli", "commands", "context", "help"];
    let mut found = Vec::new();
    for source in sources()
        .iter()
        .filter(|it| above.contains(&it.module.as_str()))
    {
        let named = keys
            .iter()
            .filter(|key| source.code.contains(&format!("\"{key}\"")));
        found.extend(named.map(|key| format!("{} names {key}", source.path)));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_process_is_ended_by_main_alone() {
    let paths = ["std::process::exit", "std::process::abort"];
    assert_only_in(&["main"], &["exit_group"], &paths);
}

#[test]
fn the_domain_has_no_clock_no_files_and_no_randomness() {
    let paths = [
        "std::fs",
        "std::env",
        "std::process",
        "std::net",
        "std::thread",
        "std::time",
        "jiff::Timestamp::now",
        "jiff::Zoned::now",
        "getrandom",
        "rand",
        "uuid::Uuid::new_v4",
    ];
    let mut found = offenders(&[], &["OsRng"], &paths);
    found.retain(|found| found.starts_with("model/"));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn nothing_speaks_to_the_network() {
    assert_only_in(&[], &[], &["std::net", "tokio", "reqwest", "hyper"]);
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let long = sources().into_iter().filter(|source| source.lines > 450);
    let long: Vec<_> = long
        .map(|source| format!("{}: {}", source.path, source.lines))
        .collect();
    assert!(long.is_empty(), "more than 450 lines: {long:#?}");
}

#[test]
fn a_type_has_a_name_of_its_own() {
    // The options of each command are `Args` and its subcommands `Action`: `share::Args`.
    const OF_EACH_COMMAND: [&str; 2] = ["Args", "Action"];
    let declared =
        Regex::new(r"(?m)^ *(?:pub(?:\([a-z]+\))? )?(?:struct|enum|trait) (\w+)").unwrap();
    let mut seen = std::collections::HashMap::new();
    for source in sources() {
        for name in declared
            .captures_iter(&without_tests(&source.code))
            .map(|it| it[1].to_owned())
            .filter(|name| source.module != "commands" || !OF_EACH_COMMAND.contains(&name.as_str()))
        {
            let other = seen.insert(name.clone(), source.path.clone());
            assert_eq!(other, None, "{name} is in {} too", source.path);
        }
    }
    assert!(seen.len() > 500, "types were found");
}

#[test]
fn a_function_says_what_it_does() {
    let vague = Regex::new(r"\bfn (keep|kept|hold|held|made|come|whose)\b").unwrap();
    let found = sources().into_iter().filter_map(|source| {
        let name = vague.find(&source.code)?.as_str().to_owned();
        Some(format!("{}: {name}", source.path))
    });
    let found: Vec<_> = found.collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// How many lines each function has, from its signature to its end, as rustfmt lays it out.
fn functions(code: &str) -> Vec<(String, usize)> {
    static BEGIN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^( *)(?:pub(?:\([a-z]+\))? )?(?:const )?fn (\w+)").unwrap());
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(begin) = BEGIN.captures(line) else {
            continue;
        };
        let (end, bodiless) = (format!("{}}}", &begin[1]), format!("{})", &begin[1]));
        let body = lines[at..].iter();
        // A signature without a body, and a body on the line of its signature.
        let ends = |line: &str| line == end || line.starts_with(&bodiless) && line.ends_with(';');
        let more = body.skip(1).take_while(|line| !ends(line)).count();
        let is_short = line.ends_with('}') || line.ends_with(';');
        found.push((begin[2].to_owned(), if is_short { 1 } else { more + 2 }));
    }
    found
}

#[test]
fn a_function_fits_a_screen() {
    let mut count = 0;
    let mut long = Vec::new();
    for source in sources() {
        for (name, lines) in functions(&source.code) {
            count += 1;
            if lines > 75 {
                long.push(format!("{}: {name} has {lines}", source.path));
            }
        }
    }
    assert!(count > 2_000, "functions were found");
    assert!(long.is_empty(), "more than 75 lines: {long:#?}");
}

#[test]
fn a_functions_lines_are_counted_from_its_signature_to_its_end() {
    let code = "fn one() {\n    1;\n}\nimpl A {\n    pub(crate) fn two(\n        a: u8,\n    ) {\n    }\n    \
                fn three();\n}\nconst fn four() {}\n";
    let found = functions(code);
    let found: Vec<_> = found
        .iter()
        .map(|(name, lines)| (&**name, *lines))
        .collect();
    assert_eq!(found, [("one", 3), ("two", 4), ("three", 1), ("four", 1)]);
}

#[test]
fn the_top_level_holds_what_its_user_fixed() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "tests",
        "README.md",
        "LICENSE",
        ".gitignore",
        ".ci",
        ".git",
        "target",
    ];
    let entries = fs::read_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let others: Vec<_> = names
        .filter(|name| !allowed.contains(&name.as_str()))
        .collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let manifest = fs::read_to_string(manifest).unwrap();
    let mut inside = false;
    let mut before = "";
    let mut silent = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.contains("dependencies");
        } else if inside && line.contains('=') && !before.starts_with('#') {
            silent.push(line);
        }
        before = line;
    }
    assert!(silent.is_empty(), "no reason above {silent:#?}");
}

/// What a client is told holds no secret by its types: they are texts, times and numbers.
#[test]
fn a_report_is_made_of_nothing_that_could_hold_a_secret() {
    let summary = "exchange/client_report/summary.rs";
    let found = sources().into_iter().find(|it| it.path == summary).unwrap();
    for path in ["crate", "super"] {
        assert!(!names(&found.code, path), "{summary} names {path}");
    }
}
