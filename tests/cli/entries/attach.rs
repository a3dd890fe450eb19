//! `attach`, `attachments`, `get --file` and `detach`: small files go in and come out byte for
//! byte.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::json;

use crate::support::env::{TestEnv, has_keys, holds, mode_of};

const MIB: usize = 1 << 20;

/// A vault with `acme/server` and `acme/other`, and `key` in the working directory.
fn env() -> TestEnv {
    let env = TestEnv::with(&[("acme/server", "x"), ("acme/other", "y")]);
    env.file("key", "-----BEGIN KEY-----\nabc\n");
    env
}

/// As [`env`], the key attached.
fn attached() -> TestEnv {
    TestEnv::copied("a key attached", |env| {
        env.add("acme/server", "x");
        env.add("acme/other", "y");
        env.file("key", "-----BEGIN KEY-----\nabc\n");
        env.call(&["attach", "acme/server", "key"]).ok();
    })
}

/// Bytes in which no part is like another.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = std::iter::repeat_with(next)
        .flatten()
        .take(length)
        .collect();
    bytes.truncate(length);
    bytes
}

#[test]
fn a_file_comes_back_as_it_was_readable_by_its_owner_only() {
    let env = env();
    let done = env.call(&["attach", "acme/server", "key"]).ok();
    done.prints("").tells("key").tells("acme/server");
    fs::remove_file(env.path("key")).unwrap();
    env.call(&["get", "acme/server", "--file", "key", "-o", "key"])
        .ok()
        .prints("");
    assert_eq!(
        fs::read_to_string(env.path("key")).unwrap(),
        "-----BEGIN KEY-----\nabc\n"
    );
    assert_eq!(mode_of(Path::new(&env.path("key"))), 0o600);
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn five_mebibytes_survive_byte_for_byte() {
    let env = env();
    let bytes = noise(5 * MIB);
    env.file("large", &bytes);
    env.call(&["attach", "acme/server", "large"]).ok();
    let out = env.call(&["get", "acme/server", "--file", "large"]).ok();
    assert!(out.bytes() == bytes, "stdout differs from the file");
    env.call(&["get", "acme/server", "--file", "large", "--out", "back"])
        .ok();
    assert!(fs::read(env.path("back")).unwrap() == bytes, "it differs");
    assert_eq!(env.secret("acme/other"), "y");
    env.call(&["edit", "acme/server", "--notes", "n"]).ok();
    let out = env.call(&["get", "acme/server", "--file", "large"]).ok();
    assert!(out.bytes() == bytes, "an edit changed it");
    let full = env.call(&["verify", "--full"]).ok();
    full.shows("attachments").shows("5242880");
}

#[test]
fn every_byte_and_an_empty_file_survive() {
    let env = env();
    let all: Vec<u8> = (0..=255).collect();
    for (name, bytes) in [("all", all.as_slice()), ("none", b""), ("one", b"\n")] {
        env.file(name, bytes);
        env.call(&["attach", "acme/server", name]).ok();
        let out = env.call(&["get", "acme/server", "--file", name]).ok();
        assert_eq!(out.bytes(), bytes, "{name}");
    }
}

#[test]
fn a_file_is_piped_in_under_a_name_that_is_given() {
    let env = env();
    let attach = ["attach", "acme/server", "-", "--as", "client.p12"];
    env.call(&attach).stdin(b"\xff\0\r\n").ok();
    let out = env
        .call(&["get", "acme/server", "--file", "client.p12"])
        .ok();
    assert_eq!(out.bytes(), b"\xff\0\r\n");
    let nameless = env.call(&["attach", "acme/server", "-"]).stdin("x");
    nameless.fails(2).hints("--as");
    let large = env.call(&["attach", "acme/server", "-", "--as", "large"]);
    large
        .stdin(vec![b'x'; 5 * MIB + 1])
        .fails(2)
        .says("5242880");
}

#[test]
fn the_password_may_stand_before_the_file_on_stdin() {
    let env = env();
    let script = format!(
        "(cat '{}'; echo; cat key) | vault attach acme/server - --as key --password-fd 0",
        env.password_file().display()
    );
    env.shell(&script).ok();
    let out = env.call(&["get", "acme/server", "--file", "key"]).ok();
    out.prints("-----BEGIN KEY-----\nabc\n");
}

#[test]
fn a_name_that_is_taken_is_not_replaced_unasked() {
    let env = attached();
    env.file("key", "new");
    let taken = env.call(&["attach", "acme/server", "key"]).fails(7);
    taken.says("key").hints("--replace");
    env.call(&["attach", "acme/server", "key", "--replace"])
        .ok();
    let out = env.call(&["get", "acme/server", "--file", "key"]).ok();
    out.prints("new");
    let shown = env.call(&["show", "acme/server", "--json"]).ok().json();
    assert_eq!(shown["attachments"].as_array().unwrap().len(), 1);
    // The old one is still in the vault.
    env.call(&["verify", "--full"]).ok().shows("2 kept");
    // Another entry may have the same name.
    env.call(&["attach", "acme/other", "key"]).ok();
}

#[test]
fn the_same_file_again_is_no_change() {
    let env = attached();
    let generation = env.generation();
    let again = ["attach", "acme/server", "key", "--replace", "--json"];
    let done = env.call(&again).ok().json();
    assert_eq!(done, json!({"ok": true, "changed": [], "warnings": []}));
    assert_eq!(env.generation(), generation);
}

#[test]
fn what_cannot_be_attached_is_refused() {
    let env = env();
    env.file("large", vec![0; 5 * MIB + 1]);
    fs::create_dir(env.path("folder")).unwrap();
    env.shell("mkfifo fifo").ok();
    env.file(".env", "A=1");
    let refused: [(&str, i32, &str); 5] = [
        ("large", 2, "5242880"),
        ("folder", 2, "regular"),
        ("fifo", 2, "regular"),
        ("missing", 2, "missing"),
        (".env", 2, "--as"),
    ];
    for (file, code, says) in refused {
        // Before the password is asked for.
        let attach = env.call(&["attach", "acme/server", file]);
        attach.no_password().fails(code).says(says);
    }
    for name in ["../x", "a/b", ".hidden", "-x", "", "a\u{202e}b"] {
        let name = format!("--as={name}");
        env.call(&["attach", "acme/server", "key", &name]).fails(2);
    }
    env.call(&["attach", "acme/srver", "key"])
        .fails(3)
        .hints("acme/server");
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_has_more_than_its_size_says_is_not_kept_in_part() {
    let attach = ["attach", "acme/server", "/proc/self/status"];
    env().call(&attach).fails(1).says("/proc/self/status");
}

#[test]
fn a_reader_that_goes_away_keeps_the_attachment_in_the_entry() {
    let env = env();
    env.file("large", noise(MIB));
    env.call(&["attach", "acme/server", "large"]).ok();
    let script = "set -o pipefail; vault detach acme/server large --out - | head -c 1 > /dev/null";
    let cut = env.shell(script).run();
    assert_eq!(cut.code, Some(1), "{cut:?}");
    assert!(cut.stderr.contains("nothing was removed"), "{cut:?}");
    env.call(&["show", "acme/server"]).ok().shows("large");
}

#[test]
fn a_link_is_followed_to_its_file() {
    let env = env();
    symlink(env.path("key"), env.path("link")).unwrap();
    env.call(&["attach", "acme/server", "link"]).ok();
    let out = env.call(&["get", "acme/server", "--file", "link"]).ok();
    out.shows("abc");
}

#[test]
fn all_files_together_have_a_limit_that_history_and_agreements_count_for() {
    let env = env();
    env.file("five", noise(5 * MIB));
    for name in ["one", "two"] {
        env.call(&["attach", "acme/server", "five", "--as", name])
            .ok();
    }
    env.call(&["detach", "acme/server", "two", "--out", "two"])
        .ok();
    let bob = ["contact", "add", "bob", "--agreement", "five"];
    env.call(&bob).ok();
    let agreement = ["contact", "add", "eve", "--agreement", "five"];
    env.call(&agreement).fails(2).says("all attachments");
    let fourth = env.call(&["attach", "acme/other", "five", "--as", "four"]);
    fourth.fails(2).says("16777216").hints("purge");
    env.call(&["attach", "acme/other", "key"]).ok();
}

#[test]
fn a_file_that_exists_is_not_overwritten_unasked() {
    let env = attached();
    env.file("key", "mine");
    let get = ["get", "acme/server", "--file", "key", "-o", "key"];
    let taken = env.call(&get).no_password();
    taken.fails(7).says("key").hints("--force");
    assert_eq!(fs::read_to_string(env.path("key")).unwrap(), "mine");
    let taken = env.call(&["detach", "acme/server", "key", "--out", "key"]);
    taken.fails(7);
    fs::set_permissions(env.path("key"), crate::support::env::mode(0o644)).unwrap();
    env.call(&[&get[..], &["--force"]].concat()).ok();
    assert!(holds(&fs::read(env.path("key")).unwrap(), "BEGIN KEY"));
    assert_eq!(mode_of(Path::new(&env.path("key"))), 0o600);
}

#[test]
fn force_overwrites_files_only() {
    let env = attached();
    fs::create_dir(env.path("folder")).unwrap();
    env.shell("mkfifo fifo").ok();
    for target in ["folder", "fifo"] {
        let out = ["detach", "acme/server", "key", "--out", target, "--force"];
        env.call(&out).fails(7).says(target);
    }
}

#[test]
fn a_folder_that_is_not_there_is_a_failure_and_leaves_nothing() {
    let env = attached();
    let out = ["detach", "acme/server", "key", "--out", "no/such"];
    env.call(&out).fails(2).says("no/such");
    env.call(&["show", "acme/server"]).ok().shows("key");
}

#[test]
fn what_is_not_there_is_not_found_with_what_was_meant() {
    let env = attached();
    let near = env.call(&["detach", "acme/server", "kay"]).fails(3);
    near.says("kay").hints("key");
    env.call(&["detach", "acme/other", "key", "--out", "out"])
        .fails(3)
        .hints("vault attach acme/other");
    env.call(&["detach", "acme/srver", "key", "--out", "out"])
        .fails(3);
    assert!(!Path::new(&env.path("out")).exists());
}

#[test]
fn detach_writes_it_out_and_takes_it_away() {
    let env = attached();
    let detach = ["detach", "acme/server", "key", "-o", "out", "--json"];
    let done = env.call(&detach).ok().json();
    assert_eq!(done["changed"], json!(["acme/server"]));
    assert!(Path::new(&env.path("out")).exists());
    env.call(&["get", "acme/server", "--file", "key"]).fails(3);
    let shown = env.call(&["show", "acme/server", "--json"]).ok().json();
    assert_eq!(shown["attachments"], json!([]));
    env.call(&["attach", "acme/server", "key"]).ok();
    env.call(&["verify", "--full"]).ok().shows("2 kept");
    // What was typed before is still understood.
    env.call(&["detach", "acme/server", "key", "-o", "again", "--rm"])
        .ok();
}

#[test]
fn detach_alone_asks_where_there_is_no_other_copy() {
    let env = attached();
    let detach = ["detach", "acme/server", "key"];
    env.call(&detach)
        .fails(9)
        .says("no other copy")
        .hints("--yes");
    let file = env.password_file();
    let script = format!(
        "VAULT_PASSWORD_FILE='{}' vault detach acme/server key; echo exit=$?",
        file.display()
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("only copy of key").sees("[y/N] ").types("");
    terminal.sees("nothing changed").sees("exit=0").ends();
    env.call(&["show", "acme/server"]).ok().shows("key");
    // Under another name with another entry it is the same file.
    env.call(&["attach", "acme/other", "key", "--as", "same"])
        .ok();
    env.call(&detach).ok().prints("").tells("took key");
    env.call(&["detach", "acme/other", "same", "--yes"]).ok();
    assert_eq!(
        fs::read(env.path("key")).unwrap(),
        b"-----BEGIN KEY-----\nabc\n"
    );
}

#[test]
fn get_of_a_file_leaves_the_vault_as_it_is() {
    let env = attached();
    let generation = env.generation();
    let get = ["get", "acme/server", "--file", "key"];
    let done = env.call(&[&get[..], &["-o", "out", "--json"]].concat());
    assert_eq!(
        done.ok().json(),
        json!({"ok": true, "changed": [], "warnings": []})
    );
    env.call(&[&get[..], &["-o", "-"]].concat())
        .ok()
        .prints("-----BEGIN KEY-----\nabc\n");
    env.call(&[&get[..], &["--json"]].concat()).fails(2);
    for other in ["--clip", "--pending", "-n", "--field=username"] {
        env.call(&[&get[..], &[other]].concat()).fails(2);
    }
    env.call(&["get", "acme/server", "-o", "x"])
        .fails(2)
        .says("--file");
    assert_eq!(env.generation(), generation);
}

#[test]
fn attachments_lists_them() {
    let env = attached();
    let list = env.call(&["attachments", "acme/server"]).ok();
    list.shows("key").shows("24 B").hides("BEGIN");
    let list = env
        .call(&["attachments", "acme/server", "--json"])
        .ok()
        .json();
    assert_eq!(list[0]["name"], "key");
    assert_eq!(list[0]["size"], 24);
    env.call(&["attachments", "acme/other"])
        .ok()
        .prints("")
        .tells("acme/other has no attachments");
    let none = env.call(&["attachments", "acme/other", "--json"]).ok();
    assert_eq!(none.json(), json!([]));
}

#[test]
fn a_file_that_is_written_out_is_a_reveal_in_the_log_without_its_name() {
    let env = attached();
    env.call(&["get", "acme/server", "--file", "key"]).ok();
    env.call(&["detach", "acme/server", "key", "--out", "out"])
        .ok();
    let log = env.call(&["log", "--json"]).ok();
    let events = log.json();
    let of = |action: &str| {
        let events = events.as_array().unwrap().iter();
        events
            .filter(|e| e["action"] == action)
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(of("attach").len(), 1);
    assert_eq!(of("detach").len(), 1);
    let reveals = of("reveal");
    assert_eq!(reveals.len(), 2);
    for reveal in reveals {
        assert_eq!(reveal["detail"]["what"], "attachment");
        assert_eq!(
            reveal["detail"]["attachment"],
            of("attach")[0]["detail"]["attachment"]
        );
    }
    log.hides("\"key\"").hides("BEGIN KEY");
    env.call(&["log", "--verify"]).ok();
}

#[test]
fn show_lists_attachments_and_holds_nothing_of_them() {
    let env = attached();
    env.call(&["show", "acme/server"])
        .ok()
        .shows("attachment: key, 24 B")
        .hides("BEGIN KEY");
    let shown = env.call(&["show", "acme/server", "--json"]).ok();
    shown.hides("BEGIN KEY");
    let file = &shown.json()["attachments"][0];
    has_keys(file, &["name", "size", "sha256", "created"]);
    assert_eq!(file["name"], "key");
    assert_eq!(file["size"], 24);
    let sum = env.shell("sha256sum key").ok();
    assert!(sum.text().starts_with(file["sha256"].as_str().unwrap()));
}

#[test]
fn an_attachment_stands_nowhere_on_disk_as_it_is() {
    let canary = "canary-7f3a9c-attachment";
    let env = env();
    let attach = ["attach", "acme/server", "-", "--as", "private-name"];
    env.call(&attach).stdin(canary).ok();
    for (path, bytes) in env.everything() {
        assert!(!holds(&bytes, canary), "{}", path.display());
        assert!(!holds(&bytes, "private-name"), "{}", path.display());
    }
}

#[test]
fn an_entry_with_attachments_goes_to_the_trash_whole() {
    let env = attached();
    env.call(&["rm", "acme/server", "--yes"]).ok();
    env.call(&["detach", "acme/server", "key", "--out", "out"])
        .fails(3);
    env.call(&["verify", "--full"]).ok().shows("1 kept");
}

#[test]
fn a_terminal_gets_text_escaped_and_nothing_else() {
    let env = env();
    let attach = |name: &str, bytes: &[u8]| {
        let attach = ["attach", "acme/server", "-", "--as", name];
        env.call(&attach).stdin(bytes).ok();
    };
    attach("text", b"one\x1b[2J\ntwo\n");
    attach("binary", b"\x00\x01\xff");
    let script = format!(
        "export VAULT_PASSWORD_FILE='{}'
         vault detach acme/server text --out -; echo \"exit=$?\"
         vault detach acme/server binary --out -; echo \"exit=$?\"
         vault attach acme/server - --as more; echo \"exit=$?\"
         vault detach acme/server binary --out - | cat > piped",
        env.password_file().display()
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("two\n").sees("exit=0");
    terminal.sees("terminal").sees("--out").sees("exit=2");
    let screen = terminal.sees("stdin").sees("exit=2").ends();
    assert!(!screen.contains("\u{1b}[2J"), "{screen:?}");
    assert_eq!(fs::read(env.path("piped")).unwrap(), b"\x00\x01\xff");
}
