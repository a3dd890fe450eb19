//! Promise 3 for rotations: whatever kills `rotate --exec`, and at whatever step, the old secret and
//! the new one can both be read once the site may have either.

use std::fs;

use crate::promises::wait_until;
use crate::support::env::{TestEnv, mode};

/// A site that takes the new secret once it has been told all of it. What it was told is not known to
/// have arrived while the program runs.
const CHANGE: &str = "#!/bin/sh
touch running
input=$(cat)
case $input in
  *'}') printf '%s' \"$input\" | sed 's/.*\"new\":\"\\([^\"]*\\)\".*/\\1/' > site.new
    mv site.new site ;;
esac
rm running
";

fn vault() -> TestEnv {
    let env = TestEnv::with(&[("acme/db", "first")]);
    let change = env.file("change", CHANGE);
    fs::set_permissions(change, mode(0o700)).unwrap();
    env.file("site", "first");
    env
}

fn site(env: &TestEnv) -> String {
    fs::read_to_string(env.path("site"))
        .unwrap()
        .trim_end()
        .to_owned()
}

fn pending(env: &TestEnv) -> Option<String> {
    let output = env.call(&["get", "acme/db", "--pending"]).run();
    let secret = String::from_utf8(output.stdout).unwrap();
    assert!(matches!(output.code, Some(0 | 3)), "{:?}", output.stderr);
    Some(secret.trim_end().to_owned()).filter(|secret| !secret.is_empty())
}

/// What the site has can be read, and so can the secret before; and the rotation can be settled.
/// Whether the site had the new one.
fn both_are_readable(env: &TestEnv, at: &str) -> bool {
    wait_until("the program has ended", || {
        !fs::exists(env.path("running")).unwrap()
    });
    let (site, current, pending) = (site(env), env.secret("acme/db"), pending(env));
    let is_known = current == site || pending.as_ref() == Some(&site);
    assert!(
        is_known,
        "{at}: the site has {site}, the vault {current} and {pending:?}"
    );
    let first = env.call(&["get", "acme/db", "--at-version", "1"]).ok();
    assert_eq!(first.text(), "first\n", "{at}");
    env.call(&["verify"]).ok();
    if let Some(pending) = pending {
        assert_eq!(current, "first", "{at}");
        let settle = if pending == site {
            "--confirm"
        } else {
            "--abort"
        };
        env.call(&["rotate", "acme/db", settle]).ok();
    }
    assert_eq!(env.secret("acme/db"), site, "{at}");
    env.call(&["rotate", "acme/db", "--exec", "./change"]).ok();
    assert_eq!(env.secret("acme/db"), self::site(env), "{at}");
    site != "first"
}

#[test]
fn a_program_that_kills_vault_at_its_own_steps_leaves_both_secrets_readable() {
    let steps = [
        ("before it reads", "kill -9 $PPID; exit 0", ""),
        ("once it has read", "input=$(cat); kill -9 $PPID", ""),
        ("once the site is changed", "./change; kill -9 $PPID", ""),
        ("once it has failed", "./change; kill -9 $PPID; exit 1", ""),
        ("before the check", "./change", "kill -9 $PPID; exit 0"),
        (
            "after the check",
            "./change",
            "cat > /dev/null; kill -9 $PPID",
        ),
    ];
    for (at, change, check) in steps {
        let env = vault();
        let mut args = vec!["rotate", "acme/db", "--exec", "sh", "-c", change];
        if !check.is_empty() {
            args.extend(["--verify-exec", "sh", "-c", check]);
        }
        let output = env.call(&args).run();
        assert_eq!(output.code, None, "{at}: killed, {output:?}");
        both_are_readable(&env, at);
    }
}

/// Each of these calls in turn is where `vault` is killed, before the call is made.
#[test]
#[ignore = "needs strace; .ci/run runs it"]
fn a_kill_at_each_step_of_a_rotation_leaves_both_secrets_readable() {
    let calls = "rename,renameat,renameat2,linkat,unlink,unlinkat,fsync,fdatasync,ftruncate,flock,\
                 pipe2,clone,clone3,vfork,wait4,waitid,write,writev";
    let (mut kills, mut told) = (0, 0);
    for call in calls.split(',') {
        for nth in 1.. {
            let env = vault();
            let script = format!(
                "strace -qq -o trace -e trace=?{call} -e inject=?{call}:signal=KILL:when={nth} \
                 vault rotate acme/db --exec ./change --verify-exec true"
            );
            let output = env.shell(&script).run();
            if output.code == Some(0) {
                assert_eq!(env.secret("acme/db"), site(&env));
                break;
            }
            let at = format!("at {call} {nth}");
            assert!(
                output.code.is_none_or(|code| code == 137),
                "{at}: {output:?}"
            );
            told += u32::from(both_are_readable(&env, &at));
            kills += 1;
        }
    }
    assert!(
        kills > 20 && told > 5,
        "{kills} kills, {told} of which the site knew"
    );
}
