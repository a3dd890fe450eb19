//! `run`: what the program gets, and what it never gets.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::support::env::{TestEnv, holds};

/// Two clients; two of acme's entries name a variable.
fn vault() -> TestEnv {
    TestEnv::copied("for run", |env| {
        let wp = ["add", "acme/wp", "-u", "admin", "--env", "WP_PASSWORD"];
        env.call(&wp).stdin("hunter2").ok();
        let db = ["add", "acme/db main", "--env", "DB_PASSWORD"];
        env.call(&db).stdin("one\ntwo $HOME é").ok();
        env.add("acme/ftp", "hunter3");
        env.add("globex/mail", "hunter4");
    })
}

fn variables(text: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    let pairs = text
        .split_terminator('\0')
        .map(|pair| pair.split_once('=').unwrap());
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    // Shells set it to what they start.
    pairs.filter(|(name, _)| name != "_").collect()
}

fn uses(env: &TestEnv) -> Vec<Value> {
    let log = env.call(&["log", "--json"]).ok();
    log.hides("hunter");
    let events = log.json().as_array().unwrap().clone();
    let is_use = |event: &Value| event["action"] == "use";
    events.into_iter().filter(is_use).collect()
}

#[test]
fn the_program_gets_its_environment_and_the_secrets_and_nothing_else() {
    let env = vault();
    let without = env.shell("env -0").var("KEEP", "a=b").ok();
    let with = env
        .shell("exec vault run --client acme -- env -0")
        .var("KEEP", "a=b");
    let mut expected = variables(without.bytes());
    expected.remove("VAULT_PASSWORD_FILE").unwrap();
    expected.insert("WP_PASSWORD".into(), "hunter2".into());
    expected.insert("DB_PASSWORD".into(), "one\ntwo $HOME é".into());
    assert_eq!(variables(with.ok().bytes()), expected);
}

#[test]
fn sources_of_passwords_are_kept_from_the_program() {
    let env = vault();
    let args = ["run", "--client", "acme", "--", "env"];
    let call = env
        .call(&args)
        .var("VAULT_PASSWORD", "x")
        .var("VAULT_PASSWORD_X", "x");
    call.ok().hides("VAULT_PASSWORD");
}

#[test]
fn the_descriptor_of_the_password_is_kept_from_the_program_and_others_are_not() {
    let env = vault();
    let file = env.password_file();
    let looks = "ls /dev/fd/3 2>/dev/null; cat <&4; cat";
    let script = format!(
        "exec 3< '{}' 4< <(echo four); echo rest | vault --password-fd 3 {{}} sh -c '{looks}'",
        file.display()
    );
    let run = script.replace("{}", "run --client acme --");
    env.shell(&run).no_password().ok().prints("four\nrest\n");
}

#[test]
fn an_entry_or_a_reference_can_be_named() {
    let env = vault();
    let sh = ["--", "sh", "-c", "echo \"$WP_PASSWORD $U $P $DB_PASSWORD\""];
    let args = ["run", "--entry", "acme/wp"];
    env.call(&[&args[..], &sh].concat())
        .ok()
        .prints("hunter2   \n");
    let args = [
        "run",
        "--env",
        "U=vault://acme/wp#username",
        "--env=P=vault://globex/mail",
    ];
    env.call(&[&args[..], &sh].concat())
        .ok()
        .prints(" admin hunter4 \n");
    let both = ["run", "--entry", "acme/wp", "--client", "acme"];
    env.call(&[&both[..], &["--", "true"]].concat()).ok();
}

#[test]
fn a_folder_or_a_pattern_sets_what_its_entries_name() {
    let env = vault();
    for (entry, variable) in [("acme/srv/a", "SRV_A"), ("acme/srv/in/b", "SRV_B")] {
        env.call(&["add", entry, "--env", variable])
            .stdin(entry)
            .ok();
    }
    env.add("acme/srv/plain", "no variable");
    let sh = ["--", "sh", "-c", "echo \"$SRV_A $SRV_B\""];
    for (named, set) in [
        ("acme/srv/", "acme/srv/a acme/srv/in/b\n"),
        ("acme/srv/*", "acme/srv/a \n"),
        ("acme/srv/in/**", " acme/srv/in/b\n"),
    ] {
        let args = [&["run", "--entry", named][..], &sh].concat();
        env.call(&args).ok().prints(set);
    }
    for (named, code) in [
        ("acme/srv/pl*", 3),
        ("acme/nosuch/", 3),
        ("acme", 2),
        ("*/a", 2),
    ] {
        let args = [&["run", "--entry", named][..], &sh].concat();
        env.call(&args).fails(code);
    }
}

#[test]
fn an_env_file_has_references_among_plain_values() {
    let env = vault();
    let file = env.file(
        "my.env",
        "# of acme\nexport P = \"vault://acme/db%20main\"  # quoted\nU=vault://acme/wp#username\n\
         PLAIN='$HOME # x'\nNOT=see vault://acme/wp\n",
    );
    let print = "printf '%s|' \"$P\" \"$U\" \"$PLAIN\" \"$NOT\"";
    let args = ["run", "--env-file", &file, "--", "sh", "-c", print];
    let expected = "one\ntwo $HOME é|admin|$HOME # x|see vault://acme/wp|";
    env.call(&args).ok().prints(expected);
}

#[test]
fn an_option_counts_before_the_file_and_that_before_entries() {
    let env = vault();
    let file = env.file(
        "my.env",
        "WP_PASSWORD=file\nWP_PASSWORD=last\nDB_PASSWORD=file\n",
    );
    let print = "echo $WP_PASSWORD $DB_PASSWORD";
    let entries = ["run", "--client", "acme", "--env-file", &file];
    let option = ["--env", "WP_PASSWORD=vault://globex/mail"];
    let command = ["--", "sh", "-c", print];
    let args = [&entries[..], &option, &command].concat();
    env.call(&args).ok().prints("hunter4 file\n");
    let args = [&entries[..], &command].concat();
    env.call(&args).ok().prints("last file\n");
}

#[test]
fn two_entries_that_name_one_variable_are_a_conflict_until_one_is_chosen() {
    let env = vault();
    let add = ["edit", "acme/ftp", "--env", "WP_PASSWORD"];
    env.call(&add).ok();
    let run = |options: &[&str]| {
        let command = ["--", "sh", "-c", "echo $WP_PASSWORD"];
        env.call(&[&["run", "--client", "acme"], options, &command].concat())
    };
    run(&[])
        .fails(7)
        .says("acme/ftp and acme/wp both name WP_PASSWORD")
        .hints("--env WP_PASSWORD=vault://acme/");
    run(&["--env", "WP_PASSWORD=vault://acme/ftp"])
        .ok()
        .prints("hunter3\n");
}

#[test]
fn what_steers_a_program_is_never_set() {
    let env = vault();
    for name in [
        "PATH",
        "LD_PRELOAD",
        "DYLD_INSERT_LIBRARIES",
        "BASH_ENV",
        "ENV",
        "IFS",
        "SHELLOPTS",
        "PS4",
        "PYTHONPATH",
        "PERL5OPT",
        "NODE_OPTIONS",
        "GIT_SSH_COMMAND",
        "VAULT_FILE",
    ] {
        let option = format!("{name}=vault://acme/wp");
        let args = ["run", "--env", &option, "--", "touch", "started"];
        env.call(&args).fails(6).says(name);
        let file = env.file("my.env", format!("{name}=x\n"));
        let args = ["run", "--env-file", &file, "--", "touch", "started"];
        env.call(&args).fails(6).says(name);
    }
    let edit = ["edit", "acme/wp", "--env", "PATH"];
    env.call(&edit).fails(6).says("PATH is never set");
    let add = ["add", "acme/new", "--env", "ld_preload"];
    env.call(&add).stdin("x").fails(6).says("ld_preload");
    assert!(!env.work().join("started").exists());
    assert!(uses(&env).is_empty());
}

#[test]
fn what_is_not_found_starts_and_records_nothing() {
    let env = vault();
    env.call(&["add", "globex/mfa", "--totp", "--env", "CODE"])
        .stdin("JBSWY3DPEHPK3PXP")
        .ok();
    let missing: [&[&str]; 8] = [
        &["--client", "initech"],
        &["--entry", "acme/wq"],
        &["--entry", "acme/ftp"],
        &["--entry", "globex/mfa"],
        &["--env", "A=vault://acme/wp", "--env", "B=vault://acme/wq"],
        &["--env", "A=vault://acme/wp#token"],
        &["--client", "acme", "--entry", "acme/wq"],
        &["--env", "A=vault://acme/ftp#totp"],
    ];
    for options in missing {
        let args = [&["run"], options, &["--", "touch", "started"]].concat();
        env.call(&args).fails(3).hints("");
    }
    let file = env.file("my.env", "A=vault://acme/wp\nB=vault://acme/wq\n");
    let args = ["run", "--env-file", &file, "--", "touch", "started"];
    env.call(&args).fails(3);
    env.call(&["rm", "acme/wp", "--yes"]).ok();
    env.call(&["rm", "acme/db main", "--yes"]).ok();
    let args = ["run", "--client", "acme", "--", "touch", "started"];
    env.call(&args).fails(3).hints("--env");
    assert!(!env.work().join("started").exists());
    assert!(uses(&env).is_empty());
}

#[test]
fn bad_options_are_told_before_anything_is_asked() {
    let env = vault();
    let bad: [&[&str]; 9] = [
        &["--", "true"],
        &["--client", "acme"],
        &["--client", "acme", "--"],
        &["--env", "A", "--", "true"],
        &["--env", "A=acme/wp", "--", "true"],
        &["--env", "2A=vault://acme/wp", "--", "true"],
        &["--env", "A=vault://acme", "--", "true"],
        &[
            "--env",
            "A=vault://a/b",
            "--env",
            "A=vault://a/c",
            "--",
            "true",
        ],
        &["--env-file", "nowhere", "--", "true"],
    ];
    for options in bad {
        let call = env.call(&[&["run"], options].concat()).no_password();
        call.fails(2);
    }
    env.call(&["run", "--", "true"]).fails(2).hints("--client");
    let typed = ["run", "--env", "A=hunter2", "--", "true"];
    env.call(&typed).fails(2).hides("hunter2").says("vault://");
    for (text, line) in [("A=1\nhunter2\n", 2), ("A=vault://acme\n", 1)] {
        let file = env.file("my.env", text);
        let args = ["run", "--env-file", &file, "--", "true"];
        let refused = env.call(&args).no_password().fails(2);
        refused.says(&format!("line {line}")).hides("hunter2");
    }
    let latin = env.file("latin.env", b"A=\xe9\n");
    env.call(&["run", "--env-file", &latin, "--", "true"])
        .fails(2)
        .says("UTF-8");
}

#[test]
fn a_use_is_logged_with_the_programs_name_and_not_its_arguments() {
    let env = vault();
    let args = [
        "run",
        "--client",
        "acme",
        "--",
        "/bin/sh",
        "-c",
        "true hunter5",
    ];
    env.call(&args).ok();
    let file = env.file("visible.env", "U=vault://acme/wp#username\n");
    env.call(&["run", "--env-file", &file, "--", "true"]).ok();
    let uses = uses(&env);
    let detail = json!({"what": "secret", "version": 1, "via": "run", "program": "sh"});
    assert_eq!(uses.len(), 2, "{uses:#?}");
    assert!(uses.iter().all(|event| event["detail"] == detail));
    env.call(&["log", "--verify"]).ok().shows("for sh");
}

#[test]
fn the_use_is_in_the_journal_before_the_program_starts() {
    let env = vault();
    let log = "VAULT_PASSWORD_FILE=$0 exec vault log --json";
    let password = env.password_file();
    let args = ["run", "--entry", "acme/wp", "--", "sh", "-c", log];
    let seen = env
        .call(&[&args[..], &[password.to_str().unwrap()]].concat())
        .ok();
    seen.shows("\"program\":\"sh\"");
}

#[test]
fn streams_and_arguments_are_passed_on_byte_for_byte() {
    let env = vault();
    let bytes: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    let cat = env.call(&["run", "--client", "acme", "--", "cat"]);
    let output = cat.stdin(&bytes).ok();
    assert!(output.silently().bytes() == bytes);
    let script = "vault run --client acme -- printf '%s|' $'\\xff\\xfe' '' -- --json '*' -h";
    let output = env.shell(script).ok();
    assert_eq!(output.bytes(), b"\xff\xfe||--|--json|*|-h|");
    let script = "vault run --client acme -- sh -c 'echo out; echo err >&2'";
    env.shell(script).ok().prints("out\n").tells("err\n");
    let script = "exec 5< <(echo passed); vault run --client acme -- cat /dev/fd/5";
    env.shell(script).ok().prints("passed\n");
}

#[test]
fn the_exit_code_is_the_programs_own() {
    let env = vault();
    for code in [0, 1, 2, 6, 126, 127, 255] {
        let exit = format!("exit {code}");
        let args = ["run", "--client", "acme", "--", "sh", "-c", &exit];
        let output = env.call(&args).run();
        assert_eq!(output.code, Some(code));
        assert!(output.stderr.is_empty());
    }
    for (signal, code) in [("TERM", 143), ("KILL", 137), ("PIPE", 141), ("XFSZ", 153)] {
        let script =
            format!("ulimit -c 0; vault run --client acme -- sh -c 'kill -{signal} $$'; echo $?");
        env.shell(&script).ok().prints(&format!("{code}\n"));
    }
}

#[test]
fn a_program_that_is_not_there_is_127_and_one_that_cannot_run_is_126() {
    let env = vault();
    for name in ["no-such-program-anywhere", "./nowhere"] {
        let args = ["run", "--client", "acme", "--", name];
        // Before anything is asked.
        let call = env.call(&args).no_password();
        call.fails(127).says(name).hints("path");
    }
    for (args, hint) in [
        (
            &["--entry", "acme/wp", "acme/db"][..],
            "--entry acme/wp --entry acme/db",
        ),
        (
            &["--client", "acme", "globex"],
            "--client acme --client globex",
        ),
    ] {
        let args = [&["run"], args, &["--", "env"]].concat();
        env.call(&args).no_password().fails(127).hints(hint);
    }
    assert!(uses(&env).is_empty());
    let file = env.file("plain", "x");
    for name in [file.as_str(), "/"] {
        let args = ["run", "--client", "acme", "--", name];
        env.call(&args).fails(126).says(name);
    }
    let args = ["run", "--client", "acme", "--json", "--", "nowhere-at-all"];
    let error = env.call(&args).fails(127).json();
    assert_eq!(error["code"], "no_program");
    assert_eq!(error["exit"], 127);
    let script = env.file("script", "echo \"no shebang $WP_PASSWORD\"\n");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let args = ["run", "--client", "acme", "--", &script];
    env.call(&args).ok().prints("no shebang hunter2\n");
}

#[test]
fn a_value_too_large_for_an_environment_is_told() {
    let env = vault();
    env.add("acme/large", &"x".repeat(1 << 20));
    let args = ["run", "--env", "L=vault://acme/large", "--", "true"];
    env.call(&args).fails(126).hints("environment");
}

#[test]
fn limits_and_signals_are_those_that_the_user_had() {
    let env = vault();
    let seen = "ulimit -Sc; ulimit -Hc; grep Sig[IBC] /proc/self/status";
    for before in ["ulimit -Sc 0", "ulimit -Sc 4; ulimit -Hc 8", "true"] {
        let direct = env.shell(&format!("{before}; bash -c '{seen}'")).ok();
        let through = env.shell(&format!(
            "{before}; vault run --client acme -- bash -c '{seen}'"
        ));
        through.ok().prints(direct.text());
    }
}

#[test]
fn the_dashes_may_be_left_out_before_a_program() {
    let env = vault();
    let args = [
        "run",
        "--entry",
        "acme/wp",
        "sh",
        "-c",
        "echo $WP_PASSWORD",
        "--json",
    ];
    env.call(&args).ok().prints("hunter2\n");
    let args = ["run", "--entry", "acme/wp", "--ls"];
    env.call(&args).fails(2).says("--ls");
}

#[test]
fn the_vault_can_be_used_from_within() {
    let env = vault();
    let password = env.password_file();
    let script = "VAULT_PASSWORD_FILE=$0 vault add acme/new --generate; echo $WP_PASSWORD";
    let args = ["run", "--client", "acme", "--", "sh", "-c", script];
    let within = [&args[..], &[password.to_str().unwrap()]].concat();
    env.call(&within).ok().prints("hunter2\n");
    env.call(&["get", "acme/new"]).ok();
}

#[test]
fn nothing_of_it_is_left_on_the_disk() {
    let env = vault();
    env.call(&["run", "--client", "acme", "--", "true"]).ok();
    for (path, content) in env.everything() {
        assert!(!holds(&content, "hunter2"), "{}", path.display());
    }
}
