//! `client close`: the end of the work for a client, step by step; what is done is not done again.

use std::fs;

use serde_json::{Value, json};

use crate::cli::sharing::share::{consented, request, share};
use crate::cli::sync::{copy_of, second_device};
use crate::promises::forge::Forge;
use crate::support::env::{TestEnv, number};

/// acme permits bob everything, and is asked for more; bob has acme/wp. The share's id.
fn at_work() -> (TestEnv, String) {
    let (env, _) = consented();
    env.me();
    let mail = ["contact", "edit", "bob", "--email", "bob@dev.example"];
    env.call(&mail).ok();
    request(&env, &["--scope", "acme/db", "--purpose", "more"]).ok();
    env.add("acme/old", "canary-old");
    env.call(&["rm", "acme/old", "--yes"]).ok();
    let id = share(&env, &["acme/wp"])["share"]["id"].clone();
    (env, id.as_str().unwrap().to_owned())
}

fn states(env: &TestEnv, command: &[&str]) -> Vec<String> {
    let all = env.call(&[command, &["--json"]].concat()).ok().json();
    let all = all.as_array().unwrap().iter();
    all.map(|it| it["state"].as_str().unwrap().to_owned())
        .collect()
}

/// bob says by mail that it is deleted.
fn deleted(env: &TestEnv, id: &str) {
    let mail = format!(
        "From: bob@dev.example\r\nTo: kim@kim.example\r\nSubject: x\r\nContent-Type: text/plain\r\n\r\n\
         DELETED {}\r\n",
        number(id)
    );
    let file = env.file("deleted.eml", mail);
    env.call(&["ack", "--mail", &file, "--yes"]).ok();
}

fn files(env: &TestEnv, end: &str) -> usize {
    let all = fs::read_dir(env.work()).unwrap();
    let all = all.map(|it| it.unwrap().file_name());
    all.filter(|it| it.to_str().unwrap().ends_with(end)).count()
}

fn clients(env: &TestEnv, more: &[&str]) -> Value {
    env.call(&[&["client", "list", "--json"], more].concat())
        .ok()
        .json()
}

#[test]
fn a_client_gets_all_of_it_as_a_page_and_what_was_asked_for_is_closed() {
    let env = TestEnv::with(&[("acme/wp", "canary-one")]);
    env.me();
    let ask = ["ask", "acme/db", "--for", "x", "--text"];
    env.call(&ask).ok();
    let close = ["client", "close", "acme", "--handover", "page", "--yes"];
    let closed = env.call(&close).run();
    assert!(closed.stderr.contains("closed request"), "{closed:?}");
    assert!(closed.stderr.contains("its SHA-256"), "{closed:?}");
    assert_eq!(files(&env, ".html"), 1, "{closed:?}");
    assert_eq!(files(&env, ".age"), 0);
    assert_eq!(states(&env, &["ask", "list"]), ["closed"]);
}

#[test]
fn it_ends_gives_back_waits_and_goes_on_where_it_stopped() {
    let (env, share) = at_work();
    let close = ["client", "close", "acme"];
    // Nobody is asked, and nothing is done.
    env.call(&close).fails(9).hints("--handover age");
    env.call(&[&close[..], &["--yes"]].concat())
        .fails(9)
        .hints("--handover age");
    env.call(&[&close[..], &["--handover", "none"]].concat())
        .fails(9)
        .hints("--yes");
    let nobody = ["--handover", "none", "--without", "kim", "--reason", "x"];
    env.call(&[&close[..], &nobody, &["--yes"]].concat())
        .fails(3);
    let waits = [&close[..], &["--handover", "age", "--yes"]].concat();
    let said = [&waits[..], &["--said", "by mail of 3 May"]].concat();
    let stopped = env.call(&said).run();
    assert_eq!(stopped.code, Some(7), "{stopped:?}");
    for told in [
        &*format!("ended share {}", number(&share)),
        "ended consent",
        "cancelled request",
        "passphrase: ",
        "bob has no program that could close it; send this to bob@dev.example",
        "handed over to acme",
        &format!("bob: acme/wp, share {}", number(&share)),
        "vault ack --mail FILE; without it: vault client close acme --without bob --reason TEXT",
    ] {
        assert!(stopped.stderr.contains(told), "{told}: {}", stopped.stderr);
    }
    assert_eq!(states(&env, &["shares"])[0], "revoked");
    assert_eq!(states(&env, &["consent", "list"]), ["ended", "cancelled"]);
    assert_eq!(files(&env, ".age"), 2, "the share and the hand-over");
    // Once more nothing is done twice.
    let again = env.call(&close).run();
    assert_eq!(again.code, Some(7), "{again:?}");
    assert!(!again.stderr.contains("ended share"), "{again:?}");
    assert_eq!(files(&env, ".age"), 2);
    deleted(&env, &share);
    let (paper, before) = (env.path("acme.txt"), env.call(&["list"]).ok().text().len());
    let finish = ["--yes", "--certificate", &paper];
    let done = env.call(&[&close[..], &finish].concat()).ok();
    done.tells("acme has all of it as it is now")
        .tells("acme/wp, which bob may know too")
        .tells("removed 3 entries with all their versions for good")
        .tells("closed client acme")
        .tells("warning: acme has not said that hand-over");
    assert!(env.call(&["list"]).ok().text().len() < before);
    let text = fs::read_to_string(&paper).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for told in [
        "\"wp\", https://acme.example",
        "YOUR CHOICE You wished to get it back",
        "So you said: by mail of 3 May",
        "handed over to you on",
        "They stay until",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let payload = Forge::of(&env).payload.to_string();
    assert!(!payload.contains("canary-old") && !payload.contains("the-secret"));
    env.call(&["verify", "--full"]).ok();
}

#[test]
fn nobody_is_waited_for_whose_word_will_not_come_and_the_certificate_says_so() {
    let (env, share) = at_work();
    env.call(&["client", "close", "acme", "--without", "bob"])
        .fails(2);
    let close = ["client", "close", "acme", "--handover", "none", "--yes"];
    let without = ["--without", "bob", "--reason", "moved away"];
    let paper = ["--certificate", "acme.txt", "--backups"];
    let dry = env
        .call(&[&close[..], &without, &paper, &["-n"]].concat())
        .ok();
    dry.tells("would close client acme")
        .tells("dry run: nothing was changed");
    assert_eq!(states(&env, &["shares"]), ["sent"]);
    env.call(&[&close[..], &without, &paper].concat()).ok();
    let text = fs::read_to_string(env.path("acme.txt")).unwrap();
    let told = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        told.contains(
            "did NOT confirm that it is deleted. I do not wait for that any more: moved away"
        ),
        "{text}"
    );
    assert!(told.contains("not to get it back"), "{text}");
    assert!(
        text.contains(&format!("share {share} unconfirmed")),
        "{text}"
    );
    assert!(files(&env, ".age") == 1, "only what bob got");
    // Whoever is closed is no finding for ever.
    let audit = env.call(&["audit", "--json"]).run().stdout;
    let audit = String::from_utf8(audit).unwrap();
    assert!(!audit.contains("acme"), "{audit}");
    let shown = env.call(&["client", "show", "acme", "--json"]).ok().json();
    let steps = shown["closing"].as_array().unwrap();
    let deeds: Vec<&Value> = steps.iter().map(|it| &it["deed"]).collect();
    assert_eq!(deeds, ["chosen", "waived", "closed"]);
    assert_eq!(
        (&steps[1]["contact"], &steps[1]["said"], &steps[1]["shares"]),
        (&json!("bob"), &json!("moved away"), &json!([share]))
    );
    env.call(&["client", "show", "acme"])
        .ok()
        .shows("without the word of bob: moved away");
}

#[test]
fn who_is_closed_is_listed_apart_read_as_before_and_given_nothing_new() {
    let env = TestEnv::with(&[("acme/wp", "x"), ("globex/mail", "y")]);
    let close = ["client", "close", "acme", "--handover", "none", "--yes"];
    let short = [&close[..], &["--records-for", "90d"]].concat();
    env.call(&short).fails(2).hints("--records-for 1y");
    env.call(&[&close[..], &["--records-for", "5y"]].concat())
        .ok();
    let closed = clients(&env, &["--closed"]);
    assert_eq!(closed.as_array().unwrap().len(), 1);
    let year = |key: &str| {
        let year = closed[0][key].as_str().unwrap()[..4].to_owned();
        year.parse::<i32>().unwrap()
    };
    assert_eq!(year("records_until") - year("closed"), 5);
    assert_eq!(clients(&env, &[])[0]["client"], "globex");
    env.call(&["client", "list"])
        .ok()
        .tells("1 client is closed: vault client list --closed");
    for read in [
        &["who", "acme"][..],
        &["report", "acme"],
        &["client", "show", "acme"],
    ] {
        env.call(read).ok();
    }
    env.call(&["report", "acme"])
        .ok()
        .shows("Our work ended on");
    let csv = env.file(
        "in.csv",
        "url,username,password,name\nhttps://a.example,u,p,new\n",
    );
    for refused in [
        &["add", "acme/new"][..],
        &["client", "add", "acme"],
        &["mv", "globex/mail", "acme/mail"],
        &["mv", "globex/", "acme/"],
        &["import", &csv, "--client", "acme"],
    ] {
        let refused = env.call(refused).stdin("s").fails(7);
        refused
            .says("client acme was closed on")
            .hints("vault client reopen acme");
    }
    env.call(&close).ok().tells("acme was closed on");
    let paper = [&close[..], &["--certificate", "late.txt"]].concat();
    env.call(&paper).fails(7).hints("vault purge --final acme");
    env.call(&["client", "reopen", "acme"]).ok();
    env.call(&["client", "reopen", "acme"])
        .ok()
        .tells("client acme is not closed");
    env.add("acme/new", "s");
    assert_eq!(clients(&env, &["--closed"]), json!([]));
}

#[test]
fn at_a_terminal_each_step_is_asked_and_a_no_stops_there() {
    let (env, _) = at_work();
    let file = env.password_file();
    let script = format!(
        "VAULT_PASSWORD_FILE='{}' vault client close acme; echo \"exit=$?\"",
        file.display()
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("End all of this?").types("n");
    terminal.sees("ended nothing").sees("exit=0");
    terminal.ends();
    assert_eq!(states(&env, &["shares"]), ["sent"]);
    let mut terminal = env.terminal(&script);
    terminal.sees("End all of this?").types("y");
    terminal.sees("age (a file) or none").types("none");
    terminal.sees("cannot be closed yet").sees("exit=7");
    terminal.ends();
    let script = script.replace("close acme", "close acme --without bob --reason x");
    let mut terminal = env.terminal(&script);
    terminal.sees("type acme: ").types("y");
    terminal.sees("kept all of it").sees("exit=0");
    terminal.ends();
    let mut terminal = env.terminal(&script);
    terminal.sees("type acme: ").types("acme");
    terminal.sees("closed client acme").sees("exit=0");
    terminal.ends();
}

#[test]
fn what_another_device_went_on_with_is_told_when_copies_meet() {
    let laptop = TestEnv::with(&[("acme/wp", "x"), ("globex/mail", "y")]);
    let desktop = second_device(&laptop);
    let close = ["client", "close", "acme", "--handover", "none", "--yes"];
    laptop.call(&close).ok();
    desktop.add("acme/new", "z");
    let copy = copy_of(&desktop, &laptop, "met.age");
    let met = laptop.call(&["merge", &copy, "--json"]).ok().json();
    assert_eq!(met["reopened"], json!(["acme"]), "{met}");
    assert_eq!(laptop.secret("acme/new"), "z");
    assert_eq!(clients(&laptop, &["--closed"]), json!([]));
    let copy = copy_of(&laptop, &desktop, "met.age");
    desktop
        .call(&["merge", &copy])
        .ok()
        .tells("client acme was closed, and is open again");
}

/// Makes the closing of acme so many years older than it is.
fn age_closing(env: &TestEnv, years: i32) {
    let forged = Forge::of(env).with(|payload| {
        let clients = payload["clients"].as_array_mut().unwrap().iter_mut();
        for client in clients.filter(|it| it["closing"].is_array()) {
            for step in client["closing"].as_array_mut().unwrap() {
                let time = step["time"].as_str().unwrap();
                let year: i32 = time[..4].parse().unwrap();
                step["time"] = format!("{}-01-01T00:00:00Z", year - years).into();
            }
        }
    });
    fs::write(env.vault_file(), forged).unwrap();
}

#[test]
fn records_go_once_their_day_has_come_and_leave_no_name() {
    let (env, share) = at_work();
    env.call(&["purge", "--records", "acme", "--yes"])
        .fails(7)
        .hints("vault client close acme");
    env.call(&["purge", "--records", "acme", "acme", "--yes"])
        .fails(2);
    let close = ["client", "close", "acme", "--handover", "none", "--yes"];
    env.call(&[&close[..], &["--without", "bob", "--reason", "x"]].concat())
        .ok();
    age_closing(&env, 2);
    env.call(&["purge", "--records", "acme", "--yes"])
        .fails(7)
        .says("are to stay until")
        .hints("vault client list --closed");
    let before = env.everything();
    age_closing(&env, 2);
    env.call(&["purge", "--records", "acme"])
        .fails(9)
        .hints("--yes");
    env.call(&["purge", "--records", "acme", "-n"])
        .ok()
        .tells("would remove all that names acme: 2 permissions, 1 share, 0 hand-overs");
    env.call(&["purge", "--records", "acme", "--yes"])
        .ok()
        .tells("removed all that names acme");
    assert_ne!(env.everything(), before);
    let payload = Forge::of(&env).payload.to_string();
    for name in ["acme", "Jo Doe", "relaunch"] {
        let at = payload.find(name);
        let at = at.map(|at| &payload[at.saturating_sub(80)..at + 60]);
        assert_eq!(at, None, "{name}");
    }
    assert!(payload.contains(&share), "ids stay");
    env.call(&["verify", "--full"]).ok();
    env.call(&["log", "--verify"]).ok();
    env.call(&["report", "acme"]).fails(3);
    env.call(&["purge", "--records", "acme", "--yes"]).fails(3);
}

/// What is lost with the purge is told before, and papers of later say no more than is known.
#[test]
fn what_was_never_changed_stays_so_in_every_paper() {
    let (env, share) = at_work();
    env.call(&["incident", "open", "The host was hit", "--entry", "acme/wp"])
        .ok();
    let close = ["client", "close", "acme", "--handover", "age", "--yes"];
    let stopped = env.call(&close).run();
    assert_eq!(stopped.code, Some(7), "{stopped:?}");
    let warned = "in the trash, and not handed over: acme/old; to give it back too: \
                  vault trash restore acme/old";
    assert!(stopped.stderr.contains(warned), "{}", stopped.stderr);
    deleted(&env, &share);
    env.call(&close)
        .ok()
        .tells("acme/old")
        .tells("acme/wp, which");
    let text = fs::read_to_string(env.path("acme-certificate.txt")).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("files that I exported"), "{text}");
    assert!(!text.contains("was asked about"), "{text}");
    assert!(fs::exists(env.path("acme-certificate.txt.sig")).unwrap());

    let report = ["report", "acme", "--format", "json"];
    let report = env.call(&report).ok().json();
    let incident = &report["incidents"][0];
    assert_eq!(incident["unchanged"], json!(["wp"]), "{incident}");
    assert_eq!(incident["settled"], json!([]));
    let shown = env.call(&["report", "acme"]).ok();
    let shown = shown.text().replace('\\', "");
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("Change this yourself, where you log in with it: wp."));
    assert!(!shown.contains("Agree with me until when"), "{shown}");
    let records = env.call(&["records"]).ok();
    let records = records
        .text()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        records.contains("the access data were taken out of the encrypted file"),
        "{records}"
    );

    env.call(&["client", "rm", "acme", "--yes"])
        .fails(7)
        .says("the records of what was permitted stay until")
        .hints("vault purge --records acme");
    age_closing(&env, 4);
    let due = env.call(&["status", "--json"]).ok().json();
    assert!(
        due["due"]
            .to_string()
            .contains("vault purge --records acme"),
        "{due}"
    );
}
