//! `run --file` and `--stdin`: secrets that a program reads.

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
    let looks = "stat -L -c '%a %F' $F; head -c 3 $F; echo; cat $F; echo; cat \"$F\"; echo; \
        (echo x > $F) 2>/dev/null; cat $F; echo; [ ${F##*/} -gt 19 ] && echo high";
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
        "echo ${PG%/*}",
    ];
    env.call(&args).ok().prints("/proc/self/fd\n");
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
    let script = "vault run --mask --file F=vault://acme/pgpass -- bash -c 'touch ready; exec sleep 60' & \
        until [ -e ready ]; do sleep 0.05; done; kill -9 $!; wait";
    let _ = env.shell(script).run();
    for (path, content) in env.everything() {
        assert!(!holds(&content, "hunter"), "{}", path.display());
    }
}
