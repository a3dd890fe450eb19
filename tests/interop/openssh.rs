//! The vault's signing key is an OpenSSH key, under the fingerprint that OpenSSH gives it.

use std::fs;
use std::process::Command;

use vault::crypto::signing::sshsig;

use crate::interop::import::fixture;
use crate::interop::run;
use crate::interop::stock_age::{decrypt, recoverable};
use crate::support::env::TestEnv;

/// The signing key inside the vault, as a file that ssh-keygen reads.
fn signing_key(env: &TestEnv) -> String {
    let payload = decrypt(env);
    let pem = payload["identity"]["signing"].as_str().unwrap();
    env.file("signing-key", pem)
}

#[test]
#[ignore = "needs age and ssh-keygen; .ci/run runs it"]
fn ssh_keygen_reads_the_signing_key_and_agrees_who_signed() {
    let env = recoverable();
    let key = signing_key(&env);
    let public = run(Command::new("ssh-keygen").args(["-y", "-f", &key])).stdout;
    let public = String::from_utf8(public).unwrap();
    let words: Vec<&str> = public.split_whitespace().take(2).collect();
    let report = env.call(&["verify", "--json"]).no_password().ok().json();
    assert_eq!(report["signer"], words.join(" "));
    let status = env.call(&["status", "--json"]).ok().json();
    assert_eq!(status["signer"], report["signer"]);
}

#[test]
#[ignore = "needs age and ssh-keygen; .ci/run runs it"]
fn the_fingerprint_shown_to_people_is_the_one_of_ssh_keygen() {
    let env = recoverable();
    let key = signing_key(&env);
    let listed = run(Command::new("ssh-keygen").args(["-l", "-f", &key])).stdout;
    let listed = String::from_utf8(listed).unwrap();
    let fingerprint = listed.split_whitespace().nth(1).unwrap();
    assert!(fingerprint.starts_with("SHA256:"), "{listed}");
    let shown = env.call(&["verify"]).run();
    let all = format!("{}{}", String::from_utf8_lossy(&shown.stdout), shown.stderr);
    assert!(all.contains(fingerprint), "no {fingerprint} in {all}");
}

#[test]
#[ignore = "needs age and ssh-keygen; .ci/run runs it"]
fn an_allowed_signers_file_pins_the_vault() {
    let env = recoverable();
    let key = signing_key(&env);
    let public = run(Command::new("ssh-keygen").args(["-y", "-f", &key])).stdout;
    let public = String::from_utf8(public).unwrap();
    let allowed = env.file("allowed", format!("me@example.org {public}"));
    let stranger = TestEnv::new();
    let vault = env.vault_file();
    let verify = |signers: &str| {
        let vault = vault.to_str().unwrap();
        let args = ["--vault", vault, "verify", "--signer", signers];
        stranger.call(&args).no_password().run().code
    };
    assert_eq!(verify(&allowed), Some(0));
    let other = env.path("other");
    run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", &other]));
    let other = fs::read_to_string(format!("{other}.pub")).unwrap();
    let others = env.file("others", format!("you@example.org {other}"));
    assert_eq!(verify(&others), Some(5));
    assert_eq!(verify(&other), Some(5));
}

#[test]
#[ignore = "needs VAULT_FIXTURES; .ci/run runs it"]
fn a_signature_that_openssh_takes_is_read_at_any_width() {
    let read = |name: &str| fs::read_to_string(fixture(&format!("trials/{name}"))).unwrap();
    let (text, signature) = (read("sshsig-64-columns.txt"), read("sshsig-64-columns.sig"));
    let verified = sshsig::verify(&signature, "vault-consent", text.as_bytes()).unwrap();
    let key = read("sshsig-jo.pub");
    let key: Vec<&str> = key.split_whitespace().take(2).collect();
    assert!(verified.key.to_openssh().starts_with(&key.join(" ")));
}
