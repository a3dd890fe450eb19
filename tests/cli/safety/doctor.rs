//! `doctor`: this machine and this vault's settings.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::env::{TestEnv, has_keys, mode};

/// What is found, as `rule level`, but for what this machine is like.
fn found(env: &TestEnv, options: &[&str]) -> Vec<String> {
    let args = [&["doctor", "--json", "--fail-on", "high"], options].concat();
    let output = env.call(&args).run();
    let findings: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("no JSON: {error}\n{output:?}"));
    let findings = findings.as_array().unwrap().clone();
    let of_machine = [
        "swap",
        "locked-memory",
        "clipboard",
        "core-dumps",
        "disk",
        "hibernation",
    ];
    for finding in &findings {
        has_keys(finding, &["rule", "level", "subject", "message", "fix"]);
    }
    let high = findings.iter().any(|finding| finding["level"] == "high");
    assert_eq!(output.code, Some(if high { 8 } else { 0 }), "{output:?}");
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    (findings.iter())
        .filter(|finding| !of_machine.contains(&finding["rule"].as_str().unwrap()))
        // A test has one disk.
        .filter(|finding| !word(finding, "message").contains("same disk"))
        .map(|finding| format!("{} {}", word(finding, "rule"), word(finding, "level")))
        .collect()
}

/// A vault at today's cost with a copy elsewhere.
fn healthy() -> TestEnv {
    let env = TestEnv::copied("at today's cost", |env| {
        env.has_no_vault();
        env.call(&["init", "--recovery", "r.key"]).ok();
    });
    fs::create_dir(env.path("usb")).unwrap();
    env.call(&["backup", "--to", "usb"]).ok();
    env
}

#[test]
fn nothing_is_found_where_all_is_well() {
    let env = healthy();
    assert!(found(&env, &[]).is_empty());
    let text = env.call(&["doctor", "--fail-on", "high", "--verbose"]).ok();
    for rule in ["permissions", "kdf", "recovery", "agent", "clock", "limits"] {
        text.shows(&format!("ok {rule}: "));
    }
    text.shows("same disk as the vault");
}

#[test]
fn what_is_wrong_comes_first_in_colour_and_the_rest_is_one_line() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let output = env.call(&["doctor", "--color", "always"]).run();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("\u{1b}[1m\u{1b}[33mmedium "), "{text}");
    assert!(
        lines.last().unwrap().ends_with(" other checks are fine"),
        "{text}"
    );
    assert!(!text.contains("ok "), "{text}");
    let output = env.call(&["doctor", "-v"]).run();
    let text = String::from_utf8(output.stdout).unwrap();
    let (bad, ok) = (text.rfind("medium ").unwrap(), text.find("ok ").unwrap());
    assert!(bad < ok && !text.contains("other checks"), "{text}");
}

#[test]
fn copies_that_a_former_key_signed_are_neither_broken_nor_forgotten() {
    let env = healthy();
    env.call(&["id", "rotate", "--yes"]).ok();
    assert!(found(&env, &[]).is_empty());
    env.call(&["doctor", "--fail-on", "high"])
        .no_password()
        .ok()
        .shows("same disk");
    let copies = env.call(&["backups", "--json"]).ok().json();
    let mut copies = copies.as_array().unwrap().iter();
    assert!(copies.any(|copy| copy["kind"] == "copy"));
}

#[test]
fn a_vault_that_is_gone_is_worse_than_none_that_never_was() {
    let env = healthy();
    fs::remove_file(env.vault_file()).unwrap();
    assert!(found(&env, &[]).contains(&"vault high".to_owned()));
    let output = env.call(&["doctor"]).run();
    assert_eq!(output.code, Some(8), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("vault restore last.age"), "{text}");
    let never = TestEnv::new();
    assert_eq!(found(&never, &[])[0], "vault low");
}

#[test]
fn files_of_another_vault_are_not_held_against_this_one() {
    let env = healthy();
    let other = TestEnv::ready();
    let folder = env.data().join("vault.age.backups");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, mode(0o700)).unwrap();
    let put = |name: &str, bytes: Vec<u8>| {
        fs::write(folder.join(name), bytes).unwrap();
        fs::set_permissions(folder.join(name), mode(0o600)).unwrap();
    };
    let theirs = fs::read(other.vault_file()).unwrap();
    put("1-01234567.age", theirs.clone());
    assert!(found(&env, &[]).is_empty());
    let list = env.call(&["backups", "--json"]).no_password().ok().json();
    let list = list.as_array().unwrap();
    assert!(list.iter().any(|file| file["ok"] == false), "{list:?}");
    // One that only says so is broken like any other.
    let mut broken = theirs;
    if let Some(last) = broken.last_mut() {
        *last ^= 1;
    }
    put("2-01234567.age", broken);
    assert_eq!(found(&env, &[]), ["backup medium"]);
}

#[test]
fn an_old_copy_is_not_said_to_be_no_vault() {
    let env = healthy();
    let old = fs::read(env.vault_file()).unwrap();
    env.add("acme/wp", "x");
    fs::write(env.vault_file(), old).unwrap();
    let output = env.call(&["doctor"]).run();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("vault restore last.age"), "{text}");
    assert!(!text.contains("there is no vault"), "{text}");
}

#[test]
fn a_finding_at_the_level_is_exit_8_and_is_told_with_what_helps() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    assert_eq!(
        found(&env, &[]),
        ["kdf medium", "backup medium", "recovery low"]
    );
    let output = env.call(&["doctor"]).run();
    assert_eq!(output.code, Some(8), "{output:?}");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(text.contains("medium kdf: "), "{text}");
    assert!(text.contains("fix: vault passwd --kdf-target"), "{text}");
    assert!(text.contains("fix: vault backup --to"), "{text}");
    assert!(output.stderr.contains("doctor found"), "{output:?}");
    let json = env.call(&["doctor", "--json"]).run();
    let error: Value = serde_json::from_str(&json.stderr).unwrap();
    assert_eq!(error["error"]["code"], "findings");
    env.call(&["doctor", "--fail-on", "huge"]).fails(2);
}

#[test]
fn what_others_may_read_or_write_is_found() {
    let env = healthy();
    fs::set_permissions(env.vault_file(), mode(0o644)).unwrap();
    assert_eq!(found(&env, &[]), ["permissions medium"]);
    fs::set_permissions(env.vault_file(), mode(0o600)).unwrap();
    fs::set_permissions(env.data(), mode(0o777)).unwrap();
    assert_eq!(found(&env, &[]), ["permissions high"]);
    fs::set_permissions(env.data(), mode(0o700)).unwrap();
    fs::set_permissions(env.state(), mode(0o755)).unwrap();
    assert_eq!(found(&env, &[]), ["permissions medium"]);
}

#[test]
fn without_the_password_it_says_what_it_did_not_look_at() {
    let env = healthy();
    let output = env.call(&["doctor", "--json", "--fail-on", "high"]);
    let findings = output.no_password().ok().json();
    let limits = findings.as_array().unwrap().iter();
    let limits: Vec<_> = limits
        .filter(|finding| finding["rule"] == "limits")
        .collect();
    assert_eq!(limits.len(), 1);
    assert_eq!(limits[0]["level"], "low");
    let wrong = env.call(&["doctor"]).password("wrong-Password-1234");
    wrong.fails(4);
}

#[test]
fn damaged_backups_and_old_ones_are_found() {
    let env = healthy();
    env.add("acme/wp", "x");
    let backups = env.call(&["backups", "--json"]).ok().json();
    let file = |kind: &str| {
        let mut all = backups.as_array().unwrap().iter();
        let found = all.find(|file| file["kind"] == kind).unwrap();
        found["file"].as_str().unwrap().to_owned()
    };
    let copy = fs::File::options().append(true).open(file("copy")).unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_hours(24 * 40 + 1);
    copy.set_modified(old).unwrap();
    assert_eq!(found(&env, &[]), ["backup medium"]);
    let text = env.call(&["doctor"]).run();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains("40 days old, of generation 2; the vault has 3"),
        "{text}"
    );
    env.call(&["backup"]).ok();
    assert!(found(&env, &[]).is_empty());
    fs::write(file("automatic"), "damaged").unwrap();
    assert_eq!(found(&env, &[]), ["backup medium"]);
}

#[test]
fn a_disk_that_is_away_is_told_as_that() {
    let env = healthy();
    fs::rename(env.path("usb"), env.path("away")).unwrap();
    assert_eq!(found(&env, &[]), ["backup low"]);
}

#[test]
fn a_damaged_vault_is_found_and_with_none_the_way_to_one_is_told() {
    let env = healthy();
    fs::write(env.vault_file(), "damaged").unwrap();
    let findings = found(&env, &[]);
    assert!(findings.contains(&"vault high".to_owned()), "{findings:?}");
    let nothing = TestEnv::new();
    nothing
        .call(&["doctor", "--fail-on", "high"])
        .ok()
        .shows("vault init");
}

#[test]
fn a_vault_in_a_work_tree_or_a_synced_folder_is_told() {
    let env = TestEnv::new();
    let folder = env.work().join("Dropbox/repo");
    fs::create_dir_all(folder.join(".git")).unwrap();
    let vault = folder.join("vault.age");
    let vault = vault.to_str().unwrap();
    env.call(&["--vault", vault, "init"]).ok();
    let mut findings = found(&env, &["--vault", vault]);
    findings.sort();
    assert_eq!(
        findings,
        [
            "backup medium",
            "git low",
            "recovery low",
            "synced-folder low"
        ]
    );
}

#[test]
fn a_clock_behind_what_this_device_wrote_is_found() {
    let env = healthy();
    let last = env
        .everything()
        .into_keys()
        .find(|path| path.ends_with("last.age"));
    let last = fs::File::options()
        .append(true)
        .open(last.unwrap())
        .unwrap();
    let ahead = std::time::SystemTime::now() + std::time::Duration::from_hours(2);
    last.set_modified(ahead).unwrap();
    assert_eq!(found(&env, &[]), ["clock medium"]);
}

#[test]
fn an_agent_that_is_not_to_be_trusted_is_found() {
    let env = healthy();
    fs::create_dir(env.agent_folder()).unwrap();
    fs::set_permissions(env.agent_folder(), mode(0o777)).unwrap();
    let findings = found(&env, &[]);
    assert_eq!(findings, ["agent medium"]);
}

#[test]
fn it_changes_nothing() {
    let env = healthy();
    let before = env.everything();
    let _ = env.call(&["doctor"]).no_password().run();
    assert!(env.everything() == before);
}

#[test]
fn exports_that_lie_about_and_another_program_of_the_name_are_found() {
    let env = healthy();
    let downloads = env.home().join("Downloads");
    fs::create_dir(&downloads).unwrap();
    for name in ["Chrome Passwords.csv", "invoice.csv"] {
        fs::write(downloads.join(name), "").unwrap();
    }
    assert_eq!(found(&env, &[]), ["exports medium"]);
    let text = env.call(&["doctor", "--fail-on", "high"]).ok();
    text.shows("Chrome Passwords.csv").hides("invoice");
    fs::create_dir(env.path("bin")).unwrap();
    let other = env.path("bin/vault");
    fs::write(&other, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", env.path("bin"));
    let output = env
        .call(&["doctor", "--fail-on", "high"])
        .var("PATH", &path)
        .ok();
    output.shows("starts this other program");
    let behind = "PATH=\"$(dirname \"$(command -v vault)\"):$PWD/bin:/usr/bin:/bin\"; \
                  vault doctor --fail-on high";
    let output = env.shell(behind).ok();
    output.shows("bin/vault: this other program has the same name");
    let renamed = "ln -s \"$(command -v vault)\" bin/fv; PATH=\"$PWD/bin:/usr/bin:/bin\"; \
                   fv doctor --fail-on high";
    env.shell(renamed).ok().hides("this other program");
    for (path, told) in [
        (
            "/usr/bin:/bin:",
            "in PATH an empty part is the folder that you are in",
        ),
        ("/usr/bin:/bin:tools", "in PATH tools depends on"),
    ] {
        let output = env.call(&["doctor", "--fail-on", "high"]).var("PATH", path);
        output.ok().shows(told);
    }
    let unset = "exec env -u PATH \"$(command -v vault)\" doctor --fail-on high";
    env.shell(unset).ok().hides("in PATH");
}
