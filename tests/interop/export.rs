//! Other password managers read what `export` writes: `KeePassXC` the XML, gpg and pass the folder.
//! And what they make of it is read back.

use std::fs;
use std::process::Command;

use crate::interop::password_stores::{OWNER, with_key};
use crate::interop::run;
use crate::support::env::{TestEnv, mode_of};

const KEY: &str = "-----BEGIN KEY-----\nabc=\n-----END KEY-----";

/// Entries with what other programs are likely to stumble over.
fn vault() -> TestEnv {
    let env = TestEnv::ready();
    let add = [
        "add",
        "acme/prod/db ü",
        "-u",
        "ann",
        "--url",
        "https://a.example/?x=1&y=<2>",
        "--url",
        "https://b.example",
        "--notes",
        "one\n\n\"two\" & <three>",
        "--tag",
        "prod",
        "--field",
        "plan=gold",
        "--expires",
        "2090-01-01",
    ];
    env.call(&add).stdin("first").ok();
    let edit = |args: &[&str], stdin: &str| {
        let args = [&["edit", "acme/prod/db ü"], args].concat();
        env.call(&args).stdin(stdin).ok();
    };
    edit(&["--secret"], "=s, \"x\" <&> ]]> é💥");
    edit(&["--totp"], "JBSWY3DPEHPK3PXP");
    edit(&["--secret-field", "pin"], "1234");
    let file = env.file("key file", "\0bytes\r\n");
    env.call(&["attach", "acme/prod/db ü", &file]).ok();
    env.call(&["add", "acme/ssh", "-u", "deploy"])
        .stdin(KEY)
        .ok();
    env
}

fn keepassxc(env: &TestEnv, script: &str) -> String {
    let mut shell = Command::new("bash");
    env.hermetic(&mut shell);
    shell.env("QT_QPA_PLATFORM", "offscreen");
    let script = format!("set -eo pipefail; {script}");
    let output = run(shell.args(["-c", &script]));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[ignore = "needs keepassxc-cli; .ci/run runs it"]
fn keepassxc_reads_the_xml_and_its_database_comes_back() {
    let env = vault();
    env.call(&[
        "export",
        "--plaintext",
        "--format",
        "keepass-xml",
        "--out",
        "out.xml",
    ])
    .ok();
    keepassxc(
        &env,
        "printf 'pw\\npw\\n' | keepassxc-cli import -q -p out.xml new.kdbx",
    );
    let show = |attribute: &str| {
        let script = format!(
            "printf 'pw\\n' | keepassxc-cli show -q -s -a '{attribute}' new.kdbx '/acme/prod/db ü'"
        );
        keepassxc(&env, &script).trim_end_matches('\n').to_owned()
    };
    for (attribute, value) in [
        ("Title", "db ü"),
        ("UserName", "ann"),
        ("Password", "=s, \"x\" <&> ]]> é💥"),
        ("URL", "https://a.example/?x=1&y=<2>"),
        ("KP2A_URL_1", "https://b.example"),
        ("Notes", "one\n\n\"two\" & <three>"),
        ("plan", "gold"),
        ("pin", "1234"),
    ] {
        assert_eq!(show(attribute), value, "{attribute}");
    }
    let with =
        |command: &str| keepassxc(&env, &format!("printf 'pw\\n' | keepassxc-cli {command}"));
    let code = with("show -q -t new.kdbx '/acme/prod/db ü'");
    let codes = [
        code.trim(),
        with("show -q -t new.kdbx '/acme/prod/db ü'").trim(),
    ]
    .map(str::to_owned);
    let ours = env
        .call(&["code", "acme/prod/db ü"])
        .ok()
        .text()
        .trim()
        .to_owned();
    let again = with("show -q -t new.kdbx '/acme/prod/db ü'");
    assert!(
        codes.contains(&ours) || again.trim() == ours,
        "{codes:?} and not {ours}"
    );
    let file = with("attachment-export -q --stdout new.kdbx '/acme/prod/db ü' 'key file'");
    assert_eq!(file, "\0bytes\r\n");
    assert_eq!(
        with("show -q -s -a Password new.kdbx /acme/ssh").trim_end(),
        KEY
    );

    let other = TestEnv::ready();
    let database = env.work().join("new.kdbx");
    let password = other.file("source", "pw\n");
    let import = [
        "import",
        database.to_str().unwrap(),
        "--source-password-file",
        &password,
    ];
    other.call(&import).ok();
    assert_eq!(other.secret("acme/prod/db ü"), "=s, \"x\" <&> ]]> é💥");
    let old = ["get", "-n", "acme/prod/db ü", "--at-version", "1"];
    other.call(&old).ok().prints("first");
    let entry = other
        .call(&["show", "acme/prod/db ü", "--json"])
        .ok()
        .json();
    let before = env.call(&["show", "acme/prod/db ü", "--json"]).ok().json();
    for key in [
        "username", "urls", "notes", "tags", "expires", "fields", "has",
    ] {
        assert_eq!(entry[key], before[key], "{key}");
    }
}

#[test]
#[ignore = "needs gpg and pass; .ci/run runs it"]
fn pass_reads_the_store_and_it_comes_back() {
    let env = vault();
    let _agent = with_key(&env);
    let store = env.home().join(".password-store");
    let folder = store.to_str().unwrap();
    let export = [
        "export",
        "--format",
        "pass",
        "--gpg-recipient",
        OWNER,
        "--out",
        folder,
    ];
    env.call(&export)
        .ok()
        .tells("1 entry with a secret of several lines");
    env.call(&export).fails(7);
    assert_eq!(mode_of(&store), 0o700);
    assert_eq!(mode_of(&store.join("acme/prod/db ü.gpg")), 0o600);
    assert_eq!(
        fs::read_to_string(store.join(".gpg-id")).unwrap(),
        format!("{OWNER}\n")
    );
    let left: Vec<_> = fs::read_dir(env.home()).unwrap().flatten().collect();
    assert!(
        left.iter()
            .all(|file| !file.file_name().to_str().unwrap().contains("vault-tmp"))
    );

    let mut pass = Command::new("pass");
    env.hermetic(&mut pass);
    let shown = run(pass.args(["show", "acme/prod/db ü"])).stdout;
    let shown = String::from_utf8(shown).unwrap();
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(
        lines[..4],
        [
            "=s, \"x\" <&> ]]> é💥",
            "username: ann",
            "url: https://a.example/?x=1&y=<2>",
            "url: https://b.example",
        ]
    );
    assert!(
        lines[4].starts_with("otpauth://totp/acme:ann?secret=JBSWY3DPEHPK3PXP"),
        "{shown}"
    );
    assert!(shown.contains("\npin: 1234\n") && shown.contains("\nplan: gold\n"));

    let other = ["import", folder, "--client", "back"];
    env.call(&other).ok();
    assert_eq!(env.secret("back/acme/prod/db ü"), "=s, \"x\" <&> ]]> é💥");
    assert_eq!(env.secret("back/acme/ssh"), KEY);
    let back = env
        .call(&["show", "back/acme/prod/db ü", "--json"])
        .ok()
        .json();
    let before = env.call(&["show", "acme/prod/db ü", "--json"]).ok().json();
    for key in ["username", "urls"] {
        assert_eq!(back[key], before[key], "{key}");
    }
    let code = |path: &str| env.call(&["code", path]).ok().text().to_owned();
    let codes = [code("back/acme/prod/db ü"), code("back/acme/prod/db ü")];
    assert!(codes.contains(&code("acme/prod/db ü")));
}

#[test]
#[ignore = "needs gpg; .ci/run runs it"]
fn a_store_that_cannot_be_encrypted_is_not_made() {
    let env = vault();
    let _agent = with_key(&env);
    let missing = [
        "export",
        "--format",
        "pass",
        "--gpg-recipient",
        "nobody@x.example",
        "--out",
        "s",
    ];
    env.call(&missing)
        .fails(1)
        .says("nobody@x.example")
        .hints("gpg --list-keys");
    let log = env.call(&["log", "--json"]).ok().json();
    assert!(!log.to_string().contains("\"export\""), "nothing has left");

    // Past the limit of sizes of files, gpg ends in the middle of one.
    env.call(&["add", "acme/long"])
        .stdin("x".repeat(900_000))
        .ok();
    let script =
        format!("ulimit -f 400; exec vault export --format pass --gpg-recipient {OWNER} --out s");
    env.shell(&script).fails(1);
    let names: Vec<_> = fs::read_dir(env.work())
        .unwrap()
        .flatten()
        .map(|f| f.file_name())
        .collect();
    assert_eq!(names, ["key file"]);
}
