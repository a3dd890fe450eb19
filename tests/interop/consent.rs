//! A client who has nothing but OpenSSH signs a request, and OpenSSH checks what the vault kept.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::interop::run;
use crate::interop::sharing::checks;
use crate::support::env::TestEnv;

/// An office with a client and a contact.
fn office() -> TestEnv {
    let env = TestEnv::with(&[("acme/wp", "x")]);
    env.call(&["contact", "add", "bob"]).ok();
    env.me();
    env
}

/// A new key of the client, which is recorded. Gives the private key's path.
fn key(env: &TestEnv, name: &str, kind: &[&str]) -> String {
    let path = env.path(name);
    let mut keygen = Command::new("ssh-keygen");
    run(keygen
        .args(["-q", "-N", "", "-C", "jo@acme", "-f", &path, "-t"])
        .args(kind));
    path
}

fn record(env: &TestEnv, key: &str) {
    let public = format!("{key}.pub");
    env.call(&["client", "edit", "acme", "--key", &public]).ok();
}

/// Asks, and gives the request's file.
fn request(env: &TestEnv, name: &str) -> String {
    let out = env.path(name);
    let base = "consent request acme --to bob --scope acme/* --purpose shop --out";
    let args: Vec<&str> = base.split(' ').chain([out.as_str()]).collect();
    env.call(&args).ok();
    out
}

/// Signs a file as the request's text says, and gives the signature's file.
fn sign(key: &str, namespace: &str, file: &str) -> String {
    let signature = format!("{file}.sig");
    let _ = fs::remove_file(&signature);
    run(Command::new("ssh-keygen").args(["-Y", "sign", "-n", namespace, "-f", key, file]));
    signature
}

fn answer(env: &TestEnv, signature: &str) -> Option<i32> {
    let args = ["consent", "answer", "--signature", signature];
    env.call(&args).run().code
}

/// Whether OpenSSH takes the signature for one by `key`.
fn openssh_takes(env: &TestEnv, key: &str, text: &str, signature: &str) -> bool {
    let public = fs::read_to_string(format!("{key}.pub")).unwrap();
    let allowed = env.file("allowed", format!("client {public}"));
    let status = Command::new("ssh-keygen")
        .args(["-Y", "verify", "-f", &allowed, "-I", "client"])
        .args(["-n", "vault-consent", "-s", signature])
        .stdin(fs::File::open(text).unwrap())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.unwrap().success()
}

const KINDS: [&[&str]; 6] = [
    &["ed25519"],
    &["ecdsa", "-b", "256"],
    &["ecdsa", "-b", "384"],
    &["ecdsa", "-b", "521"],
    &["rsa", "-b", "2048"],
    &["rsa", "-b", "4096"],
];

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn every_kind_of_key_signs_and_openssh_checks_what_was_kept() {
    let env = office();
    for (at, kind) in KINDS.iter().enumerate() {
        let key = key(&env, &format!("key{at}"), kind);
        record(&env, &key);
        let file = request(&env, &format!("ask{at}.txt"));
        let signature = sign(&key, "vault-consent", &file);
        assert_eq!(answer(&env, &signature), Some(0), "{kind:?}");
        let list = env.call(&["consent", "list", "--json"]).ok().json();
        let consent = &list[at];
        assert_eq!(consent["assurance"], "signed");
        let id = consent["id"].as_str().unwrap();
        let out = env.path(&format!("out{at}"));
        env.call(&["consent", "show", id, "--evidence", &out]).ok();
        let good = checks(Path::new(&out));
        assert!(
            good.len() == 3 && good.iter().all(|(_, good)| *good),
            "{good:?}"
        );
        let kept = format!("{out}/request.txt.sig");
        let out = format!("{out}/request.txt");
        assert!(openssh_takes(&env, &key, &out, &kept), "{kind:?}");
        assert_eq!(fs::read(&out).unwrap(), fs::read(&file).unwrap());
        assert_eq!(fs::read(&kept).unwrap(), fs::read(&signature).unwrap());
    }
    env.call(&["verify", "--full"]).ok();
}

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn a_forgery_by_ssh_keygen_is_refused_for_what_it_is() {
    let env = office();
    let (jo, stranger) = (key(&env, "jo", KINDS[0]), key(&env, "stranger", KINDS[0]));
    record(&env, &jo);
    let (file, other) = (request(&env, "ask.txt"), request(&env, "other.txt"));
    let namespace = sign(&jo, "git", &file);
    assert_eq!(answer(&env, &namespace), Some(5));
    let by_stranger = sign(&stranger, "vault-consent", &file);
    assert_eq!(answer(&env, &by_stranger), Some(6));
    let of_other = sign(&jo, "vault-consent", &other);
    assert_eq!(answer(&env, &of_other), Some(0), "it is of the other one");
    let edited = env.file(
        "edited.txt",
        fs::read_to_string(&file)
            .unwrap()
            .replace("\"*\"", "\"**\""),
    );
    let over_edited = sign(&jo, "vault-consent", &edited);
    assert_eq!(answer(&env, &over_edited), Some(5));
    let good = sign(&jo, "vault-consent", &file);
    assert_eq!(answer(&env, &good), Some(0));
    assert_eq!(answer(&env, &good), Some(6), "used once");
}

#[test]
#[ignore = "needs ssh-keygen; .ci/run runs it"]
fn a_signature_with_the_shorter_hash_counts_too() {
    let env = office();
    let jo = key(&env, "jo", KINDS[4]);
    record(&env, &jo);
    let file = request(&env, "ask.txt");
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-Y", "sign", "-O", "hashalg=sha256", "-n", "vault-consent"]);
    run(keygen.args(["-f", &jo, &file]));
    assert_eq!(answer(&env, &format!("{file}.sig")), Some(0));
}
