//! `helper git`: what git asks and is answered, over stdin and stdout.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use vault::exchange::bundle::Value;

use crate::support::call::Output;
use crate::support::env::{BINARY, TestEnv};
use crate::support::sender::{Sender, in_seconds, item, loan};

const ASKED: &str = "protocol=https\nhost=git.example\n";

/// A vault with a login for git.example.
fn env() -> TestEnv {
    TestEnv::copied("with a login for git.example", |env| {
        add(env, "acme/git", "jo", "https://git.example", "hunter2");
    })
}

fn add(env: &TestEnv, path: &str, user: &str, url: &str, secret: &str) {
    let add = ["add", path, "-u", user, "--url", url];
    env.call(&add).stdin(secret).ok();
}

fn get(env: &TestEnv, asked: &str) -> Output {
    env.call(&["helper", "git", "get"]).stdin(asked).run()
}

/// What git gets, with nothing said besides.
#[track_caller]
fn answer(env: &TestEnv, asked: &str) -> String {
    let got = get(env, asked);
    assert_eq!((got.code, &*got.stderr), (Some(0), ""), "{got:?}");
    String::from_utf8(got.stdout).unwrap()
}

/// git gets nothing, and stderr says why.
#[track_caller]
fn none(env: &TestEnv, asked: &str, why: &str) {
    let got = get(env, asked);
    assert_eq!((got.code, &*got.stdout), (Some(0), &b""[..]), "{got:?}");
    assert!(got.stderr.contains(why), "{got:?}");
    assert!(!why.is_empty() || got.stderr.is_empty(), "{got:?}");
}

#[test]
fn git_gets_the_login_of_the_host_and_the_log_has_the_use() {
    let env = env();
    let login = "username=jo\npassword=hunter2\n";
    assert_eq!(answer(&env, ASKED), login);
    let more =
        "capability[]=authtype\nprotocol=https\nhost=git.example\nwwwauth[]=Basic\nx=y\n\nhost=z\n";
    assert_eq!(answer(&env, more), login);
    let event = env.last_event();
    assert_eq!(event["action"], "use");
    for (key, value) in [
        ("via", "helper"),
        ("program", "git"),
        ("host", "git.example"),
    ] {
        assert_eq!(event["detail"][key], value, "{event}");
    }
    let told = env.call(&["log", "--client", "acme"]).ok();
    told.shows("use")
        .shows("at git.example by vault helper for git");
    for other in [
        "protocol=http\nhost=git.example\n",
        "protocol=https\nhost=git.example:8443\n",
        "protocol=https\nhost=www.git.example\n",
        "protocol=https\nhost=git.example\nusername=al\n",
        "protocol=https\nhost=git.example/x\n",
        "protocol=https\nhost=git%2eexample\n",
        "protocol=https\nhost=git.example \n",
        "protocol=https\nhost=git.example\t\n",
        "protocol=https\nhost=git.example\u{a0}\n",
        "protocol=https\nhost=git.example\u{85}\n",
        "protocol=https\nhost=git.example\u{3000}\n",
        "protocol=https\nhost=git.example.\n",
        "protocol=https\nhost=git\u{ad}.example\n",
        "protocol=https\n",
        "host=git.example\n",
        "protocol=cert\npath=/x.pem\n",
        "",
    ] {
        none(&env, other, "");
    }
}

#[test]
fn the_end_of_an_entry_goes_along_and_what_expired_is_not_given() {
    let env = env();
    let expires = |when: &str| env.call(&["edit", "acme/git", "--expires", when]).ok();
    expires("2099-01-31T00:00:00Z");
    assert!(answer(&env, ASKED).contains("password_expiry_utc=4073500800\n"));
    expires("1s");
    std::thread::sleep(std::time::Duration::from_millis(2100));
    none(&env, ASKED, "acme/git expired on");
}

#[test]
fn of_several_none_is_given_and_what_would_choose_is_told() {
    let env = env();
    add(
        &env,
        "globex/git",
        "al",
        "https://git.example/globex",
        "other",
    );
    none(
        &env,
        ASKED,
        "acme/git and globex/git fit https://git.example, so none is given",
    );
    none(&env, ASKED, "credential.useHttpPath");
    for (more, user) in [
        ("username=al\n", "al"),
        ("username=jo\n", "jo"),
        ("path=globex/site.git\n", "al"),
        ("path=globex2/site.git\n", "jo"),
    ] {
        let got = answer(&env, &format!("{ASKED}{more}"));
        assert!(got.starts_with(&format!("username={user}\n")), "{more}");
    }
    env.call(&["rm", "globex/git", "--yes"]).ok();
    assert!(answer(&env, ASKED).starts_with("username=jo\n"));
}

#[test]
fn what_could_forge_a_line_is_refused_both_ways() {
    let env = env();
    let long = format!("{ASKED}path={}\n", "x".repeat(65_536));
    let much = format!("protocol=https\n{}", "x=y\n".repeat(300_000));
    let get = |stdin: &str| env.call(&["helper", "git", "get"]).stdin(stdin);
    for bad in [
        "host=a\0b\n",
        "host=git.example\r\n",
        "host\n",
        &long,
        &much,
    ] {
        get(bad).fails(2).hides("hunter2");
    }
    add(
        &env,
        "acme/lines",
        "jo",
        "https://lines.example",
        "one\nhost=two",
    );
    let lines = "protocol=https\nhost=lines.example\n";
    get(lines).fails(6).says("acme/lines").hides("two");
    let last = env.last_event();
    assert_ne!(last["action"], "use", "{last}");
}

#[test]
fn while_it_is_locked_git_gets_nothing_and_one_hint() {
    let env = env();
    let locked = env.call(&["helper", "git", "get"]).no_password();
    let locked = locked.stdin(ASKED).run();
    assert_eq!((locked.code, &*locked.stdout), (Some(0), &b""[..]));
    let hint = "hint: the vault is locked, and git gets no answer: vault unlock\n";
    assert_eq!(locked.stderr, hint);
    for operation in ["store", "erase"] {
        let call = env.call(&["helper", "git", operation]).no_password();
        let said = call.stdin(format!("{ASKED}password=x\n")).run();
        assert_eq!((said.code, &*said.stderr), (Some(0), ""), "{said:?}");
    }
    let script = format!("printf '{ASKED}' | vault helper git get; echo ends");
    let script = script.replace('\n', "\\n");
    let shown = env.terminal(&script).ends().to_owned();
    assert!(
        shown.contains("locked") && shown.contains("ends"),
        "{shown}"
    );
    assert!(!shown.contains("Master password"), "{shown}");
    env.call(&["unlock"]).ok();
    let call = env.call(&["helper", "git", "get"]).no_password();
    assert!(call.stdin(ASKED).ok().text().contains("password=hunter2"));
}

#[test]
fn what_is_past_the_end_of_its_share_is_given_to_no_program() {
    let (env, sender) = (env(), Sender::new());
    let end = in_seconds(8);
    let share = sender.share_with(&env, |bundle| {
        loan(bundle).expires = end;
        let urls = |url: &str| Value::List(vec![url.to_owned()]);
        let mut lent = item("lent", &[("secret", "canary"), ("username", "lent-user")]);
        lent.fields
            .insert("urls".into(), urls("https://registry.lent.example"));
        let mut both = item("both", &[("secret", "canary"), ("username", "lent-user")]);
        both.fields
            .insert("urls".into(), urls("https://git.example"));
        bundle.items = vec![lent, both];
    });
    sender.lends(&env, &share);
    let lent = "protocol=https\nhost=registry.lent.example\n";
    assert!(answer(&env, lent).ends_with("password=canary\n"));
    none(&env, ASKED, "acme/git and lender/both fit");
    while in_seconds(0) < end {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    none(&env, lent, "which ended on");
    assert_eq!(env.last_event()["action"], "refuse");
    let list = env.call(&["helper", "docker", "list"]).ok();
    list.hides("lent");
    // The own entry of the host is in nobody's way any more.
    assert!(answer(&env, ASKED).ends_with("password=hunter2\n"));
}

#[test]
fn an_operation_that_nobody_knows_is_ignored() {
    let env = env();
    let unknown = env.call(&["helper", "git", "frob"]).stdin(ASKED);
    unknown.ok().prints("").silently();
}

/// Says to the helper that the host refused, or took, a password.
fn tried(env: &TestEnv, operation: &[&str], password: &str) -> Output {
    let stdin = format!("{ASKED}username=jo\npassword={password}\n");
    let call = env.call(&[&["helper", "git"], operation].concat());
    call.stdin(stdin).run()
}

fn flags(env: &TestEnv) -> serde_json::Value {
    let list = env.call(&["list", "acme", "--json"]).ok().json();
    list[0]["flags"].clone()
}

#[test]
fn what_the_host_refused_is_flagged_and_nothing_is_deleted() {
    let env = env();
    let before = env.generation();
    for (operation, password) in [
        ("erase", "another"),
        ("store", "another"),
        ("store", "hunter2"),
    ] {
        let said = tried(&env, &[operation], password);
        assert_eq!((said.code, &*said.stderr), (Some(0), ""), "{said:?}");
    }
    let nameless = env.call(&["helper", "git", "erase"]).stdin(ASKED);
    nameless.ok().silently();
    assert_eq!(env.generation(), before);
    let said = tried(&env, &["erase"], "hunter2");
    assert!(
        said.stderr
            .contains("git.example refused the secret of acme/git"),
        "{said:?}"
    );
    assert_eq!(flags(&env), serde_json::json!(["refused-by-host"]));
    assert_eq!(env.last_event()["detail"]["host"], "git.example");
    let audit = env.call(&["audit", "--json"]).run();
    let audit = String::from_utf8(audit.stdout).unwrap();
    assert!(audit.contains("refused-by-host"), "{audit}");
    assert_eq!(env.secret("acme/git"), "hunter2");
    for _ in 0..2 {
        none(&env, ASKED, "acme/git is not given: its host refused it on");
        none(&env, ASKED, "vault edit acme/git --secret");
    }
    assert_ne!(env.last_event()["action"], "use");
    assert_eq!(tried(&env, &["store"], "hunter2").code, Some(0));
    assert_eq!(flags(&env), serde_json::json!([]));
    assert!(answer(&env, ASKED).contains("password=hunter2"));
    assert_eq!(tried(&env, &["erase"], "hunter2").code, Some(0));
    env.call(&["rotate", "acme/git", "--stdin"])
        .stdin("hunter3")
        .ok();
    assert_eq!(flags(&env), serde_json::json!([]));
    assert!(answer(&env, ASKED).contains("password=hunter3"));
}

#[test]
fn a_login_is_stored_only_with_the_client_that_was_named() {
    let env = env();
    let store = ["--store", "acme", "store"];
    let other = |user: &str, host: &str| {
        let stdin = format!("protocol=https\nhost={host}\nusername={user}\npassword=new\n");
        let call = env.call(&["helper", "git", "--store", "acme", "store"]);
        call.stdin(stdin).run()
    };
    let said = other("jo", "new.example:8443");
    assert_eq!(
        (said.code, &*said.stderr),
        (Some(0), "added acme/new.example-8443\n")
    );
    let show = env
        .call(&["show", "acme/new.example-8443", "--json"])
        .ok()
        .json();
    assert_eq!(show["username"], "jo");
    assert_eq!(
        show["urls"],
        serde_json::json!(["https://new.example:8443"])
    );
    let before = env.snapshot();
    // It has it already; another secret needs a person; another client's is left alone.
    assert_eq!(other("jo", "new.example:8443").stderr, "");
    assert_eq!(tried(&env, &store, "hunter2").stderr, "");
    let said = tried(&env, &store, "changed");
    assert_eq!(said.code, Some(9), "{said:?}");
    assert!(
        said.stderr.contains("vault edit acme/git --secret"),
        "{said:?}"
    );
    let globex = ["--store", "globex", "store"];
    assert_eq!(tried(&env, &globex, "changed").code, Some(3));
    assert_eq!(env.snapshot(), before);
    env.call(&["client", "add", "globex"]).ok();
    let said = tried(&env, &globex, "changed");
    assert!(
        said.stderr
            .contains("nothing was stored: acme/git fits https://git.example"),
        "{said:?}"
    );
    assert_eq!(env.secret("acme/git"), "hunter2");
    let said = other("al", "git.example");
    assert_eq!(said.stderr, "added acme/git.example\n");
}

#[test]
fn at_a_terminal_another_secret_takes_its_place_after_a_question() {
    let env = env();
    let script = format!(
        "export VAULT_PASSWORD_FILE='{}'; printf '{}username=jo\\npassword=changed\\n' | \
         vault helper git --store acme store",
        env.password_file().display(),
        ASKED.replace('\n', "\\n")
    );
    let mut terminal = env.terminal(&script);
    terminal.sees("Store it there?").types("y");
    terminal.ends();
    assert_eq!(env.secret("acme/git"), "changed");
}

#[test]
fn the_user_of_a_url_counts_and_an_ended_entry_is_passed_over() {
    let env = env();
    let add = ["add", "acme/deep", "--url", "https://al@git.example/acme"];
    env.call(&add).stdin("deep").ok();
    let asked = format!("{ASKED}path=acme/x.git\n");
    assert_eq!(answer(&env, &asked), "username=al\npassword=deep\n");
    let al = format!("{ASKED}username=al\n");
    assert_eq!(answer(&env, &al), "username=al\npassword=deep\n");
    // An empty path is that of the host's root.
    let root = format!("{ASKED}path=\n");
    assert!(answer(&env, &root).starts_with("username=jo\n"));
    env.call(&["edit", "acme/deep", "--expires", "1s"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let got = get(&env, &asked);
    assert_eq!(got.stdout, b"username=jo\npassword=hunter2\n");
    let told = "acme/deep has ended, and is passed over for acme/git";
    assert!(got.stderr.contains(told), "{got:?}");
}

#[test]
fn what_comes_near_is_told_in_a_line_each() {
    let env = TestEnv::ready();
    add(
        &env,
        "acme/web",
        "jo",
        "https://git.example/users/sign_in",
        "canary",
    );
    add(
        &env,
        "acme/case",
        "jo",
        "https://git.example/Acme/shop",
        "canary",
    );
    let got = get(&env, &format!("{ASKED}path=acme/shop.git\n"));
    assert_eq!(got.stdout, b"");
    let place = "https://git.example/acme/shop.git";
    let web = format!("acme/web is not given for {place}: its URL has another path");
    let case =
        format!("acme/case is not given for {place}: the path of its URL differs in capital");
    assert!(
        got.stderr.contains(&web) && got.stderr.contains(&case),
        "{got:?}"
    );
    assert_eq!(got.stderr.lines().count(), 2, "{got:?}");
    none(
        &env,
        "protocol=https\nhost=x.example\npath=acme/shop.git\n",
        "",
    );
    let exact = get(&env, &format!("{ASKED}path=Acme/shop.git\n"));
    assert_eq!(exact.stdout, b"username=jo\npassword=canary\n");
}

#[test]
fn of_what_is_typed_only_what_lasts_and_is_encrypted_is_stored() {
    let env = env();
    let store = |place: &str, more: &str| {
        let stdin =
            format!("{place}username=jo\npassword=typed\noauth_refresh_token=canary\n{more}");
        let call = env.call(&["helper", "git", "--store", "acme", "store"]);
        let said = call.stdin(stdin).run();
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(
            !said.stderr.contains("canary") && !said.stderr.contains("typed"),
            "{said:?}"
        );
        said.stderr
    };
    let before = env.snapshot();
    let new = "protocol=https\nhost=new.example\n";
    for (place, more, why) in [
        (new, "ephemeral=1\n", "is good for this time only"),
        (new, "password_expiry_utc=1\n", "has ended"),
        (
            "protocol=http\nhost=new.example\n",
            "",
            "without encryption",
        ),
        (
            "protocol=smtp\nhost=new.example\n",
            "",
            "without encryption",
        ),
    ] {
        let said = store(place, more);
        assert!(
            said.starts_with("nothing was stored: ") && said.contains(why),
            "{said}"
        );
    }
    assert_eq!(env.snapshot(), before);
    let said = store(new, "password_expiry_utc=4073500800\nephemeral=0\n");
    assert_eq!(said, "added acme/new.example\n");
    let show = env
        .call(&["show", "acme/new.example", "--json"])
        .ok()
        .json();
    assert!(
        show["expires"].as_str().unwrap().starts_with("2099-01-31"),
        "{show}"
    );
    let said = store("protocol=http\nhost=127.0.0.1:3000\n", "");
    assert_eq!(said, "added acme/127.0.0.1-3000\n");
    add(&env, "acme/deep", "jo", "https://two.example/acme", "other");
    let before = env.snapshot();
    // It would be for all of the host, and so for the place of the other too.
    let said = store("protocol=https\nhost=two.example\npath=\n", "");
    assert!(
        said.starts_with("nothing was stored: acme/deep fits https://two.example as jo already"),
        "{said}"
    );
    assert_eq!(env.snapshot(), before);
}

#[test]
fn it_answers_by_the_name_that_git_calls_it_by() {
    let env = env();
    let bin = Path::new(BINARY);
    let names = ["link", "hard"].map(|folder| {
        std::fs::create_dir(env.work().join(folder)).unwrap();
        env.work().join(folder).join("git-credential-vault")
    });
    symlink(bin, &names[0]).unwrap();
    std::fs::hard_link(bin, &names[1])
        .or_else(|_| std::fs::copy(bin, &names[1]).map(drop))
        .unwrap();
    for name in names {
        let mut call = Command::new(name);
        env.hermetic(&mut call);
        call.env("VAULT_PASSWORD_FILE", env.password_file());
        let mut child = (call.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()))
            .spawn()
            .unwrap();
        std::io::Write::write_all(
            child.stdin.as_mut().unwrap(),
            b"protocol=https\nhost=git.example\n\n",
        )
        .unwrap();
        // git may leave its end of the pipe open.
        let stdin = child.stdin.take();
        let output = child.wait_with_output().unwrap();
        drop(stdin);
        assert_eq!(output.stdout, b"username=jo\npassword=hunter2\n");
    }
}
