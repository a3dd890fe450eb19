//! Whoever is told to have a way in has it: an identity that a crash kept from being written out is
//! called so until it is taken away.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::promises::{command, wait_until};
use crate::support::env::{CHEAP, TestEnv};

/// What a new pipe holds on Linux.
const PIPE: usize = 65_536;

fn identities(env: &TestEnv) -> Vec<Value> {
    let list = env.call(&["recovery", "list", "--json"]).ok().json();
    list.as_array().unwrap().clone()
}

/// `list` and `doctor` name the only identity as one that nobody has, until it is taken away.
#[track_caller]
fn is_called_unwritten(env: &TestEnv) {
    let list = identities(env);
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!(list[0]["written"], false, "{list:?}");
    let id = &list[0]["id"].as_str().unwrap()[..8];
    let rm = format!("vault recovery rm {id}");
    let shown = env.call(&["recovery", "list"]).ok();
    shown.shows("never written out").tells(&rm);
    shown.tells("vault recovery add");
    assert_eq!(doctor(env), [rm]);
    env.call(&["verify", "--full"]).ok();
    env.call(&["recovery", "rm", id, "--yes"]).ok();
    env.call(&["recovery", "add", "--out", "another"]).ok();
    assert_eq!(identities(env)[0]["written"], true);
    assert_eq!(doctor(env), [""; 0]);
}

/// The commands that doctor has against unwritten identities.
fn doctor(env: &TestEnv) -> Vec<String> {
    let found = env.call(&["doctor", "--json"]).run();
    let found: Vec<Value> = serde_json::from_slice(&found.stdout).unwrap();
    let found = found.iter().filter(|it| it["rule"] == "recovery");
    let fix = |it: &Value| {
        it["fix"]
            .as_str()
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .to_owned()
    };
    found.map(fix).collect()
}

#[test]
fn an_identity_whose_reader_never_got_it_is_called_unwritten() {
    let env = TestEnv::ready();
    let before = fs::read(env.vault_file()).unwrap();
    // Nobody reads the pipe, and it is full.
    let (_reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&vec![b'x'; PIPE]).unwrap();
    let mut add = command(&env, &["recovery", "add"]);
    let mut child = add.stdout(Stdio::from(writer)).spawn().unwrap();
    wait_until("it is a way in", || {
        fs::read(env.vault_file()).unwrap() != before
    });
    child.kill().unwrap();
    child.wait().unwrap();
    is_called_unwritten(&env);
}

#[test]
#[ignore = "needs strace"]
fn an_identity_whose_file_never_had_its_name_is_called_unwritten() {
    // Killed when the file is to get its name.
    let killed = "strace -f -qq -o trace -P recovery -e trace=linkat -e inject=linkat:signal=KILL \
                  vault";
    let added = TestEnv::ready();
    let made = TestEnv::new();
    for (env, command) in [
        (&added, "recovery add --out recovery".to_owned()),
        (&made, format!("init --kdf {CHEAP} --recovery recovery")),
    ] {
        let output = env.shell(&format!("{killed} {command}; exit 0")).run();
        let trace = fs::read_to_string(env.path("trace")).unwrap();
        assert!(trace.contains("killed by SIGKILL"), "{trace}\n{output:?}");
        fs::remove_file(env.path("recovery")).unwrap_or_default();
        is_called_unwritten(env);
    }
}

#[test]
#[ignore = "needs strace"]
fn an_identity_that_is_written_and_could_not_be_marked_so_is_told() {
    let env = TestEnv::ready();
    // The vault has its new name once, and a second time it cannot have it.
    let script = format!(
        "strace -f -qq -o trace -P '{}' -e trace=rename,renameat,renameat2 \
         -e inject=rename,renameat,renameat2:error=EIO:when=2+ vault recovery add --out recovery",
        env.vault_file().display()
    );
    let output = env.shell(&script).run();
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stderr.contains("is written out"), "{output:?}");
    assert!(env.work().join("recovery").exists());
    assert_eq!(identities(&env)[0]["written"], false);
}

#[test]
fn nothing_is_changed_where_its_file_cannot_be() {
    let env = TestEnv::ready();
    let before = env.everything();
    for (place, code) in [("/proc/recovery", 1), ("no/folder/recovery", 2)] {
        let failed = env.call(&["recovery", "add", "--out", place]).fails(code);
        failed.says(place.rsplit_once('/').unwrap().0);
        let other = env.path("other.age");
        let init = [
            "--vault",
            &other,
            "init",
            "--kdf",
            CHEAP,
            "--recovery",
            place,
        ];
        env.call(&init).fails(code);
        assert_eq!(env.everything().len(), before.len(), "{place}");
    }
}
