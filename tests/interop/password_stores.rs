//! Stores of pass and passage, encrypted by gpg and age themselves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::interop::import::fixture;
use crate::interop::run;
use crate::support::env::TestEnv;

pub(crate) const OWNER: &str = "store@vault.example";

fn gpg(env: &TestEnv, args: &[&str]) -> Command {
    let mut gpg = Command::new("gpg");
    env.hermetic(&mut gpg);
    gpg.args([
        "--batch",
        "--yes",
        "--quiet",
        "--pinentry-mode",
        "loopback",
        "--passphrase",
        "",
    ]);
    gpg.args(args).stdin(Stdio::null());
    gpg
}

/// Ends the agent that gpg has started for this home.
pub(crate) struct Agent<'a>(&'a TestEnv);

impl Drop for Agent<'_> {
    fn drop(&mut self) {
        let mut gpgconf = Command::new("gpgconf");
        self.0.hermetic(&mut gpgconf);
        let _ = gpgconf.args(["--kill", "gpg-agent"]).status();
    }
}

pub(crate) fn with_key(env: &TestEnv) -> Agent<'_> {
    fs::create_dir(env.home().join(".gnupg")).unwrap();
    fs::set_permissions(env.home().join(".gnupg"), crate::support::env::mode(0o700)).unwrap();
    let generate = ["--quick-generate-key", OWNER, "default", "default", "never"];
    run(&mut gpg(env, &generate));
    Agent(env)
}

/// Encrypts each file of `from` into `to`, with `.gpg` behind its name.
fn encrypt_all(env: &TestEnv, from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            encrypt_all(env, &path, &target);
        } else {
            let target = PathBuf::from(format!("{}.gpg", target.display()));
            let (target, path) = (target.to_str().unwrap(), path.to_str().unwrap());
            run(&mut gpg(
                env,
                &[
                    "--trust-model",
                    "always",
                    "-r",
                    OWNER,
                    "-o",
                    target,
                    "-e",
                    path,
                ],
            ));
        }
    }
}

#[test]
#[ignore = "needs gpg and VAULT_FIXTURES; .ci/run runs it"]
fn a_store_of_pass_is_read_through_gpg() {
    let env = TestEnv::ready();
    let _agent = with_key(&env);
    let store = env.work().join("store");
    encrypt_all(&env, &fixture("pass-store/pass-import-decrypted"), &store);
    fs::write(store.join(".gpg-id"), OWNER).unwrap();
    fs::create_dir(store.join(".git")).unwrap();
    fs::write(store.join(".git/x.gpg"), "no secret").unwrap();
    let answer = env
        .call(&["import", store.to_str().unwrap(), "--json"])
        .ok()
        .json();
    assert_eq!(
        (&answer["format"], &answer["added"]),
        (&"pass".into(), &14.into())
    );
    assert_eq!(
        env.secret("Emails/dpbx@afoqwdr.tx"),
        "9KVHnx:.S_S;cF`=CE@e\\p{v6"
    );
    assert_eq!(
        env.secret("Servers/ovh.com/jsdkyvbwjn"),
        "^Vr/|o>_H8X%T]7>f}7|:U!Zs"
    );
    let aib = env.call(&["show", "Bank/aib", "--json"]).ok().json();
    assert_eq!(aib["username"], "dpbx@fner.ws");
    assert_eq!(aib["urls"][0], "https://onlinebanking.aib.ie");
    env.call(&["get", "-n", "Bank/aib", "--field", "pin"])
        .ok()
        .prints("462916");
    env.call(&["get", "CornerCases/empty password"]).fails(3);
    let note = env
        .call(&["show", "CornerCases/note", "--json"])
        .ok()
        .json();
    let text = note["notes"].as_str().unwrap();
    assert!(
        text.starts_with("This is a multiline") && text.contains("\nacutely"),
        "{text}"
    );
}

#[test]
#[ignore = "needs gpg and VAULT_FIXTURES; .ci/run runs it"]
fn text_below_a_password_is_not_torn() {
    let env = TestEnv::ready();
    let _agent = with_key(&env);
    let plain = env.work().join("plain");
    fs::create_dir(&plain).unwrap();
    for name in ["gopass-1.10-secret", "pass-blank-lines"] {
        let text = fixture(&format!("trials/{name}.txt"));
        fs::copy(text, plain.join(name)).unwrap();
    }
    let store = env.work().join("store");
    encrypt_all(&env, &plain, &store);
    let import = ["import", store.to_str().unwrap(), "--client", "acme"];
    env.call(&import).ok();
    let show = |path: &str| env.call(&["show", path, "--json"]).ok().json();
    assert_eq!(env.secret("acme/gopass-1.10-secret"), "hunter22");
    let gopass = show("acme/gopass-1.10-secret");
    assert_eq!(
        (&gopass["username"], &gopass["notes"]),
        (&"kim".into(), &"body text".into())
    );
    assert_eq!(gopass["urls"][0], "https://a.example");
    assert_eq!(env.secret("acme/pass-blank-lines"), "pw");
    assert_eq!(
        show("acme/pass-blank-lines")["notes"],
        "Recovery codes:\n\n1111\n\n3333\nNote: call Jo"
    );
}

#[test]
#[ignore = "needs gpg; .ci/run runs it"]
fn a_store_whose_key_is_missing_is_refused_and_one_bad_file_is_told() {
    let env = TestEnv::ready();
    let agent = with_key(&env);
    let plain = env.work().join("plain");
    fs::create_dir(&plain).unwrap();
    fs::write(
        plain.join("a"),
        "one\notpauth://totp/x?secret=JBSWY3DPEHPK3PXP\n",
    )
    .unwrap();
    let store = env.work().join("store");
    encrypt_all(&env, &plain, &store);
    fs::write(store.join("b.gpg"), "no message").unwrap();
    let path = store.to_str().unwrap();
    let told = env.call(&["import", path, "--client", "acme"]).ok();
    told.tells("row 2 not kept: b: gpg cannot decrypt it");
    assert_eq!(env.secret("acme/a"), "one");
    let show = env.call(&["show", "acme/a", "--json"]).ok().json();
    assert_eq!(show["has"]["totp"], true);
    drop(agent);
    fs::remove_dir_all(env.home().join(".gnupg")).unwrap();
    env.call(&["import", path])
        .fails(1)
        .says("gpg cannot decrypt it");
}

#[test]
#[ignore = "needs age; .ci/run runs it"]
fn a_store_of_passage_is_read_with_its_identity() {
    let env = TestEnv::ready();
    let identity = env.path("identities");
    run(Command::new("age-keygen").args(["-o", &identity]));
    let recipient = run(Command::new("age-keygen").args(["-y", &identity])).stdout;
    let recipient = String::from_utf8(recipient).unwrap();
    let store = env.work().join("store/Acme");
    fs::create_dir_all(&store).unwrap();
    let plain = env.file(
        "plain",
        "s3cret\nlogin: ann\nurl: https://a.example\nsome text\n",
    );
    let sealed = store.join("wp.age");
    let mut age = Command::new("age");
    run(age.args([
        "-r",
        recipient.trim(),
        "-o",
        sealed.to_str().unwrap(),
        &plain,
    ]));
    let folder = env.path("store");
    env.call(&["import", &folder])
        .fails(9)
        .hints("--source-key-file");
    let other = env.path("other");
    run(Command::new("age-keygen").args(["-o", &other]));
    env.call(&["import", &folder, "--source-key-file", &other])
        .fails(4);
    env.call(&["import", &folder, "--source-key-file", &identity])
        .ok();
    assert_eq!(env.secret("Acme/wp"), "s3cret");
    let wp = env.call(&["show", "Acme/wp", "--json"]).ok().json();
    assert_eq!(
        (&wp["username"], &wp["notes"]),
        (&"ann".into(), &"some text".into())
    );
}

#[test]
#[ignore = "needs gpg; .ci/run runs it"]
fn a_torn_file_of_pass_and_one_that_was_never_encrypted_are_reported() {
    let env = TestEnv::ready();
    let _agent = with_key(&env);
    let plain = env.work().join("plain");
    fs::create_dir(&plain).unwrap();
    fs::write(plain.join("whole"), "hunter2\n").unwrap();
    let store = env.work().join("store");
    encrypt_all(&env, &plain, &store);
    let whole = fs::read(store.join("whole.gpg")).unwrap();
    let lengths: Vec<usize> = (0..whole.len()).step_by(7).collect();
    for length in &lengths {
        fs::write(store.join(format!("torn{length}.gpg")), &whole[..*length]).unwrap();
    }
    let (from, to) = (plain.join("whole"), store.join("stored.gpg"));
    let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
    run(&mut gpg(&env, &["-o", to, "--store", from]));
    let import = [
        "import",
        store.to_str().unwrap(),
        "--client",
        "acme",
        "--json",
    ];
    let answer = env.call(&import).ok().json();
    assert_eq!(answer["added"], 1, "{answer}");
    let refused = answer["refused"].as_array().unwrap();
    assert_eq!(refused.len(), lengths.len() + 1, "{answer}");
    assert_eq!(env.secret("acme/whole"), "hunter2");
}
