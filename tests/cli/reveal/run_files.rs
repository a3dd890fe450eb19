//! `run --file` and `--stdin`: secrets that a program reads.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::env::{TestEnv, holds};

fn vault() -> TestEnv {
    TestEnv::copied("for run --file", |env| {
        let pg = ["add", "acme/pgpass", "-u", "admin", "--env", "PG"];
        env.call(&pg).stdin("hunter2\nhunter3").ok();
        env.add("acme/large", &"large".repeat(200_000));
    })
}

#[test]
fn a_file_is_private_and_read_from_its_start_each_time() {
    let env = vault();
    let looks = "stat -L -c '%a %F' $F; head -c 3 $F; echo; cat $F; cat \"$F\"; \
        (echo x > $F) 2>/dev/null; cat $F; [ ${F##*/} -gt 19 ] && echo high";
    for masked in [&["--no-mask"][..], &["--mask"]] {
        let args = [
            &["run"],
            masked,
            &["--file", "F=vault://acme/pgpass", "--", "bash", "-c", looks],
        ]
        .concat();
        let expected =
            "600 regular file\nhun\nhunter2\nhunter3\nhunter2\nhunter3\nhunter2\nhunter3\nhigh\n";
        let expected = match masked {
            ["--mask"] => expected.replace("hunter2\nhunter3", "[vault: acme/pgpass]"),
            _ => expected.to_owned(),
        };
        env.call(&args).ok().prints(&expected);
    }
}

#[test]
fn a_file_that_is_attached_is_handed_over_byte_for_byte_and_logged() {
    let env = vault();
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    env.file("client key.p12", &bytes);
    env.call(&["attach", "acme/pgpass", "client key.p12"]).ok();
    env.file("ca.pem", "canary-line\nwithout an end");
    env.call(&["attach", "acme/pgpass", "ca.pem"]).ok();
    let binary = "vault://acme/pgpass?file=client%20key.p12";
    let as_file = format!("F={binary}");
    let read = ["run", "--file", &as_file, "--", "sh", "-c", "cat $F"];
    assert!(env.call(&read).ok().bytes() == bytes);
    let event = env.last_event();
    assert_eq!(
        (&event["action"], &event["detail"]["what"]),
        (&"use".into(), &"attachment".into())
    );
    let stdin = ["run", "--stdin", binary, "--", "cat"];
    assert!(env.call(&stdin).ok().bytes() == bytes);
    let masked = [&["run", "--mask"][..], &stdin[1..]].concat();
    let masked = env.call(&masked).ok();
    masked.tells("a file of acme/pgpass is not masked: it is no text");
    let pem = ["--stdin", "vault://acme/pgpass?file=ca.pem", "--", "cat"];
    let plain = env.call(&[&["run"], &pem[..]].concat()).ok();
    plain.prints("canary-line\nwithout an end");
    let masked = env.call(&[&["run", "--mask"], &pem[..]].concat()).ok();
    masked.hides("canary-line");
    for (reference, code) in [
        ("vault://acme/pgpass?file=none", 3),
        ("vault://acme/none?file=ca.pem", 3),
        ("vault://acme/pgpass?file=", 2),
        ("vault://acme/pgpass?file=../x", 2),
        ("vault://acme/pgpass#pin?file=ca.pem", 2),
    ] {
        let args = ["run", "--stdin", reference, "--", "touch", "started"];
        env.call(&args).fails(code);
    }
    let variable = "X=vault://acme/pgpass?file=ca.pem";
    let refused = env.call(&["run", "--env", variable, "--", "touch", "started"]);
    refused.fails(2).says("with --file or --stdin");
    assert!(!Path::new(&env.path("started")).exists());
    env.call(&["edit", "acme/pgpass", "--use-only"]).ok();
    env.call(&["unlock"]).ok();
    assert!(env.call(&read).no_password().ok().bytes() == bytes);
}

#[test]
fn a_large_file_and_a_large_stdin_are_whole() {
    let env = vault();
    for masked in ["--no-mask", "--mask"] {
        let file = [
            "run",
            masked,
            "--file",
            "F=vault://acme/large",
            "--",
            "sh",
            "-c",
            "wc -c < $F",
        ];
        env.call(&file).ok().prints("1000000\n");
        let stdin = [
            "run",
            masked,
            "--stdin",
            "vault://acme/large",
            "--",
            "wc",
            "-c",
        ];
        env.call(&stdin).ok().prints("1000000\n");
    }
    let args = [
        "run",
        "--mask",
        "--stdin",
        "vault://acme/large",
        "--",
        "cat",
    ];
    env.call(&args).ok().prints("[vault: acme/large]");
}

#[test]
fn stdin_is_the_secret_and_nothing_more() {
    let env = vault();
    for masked in ["--no-mask", "--mask"] {
        let args = [
            "run",
            masked,
            "--stdin",
            "vault://acme/pgpass#username",
            "--",
            "cat",
        ];
        env.call(&args).stdin("ours").ok().prints("admin");
    }
    let both = [
        "run",
        "--stdin",
        "vault://acme/pgpass",
        "--client",
        "acme",
        "--",
        "sh",
        "-c",
        "cat; echo $PG",
    ];
    env.call(&both)
        .ok()
        .prints("hunter2\nhunter3hunter2 hunter3\n");
}

#[test]
fn a_name_is_set_by_one_option_and_counts_before_an_entrys() {
    let env = vault();
    let reference = "F=vault://acme/pgpass";
    for options in [
        ["--env", reference, "--file", reference],
        ["--file", reference, "--file", reference],
    ] {
        let args = [&["run"], &options[..], &["--", "true"]].concat();
        env.call(&args).no_password().fails(2).says("F");
    }
    let args = ["run", "--file", "PATH=vault://acme/pgpass", "--", "true"];
    env.call(&args).no_password().fails(6).says("PATH");
    let args = [
        "run",
        "--file",
        "F=vault://acme/gone",
        "--",
        "touch",
        "started",
    ];
    env.call(&args).fails(3);
    let args = [
        "run",
        "--stdin",
        "vault://acme/gone",
        "--",
        "touch",
        "started",
    ];
    env.call(&args).fails(3);
    assert!(!env.work().join("started").exists());
    let args = [
        "run",
        "--client",
        "acme",
        "--file",
        "PG=vault://acme/pgpass",
        "--",
        "sh",
        "-c",
        "echo ${PG%/*} $$",
    ];
    let told = env.call(&args).ok().text().to_owned();
    let (folder, program) = told.trim_end().split_once(' ').unwrap();
    assert_eq!(folder, format!("/proc/{program}/fd"));
}

#[test]
fn what_the_program_starts_opens_it_too() {
    let env = vault();
    let script = "import os, subprocess\n\
        print(subprocess.run(['cat', os.environ['F']], capture_output=True, check=True).stdout)";
    let args = [
        "run",
        "--file",
        "F=vault://acme/pgpass",
        "--",
        "python3",
        "-c",
        script,
    ];
    env.call(&args).ok().prints("b'hunter2\\nhunter3\\n'\n");
}

#[test]
fn only_several_lines_get_their_last_end() {
    let env = vault();
    env.add("acme/line", "hunter4");
    env.call(&["add", "acme/ended"]).stdin("one\ntwo\n\n").ok();
    for (name, content) in [("line", "hunter4"), ("pgpass", "hunter2\nhunter3\n")] {
        let file = format!("F=vault://acme/{name}");
        let args = ["run", "--file", &file, "--", "sh", "-c", "cat $F"];
        env.call(&args).ok().prints(content);
    }
    let kept = env.call(&["get", "acme/ended"]).ok().text().to_owned();
    let args = [
        "run",
        "--file",
        "F=vault://acme/ended",
        "--",
        "sh",
        "-c",
        "cat $F",
    ];
    let file = env.call(&args).ok().text().to_owned();
    assert_eq!(file.trim_end(), kept.trim_end());
    assert!(file.ends_with('\n'));
}

#[test]
fn each_use_is_logged_and_nothing_is_left() {
    let env = vault();
    let args = [
        "run",
        "--file",
        "F=vault://acme/pgpass",
        "--stdin",
        "vault://acme/large",
        "--",
        "true",
    ];
    env.call(&args).ok();
    let log = env.call(&["log", "--json"]).ok().json();
    let uses = log
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["action"] == "use");
    assert_eq!(uses.count(), 2);
    let script = "vault run --mask --file F=vault://acme/pgpass -- bash -c 'grep -c hunter $F > seen; \
        echo $$ > ready; exec sleep 60' & until [ -s ready ]; do sleep 0.05; done; kill -9 $!; wait $!; \
        echo $?; kill -9 $(cat ready)";
    env.shell(script).ok().prints("137\n");
    assert_eq!(fs::read_to_string(env.path("seen")).unwrap(), "2\n");
    // A copy that was left is found so.
    let left = env.file("left", "hunter2");
    let holding = || {
        let everything = env.everything().into_iter();
        let holding = everything.filter(|(_, content)| holds(content, "hunter"));
        holding.map(|(path, _)| path).collect::<Vec<_>>()
    };
    assert_eq!(holding(), [Path::new(&left)]);
    fs::remove_file(left).unwrap();
    assert_eq!(holding(), Vec::<PathBuf>::new());
}
