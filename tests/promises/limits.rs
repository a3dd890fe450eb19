//! Promise 5: no file, however hostile, makes it use more than the stated memory or time.
//!
//! Each call here runs under a limit of 200 MiB of address space; `.ci/run` measures the release
//! binary's peak and time.

use std::fs::File;

use vault::crypto::SealedFile;
use vault::model::text::limits::VAULT_FILE_BYTES;

use crate::promises::forge::{Forge, Parts, replace, resign, splice};
use crate::support::call::Output;
use crate::support::env::TestEnv;

/// Address space of a call, in KiB: a hostile size that is believed does not fit.
const ADDRESS_SPACE_KIB: u32 = 200 << 10;

/// Runs `vault ARGS` within the limit.
fn limited(env: &TestEnv, args: &str) -> Output {
    let script = format!("ulimit -v {ADDRESS_SPACE_KIB}; exec vault {args}");
    env.shell(&script).stdin("x").run()
}

/// `get`, `list`, `add` and `verify` refuse this file as no vault.
#[track_caller]
fn refused(env: &TestEnv, file: &str) {
    for args in [
        format!("--vault '{file}' get acme/wp"),
        format!("--vault '{file}' list"),
        format!("--vault '{file}' add acme/new"),
        format!("--vault '{file}' verify"),
        format!("--vault '{file}' verify --full"),
    ] {
        let output = limited(env, &args);
        assert!(output.code == Some(5), "expected exit 5\n{output:?}");
    }
}

/// An intact vault whose header asks for other costs, signed by its own key.
fn asking_for(forge: &Forge, m: &str, t: &str, p: &str) -> Vec<u8> {
    let asks = format!(" {m} {t} {p} - ");
    resign(
        &replace(&forge.file, " 7168 6 1 - ", &asks),
        &forge.signing_key,
    )
}

#[test]
fn the_limit_itself_lets_a_good_vault_open() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let output = limited(&env, "get -n acme/wp");
    assert_eq!(output.stdout, b"one", "{output:?}");
}

#[test]
fn costs_past_the_ceiling_are_refused_before_anything_is_allocated() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let forge = Forge::of(&env);
    for (m, t, p) in [
        ("8589934592", "1", "1"), // 8 TiB
        ("4294967295", "1", "1"), // the most that Argon2 knows
        ("2097153", "1", "1"),
        ("7168", "65", "1"),
        ("7168", "4294967295", "1"),
        ("7168", "6", "17"),
        ("7168", "6", "16777215"),
        ("2097152", "9", "1"),
        ("0", "0", "0"),
        ("7", "6", "1"),
    ] {
        let file = env.file("costly.age", asking_for(&forge, m, t, p));
        // A device that knows nothing yet: no pin gets in the way of the signature.
        let stranger = TestEnv::new();
        for args in ["get acme/wp", "list", "add acme/new", "passwd"] {
            let output = limited(&stranger, &format!("--vault '{file}' {args}"));
            assert!(output.code == Some(5), "m={m} t={t} p={p}\n{output:?}");
        }
    }
}

#[test]
fn a_refusal_names_what_is_asked_and_what_is_allowed() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let file = asking_for(&Forge::of(&env), "8388608", "1", "1");
    let file = env.file("costly.age", file);
    let stranger = TestEnv::new();
    let failure = stranger
        .call(&["--vault", &file, "get", "acme/wp"])
        .fails(5);
    failure.says("8GiB").says("2GiB").hints("--kdf-limit");
}

#[test]
fn a_header_past_its_limits_is_refused() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let file = Forge::of(&env).file;
    let first = Parts::of(&file).stanzas[0].start;
    let before_the_first = |stanzas: &[u8]| splice(&file, first..first, stanzas);
    let line = "A".repeat(64) + "\n";
    let hostile = [
        before_the_first("-> x\n\n".repeat(10_000).as_bytes()),
        before_the_first("-> x\n\n".repeat(33).as_bytes()),
        before_the_first(format!("-> x\n{}\n", line.repeat(1_000_000)).as_bytes()),
        before_the_first(format!("-> {}\n\n", "x".repeat(64 << 20)).as_bytes()),
        before_the_first(format!("-> x{}\n\n", " y".repeat(32 << 20)).as_bytes()),
        [&file[..first], "-> x\n\n".repeat(20_000_000).as_bytes()].concat(),
        [&file[..first], line.repeat(1_000_000).as_bytes()].concat(),
    ];
    for bytes in hostile {
        assert!(SealedFile::parse(bytes.clone()).is_err());
        refused(&env, &env.file("hostile.age", bytes));
    }
}

#[test]
fn a_file_past_256_mib_is_refused_whatever_it_holds() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let path = env.file("huge.age", Forge::of(&env).file);
    let huge = File::options().write(true).open(&path).unwrap();
    huge.set_len(VAULT_FILE_BYTES + (1 << 20)).unwrap();
    refused(&env, &path);
    huge.set_len(1 << 40).unwrap();
    refused(&env, &path);
}

#[test]
fn what_is_no_regular_file_is_refused_without_waiting_for_it() {
    let env = TestEnv::ready();
    let script =
        "mkfifo fifo; mkdir folder; ln -s loop loop; ln -s fifo link; ln -s folder dirlink";
    env.shell(script).ok();
    for name in ["fifo", "folder", "loop", "link", "dirlink"] {
        refused(&env, &env.path(name));
    }
    refused(&env, "/dev/zero");
    refused(&env, "/dev/null");
    refused(&env, "/dev/tty");
}

#[test]
fn an_endless_source_of_a_password_or_key_is_refused() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    for args in [
        "--password-file /dev/zero get acme/wp",
        "--password-fd 3 get acme/wp 3</dev/zero",
        "--vault new.age --key-file /dev/zero init",
        "--identity /dev/zero get acme/wp",
        "verify --signer /dev/zero",
        "add acme/new </dev/zero",
    ] {
        let output = limited(&env, args);
        assert!(
            output.code == Some(2),
            "expected exit 2: {args}\n{output:?}"
        );
    }
    let call = env.call(&["get", "acme/wp"]).no_password();
    call.var("VAULT_PASSWORD_COMMAND", "cat /dev/zero").fails(2);
}

#[test]
fn a_signed_payload_can_be_hostile_too() {
    let env = TestEnv::with(&[("acme/wp", "one")]);
    let forge = Forge::of(&env);
    let good = serde_json::to_string(&forge.next).unwrap();
    let deep = |depth: usize| {
        let nested = "[".repeat(depth) + &"]".repeat(depth);
        good.replacen('{', &format!("{{\"unknown\":{nested},"), 1)
    };
    let hostile = [
        deep(100_000),
        deep(65),
        good.replacen("\"entries\":", "\"entries\":[[[", 1),
        "[".repeat(1_000_000),
        "null".into(),
        String::new(),
        good[..good.len() / 2].to_owned(),
        good.replacen(
            "\"generation\":3",
            "\"generation\":3,\"generation\":3e999",
            1,
        ),
    ];
    let mut taken = Vec::new();
    for payload in hostile {
        std::fs::write(env.vault_file(), forge.seal(payload.as_bytes())).unwrap();
        for args in ["get acme/wp", "list", "verify --full", "add acme/new"] {
            let output = limited(&env, args);
            if output.code != Some(5) {
                let start = &payload[..payload.len().min(40)];
                let length = payload.len();
                taken.push(format!("{start}… ({length} bytes)\n{output:?}"));
            }
        }
    }
    assert!(taken.is_empty(), "no exit 5:\n{}", taken.join("\n"));
}
