//! Where secrets must not be: in arguments, temporary files, state, logs, and anywhere on disk.

use std::fs;
use std::path::PathBuf;

use crate::support::env::{CHEAP, PASSWORD, TestEnv, holds, mode_of};
use crate::support::wait::wait_for;

const SECRET: &str = "canary-Zebra9-secret";
const SEED: &str = "MFZWIZTHNBVGW3DNNZXXAYLTMRTGO2DK";
const PIN: &str = "canary-pin-27182818";
const NAME: &str = "canary-wordpress";
const USER: &str = "canary-user@acme.example";
const NOTES: &str = "canary notes for nobody";

/// A vault in which all of the above is stored, read, changed and logged.
fn busy() -> TestEnv {
    let env = TestEnv::ready();
    let path = format!("canary-client/{NAME}");
    let add = [
        "add",
        &path,
        "-u",
        USER,
        "--notes",
        NOTES,
        "--tag",
        "canary-tag",
    ];
    env.call(&add).stdin(SECRET).ok().hides(SECRET);
    let seed = ["edit", &path, "--totp"];
    env.call(&seed).stdin(SEED).ok().hides(SEED);
    let pin = ["edit", &path, "--secret-field", "pin"];
    env.call(&pin).stdin(PIN).ok().hides(PIN);
    env.call(&["get", &path])
        .ok()
        .prints(&format!("{SECRET}\n"))
        .silently();
    env.call(&["get", &path, "--field", "totp"]).ok().silently();
    for args in [
        &["show", &path][..],
        &["list", "--long"],
        &["log"],
        &["verify"],
        &["status"],
        &["backups"],
        &["restore", "1", "--dry-run"],
    ] {
        for json in [false, true] {
            let args = if json {
                [args, &["--json"]].concat()
            } else {
                args.to_vec()
            };
            env.call(&args).ok().hides(SECRET).hides(SEED).hides(PIN);
        }
    }
    env
}

#[test]
fn nothing_on_disk_holds_a_secret_a_name_or_the_password() {
    let env = busy();
    let files = env.everything();
    assert!(
        files.len() >= 5,
        "vault, lock, backups, state: {:?}",
        files.keys()
    );
    for (path, content) in &files {
        for canary in [SECRET, SEED, PIN, NAME, USER, NOTES, "canary-", PASSWORD] {
            assert!(!holds(content, canary), "{canary} in {}", path.display());
        }
    }
}

#[test]
fn nothing_is_left_in_the_temporary_folder() {
    let env = busy();
    assert_eq!(fs::read_dir(env.tmp()).unwrap().count(), 0);
    assert_eq!(fs::read_dir(env.work()).unwrap().count(), 0);
}

#[test]
fn every_file_is_private() {
    let env = busy();
    for path in env.everything().keys() {
        assert_eq!(mode_of(path), 0o600, "{}", path.display());
    }
    for folder in [
        env.data(),
        env.data().join("vault.age.backups"),
        env.state(),
    ] {
        assert_eq!(mode_of(&folder), 0o700, "{}", folder.display());
    }
}

#[test]
fn a_careless_umask_makes_nothing_readable() {
    let env = TestEnv::new();
    let script = format!(
        "umask 000; set -e; vault init --kdf {CHEAP} --recovery recovery; \
         echo x | vault add acme/wp; vault get acme/wp"
    );
    env.shell(&script).ok().prints("x\n");
    for path in env.everything().keys() {
        assert_eq!(mode_of(path), 0o600, "{}", path.display());
    }
    assert_eq!(mode_of(&env.data()), 0o700);
}

#[test]
fn errors_repeat_no_secret() {
    let env = busy();
    let path = format!("canary-client/{NAME}");
    let fails: [(&[&str], i32); 5] = [
        (&["add", &path], 7),
        (&["add", "acme/wp", "--expires", "2020-01-01"], 2),
        (&["edit", &path, "--secret", "--env", "A-B"], 2),
        (&["add", "acme/wp", "--totp"], 2),
        (&["edit", "acme/nosuch", "--secret"], 3),
    ];
    for (args, code) in fails {
        env.call(args).stdin(SECRET).fails(code).hides(SECRET);
        let json = [args, &["--json"]].concat();
        env.call(&json).stdin(SECRET).fails(code).hides(SECRET);
    }
}

#[test]
fn a_secret_given_as_an_argument_by_mistake_is_not_repeated() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let secret_field = format!("--secret-field=pin={SECRET}");
    let mistakes = [
        &["edit", "acme/wp", "--secret", SECRET][..],
        &["edit", "acme/wp", &format!("--secret={SECRET}")],
        &["edit", "acme/wp", &format!("--totp={SECRET}")],
        &[
            "edit",
            "acme/wp",
            "--secret-field",
            &format!("pin={SECRET}"),
        ],
        &["add", "acme/db", &secret_field],
        &["add", "acme/db", &format!("--password={SECRET}")],
        &["add", "acme/db", SECRET],
    ];
    for args in mistakes {
        env.call(args).fails(2).hides(SECRET);
        env.call(&[args, &["--json"]].concat())
            .fails(2)
            .hides(SECRET);
    }
}

/// Runs `args` with a password command that waits, and gives what the process shows of itself
/// meanwhile.
fn seen_while_it_runs(env: &TestEnv, args: &[&str], stdin: &str) -> Vec<u8> {
    use std::io::Write;

    env.file("password", PASSWORD);
    let command = "touch started; while [ ! -e go ]; do sleep 0.01; done; cat password";
    let call = env
        .call(args)
        .no_password()
        .var("VAULT_PASSWORD_COMMAND", command);
    let mut child = call.spawn();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(stdin.as_bytes()).unwrap();
    drop(pipe);
    wait_for(&env.work().join("started"));
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let mut seen = fs::read(process.join("cmdline")).unwrap();
    // Of a process that cannot be dumped, only root sees the environment.
    seen.extend(fs::read(process.join("environ")).unwrap_or_default());
    fs::write(env.work().join("go"), "").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    seen
}

#[test]
#[cfg(target_os = "linux")]
fn a_running_process_shows_no_secret_in_its_arguments_or_environment() {
    for (args, stdin) in [(["add", "acme/db"], SECRET), (["get", "acme/wp"], "")] {
        let env = TestEnv::with(&[("acme/wp", SECRET)]);
        let seen = seen_while_it_runs(&env, &args, stdin);
        assert!(holds(&seen, args[1]), "it is the right process");
        assert!(!holds(&seen, SECRET) && !holds(&seen, PASSWORD), "{args:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_running_process_cannot_be_dumped_and_leaves_no_core() {
    let env = TestEnv::with(&[("acme/wp", SECRET)]);
    env.file("password", PASSWORD);
    let command = "cat /proc/$PPID/limits > limits; cat password";
    let call = env.call(&["get", "acme/wp"]).no_password();
    call.var("VAULT_PASSWORD_COMMAND", command)
        .ok()
        .prints(&format!("{SECRET}\n"));
    let limits = fs::read_to_string(env.path("limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    let columns: Vec<&str> = core.split_whitespace().collect();
    // The hard limit stays, for `run` to give it back to the program.
    assert_eq!(columns[4], "0", "{core}");
}
