//! `helper browserpass`: what the browser's extension asks and is answered, over stdin and stdout.

use std::io::{Read, Write};

use serde_json::{Value, json};
use vault::exchange::bundle::Value as Shared;

use crate::support::env::TestEnv;
use crate::support::sender::{Sender, in_seconds, item, loan};

/// What a browser adds to the line.
const BROWSER: [&str; 2] = ["/home/kim/.mozilla/x.json", "browserpass@maximbaz.com"];
const CALL: [&str; 2] = ["helper", "browserpass"];

fn env() -> TestEnv {
    TestEnv::copied("with logins of pages", |env| {
        for (path, urls) in [
            (
                "acme/wp",
                &["https://acme.example/login", "http://dev.example:8080"][..],
            ),
            ("acme/bank.example/www", &["acme.example"]),
            ("globex/ssh", &["ssh://git.example"]),
            ("globex/none", &[]),
        ] {
            let mut add = vec!["add", path, "-u", "jo"];
            for url in urls {
                add.extend(["--url", url]);
            }
            env.call(&add).stdin(format!("secret of {path}")).ok();
        }
    })
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_ne_bytes();
    [&length, message].concat()
}

/// The one message of an answer.
#[track_caller]
fn unframed(answer: &[u8]) -> Value {
    let (length, message) = answer.split_first_chunk::<4>().unwrap();
    assert_eq!(u32::from_ne_bytes(*length) as usize, message.len());
    serde_json::from_slice(message).unwrap()
}

/// A request of the extension's while a page is in front.
fn request(action: &str, page: &str) -> Value {
    let store = json!({"id": "default", "name": "pass", "path": "vault", "settings": {}});
    json!({
        "action": action,
        "settings": {"stores": {"default": store}, "origin": page, "tab": {"id": 1, "url": page}},
    })
}

fn fetch(file: &str, page: &str) -> Value {
    let mut request = request("fetch", page);
    request["storeId"] = json!("default");
    request["file"] = json!(file);
    request
}

#[track_caller]
fn ask(env: &TestEnv, request: &Value) -> Value {
    let call = [&CALL[..], &BROWSER].concat();
    let got = env
        .call(&call)
        .stdin(framed(request.to_string().as_bytes()));
    let got = got.ok();
    let answer = unframed(got.silently().bytes());
    assert_eq!(
        (&answer["status"], &answer["version"]),
        (&json!("ok"), &json!(3_001_000))
    );
    answer["data"].clone()
}

/// The message of a refusal with this code; nothing has changed.
#[track_caller]
fn refused(env: &TestEnv, bytes: &[u8], code: u16) -> String {
    let before = env.snapshot();
    let got = env.call(&CALL).stdin(bytes).run();
    let answer = unframed(&got.stdout);
    assert!(got.code != Some(0), "{answer}");
    assert_eq!(
        (&answer["status"], &answer["code"]),
        (&json!("error"), &json!(code)),
        "{answer}"
    );
    assert_eq!(answer["version"], 3_001_000);
    assert_eq!(env.snapshot(), before);
    answer["params"]["message"].as_str().unwrap().to_owned()
}

fn framed_json(request: &Value) -> Vec<u8> {
    framed(request.to_string().as_bytes())
}

#[test]
fn the_extension_sees_a_file_for_each_host_and_gets_what_it_holds() {
    let env = env();
    let page = "https://acme.example/wp-login.php?x";
    let files = [
        "acme.example/@acme/@bank.example/@www.gpg",
        "acme.example/@acme/@wp.gpg",
        "dev.example:8080/@acme/@wp.gpg",
    ];
    assert_eq!(
        ask(&env, &request("list", page)),
        json!({"files": {"default": files}})
    );
    let folders = [
        "acme.example",
        "acme.example/@acme",
        "acme.example/@acme/@bank.example",
        "dev.example:8080",
        "dev.example:8080/@acme",
    ];
    assert_eq!(
        ask(&env, &request("tree", page)),
        json!({"directories": {"default": folders}})
    );
    let configured = ask(
        &env,
        &json!({"action": "configure", "settings": {"stores": {}}}),
    );
    let store = json!({"path": "vault", "settings": "{}"});
    assert_eq!(
        configured,
        json!({"defaultStore": store, "storeSettings": {}})
    );
    let got = ask(&env, &fetch(files[1], page));
    let contents = "secret of acme/wp\nlogin: jo\nurl: https://acme.example/login\n";
    assert_eq!(got, json!({"contents": contents}));
    let event = env.last_event();
    assert_eq!(event["action"], "use");
    let detail = &event["detail"];
    assert_eq!(
        (&detail["program"], &detail["host"]),
        (&json!("browserpass"), &json!("acme.example"))
    );
    // No page, but a tab of the browser's own: to copy it.
    ask(&env, &fetch(files[2], "about:newtab"));
    assert_eq!(env.last_event()["detail"]["host"], "dev.example:8080");
    ask(&env, &fetch(files[1], "http://dev.example:8080/"));
    assert_eq!(env.last_event()["detail"]["host"], "dev.example:8080");
}

#[test]
fn no_other_page_gets_anything_whatever_is_asked_for() {
    let env = env();
    let file = "acme.example/@acme/@wp.gpg";
    for page in [
        "https://evil.example",
        "http://acme.example",
        "https://www.acme.example",
        "https://acme.example:8443",
        "data:text/html,x",
    ] {
        let said = refused(&env, &framed_json(&fetch(file, page)), 24);
        assert!(
            said.starts_with("acme/wp is for https://acme.example"),
            "{said}"
        );
    }
    let page = "https://acme.example";
    for file in [
        "../acme.example/@acme/@wp.gpg",
        "acme.example/@acme/@wp\n.gpg",
        "@acme/@wp.gpg",
        "acme.example/acme/wp.gpg",
        "acme.example/@acme/../@acme/@wp.gpg",
        "acme.example/@globex/@ssh.gpg",
        "/acme.example/@acme/@wp.gpg",
        ".gpg",
        "acme.example/@acme/@WP.gpg",
    ] {
        let said = refused(&env, &framed_json(&fetch(file, page)), 24);
        assert_eq!(said, "the vault has no such login");
    }
    refused(
        &env,
        &framed_json(&fetch("acme.example/@acme/@wp", page)),
        23,
    );
    let mut other = fetch(file, page);
    other["storeId"] = json!("work");
    refused(&env, &framed_json(&other), 20);
}

#[test]
fn of_several_stores_the_first_is_the_vault() {
    let env = env();
    let page = "https://acme.example";
    let mut request = request("list", page);
    let store = |id: &str| json!({"id": id, "name": "", "path": "/x"});
    request["settings"]["stores"] = json!({"b": store("b"), "a": store("a")});
    let files = &ask(&env, &request)["files"];
    assert_eq!(
        (files["a"].as_array().unwrap().len(), &files["b"]),
        (3, &json!([]))
    );
    request["action"] = json!("configure");
    assert_eq!(
        ask(&env, &request)["storeSettings"],
        json!({"a": "{}", "b": "{}"})
    );
    request["action"] = json!("fetch");
    request["file"] = json!("acme.example/@acme/@wp.gpg");
    request["storeId"] = json!("a");
    ask(&env, &request);
    request["storeId"] = json!("b");
    refused(&env, &framed_json(&request), 20);
    request["settings"]["stores"] = json!([]);
    refused(&env, &framed_json(&request), 20);
}

#[test]
fn the_seed_of_codes_is_given_where_the_extension_makes_them() {
    let env = env();
    env.call(&["edit", "acme/wp", "--totp"])
        .stdin("JBSWY3DPEHPK3PXP")
        .ok();
    let mut request = fetch("acme.example/@acme/@wp.gpg", "https://acme.example");
    let got = ask(&env, &request);
    assert!(!got.to_string().contains("otpauth"), "{got}");
    request["settings"]["enableOTP"] = json!(true);
    let got = ask(&env, &request)["contents"].as_str().unwrap().to_owned();
    let seed = "otpauth://totp/acme:jo?secret=JBSWY3DPEHPK3PXP&issuer=acme&digits=6&period=30";
    assert_eq!(got.lines().nth(3), Some(seed));
}

#[test]
fn while_it_is_locked_the_user_is_told_and_nobody_asked() {
    let env = env();
    for request in [
        request("configure", "https://acme.example"),
        request("list", "https://acme.example"),
        request("tree", "https://acme.example"),
        fetch("acme.example/@acme/@wp.gpg", "https://acme.example"),
    ] {
        let call = env.call(&CALL).no_password().stdin(framed_json(&request));
        let got = call.run();
        let answer = unframed(&got.stdout);
        let said = "the vault is locked (open it first: vault unlock)";
        assert_eq!(answer["params"]["message"], said);
        assert_eq!((got.code, &*got.stderr), (Some(9), ""));
        assert_eq!(answer["params"]["action"], request["action"]);
    }
}

#[test]
fn what_expired_or_could_be_read_as_another_value_is_not_given() {
    let env = env();
    let page = "https://acme.example";
    let file = "acme.example/@acme/@wp.gpg";
    env.call(&["rotate", "acme/wp", "--stdin"])
        .stdin("a\nlogin: eve")
        .ok();
    let said = refused(&env, &framed_json(&fetch(file, page)), 24);
    assert!(said.contains("line end"), "{said}");
    env.call(&["rotate", "acme/wp", "--stdin"])
        .stdin("login: eve")
        .ok();
    let got = ask(&env, &fetch(file, page));
    let got = got["contents"].as_str().unwrap();
    assert!(
        got.starts_with("password: login: eve\nlogin: jo\n"),
        "{got}"
    );
    env.call(&["edit", "acme/wp", "--expires", "1s"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let said = refused(&env, &framed_json(&fetch(file, page)), 24);
    assert!(
        said.contains("expired") && said.contains("vault edit"),
        "{said}"
    );
    let list = ask(&env, &request("list", page));
    assert!(!list.to_string().contains("@wp"), "{list}");
}

#[test]
fn what_came_with_a_share_is_given_until_it_ends() {
    let (env, sender) = (env(), Sender::new());
    let end = in_seconds(6);
    let share = sender.share_with(&env, |bundle| {
        loan(bundle).expires = end;
        let mut lent = item("lent", &[("secret", "canary"), ("username", "al")]);
        let urls = Shared::List(vec!["https://lent.example".into()]);
        lent.fields.insert("urls".into(), urls);
        bundle.items = vec![lent];
    });
    sender.lends(&env, &share);
    let fetch = fetch("lent.example/@lender/@lent.gpg", "https://lent.example");
    let got = ask(&env, &fetch);
    assert!(got.to_string().contains("canary"), "{got}");
    while in_seconds(0) < end {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let got = env.call(&CALL).stdin(framed_json(&fetch)).run();
    let answer = unframed(&got.stdout);
    assert_eq!(
        (got.code, &answer["code"]),
        (Some(6), &json!(24)),
        "{answer}"
    );
    assert!(!answer.to_string().contains("canary"), "{answer}");
    assert_eq!(env.last_event()["action"], "refuse");
    let list = ask(&env, &request("list", "https://lent.example"));
    assert!(!list.to_string().contains("lent"), "{list}");
}

#[test]
fn nothing_is_stored_or_deleted_and_what_is_no_request_is_told() {
    let env = env();
    for action in ["save", "delete", "frob", ""] {
        let mut request = fetch("acme.example/@acme/@wp.gpg", "https://acme.example");
        request["action"] = json!(action);
        request["contents"] = json!("s3cret");
        refused(&env, &framed_json(&request), 12);
        let got = env.call(&CALL).stdin(framed_json(&request)).run();
        let answer = String::from_utf8_lossy(&got.stdout);
        assert!(
            answer.contains("\"file\":\"acme.example/@acme/@wp.gpg\""),
            "{answer}"
        );
        assert!(!answer.contains("s3cret"), "{answer}");
        assert!(!got.stderr.contains("s3cret"), "{}", got.stderr);
    }
    for bad in [
        &b""[..],
        b"{",
        b"[]",
        b"null",
        b"\xff",
        &b"[".repeat(100_000),
    ] {
        refused(&env, &framed(bad), 11);
    }
    refused(&env, &[&10_u32.to_ne_bytes()[..], b"{}"].concat(), 11);
    for bad in [&b""[..], b"ab", &u32::MAX.to_ne_bytes(), b"GET / HTTP/1.1"] {
        refused(&env, bad, 10);
    }
    for echo in [json!({"a": ["x", 1]}), json!(null), json!("x")] {
        let request = json!({"action": "echo", "echoResponse": echo});
        let got = env
            .call(&CALL)
            .no_password()
            .stdin(framed_json(&request))
            .ok();
        assert_eq!(unframed(got.bytes()), echo);
    }
}

#[test]
fn an_unencrypted_or_lookalike_page_is_not_offered_to_be_added() {
    let env = env();
    let file = "acme.example/@acme/@wp.gpg";
    let said = |page: &str| refused(&env, &framed_json(&fetch(file, page)), 24);
    let stripped = said("http://acme.example/login");
    assert!(stripped.contains("not encrypted"), "{stripped}");
    let lookalike = said("https://\u{430}cme.example");
    assert!(lookalike.contains("pass for others"), "{lookalike}");
    for said in [stripped, lookalike] {
        assert!(!said.contains("vault edit"), "{said}");
    }
    let other = said("https://shop.example");
    assert!(other.contains("vault edit acme/wp --url https://shop.example"));
}

#[test]
fn the_address_that_is_given_is_that_of_the_page() {
    let env = env();
    let file = "dev.example:8080/@acme/@wp.gpg";
    let got = ask(&env, &fetch(file, "https://acme.example/login"));
    let contents = got["contents"].as_str().unwrap();
    assert!(
        contents.contains("\nurl: https://acme.example/login\n"),
        "{contents}"
    );
    let got = ask(&env, &fetch(file, "brave://newtab/"));
    let contents = got["contents"].as_str().unwrap();
    assert!(
        contents.contains("\nurl: http://dev.example:8080\n"),
        "{contents}"
    );
}

#[test]
fn a_user_name_that_would_lose_its_blanks_is_not_given() {
    let env = env();
    let (file, page) = ("acme.example/@acme/@wp.gpg", "https://acme.example");
    for user in [" jo", "jo\u{a0}", "j\u{2028}o", "\u{feff}jo"] {
        let edit = env.call(&["edit", "acme/wp", "-u", user]).run();
        // Some are no user names at all.
        if edit.code == Some(0) {
            let said = refused(&env, &framed_json(&fetch(file, page)), 24);
            assert!(said.contains("another user name"), "{said}");
        }
    }
    env.call(&["edit", "acme/wp", "-u", "jo\u{a0}"]).ok();
    refused(&env, &framed_json(&fetch(file, page)), 24);
}

#[test]
fn no_answer_is_longer_than_a_browser_takes() {
    let env = env();
    let long = "x".repeat(2 << 20);
    let echo = json!({"action": "echo", "echoResponse": long});
    let mut failing = fetch("acme.example/@acme/@wp.gpg", "https://evil.example");
    failing["file"] = json!(format!("{long}.gpg"));
    let mut configure = request("configure", "https://acme.example");
    let stores = (0..60_000).map(|n| (format!("store number {n}"), json!({})));
    configure["settings"]["stores"] = Value::Object(stores.collect());
    for request in [echo, failing, configure] {
        let got = env.call(&CALL).stdin(framed_json(&request)).run();
        assert!(got.stdout.len() < 1 << 20, "{}", got.stdout.len());
        assert_eq!(unframed(&got.stdout)["code"], 10);
        assert_eq!(got.code, Some(6));
    }
}

/// A browser keeps the pipe open until it has its answer.
#[test]
fn the_answer_comes_before_the_browser_closes_its_pipe() {
    let env = env();
    let mut child = env.call(&CALL).spawn();
    let mut stdin = child.stdin.take().unwrap();
    let request = request("list", "https://acme.example");
    stdin.write_all(&framed_json(&request)).unwrap();
    let mut length = [0; 4];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut length).unwrap();
    let mut message = vec![0; u32::from_ne_bytes(length) as usize];
    stdout.read_exact(&mut message).unwrap();
    assert!(child.wait().unwrap().success());
    drop(stdin);
}
