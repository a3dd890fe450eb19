//! `purge`: what goes for good, with all copies that can be reached, and the paper about it.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::cli::sharing::both_sides::Two;
use crate::cli::sharing::share::{consented, share};
use crate::cli::sync::second_device;
use crate::promises::forge::Forge;
use crate::support::env::{TestEnv, mode_of, number};

/// The records of the vault as one text.
fn payload(env: &TestEnv) -> String {
    Forge::of(env).payload.to_string()
}

fn paths(env: &TestEnv) -> Vec<String> {
    let all = env.call(&["list", "--json"]).ok().json();
    let all = all.as_array().unwrap().iter();
    all.map(|it| it["path"].as_str().unwrap().to_owned())
        .collect()
}

fn backups(env: &TestEnv) -> Vec<Value> {
    let all = env.call(&["backups", "--json"]).ok().json();
    all.as_array().unwrap().clone()
}

#[test]
fn ids_alone_are_left_of_it_in_whatever_record_it_was_named() {
    let env = TestEnv::with(&[("acme/db", "canary-db"), ("globex/mail", "x")]);
    let lone = [
        "add",
        "acme/canary-lone",
        "-u",
        "canary-user",
        "--notes",
        "canary-note",
    ];
    let more = [
        "--url",
        "https://canary.example",
        "--field",
        "f=canary-field",
        "--tag",
        "canary-tag",
    ];
    env.call(&[&lone[..], &more, &["--env", "CANARY_ENV"]].concat())
        .stdin("canary-old")
        .ok();
    env.call(&["rotate", "acme/canary-lone", "--stdin"])
        .stdin("canary-new")
        .ok();
    let file = env.file("canary.conf", "canary-file");
    env.call(&["attach", "acme/canary-lone", &file]).ok();
    let note = ["--keep", "--note", "canary-review"];
    env.call(&[&["review", "acme/canary-lone"], &note[..]].concat())
        .ok();
    env.add("acme/canary-trash", "canary-trashed");
    env.call(&["rm", "acme/canary-trash", "--yes"]).ok();
    let before = payload(&env);
    assert!(before.contains("canary-old") && before.contains("canary-trashed"));
    let purge = ["purge", "acme/canary-lone", "acme/canary-trash", "--yes"];
    env.call(&purge)
        .ok()
        .prints("")
        .tells("removed 2 entries (acme/canary-lone, acme/canary-trash) for good");
    let after = payload(&env);
    for part in [
        "canary-old",
        "canary-new",
        "canary-file",
        "canary-lone",
        "canary-trash",
        "canary-user",
    ] {
        assert!(!after.contains(part), "{part}");
    }
    let after = after.replace("canary-db", "").to_lowercase();
    let at = after
        .find("canary")
        .map(|at| &after[at.saturating_sub(60)..at + 40]);
    assert_eq!(at, None);
    assert_eq!(paths(&env), ["acme/db", "globex/mail"]);
    let event = env.last_event();
    assert_eq!(event["action"], "purge");
    let ids = event["subject"].as_array().unwrap();
    assert_eq!(ids.len(), 2);
    assert!(ids.iter().all(|id| after.contains(id.as_str().unwrap())));
    env.call(&["verify", "--full"]).ok();
    env.call(&["log", "--verify"]).ok().hides("canary");
    env.call(&["purge", "acme/canary-lone", "--yes"]).fails(3);
}

#[test]
fn a_client_stays_with_its_permissions_and_what_is_shared_has_to_end_first() {
    let (env, _) = consented();
    env.call(&["rm", "acme/db", "--yes"]).ok();
    let id = share(&env, &["acme/wp"])["share"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = number(&id);
    for name in ["acme", "acme/wp", "acme/*"] {
        let refused = env.call(&["purge", name, "--yes"]).fails(7);
        refused
            .says(&format!("acme/wp: bob, share {id}"))
            .hints(&format!("vault revoke {id}"));
    }
    env.call(&["revoke", &id]).ok();
    env.call(&["purge", "acme", "--yes"])
        .ok()
        .tells("bob can know something of acme/wp")
        .tells("removed 2 entries (acme/db, acme/wp) for good")
        .tells("client acme stays");
    assert_eq!(paths(&env), ["globex/mail"]);
    let after = payload(&env);
    for secret in ["the-secret", "canary-pin", "canary-notes", "canary-db"] {
        assert!(!after.contains(secret), "{secret}");
    }
    // The ledger keeps the name of its day, and the client is there.
    env.call(&["shares"]).ok().shows("acme/wp");
    env.call(&["client", "show", "acme"]).ok();
    env.call(&["purge", "acme", "--yes"])
        .ok()
        .tells("nothing of acme is there");
    env.call(&["purge", "acmee", "--yes"])
        .fails(3)
        .hints("acme");
}

#[test]
fn it_asks_for_the_name_and_takes_nothing_else() {
    let env = TestEnv::with(&[("acme/wp", "x"), ("acme/db", "y")]);
    env.call(&["purge", "acme/wp"]).fails(9).hints("--yes");
    let file = env.password_file();
    let script = format!(
        "VAULT_PASSWORD_FILE='{}' vault purge acme/wp; echo \"exit=$?\"",
        file.display()
    );
    let mut terminal = env.terminal(&script);
    terminal
        .sees("acme/wp: 1 version")
        .sees("type acme/wp: ")
        .types("y");
    terminal.sees("kept all of it").sees("exit=0");
    terminal.ends();
    assert_eq!(paths(&env).len(), 2);
    let mut terminal = env.terminal(&script);
    terminal
        .sees("type acme/wp: ")
        .types("acme/wp")
        .sees("exit=0");
    terminal.ends();
    assert_eq!(paths(&env), ["acme/db"]);
}

#[test]
fn every_copy_that_can_be_reached_goes_and_one_without_it_is_left() {
    let env = TestEnv::with(&[("acme/wp", "hunter2"), ("globex/db", "x")]);
    for folder in ["usb", "away"] {
        fs::create_dir(env.path(folder)).unwrap();
        env.call(&["backup", "--to", folder]).ok();
    }
    fs::rename(env.path("away"), env.path("gone")).unwrap();
    let kept = env.call(&["purge", "acme/wp", "--yes"]).ok();
    kept.tells("--backups removes those that can be reached")
        .tells("which is not there now")
        .tells("the ten newest are kept");
    let usb = fs::canonicalize(env.path("usb")).unwrap();
    kept.tells(usb.to_str().unwrap());
    env.call(&["purge", "--final", "acme"])
        .fails(7)
        .hints("vault purge --final acme --backups");
    env.call(&["purge", "--final", "globex"]).fails(3);
    env.call(&["purge", "--final", "acme/wp"]).fails(2);
    let cleared = env.call(&["purge", "--final", "acme", "--backups"]).run();
    assert_eq!(cleared.code, Some(7), "{cleared:?}");
    assert!(cleared.stderr.contains("removed "), "{cleared:?}");
    let all = backups(&env);
    assert!(all.iter().all(|it| it["ok"] == true), "{all:?}");
    // The first one is from before it was added.
    let now = env.generation();
    let is_kept = |it: &Value| it["generation"] == now || it["generation"] == 1;
    assert!(all.iter().all(is_kept), "{all:?}");
    let is_fresh = |it: &Value| it["kind"] == "automatic" && it["generation"] == now;
    assert!(all.iter().any(is_fresh), "{all:?}");
    let in_usb = fs::read_dir(env.path("usb")).unwrap().count();
    assert_eq!(in_usb, 1);
    // The one that is not there is told, until it is said to be gone.
    let away = fs::canonicalize(env.work()).unwrap().join("away");
    let away = away.to_str().unwrap();
    env.call(&["purge", "--final", "acme"]).fails(7).says(away);
    env.call(&["purge", "--final", "acme", "--gone", "elsewhere"])
        .fails(2);
    env.call(&["purge", "--final", "acme", "--gone", away])
        .ok()
        .tells("no copy that this device knows holds what was removed of acme");
    fs::rename(env.path("gone"), env.path("away")).unwrap();
    env.call(&["purge", "--final", "acme", "--backups"]).ok();
    assert_eq!(env.call(&["get", "globex/db"]).ok().text(), "x\n");
}

#[test]
fn a_copy_of_another_vault_and_what_is_no_copy_stay_where_they_are() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let other = TestEnv::with(&[("acme/wp", "other")]);
    let folder = env.data().join("vault.age.backups");
    let strange = folder.join("3-0123abcd.age");
    fs::write(&strange, fs::read(other.vault_file()).unwrap()).unwrap();
    let broken = folder.join("4-0123abcd.age");
    fs::write(&broken, "no vault").unwrap();
    env.call(&["purge", "acme/wp", "--backups", "--yes"])
        .ok()
        .tells("was not removed")
        .tells("4-0123abcd.age");
    assert!(strange.exists() && broken.exists());
}

#[test]
fn the_certificate_says_what_went_and_what_did_not() {
    let two = Two::new();
    let env = &two.alice;
    env.me();
    let (_, id) = two.share();
    env.call(&["revoke", &id]).ok();
    let out = env.path("acme.txt");
    let purge = ["purge", "acme", "--yes", "--certificate", &out];
    env.call(&purge).ok().tells("acme.txt");
    let text = fs::read_to_string(&out).unwrap();
    assert!(
        text.starts_with("CERTIFICATE OF DELETION\nnumber "),
        "{text}"
    );
    for part in [
        "\"wp\"",
        "\"db\"",
        "did NOT",
        "NIST SP",
        "800-88",
        "Encrypted copies that still hold",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "did NOT confirm that it is deleted.",
        "the ten newest are kept",
        "files that I exported",
    ] {
        assert!(plain.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("hunter2") && !text.contains("canary"));
    assert!(
        text.lines().all(|line| line.chars().count() <= 64),
        "{text}"
    );
    assert_eq!(mode_of(out.as_ref()), 0o600);
    let line = |start: &str| {
        text.lines()
            .find(|it| it.starts_with(start))
            .unwrap()
            .to_owned()
    };
    let certificate = line("vault-certificate 1 ")
        .split(' ')
        .next_back()
        .unwrap()
        .to_owned();
    assert_eq!(env.last_event()["detail"]["certificate"], certificate);
    assert_eq!(line("share "), format!("share {id} unconfirmed"));
    assert_eq!(text.matches("\ndeleted ").count(), 2, "{text}");
    let log = env.call(&["log", "--json"]).ok().json();
    let events = log.as_array().unwrap().len();
    assert!(line("log ").ends_with(&format!(" {events}")), "{text}");
    env.call(&purge).fails(7);
    // The second one, in the client's own language.
    env.call(&["client", "edit", "acme", "--lang", "de"]).ok();
    let second = env.path("acme-2.txt");
    let last = ["purge", "--final", "acme", "--certificate", &second];
    env.call(&last).fails(7);
    env.call(&[&last[..], &["--backups"]].concat()).ok();
    let text = fs::read_to_string(&second).unwrap();
    assert!(
        text.starts_with("ZWEITE BESCHEINIGUNG ÜBER DIE LÖSCHUNG\n"),
        "{text}"
    );
    assert!(text.contains(&format!("follows {certificate}")), "{text}");
    assert!(text.contains(&number(&certificate)), "{text}");
    assert!(text.contains("hat NICHT"), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 64),
        "{text}"
    );
}

#[test]
fn a_certificate_is_of_one_client_and_two_new_files() {
    let env = TestEnv::with(&[("acme/wp", "x"), ("globex/db", "y")]);
    let with = |names: &[&str], out: &str| {
        let args = [&["purge", "--yes", "--certificate", out], names].concat();
        env.call(&args)
            .fails(if out.ends_with("there.txt") { 7 } else { 2 });
    };
    with(&["acme", "globex"], "new.txt");
    with(&["acme"], "-");
    with(&["acme"], "no/such/folder.txt");
    env.file("there.txt", "");
    with(&["acme"], "there.txt");
    env.call(&["purge", "acme", "globex", "--yes"]).ok();
    assert!(paths(&env).is_empty());
}

#[test]
fn a_holder_who_signed_the_deletion_is_told_so_with_what_they_say_is_left() {
    let two = Two::new();
    let (file, id) = two.share();
    let received = ["receive", &file, "--accept-terms", "--into", "acme"];
    two.bob.call(&received).ok();
    fs::remove_file(&file).unwrap();
    let attested = two
        .bob
        .call(&[
            "attest",
            &id,
            "--outside",
            "my old laptop",
            "--yes",
            "--out",
            "gone.json",
        ])
        .run();
    let Ok(statement) = fs::read(two.bob.path("gone.json")) else {
        panic!("{attested:?}");
    };
    let statement = two.alice.file("gone.json", statement);
    two.alice.call(&["ack", &statement]).ok();
    let out = two.alice.path("acme.txt");
    two.alice
        .call(&["purge", "acme/wp", "--yes", "--certificate", &out])
        .ok();
    let text = fs::read_to_string(&out).unwrap();
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        plain.contains("with a signature that it is deleted."),
        "{text}"
    );
    let left = "Copies elsewhere, in their words: \"my old laptop\".";
    assert!(plain.contains(left), "{text}");
    assert!(text.contains(&format!("share {id} deleted")), "{text}");
}

#[test]
fn what_another_device_answered_about_it_does_not_come_back() {
    let laptop = TestEnv::with(&[("acme/canary-wp", "hunter2")]);
    let desktop = second_device(&laptop);
    desktop.call(&["review", "acme/canary-wp", "--keep"]).ok();
    laptop.call(&["purge", "acme/canary-wp", "--yes"]).ok();
    for (from, to) in [(&desktop, &laptop), (&laptop, &desktop)] {
        let copy = to.file("copy.age", fs::read(from.vault_file()).unwrap());
        to.call(&["merge", &copy]).ok();
        let after = payload(to);
        assert!(!after.contains("canary-wp") && !after.contains("hunter2"));
    }
}

#[test]
fn commits_of_a_repository_around_it_are_told_by_their_number() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        git.arg("-C")
            .arg(env.data())
            .args(["-c", "user.name=k", "-c", "user.email=k@x.example"]);
        let done = git
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(done.unwrap().success(), "{args:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "vault.age"]);
    git(&["commit", "-q", "-m", "one"]);
    let out = env.path("acme.txt");
    env.call(&["purge", "acme", "--backups", "--yes", "--certificate", &out])
        .ok()
        .tells("1 commit of ");
    let text = fs::read_to_string(&out).unwrap();
    assert!(text.contains("left commits 1 no-date"), "{text}");
    env.call(&["purge", "--final", "acme"])
        .fails(7)
        .says("1 commit of ");
}

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn openssh_takes_the_certificate_for_good_and_no_other_text() {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    let out = env.path("acme.txt");
    env.call(&["purge", "acme", "--yes", "--certificate", &out])
        .ok();
    let signer = env.call(&["id", "--json"]).ok().json()["signer"].clone();
    let allowed = env.file("allowed", format!("me {}\n", signer.as_str().unwrap()));
    let good = |text: &[u8]| {
        let text = env.file("text", text);
        let verify = Command::new("ssh-keygen")
            .args(["-Y", "verify", "-f", &allowed, "-I", "me"])
            .args(["-n", "vault-certificate", "-s", &format!("{out}.sig")])
            .stdin(fs::File::open(text).unwrap())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        verify.unwrap().success()
    };
    let text = fs::read(&out).unwrap();
    assert!(good(&text));
    assert!(!good(&[&text[..], b" "].concat()));
}

/// What was changed before it went is not said to be known in use by papers of later.
#[test]
fn what_was_changed_before_the_purge_stays_changed() {
    for rotated in [true, false] {
        let (env, _) = consented();
        env.me();
        share(&env, &["acme/wp"]);
        env.call(&["revoke", "--to", "bob", "--yes"]).ok();
        if rotated {
            env.call(&["rotate", "acme/wp", "--generate"]).ok();
        }
        env.call(&["purge", "acme/wp", "--yes"]).ok();
        let who = env.call(&["who", "acme"]).ok();
        let report = env.call(&["report", "acme"]).ok();
        let audit = env.call(&["audit", "--json", "--fail-on", "high"]).run();
        let is_found = audit.stdout.windows(8).any(|it| it == b"-rotated");
        if rotated {
            who.shows("nobody but you");
            report.shows("yes; since then I have deleted it here");
        } else {
            who.shows("bob");
            report.shows("I keep it no longer and cannot change it");
        }
        assert_eq!(is_found, !rotated);
        env.call(&["verify", "--full"]).ok();
    }
}

/// What somebody knew of a client that is gone here, they know of another client's same secret.
#[test]
fn who_knew_a_secret_that_went_is_named_where_the_same_one_stays() {
    let (env, _) = consented();
    let got = env.call(&["get", "acme/wp"]).ok();
    env.call(&["add", "zenith/mail"]).stdin(got.text()).ok();
    env.call(&["add", "zenith/other"])
        .stdin("kX3-other-91")
        .ok();
    share(&env, &["acme/wp"]);
    env.call(&["revoke", "--to", "bob", "--yes"]).ok();
    let due = |env: &TestEnv| env.call(&["list", "--json"]).ok().json().to_string();
    assert!(due(&env).contains("rotate"));
    env.call(&["purge", "acme", "--yes"]).ok();
    assert!(due(&env).contains("\"rotate"), "{}", due(&env));
    env.call(&["incident", "open", "Mail", "--entry", "zenith/mail"])
        .ok()
        .tells("zenith/mail; also known to bob");
    let all = env.call(&["incident", "list", "--json"]).ok().json();
    let id = all[0]["id"].as_str().unwrap();
    let shown = env.call(&["incident", "show", id]).ok();
    shown.shows("zenith/mail (not changed yet: secret); also known to bob");
    let other = env.call(&["incident", "open", "Other", "--entry", "zenith/other"]);
    other.ok().hides("also known");
    env.call(&["verify", "--full"]).ok();
}

/// That it was changed where it was shared changes nothing where another client has it.
#[test]
fn what_was_changed_before_the_purge_stays_known_where_another_client_has_it() {
    let (env, _) = consented();
    let got = env.call(&["get", "acme/wp"]).ok();
    env.call(&["add", "zenith/mail"]).stdin(got.text()).ok();
    share(&env, &["acme/wp"]);
    env.call(&["revoke", "--to", "bob", "--yes"]).ok();
    env.call(&["rotate", "acme/wp", "--generate"]).ok();
    env.call(&["purge", "acme/wp", "--yes"]).ok();
    env.call(&["list", "--due"]).ok().shows("zenith/mail");
    env.call(&["status"]).ok().shows("zenith/mail");
    let audit = env.call(&["audit", "--json"]).run().stdout;
    let audit = String::from_utf8(audit).unwrap();
    assert!(audit.contains("share-ended-not-rotated"), "{audit}");
    env.call(&["rotate", "zenith/mail", "--generate"]).ok();
    env.call(&["list", "--due"]).ok().hides("zenith/mail");
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn a_certificate_that_cannot_be_written_is_not_lost() {
    let env = TestEnv::with(&[("acme/wp", "hunter2")]);
    let file = env.password_file();
    let script = format!(
        "VAULT_PASSWORD_FILE='{}' vault purge acme --certificate acme.txt; echo \"exit=$?\"",
        file.display()
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("type acme: ");
    env.file("acme.txt", "somebody else's");
    terminal.types("acme").sees("exit=7");
    terminal.ends();
    assert_eq!(
        fs::read_to_string(env.path("acme.txt")).unwrap(),
        "somebody else's"
    );
    let beside = fs::read_dir(env.data()).unwrap();
    let mut beside = beside.map(|it| it.unwrap().path());
    let text = beside.find(|it| it.extension().is_some_and(|it| it == "txt"));
    let text = fs::read_to_string(text.unwrap()).unwrap();
    assert!(text.contains("CERTIFICATE OF DELETION") && text.contains("\"wp\""));
}
