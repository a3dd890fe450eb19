//! Naughty strings: whatever is stored comes back exactly through a pipe and in JSON, is no name
//! unless it looks like one, and moves nothing on a terminal.

use std::fs;
use std::path::Path;
use std::thread;

use serde_json::Value;
use unicode_normalization::is_nfc;

use crate::support::call::Call;
use crate::support::env::TestEnv;

/// Homes that strings are spread over, to be quick.
const HOMES: usize = 8;
/// Printed on the terminal when an entry was shown in every way.
const SHOWN: &str = "[shown]";

/// Nasty as text, and no names. The short ones fit a name but for what they are made of.
fn nasty() -> Vec<String> {
    let fixed = [
        " ",
        " wp",
        "wp ",
        "\t",
        "\n",
        "one\ntwo\r\nthree\r",
        "\r\n",
        "a\u{7}\u{8}\u{b}\u{c}\u{7f}",
        "\u{1b}[31mred\u{1b}[0m",
        "\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[H",
        "\u{1b}]8;;https://evil.example\u{1b}\\link\u{1b}]8;;\u{1b}\\",
        "\u{1b}P+q544e\u{1b}\\\u{1b}[6n\u{1b}[c",
        "\u{90}\u{9b}6n\u{9d}52;c;AAAA\u{9c}",
        "\u{85}",
        "gpj.\u{202e}exe",
        "\u{202a}a\u{202b}b\u{202c}\u{202d}c\u{200e}\u{200f}\u{61c}",
        "\u{2066}a\u{2067}b\u{2068}c\u{2069}",
        "pay\u{200b}pal",
        "\u{feff}bom",
        "a\u{2060}\u{2061}\u{ad}\u{180e}b",
        "a\u{2028}b\u{2029}c",
        "\u{e0001}\u{e0041}\u{e0042}\u{e007f}",
        "👩\u{200d}👩\u{200d}👧\u{200d}👦 👍🏿",
        "🇩🇪🇫🇷🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        "مرحبا، שלום!",
        "\\ud800 \\uDFFF \\x00 \\0 \u{fffd}\u{ffff}\u{10ffff}",
        "\u{e000}\u{f8ff}",
        "%s%n%x%p%1$s",
        "{0} {{ vault://acme/wp }} ${HOME}",
        "$(reboot) `reboot` ; reboot | reboot & reboot",
        "'; DROP TABLE entries; --",
        "<script>alert(1)</script>&lt;",
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd,\"a\";b",
        "-rf",
        "--yes",
        "../../etc/passwd",
        "..",
        "C:\\NUL",
        "/dev/null",
        "\"quoted\\\" 'text'",
        "{\"secret\":[null,1e999]}",
    ];
    let made = [
        format!("Z{}", "\u{335}\u{489}\u{36f}".repeat(300)),
        "long ".repeat(800),
    ];
    fixed.into_iter().map(str::to_owned).chain(made).collect()
}

/// The large list, a fixture.
fn list() -> Vec<String> {
    let fixtures = std::env::var_os("VAULT_FIXTURES").expect("VAULT_FIXTURES is unset");
    let file = Path::new(&fixtures).join("naughty-strings/blns.json");
    let list: Vec<String> = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert!(list.len() > 500, "only {} strings", list.len());
    list
}

/// Does this with every string, in several homes at a time; each string has an entry's path.
fn in_homes(strings: &[String], check: impl Fn(&TestEnv, &[(String, &str)]) + Sync) {
    let numbered: Vec<_> = (strings.iter().enumerate())
        .map(|(n, text)| (format!("acme/n{n:04}"), text.as_str()))
        .collect();
    thread::scope(|scope| {
        for some in numbered.chunks(numbered.len().div_ceil(HOMES)) {
            let check = &check;
            scope.spawn(move || {
                // The agent saves thousands of key derivations.
                let env = TestEnv::ready();
                env.call(&["unlock", "--for", "1h", "--idle", "1h"]).ok();
                check(&env, some);
                env.call(&["lock"]).ok();
            });
        }
    });
}

/// A call that the agent opens the vault for.
fn call<'a>(env: &'a TestEnv, args: &[&str]) -> Call<'a> {
    env.call(args).no_password()
}

/// Stores a string wherever there is free text.
fn add(env: &TestEnv, path: &str, text: &str) {
    let username = format!("--username={text}");
    let url = format!("--url={text}");
    let notes = format!("--notes={text}");
    let field = format!("--field=account={text}");
    let args = ["add", path, "--raw", &username, &url, &notes, &field];
    let call = call(env, &args).stdin(text);
    if text.is_empty() {
        call.fails(2);
    } else {
        call.ok();
    }
}

/// Everything that was stored comes back exactly.
fn comes_back(env: &TestEnv, strings: &[(String, &str)]) {
    for (path, text) in strings {
        add(env, path, text);
        if text.is_empty() {
            continue;
        }
        let piped = call(env, &["get", "-n", path]).ok();
        assert_eq!(piped.bytes(), text.as_bytes(), "{path}");
        let notes = call(env, &["get", "--field", "notes", path]).ok();
        assert_eq!(notes.bytes(), format!("{text}\n").as_bytes(), "{path}");
        let got = call(env, &["get", "--json", path]).ok().json();
        assert_eq!(got["secret"], **text);
        assert_eq!(got["fields"]["account"], **text);
        let shown = call(env, &["show", "--json", path]).ok().json();
        for value in [&shown["username"], &shown["urls"][0], &shown["notes"]] {
            assert_eq!(value, text, "{path}");
        }
    }
    let list = call(env, &["list", "--json"]).ok().json();
    let names: Vec<&Value> = (list.as_array().unwrap().iter())
        .map(|entry| &entry["username"])
        .collect();
    let stored = strings.iter().map(|(_, text)| *text);
    let stored: Vec<&str> = stored.filter(|text| !text.is_empty()).collect();
    assert_eq!(names, stored);
    call(env, &["verify", "--full"]).ok();
}

/// Whether a terminal may do something else with it than show it, or not show it at all.
fn is_wild(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Nothing that was stored moves anything on a terminal.
fn is_tame(env: &TestEnv, strings: &[(String, &str)]) {
    for (path, text) in strings {
        add(env, path, text);
    }
    let script = format!(
        "export NO_COLOR=1
        exec 2>/dev/null # where a slow machine sees progress, which moves the cursor
        for entry in $(vault list); do
            vault get $entry; vault get --field notes $entry; vault show $entry
            vault get --json $entry
            printf '%s\\n' '{SHOWN}'
        done
        vault list --long; vault list --json"
    );
    let mut terminal = env.terminal(&script);
    let stored = strings.iter().filter(|(_, text)| !text.is_empty()).count();
    // Each in its own time: all together may take a slow machine minutes.
    for _ in 0..stored {
        terminal.sees(SHOWN);
    }
    // Each byte is given as a character.
    let bytes = terminal.ends().chars().map(|byte| byte as u8).collect();
    let shown = String::from_utf8(bytes).expect("not UTF-8");
    let wild: String = shown.chars().filter(|c| is_wild(*c)).collect();
    assert!(wild.is_empty(), "{wild:?} reached the terminal:\n{shown:?}");
    let whole = shown.matches("secret: present").count();
    assert!(whole >= stored, "not all was shown:\n{shown:?}");
}

#[test]
fn nasty_text_comes_back_exactly() {
    in_homes(&nasty(), comes_back);
}

#[test]
fn nasty_text_moves_nothing_on_a_terminal() {
    in_homes(&nasty(), is_tame);
}

#[test]
fn a_field_as_large_as_they_get_comes_back_exactly() {
    let env = TestEnv::ready();
    let text = "\u{1b}\u{202e}é\r\n".repeat((64 << 10) / 8);
    assert_eq!(text.len(), 64 << 10);
    env.add("acme/wp", "x");
    let notes = format!("--notes={text}");
    env.call(&["edit", "acme/wp", &notes]).ok();
    let notes = env.call(&["get", "-n", "--field", "notes", "acme/wp"]).ok();
    assert_eq!(notes.bytes(), text.as_bytes());
}

#[test]
fn nasty_text_is_no_name_of_anything() {
    in_homes(&nasty(), |env, strings| {
        env.add("acme/wp", "x");
        for (_, text) in strings {
            call(env, &["add", "--", &format!("acme/{text}")])
                .stdin("x")
                .fails(2);
            call(env, &["add", "--", &format!("{text}/wp")])
                .stdin("x")
                .fails(2);
            call(env, &["edit", "acme/wp", &format!("--tag={text}")]).fails(2);
            call(env, &["edit", "acme/wp", &format!("--field={text}=x")]).fails(2);
            call(env, &["attach", "acme/wp", "-", &format!("--as={text}")]).fails(2);
        }
    });
}

#[test]
fn a_nul_byte_is_refused_and_attach_is_named() {
    let env = TestEnv::ready();
    for secret in ["\0", "a\0b", "ab\0"] {
        let call = env.call(&["add", "acme/wp"]).stdin(secret);
        call.fails(2).hints("attach");
    }
}

#[test]
#[ignore = "needs the list of naughty strings; .ci/run runs it"]
fn the_naughty_strings_come_back_exactly() {
    in_homes(&list(), comes_back);
}

#[test]
#[ignore = "needs the list of naughty strings; .ci/run runs it"]
fn the_naughty_strings_move_nothing_on_a_terminal() {
    in_homes(&list(), is_tame);
}

#[test]
#[ignore = "needs the list of naughty strings; .ci/run runs it"]
fn the_naughty_strings_are_no_names_or_good_ones() {
    in_homes(&list(), |env, strings| {
        env.add("acme/wp", "x");
        for (_, text) in strings {
            let name = format!("acme/{text}");
            let added = call(env, &["add", "--", &name]).stdin("x").run();
            let tag = format!("--tag={text}");
            let tagged = call(env, &["edit", "acme/wp", "--unset", "tags", &tag]);
            if text.contains('/') {
                tagged.fails(2);
            } else if added.code == Some(2) {
                tagged.fails(2);
                call(env, &["get", "--", &name]).fails(2);
            } else {
                // 7: it looks like another.
                assert!(matches!(added.code, Some(0 | 7)), "{added:?}");
                tagged.ok();
                let tags = call(env, &["show", "acme/wp", "--json"]).ok().json();
                let tag = tags["tags"][0].as_str().unwrap();
                assert!(is_nfc(tag) && !tag.contains(is_wild), "{tag:?}");
                assert!(is_nfc(text) <= (tag == *text), "{tag:?}");
            }
        }
        let paths = call(env, &["list"]).ok().text().to_owned();
        assert!(!paths.contains(is_wild), "{paths:?}");
    });
}
