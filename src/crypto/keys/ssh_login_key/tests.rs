//! Keys that `ssh-keygen` made, of every kind.

use ed25519_dalek::Verifier;
use ssh_key::{PublicKey, Signature};

use super::{SshKeyProblem, SshLoginKey};

macro_rules! key {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/vectors/ssh_keys/", $name))
    };
}

const USED: [(&str, &str); 5] = [
    (key!("ed25519"), key!("ed25519.pub")),
    (key!("p256"), key!("p256.pub")),
    (key!("p384"), key!("p384.pub")),
    (key!("p521-whole"), key!("p521-whole.pub")),
    (key!("p521-short"), key!("p521-short.pub")),
];

#[test]
fn every_kind_that_is_used_signs_under_its_public_key() {
    for (private, public) in USED {
        let key = SshLoginKey::parse(private).unwrap();
        let words: Vec<&str> = public.split_whitespace().take(2).collect();
        assert_eq!(key.to_openssh(), words.join(" "));
        assert_eq!(key.kind(), words[0]);
        let public = PublicKey::from_openssh(public).unwrap();
        assert_eq!(key.public(), public.to_bytes().unwrap());
        let signature = key.sign(b"data").unwrap();
        let signature = Signature::try_from(signature.as_slice()).unwrap();
        assert!(public.key_data().verify(b"data", &signature).is_ok());
        assert!(public.key_data().verify(b"other", &signature).is_err());
    }
}

#[test]
fn how_lines_end_and_how_wide_they_are_does_not_matter() {
    let (private, _) = USED[0];
    let inner: String = private
        .lines()
        .skip(1)
        .filter(|it| !it.starts_with('-'))
        .collect();
    let wide = format!("{}\n{inner}\n{}", super::OPENSSH, super::END);
    for text in [
        private.replace('\n', "\r\n"),
        wide,
        private.trim().to_owned(),
    ] {
        assert!(SshLoginKey::parse(&text).is_ok(), "{text}");
    }
}

#[test]
fn what_is_not_used_says_why() {
    let rsa = SshKeyProblem::Kind("RSA".into());
    for (private, problem) in [
        (key!("rsa"), rsa),
        (key!("passphrase"), SshKeyProblem::Passphrase),
        (key!("pem"), SshKeyProblem::Format),
        (key!("pkcs8"), SshKeyProblem::Format),
    ] {
        assert!(SshLoginKey::is_private_key(private));
        assert_eq!(SshLoginKey::parse(private).unwrap_err(), problem);
    }
    for text in ["", "hunter2", "-----BEGIN CERTIFICATE-----\nx", USED[0].1] {
        assert!(!SshLoginKey::is_private_key(text), "{text}");
    }
}

#[test]
fn a_damaged_key_is_refused_wherever_it_is_cut() {
    for (private, _) in USED {
        let lines: Vec<&str> = private.lines().collect();
        for gone in 1..lines.len() {
            let mut less = lines.clone();
            less.remove(gone);
            let problem = SshLoginKey::parse(&less.join("\n")).unwrap_err();
            assert_eq!(problem, SshKeyProblem::Damaged);
        }
    }
}
