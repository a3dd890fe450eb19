//! `verify`: whole, and by whom, without the password.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;

use serde_json::Value;

use crate::support::env::{CHEAP, TestEnv, has_keys};

fn env() -> TestEnv {
    TestEnv::with(&[("acme/wp", "hunter2")])
}

fn verify<'a>(env: &'a TestEnv, options: &[&str]) -> crate::support::call::Call<'a> {
    env.call(&[&["verify"], options].concat()).no_password()
}

fn signer(env: &TestEnv) -> String {
    let verified = verify(env, &["--json"]).ok().json();
    verified["signer"].as_str().unwrap().to_owned()
}

/// Makes this device forget what it has seen.
fn forget(env: &TestEnv) {
    fs::remove_dir_all(env.state()).unwrap();
}

#[test]
fn the_pinned_key_is_enough_and_no_password_is_asked() {
    let env = env();
    verify(&env, &[]).ok().shows("2").hides("hunter2");
}

#[test]
fn json_has_the_identity_and_each_check() {
    let env = env();
    let verified = verify(&env, &["--json"]).ok().json();
    has_keys(
        &verified,
        &["ok", "vault_id", "generation", "signer", "checks"],
    );
    assert_eq!(verified["ok"], true);
    assert_eq!(verified["generation"], 2);
    assert!(
        verified["signer"]
            .as_str()
            .unwrap()
            .starts_with("ssh-ed25519 AAAA")
    );
    assert!(
        verified["vault_id"]
            .as_str()
            .unwrap()
            .parse::<uuid::Uuid>()
            .is_ok()
    );
    let checks = verified["checks"].as_array().unwrap();
    assert!(checks.len() >= 2, "{verified:#}");
    for check in checks {
        has_keys(check, &["name", "ok", "detail"]);
        assert_eq!(check["ok"], true, "{check}");
    }
}

#[test]
fn without_a_pin_and_without_a_signer_nothing_is_proven() {
    let env = env();
    forget(&env);
    verify(&env, &[]).fails(5).hints("--signer");
}

#[test]
fn a_signer_is_a_key_or_an_allowed_signers_file() {
    let env = env();
    let key = signer(&env);
    let fields: Vec<&str> = key.split(' ').take(2).collect();
    let key = fields.join(" ");
    forget(&env);
    verify(&env, &["--signer", &key]).ok();
    env.file("signers", format!("# ours\nvault@acme {key}\n"));
    verify(&env, &["--signer", "signers"]).ok();
    let none = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPl0cCBTvLgyYQw7Sp8RzDrdGKKTtb41WqgxJ4UBdEKP";
    env.file("none", format!("vault@acme {none}\n"));
    for other in [none, "none"] {
        verify(&env, &["--signer", other]).run().code.map_or_else(
            || panic!("killed"),
            // A key that is no point of the curve is malformed, any other did not sign.
            |code| assert!(code == 5 || code == 2, "exit {code}"),
        );
    }
}

#[test]
fn a_key_counts_as_far_as_its_line_allows_it() {
    let env = env();
    let key = signer(&env);
    for (options, code) in [
        ("namespaces=\"vault-file\"", 0),
        ("namespaces=\"git,vault-*\",valid-after=\"20200101\"", 0),
        ("namespaces=\"git\"", 5),
        ("valid-before=\"20200101\"", 5),
        ("valid-after=\"29990101Z\"", 5),
        ("namespaces=\"git\",valid-before=\"20200101\"", 5),
        ("nonsense", 2),
    ] {
        env.file("signers", format!("kim {options} {key}\n"));
        let output = verify(&env, &["--signer", "signers"]).run();
        assert_eq!(output.code, Some(code), "{options}: {output:?}");
    }
    // Whom a `!` excludes, no other pattern of the line allows.
    for (principals, code) in [
        ("*,!ann", 0),
        ("!kim", 5),
        ("kim,!kim", 5),
        ("k*,!*m", 0),
        ("kim,!*", 5),
    ] {
        let other = signer(&TestEnv::ready());
        env.file("signers", format!("{principals} {key}\nann {other}\n"));
        let output = verify(&env, &["--signer", "signers"]).run();
        assert_eq!(output.code, Some(code), "{principals}: {output:?}");
    }
    // A line that allows it is enough.
    let lines = format!("kim valid-before=\"20200101\" {key}\nkim {key}\n");
    env.file("signers", lines);
    verify(&env, &["--signer", "signers"]).ok();
    env.file("signers", format!("kim namespaces=\"git\" {key}\n"));
    verify(&env, &["--signer", "signers"])
        .fails(5)
        .says("vault-file");
}

#[test]
fn the_key_of_another_vault_did_not_sign_this_one() {
    let (ours, theirs) = (env(), env());
    let key = signer(&theirs);
    verify(&ours, &["--signer", &key]).fails(5).says("sign");
    ours.file("signers", format!("vault@acme {key}\n"));
    verify(&ours, &["--signer", "signers"]).fails(5);
    // Not even where this device trusts the right one.
    verify(&ours, &[]).ok();
}

#[test]
fn a_malformed_signer_is_bad_input() {
    let env = env();
    env.file("noise", "no keys in here\n");
    for bad in [
        "",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        "nosuchfile",
        "noise",
        "SHA256:abc",
    ] {
        verify(&env, &["--signer", bad]).fails(2);
    }
}

#[test]
fn it_pins_nothing() {
    let env = env();
    let key = signer(&env);
    forget(&env);
    verify(&env, &["--signer", &key]).ok();
    verify(&env, &[]).fails(5);
    assert!(
        env.everything()
            .keys()
            .all(|path| !path.ends_with("pin.json"))
    );
}

#[test]
fn an_older_copy_than_asked_for_is_not_accepted() {
    let env = env();
    verify(&env, &["--min-generation", "2"]).ok();
    verify(&env, &["--min-generation", "3"])
        .fails(5)
        .says("2")
        .says("3");
    verify(&env, &["--min-generation", "x"]).fails(2);
}

#[test]
fn a_copy_is_held_against_another_file() {
    let env = env();
    fs::copy(env.vault_file(), env.path("before.age")).unwrap();
    env.add("acme/db", "x");
    fs::copy(env.vault_file(), env.path("after.age")).unwrap();
    verify(&env, &["--not-older-than", "before.age"]).ok();
    verify(&env, &["--not-older-than", "after.age"]).ok();
    let key = signer(&env);
    let old = [
        "--vault",
        "before.age",
        "--signer",
        &key,
        "--not-older-than",
        "after.age",
    ];
    forget(&env);
    verify(&env, &old).fails(5).says("older");
    let missing = ["--signer", &key, "--not-older-than", "nosuch"];
    verify(&env, &missing).fails(2);
}

#[test]
fn full_opens_it_and_looks_at_every_record() {
    let env = env();
    let full = env.call(&["verify", "--full", "--json"]).ok().json();
    let names = |value: &Value| -> Vec<String> {
        let checks = value["checks"].as_array().unwrap();
        checks
            .iter()
            .map(|c| c["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let light = names(&verify(&env, &["--json"]).ok().json());
    let full = names(&full);
    for name in ["records", "references", "log"] {
        assert!(full.iter().any(|n| n == name), "no {name} in {full:?}");
        assert!(light.iter().all(|n| n != name), "{name} without a password");
    }
    verify(&env, &["--full"]).fails(9).hints("--password-file");
    let wrong = env
        .call(&["verify", "--full"])
        .password("wrong-Password-1234");
    wrong.fails(4).says("password");
}

/// Damages the file at so many places.
fn damaged(places: usize) {
    let env = env();
    let good = fs::read(env.vault_file()).unwrap();
    let header_end = good.windows(5).position(|w| w == b"\n--- ").unwrap();
    let mac = header_end..header_end + 5 + 44;
    let step = (good.len() / places).max(1);
    for at in (0..good.len()).step_by(step).chain([good.len() - 1]) {
        if mac.contains(&at) {
            continue;
        }
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(env.vault_file(), &bad).unwrap();
        verify(&env, &[]).fails(5);
        env.call(&["get", "acme/wp"]).fails(5).hides("hunter2");
    }
}

#[test]
fn damage_anywhere_is_found_and_nothing_is_given_out() {
    damaged(12);
}

#[test]
#[ignore = "takes long; .ci/run runs it"]
fn damage_at_any_of_60_places_is_found_and_nothing_is_given_out() {
    damaged(60);
}

#[test]
fn a_changed_header_mac_is_found_on_opening() {
    let env = env();
    let mut bad = fs::read(env.vault_file()).unwrap();
    let mac = bad.windows(5).position(|w| w == b"\n--- ").unwrap() + 5;
    bad[mac] = if bad[mac] == b'A' { b'B' } else { b'A' };
    fs::write(env.vault_file(), &bad).unwrap();
    env.call(&["get", "acme/wp"]).fails(5);
    env.call(&["verify", "--full"]).fails(5);
}

#[test]
fn a_file_cut_short_or_continued_is_damaged() {
    let env = env();
    let good = fs::read(env.vault_file()).unwrap();
    let header_end = good.windows(5).position(|w| w == b"\n--- ").unwrap();
    let lengths = [
        0,
        1,
        21,
        100,
        header_end,
        header_end + 50,
        good.len() - 16,
        good.len() - 1,
    ];
    for length in lengths {
        fs::write(env.vault_file(), &good[..length]).unwrap();
        verify(&env, &[]).fails(5);
        env.call(&["get", "acme/wp"]).fails(5).hides("hunter2");
        env.call(&["add", "acme/db"]).stdin("x").fails(5);
    }
    fs::write(env.vault_file(), [&good[..], b"\n"].concat()).unwrap();
    verify(&env, &[]).fails(5);
}

#[test]
fn what_is_no_vault_is_refused_as_such() {
    let env = env();
    env.file("text", "just a text\n");
    env.file("zeros", [0; 4096]);
    fs::create_dir(env.path("folder")).unwrap();
    let fifo = Command::new("mkfifo")
        .arg(env.path("fifo"))
        .status()
        .unwrap();
    assert!(fifo.success());
    for file in ["text", "zeros", "folder", "fifo", "/dev/zero"] {
        env.call(&["verify", "--vault", file]).fails(5);
        env.call(&["get", "acme/wp", "--vault", file]).fails(5);
        if !file.starts_with("/dev") {
            env.call(&["add", "acme/db", "--vault", file])
                .stdin("x")
                .fails(5);
        }
    }
}

#[test]
fn a_missing_vault_is_not_found() {
    TestEnv::new()
        .call(&["verify"])
        .fails(3)
        .hints("vault init");
}

#[test]
fn a_vault_that_is_too_large_is_not_read() {
    let env = env();
    let file = fs::OpenOptions::new()
        .write(true)
        .mode(0o600)
        .open(env.vault_file())
        .unwrap();
    file.set_len((256 << 20) + 1).unwrap();
    drop(file);
    let output = env.call(&["verify"]).run();
    assert_eq!(output.code, Some(5), "{output:?}");
    assert!(output.stderr.contains("limit"), "{output:?}");
}

#[test]
fn an_ordinary_age_file_is_no_vault() {
    let env = env();
    env.call(&["--vault", "o.age", "init", "--kdf", CHEAP]).ok();
    let file = fs::read(env.path("o.age")).unwrap();
    let text = String::from_utf8_lossy(&file).into_owned();
    // Without its signature, it is one that anybody could have made.
    let start = text.find("-> vault-signature").unwrap();
    let end = start
        + text[start..]
            .find("\n->")
            .or(text[start..].find("\n---"))
            .unwrap()
        + 1;
    env.file("unsigned.age", [&file[..start], &file[end..]].concat());
    env.call(&["verify", "--vault", "unsigned.age"])
        .fails(5)
        .says("sign");
}

#[test]
fn a_copy_to_compare_with_that_is_missing_is_named_as_that() {
    let env = TestEnv::ready();
    env.call(&["verify", "--not-older-than", "gone.age"])
        .fails(2)
        .says("gone.age")
        .hints("an earlier copy");
}

#[test]
fn what_is_no_vault_is_answered_with_a_next_step() {
    let env = TestEnv::new();
    env.file("empty.age", "");
    env.file("note.age", "buy milk");
    for name in ["empty.age", "note.age", "/dev/null", "."] {
        let list = env.call(&["--vault", name, "list"]);
        list.fails(5).hints("name ");
    }
}

#[test]
fn a_line_of_signers_names_so_many_and_no_more() {
    let env = env();
    let key = signer(&env);
    for (line, says) in [
        (format!("{}b {key}", "a*".repeat(8000)), "16001 bytes"),
        (format!("{}b {key}", "a,".repeat(64)), "more than 64"),
        (
            format!("kim namespaces=\"{}b\" {key}", "a,".repeat(64)),
            "more than 64",
        ),
        (
            format!("kim namespaces=\"{}\" {key}", "*a".repeat(64)),
            "128 bytes",
        ),
    ] {
        env.file("signers", format!("# ours\n{line}\n"));
        let failed = verify(&env, &["--signer", "signers"]).fails(2);
        failed.says("line 2").says(says);
    }
    let most = format!("{}{} {key}\n", "a*,!b*,".repeat(31), "c".repeat(64));
    env.file("signers", most);
    verify(&env, &["--signer", "signers"]).ok();
}
