//! `scan`: where this vault's secrets stand, and nothing of the secrets themselves.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use crate::support::env::TestEnv;

const KEY: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\n\
    b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n\
    QyNTUxOQAAACDVuhjmx1wTT8QDoQyNTUxOQAAACDVuhjmx1wTT8QDoQyNTUxOQAAACDVuh\n\
    -----END OPENSSH PRIVATE KEY-----\n";

fn vault() -> TestEnv {
    TestEnv::copied("for scan", |env| {
        env.add("acme/wp", "hunter2/ x?");
        env.call(&["rotate", "acme/wp", "--stdin"])
            .stdin("hunter3/ y?")
            .ok();
        env.add("globex/db", "zebra-Nine-okapi");
        env.call(&["attach", "globex/db", &env.file("id", KEY), "--as", "id"])
            .ok();
        fs::remove_file(env.work().join("id")).unwrap();
    })
}

#[test]
fn file_line_and_entry_are_told_and_the_secret_is_not() {
    let env = vault();
    fs::create_dir_all(env.work().join("src/deep")).unwrap();
    env.file("src/a.env", "A=1\nP='hunter3/ y?'\nQ=hunter2%2F+x%3F\n");
    env.file(
        "src/deep/b.json",
        "{}\n{\"p\": \"emVicmEtTmluZS1va2FwaQ==\"}",
    );
    env.file("src/deep/key", KEY.replace('\n', "\r\n"));
    env.file("binary", b"\0\x01\xffzebra-Nine-okapi\0");
    env.file("plain", "nothing here: hunter4");
    let output = env.call(&["scan"]).run();
    let found = "binary:1: globex/db\n\
        src/a.env:2: acme/wp\n\
        src/a.env:3: acme/wp (an earlier secret)\n\
        src/deep/b.json:2: globex/db\n\
        src/deep/key:1: globex/db\n\
        src/deep/key:3: globex/db\n";
    assert_eq!(String::from_utf8(output.stdout.clone()).unwrap(), found);
    assert_eq!(output.code, Some(8));
    assert!(
        output.stderr.contains("were found in 6 places")
            && output.stderr.contains("vault rotate globex/db")
    );
    assert!(!output.stderr.contains("hunter") && !output.stderr.contains("zebra"));
    let json = env.call(&["scan", "src/a.env", "--json"]).run();
    assert_eq!(json.code, Some(8));
    let rows: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let row = |line, current| {
        json!({
            "file": "src/a.env", "line": line, "entry": "acme/wp", "client": "acme", "current": current
        })
    };
    assert_eq!(rows, json!([row(2, true), row(3, false)]));
    env.call(&["scan", "plain"]).ok().prints("").tells("1 file");
    env.call(&["scan", "plain", "--json"])
        .ok()
        .silently()
        .prints("[]\n");
    let before = env.call(&["log", "--json"]).ok().text().to_owned();
    env.call(&["scan", "plain"]).ok();
    env.call(&["log", "--json"]).ok().prints(&before);
}

#[test]
fn stdin_is_looked_through_in_parts() {
    let env = vault();
    let mut text = "x\n".repeat(400_000).into_bytes();
    text.extend_from_slice(b"hunter3/ y?");
    let output = env.call(&["scan", "-"]).stdin(&text).run();
    assert_eq!(output.code, Some(8));
    assert_eq!(output.stdout, b"-:400001: acme/wp\n");
    env.call(&["scan", "-"]).stdin("x".repeat(3 << 20)).ok();
}

#[test]
fn git_and_links_are_left_out_unless_they_are_named() {
    let env = vault();
    fs::create_dir_all(env.work().join("tree/.git")).unwrap();
    fs::create_dir(env.work().join("out")).unwrap();
    env.file("tree/.git/config", "hunter3/ y?");
    env.file("out/secret", "hunter3/ y?");
    symlink("../out", env.work().join("tree/folder")).unwrap();
    symlink("../out/secret", env.work().join("tree/file")).unwrap();
    symlink(".", env.work().join("tree/loop")).unwrap();
    symlink("nowhere", env.work().join("tree/dangling")).unwrap();
    let fifo = env.path("tree/fifo");
    env.shell(&format!("mkfifo {fifo}")).ok();
    let told = env.call(&["scan", "tree"]).ok();
    told.tells("0 files").tells("no file: tree/fifo");
    for named in ["tree/folder/", "tree/file", "tree/.git"] {
        assert_eq!(env.call(&["scan", named]).run().code, Some(8), "{named}");
    }
}

#[test]
fn what_is_named_is_read_or_refused() {
    let env = vault();
    env.file("found", "hunter3/ y?");
    for script in [
        "vault scan <(sleep 0.3; cat found)",
        "cat found | vault scan /dev/stdin",
        "vault scan /dev/stdin < found",
        "mkfifo pipe; (sleep 0.3; cat found > pipe) & vault scan pipe",
    ] {
        let output = env.shell(script).run();
        assert_eq!(output.code, Some(8), "{script}: {}", output.stderr);
    }
    env.shell("vault scan <(echo fine)").ok().tells("1 file");
    env.call(&["scan", "pipe"]).fails(1).says("nobody writes");
    for device in ["/dev/null", "/dev/zero"] {
        let refused = env.call(&["scan", device]).no_password();
        refused.fails(2).says("it is a device");
    }
}

#[test]
fn common_lines_of_a_text_are_not_found_and_its_secrets_are() {
    let env = vault();
    let kept = "NODE_ENV=production\nAPI_TOKEN=kX9p2mQ7wz4Rv8Wd\n";
    env.call(&["add", "acme/env"]).stdin(kept).ok();
    let kept = "apiVersion: v1\nkind: Config\npassword: okapi-zebra-nine\n";
    env.call(&["add", "acme/kube"]).stdin(kept).ok();
    let first = KEY.lines().nth(1).unwrap();
    env.file(
        "fine",
        format!("apiVersion: v1\nkind: Config\nNODE_ENV=production\n{first}\n"),
    );
    env.call(&["scan", "fine"]).ok();
    env.file(
        "found",
        "token = 'kX9p2mQ7wz4Rv8Wd'\n\nsecret=okapi-zebra-nine\n",
    );
    let output = env.call(&["scan", "found"]).run();
    assert_eq!(output.stdout, b"found:1: acme/env\nfound:3: acme/kube\n");
}

#[test]
fn text_in_16_bits_is_read() {
    let env = vault();
    let wide = |swap: bool| -> Vec<u8> {
        let bytes = |unit: u16| {
            if swap {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        };
        "\u{feff}a\r\nhunter3/ y?\r\n"
            .encode_utf16()
            .flat_map(bytes)
            .collect()
    };
    env.file("be", wide(true));
    env.file("le", wide(false));
    let output = env.call(&["scan", "be", "le"]).run();
    assert_eq!(output.stdout, b"be:2: acme/wp\nle:2: acme/wp\n");
}

#[test]
fn of_a_full_file_each_entry_is_told_and_that_there_is_more() {
    let env = vault();
    env.file("full", "hunter3/ y?\n".repeat(1500) + "zebra-Nine-okapi\n");
    let output = env.call(&["scan", "full"]).run();
    assert_eq!(output.code, Some(8));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.ends_with("full:1501: globex/db\nfull: and more\n"),
        "{text}"
    );
    assert!(output.stderr.contains("1001 places and more"));
    let output = env.call(&["scan", "full", "--json"]).run();
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let last = rows.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["entry"], &last["more"]),
        (&json!("globex/db"), &json!(true))
    );
}

#[test]
fn what_cannot_be_read_is_told_and_fails() {
    let env = vault();
    env.call(&["scan", "gone"])
        .no_password()
        .fails(2)
        .says("gone")
        .hints("vault scan");
    env.call(&["scan", "x", "--staged"]).no_password().fails(2);
    env.call(&["scan"]).no_password().fails(9);
    fs::create_dir(env.work().join("tree")).unwrap();
    // Reading the memory of a process from its start is an error for anybody.
    symlink("/proc/self/mem", env.work().join("mem")).unwrap();
    env.file("tree/fine", "x");
    let failed = env.call(&["scan", "tree", "mem"]).fails(1);
    failed.says("cannot read mem").says("1 of 2 files");
    env.file("tree/found", "hunter3/ y?");
    let output = env.call(&["scan", "tree", "mem"]).run();
    assert_eq!(output.code, Some(8));
    assert!(output.stderr.contains("cannot read mem"));
}

#[test]
fn short_and_common_secrets_are_not_looked_for_and_that_is_said() {
    let env = vault();
    env.add("acme/pin", "12345");
    env.call(&["add", "acme/common"]).stdin("password").ok();
    env.file("text", "12345 password");
    let told = env.call(&["scan", "text"]).ok();
    told.tells("acme/common, acme/pin").prints("");
    env.call(&["rm", "globex/db", "--yes"]).ok();
    env.file("text", "zebra-Nine-okapi");
    let output = env.call(&["scan", "text"]).run();
    assert_eq!(output.code, Some(8));
    assert_eq!(output.stdout, b"text:1: globex/db (an earlier secret)\n");
    assert!(
        output.stderr.contains("were found in 1 place\n"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("in the trash") && !output.stderr.contains("vault rotate"));
}
