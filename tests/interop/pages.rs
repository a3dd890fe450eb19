//! The pages that ask and open: their scripts against published vectors, node, stock age and age's
//! npm package, and the pages themselves in Debian's Chromium and Firefox.
//!
//! `VAULT_NODE_MODULES` is a folder in which npm has installed `age-encryption`, `VAULT_AGE_TESTKIT`
//! the test files of the age project, as the `age` crate has them, and `VAULT_AXE` is axe.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use vault::model::text::lang::Lang;
use vault::pages::{AskPage, AskedField, SharePage, opener};

use super::run;
use crate::support::env::TestEnv;

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/pages")
        .join(name)
}

fn variable(name: &str) -> PathBuf {
    let value = std::env::var_os(name).unwrap_or_else(|| panic!("{name} is unset"));
    value.into()
}

#[test]
#[ignore = "needs node, age and age's npm package; .ci/run runs it"]
fn the_scripts_of_the_pages_do_what_others_do() {
    let mut node = Command::new("node");
    node.arg(script("scripts.mjs"));
    node.args([
        variable("VAULT_AGE_TESTKIT"),
        variable("VAULT_NODE_MODULES"),
    ]);
    run(&mut node);
}

#[test]
#[ignore = "needs node, Chromium, Firefox and axe; .ci/run runs it"]
fn the_pages_work_in_browsers() {
    let env = TestEnv::new();
    let folder = env.path("pages");
    fs::create_dir(&folder).unwrap();
    let mut node = Command::new("node");
    node.arg(script("fixtures.mjs"));
    node.arg(&folder).arg(variable("VAULT_NODE_MODULES"));
    run(&mut node);
    let mut check = Command::new("python3");
    check
        .arg(script("check.py"))
        .arg(&folder)
        .arg(variable("VAULT_AXE"));
    let output = check.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{why}");
}

/// What the pages of the program do in each browser: `what` is done with the page, and `stdin` is what
/// the script is told beside it.
fn in_browsers(env: &TestEnv, (what, page, more): (&str, &str, &str), stdin: &str) -> Vec<Value> {
    let words = env.file("words", stdin);
    let mut browsers = Command::new("python3");
    browsers
        .arg(script("whole_way.py"))
        .args([what, page, more])
        .stdin(File::open(words).unwrap());
    let said = String::from_utf8(run(&mut browsers).stdout).unwrap();
    let lines = said.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

#[test]
#[ignore = "needs Chromium and Firefox; .ci/run runs it"]
fn a_password_comes_by_a_page_and_goes_by_another() {
    let secret = "Grüße & <b> 日本";
    let env = TestEnv::ready();
    env.me();
    let page = env.path("ask.html");
    let ask = ["ask", "acme/wp", "--for", "the relaunch", "--out", &page];
    let asked = env.call(&[&ask[..], &["--json"]].concat()).ok().json();
    let words = asked["words"].as_str().unwrap();
    in_browsers(&env, ("ask", &page, &env.path("block")), words);
    let [chromium, firefox] =
        ["chromium", "firefox"].map(|name| env.path(&format!("block-{name}")));
    let block = fs::read_to_string(chromium).unwrap();
    let quoted = block.replace('\n', "\r\n> ");
    let mail = format!("From: Jo <jo@acme.example>\r\nSubject: x\r\n\r\nHello,\r\n> {quoted}\r\n");
    let mail = env.file("jo.eml", mail);
    env.call(&["receive", &mail]).ok().tells("jo@acme.example");
    env.call(&["get", "-n", "acme/wp"]).ok().prints(secret);
    let other = env.call(&["receive", &firefox]).ok();
    other.tells("has all of it already");

    let page = env.path("share.html");
    let share = ["share", "acme/wp", "--to-client", "--passphrase", "--page"];
    let shared = env.call(&[&share[..], &["--out", &page]].concat()).run();
    let mut lines = shared.stderr.lines();
    let passphrase = lines.find_map(|line| line.strip_prefix("passphrase: "));
    let opened = in_browsers(&env, ("open", &page, passphrase.unwrap()), "");
    let id = env.call(&["id", "--json"]).ok().json();
    assert_eq!(opened.len(), 2);
    for it in opened {
        assert_eq!(it["error"], "", "{it}");
        assert_eq!(it["words"], id["words"], "{it}");
        let values = it["values"].as_array().unwrap();
        assert!(values.iter().any(|value| value == secret), "{it}");
        let mail = it["received"].as_str().unwrap();
        assert!(mail.starts_with("mailto:kim@kim.example?"), "{it}");
    }
}

/// The browsers are given pages that a script puts together: they are the program's, to the byte.
#[test]
#[ignore = "needs node; .ci/run runs it"]
fn the_pages_of_the_tests_are_those_of_the_program() {
    let env = TestEnv::new();
    let text = "</script> & \u{2028} \"Ünï\u{202e}cøde\" 日本\u{1}";
    let ask = AskPage {
        number: "2F95-B33D".into(),
        sender: text.into(),
        name: text.into(),
        mail: Some("kim@kim.example".into()),
        purpose: text.into(),
        until: None,
        fingerprint: Some(text.into()),
        recipient: "age1fzya5y9ahsfxur037cumnd65sc0wlcdf5f2y875fr9y0rk8sffhqqe2wjf".into(),
        need: vec![AskedField::Url, AskedField::Note, AskedField::Rules],
    };
    let share = SharePage {
        number: "2F95-B33D".into(),
        sender: text.into(),
        name: text.into(),
        mail: None,
        fingerprint: text.into(),
        signer: "ssh-ed25519 AAAA".into(),
    };
    let file = "-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n-----END AGE ENCRYPTED FILE-----\n";
    let armour = env.file("file.age", file);
    for lang in Lang::ALL {
        let of_tests = |kind: &str, values: &str, file: &[&str]| {
            let values = env.file("values.json", values);
            let mut node = Command::new("node");
            node.current_dir(env.path("")).arg(script("page.mjs"));
            node.args([kind, lang.as_str(), &values]).args(file);
            String::from_utf8(run(&mut node).stdout).unwrap()
        };
        let values = serde_json::to_string(&ask).unwrap();
        assert_same(&of_tests("ask", &values, &[]), &ask.html(lang).unwrap());
        let values = serde_json::to_string(&share).unwrap();
        let page = share.html(lang, file).unwrap();
        assert_same(&of_tests("open", &values, &[&armour]), &page);
        assert_same(&of_tests("open", "{}", &[]), &opener(lang).unwrap());
    }
}

/// Of two pages, the first lines that differ are enough to see.
#[track_caller]
fn assert_same(of_tests: &str, of_program: &str) {
    let mut lines = of_tests.lines().zip(of_program.lines());
    assert_eq!(lines.find(|(one, other)| one != other), None);
    assert_eq!(of_tests.len(), of_program.len());
}
