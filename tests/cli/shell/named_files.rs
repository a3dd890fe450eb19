//! Files that the command line names, to be read or to be written, and words that it gives: what is
//! wrong with one is said in the same way everywhere.

use crate::support::env::{CHEAP, TestEnv};

/// A vault with an entry, a client with a request, and a contact.
fn env() -> TestEnv {
    TestEnv::copied("with a contact", |env| {
        env.add("acme/wp", "hunter2");
        env.call(&["contact", "add", "bob"]).ok();
        env.me();
    })
}

#[test]
fn a_file_that_is_missing_is_wrong_use_in_every_command() {
    let env = env();
    env.file("there", "x");
    let commands = "\
        import GONE
        import there --format passage --source-key-file GONE
        import there --format kdbx --source-password-file GONE
        attach acme/wp GONE
        inject -i GONE
        run --env-file GONE -- true
        scan GONE
        receive GONE
        ack GONE
        restore ./GONE --yes
        verify --not-older-than GONE
        verify --signer GONE
        passwd --new-password-file GONE
        list --password-file GONE
        list --identity GONE
        contact add eve --card GONE
        contact add eve --agreement GONE
        contact add eve --recipient ./GONE
        client add globex --key ./GONE
        recipient add ./GONE
        consent add acme --to bob --scope acme/* --purpose x --by Jo --evidence GONE
        consent answer GONE
        consent answer --signature GONE
        consent answer 2F95-B33D --scan GONE --by x";
    for command in commands.lines() {
        let args: Vec<&str> = command.split_whitespace().collect();
        env.call(&args).fails(2).says("GONE").hints("");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_named_itself_with_the_reason_and_a_next_step() {
    let env = env();
    env.call(&["attach", "acme/wp", &env.file("key", "x")]).ok();
    env.file("template", "{{ vault://acme/wp }}");
    let commands = "\
        recovery add --out OUT
        recovery add --sheet OUT.txt
        init --recovery OUT --vault other.age --kdf CHEAP
        id rotate --yes --card OUT
        export --plaintext --out OUT
        detach acme/wp key --out OUT
        inject -i template -o OUT
        consent request acme --to bob --scope acme/* --purpose x --out OUT
        ask acme/new --for x --out OUT
        page --out OUT
        report acme --out OUT";
    for command in commands.lines() {
        for (out, code, reason, hint) in [
            ("no/folder/new", 2, "there is no folder no/folder", "make"),
            ("/proc/new", 1, "cannot write /proc/new", "check the disk"),
        ] {
            let command = command.replace("OUT", out).replace("CHEAP", CHEAP);
            let args: Vec<&str> = command.split_whitespace().collect();
            let failed = env.call(&args).fails(code);
            failed.says(out).says(reason).hides("vault-tmp").hints(hint);
        }
    }
}

#[test]
fn a_long_word_is_not_repeated_whole() {
    let env = env();
    let long = "x".repeat(100_000);
    let blanks = "x ".repeat(50_000);
    for word in [long.as_str(), &blanks] {
        for args in [
            &[word][..],
            &["get", word],
            &["get", "acme/wp", "--field", word],
            &["list", word],
            &["init", "--kdf", word],
            &["add", "acme/x", "--tag", word],
            &["client", word],
            &["shares", "show", word],
            &["import", word],
            &["--vault", word, "list"],
            &["log", "--since", word],
            &[&format!("--{word}")],
        ] {
            for json in [false, true] {
                let args = if json {
                    [args, &["--json"]].concat()
                } else {
                    args.to_vec()
                };
                let output = env.call(&args).run();
                assert!(output.code != Some(0), "{:?}", &args[..1]);
                let length = output.stderr.len();
                let start: String = args.join(" ").chars().take(60).collect();
                assert!(length < 1500, "{length} bytes for {start}");
            }
        }
    }
}

#[test]
fn a_number_that_is_named_twice_is_wrong_use() {
    let env = TestEnv::new();
    for (option, cost) in [
        ("--kdf", "m=64MiB,m=7MiB"),
        ("--kdf", "t=6,p=1,t=3"),
        ("--kdf-limit", "p=1,p=2"),
    ] {
        env.call(&["init", option, cost]).fails(2).says("twice");
    }
}

#[test]
fn whoever_has_no_key_is_told_how_to_get_one() {
    let env = env();
    let consent = "consent add acme --to bob --scope acme/* --purpose x --by Jo --note yes";
    env.takes_notes_of("acme");
    env.call(&consent.split(' ').collect::<Vec<_>>()).ok();
    let share = env.call(&["share", "acme/wp", "--to", "bob"]).fails(2);
    share
        .hints("vault contact edit bob --card FILE")
        .says("vault id --card");
    let request = "consent request acme --to bob --scope acme/* --purpose x --out ask.txt";
    let asked = env.call(&request.split(' ').collect::<Vec<_>>()).ok();
    asked
        .tells("vault contact edit bob --card FILE")
        .tells("vault id --card");
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let env = env();
    let set = [
        "edit acme/wp -u jo --url https://a --notes n --tag a --tag b --env WP --field k=v \
         --rotate-every 90d --expires 2099-01-01",
        "client edit acme --name Acme --email a@b --phone 1 --rules r --min-assurance signed \
         --retain-until 2099-01-01",
        "contact edit bob --role r --email a@b --review-by 2099-01-01 --agreement agreement",
    ];
    env.file("agreement", "we agree");
    let call = |command: &str| {
        let command = command.to_owned();
        let args: Vec<&str> = command.split_whitespace().collect();
        env.call(&args).run()
    };
    for command in set {
        assert_eq!(call(command).code, Some(0), "{command}");
        let before = env.snapshot();
        let again = call(&format!("{command} --json"));
        let answer: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
        assert_eq!(answer["changed"], serde_json::json!([]), "{again:?}");
        assert!(env.snapshot() == before, "{command}");
    }
    env.call(&["edit", "acme/wp", "--notes", "n", "--tag", "c"])
        .ok();
    let unset = "\
        edit acme/wp --unset FIELD: username url notes tag env expires rotate-every k
        client edit acme --unset FIELD: name email phone rules min-assurance retain-until
        contact edit bob --unset FIELD: role email review-by agreement";
    for line in unset.lines() {
        let (command, fields) = line.split_once(": ").unwrap();
        for field in fields.split(' ') {
            let command = command.replace("FIELD", field);
            assert_eq!(call(&command).code, Some(0), "{command}");
            let before = env.snapshot();
            let again = call(&command);
            assert_eq!(again.code, Some(3), "{command}: {again:?}");
            assert!(again.stderr.contains("hint: "), "{again:?}");
            assert!(env.snapshot() == before, "{command}");
        }
    }
    for more in ["key", "email=a@b"] {
        let command = format!("client edit acme --unset {more}");
        assert_eq!(call(&command).code, Some(3), "{command}");
    }
}

#[test]
fn a_hyphen_is_stdout_or_refused_and_never_the_name_of_a_file() {
    let env = env();
    let shown = env.call(&["recovery", "add", "--out", "-"]).ok();
    shown.shows("AGE-SECRET-KEY-1").tells("not shown again");
    let page = ["recovery", "add", "--out", "-", "--sheet", "page.txt"];
    env.call(&page).ok().shows("AGE-SECRET-KEY-1");
    env.call(&["man", "--out", "-"]).ok().shows(".SH FILES");
    let commands = "\
        recovery add --sheet -
        init --recovery - --vault other.age --kdf CHEAP
        id rotate --yes --card -
        backup --to -
        tour --keep -";
    for command in commands.lines() {
        let command = command.replace("CHEAP", CHEAP);
        let args: Vec<&str> = command.split_whitespace().collect();
        env.call(&args).fails(2).hints("");
    }
    assert!(!env.work().join("-").exists() && !env.work().join("other.age").exists());
}

#[test]
fn a_folder_that_is_not_there_is_wrong_use() {
    let env = env();
    for command in [
        "backup --to no/folder",
        "man --out no/folder",
        "tour --keep no/folder",
    ] {
        let args: Vec<&str> = command.split(' ').collect();
        env.call(&args)
            .fails(2)
            .says("there is no folder no")
            .hints("make");
    }
    assert!(!env.work().join("no").exists());
    env.call(&["man", "--out", "man1"]).ok();
}

#[test]
fn what_is_no_file_is_named_once() {
    let env = env();
    std::fs::create_dir(env.path("ff")).unwrap();
    let failed = env.call(&["restore", "ff"]).fails(5);
    failed.says("vault: ff is not a regular file");
}

#[test]
fn a_lock_that_is_a_link_is_said_to_be_one() {
    let env = env();
    let lock = format!("{}.lock", env.vault_file().display());
    let _ = std::fs::remove_file(&lock);
    std::os::unix::fs::symlink(env.file("elsewhere", ""), lock).unwrap();
    env.call(&["rm", "acme/wp", "--yes"])
        .fails(1)
        .hints("it is a link");
}

#[test]
fn hidden_commands_are_not_listed() {
    let env = TestEnv::new();
    let failed = env.call(&["--json"]).fails(2);
    failed.says("restore");
    for hidden in ["__agent", "clear-clipboard", "complete,"] {
        failed.hides(hidden);
    }
}
