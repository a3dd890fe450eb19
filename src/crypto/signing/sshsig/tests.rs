use proptest::prelude::*;
use sha2::{Digest, Sha256};
use ssh_key::public::{Ed25519PublicKey, KeyData, SkEd25519};
use ssh_key::{Algorithm, HashAlg, LineEnding, Signature, SshSig};

use super::verify;
use crate::crypto::SigningKey;
use crate::error::Kind;

const NAMESPACE: &str = "vault-consent";
const MESSAGE: &[u8] = include_bytes!("../../../../tests/vectors/sshsig/message");

/// A signature made by `ssh-keygen -Y sign -n vault-consent`, and the public key.
macro_rules! vector {
    ($name:literal) => {
        (
            include_str!(concat!("../../../../tests/vectors/sshsig/", $name, ".sig")),
            include_str!(concat!("../../../../tests/vectors/sshsig/", $name, ".pub")),
        )
    };
}

const GOOD: [(&str, &str); 5] = [
    vector!("ed25519"),
    vector!("ecdsa-256"),
    vector!("ecdsa-384"),
    vector!("ecdsa-521"),
    vector!("rsa-2048"),
];

#[test]
fn what_ssh_keygen_signed_is_good_for_its_text_and_namespace_only() {
    for (signature, public) in GOOD {
        let verified = verify(signature, NAMESPACE, MESSAGE).unwrap();
        assert_eq!(verified.key.to_openssh(), public.trim());
        assert_eq!(verified.signature.trim(), signature.trim());
        let with_line_ends = signature.replace('\n', "\r\n");
        assert!(verify(&with_line_ends, NAMESPACE, MESSAGE).is_ok());
        let other_text = verify(signature, NAMESPACE, b"another request\n").unwrap_err();
        assert_eq!(other_text.kind(), Kind::Integrity);
        assert!(other_text.message().contains("another text"));
        let other_use = verify(signature, "git", MESSAGE).unwrap_err();
        assert_eq!(other_use.kind(), Kind::Integrity);
        assert!(other_use.message().contains("not made for git"));
    }
}

#[test]
fn the_width_of_its_lines_line_ends_and_a_mark_in_front_are_no_matter() {
    for (signature, _) in GOOD {
        let mut lines: Vec<&str> = signature.trim().lines().collect();
        let (end, begin) = (lines.pop().unwrap(), lines.remove(0));
        let base64: Vec<char> = lines.concat().chars().collect();
        for width in [1, 64, 76, 10_000] {
            let wrapped: Vec<String> = base64.chunks(width).map(String::from_iter).collect();
            let text = format!(
                "\u{feff}{begin}\r\n{}\r\n{end}\r\n\r\n",
                wrapped.join("\r\n")
            );
            let verified = verify(&text, NAMESPACE, MESSAGE).unwrap();
            assert_eq!(verified.signature.trim(), signature.trim());
        }
    }
}

#[test]
fn a_signature_by_a_key_that_is_too_short_says_nothing() {
    let (signature, _) = vector!("rsa-1024");
    let why = verify(signature, NAMESPACE, MESSAGE).unwrap_err();
    assert_eq!(why.kind(), Kind::Integrity);
    assert!(why.message().contains("1024 bits"), "{why}");
}

#[test]
fn what_is_no_signature_is_called_that() {
    for text in [
        "",
        "hunter2",
        "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----",
    ] {
        let why = verify(text, NAMESPACE, MESSAGE).unwrap_err();
        assert_eq!(why.kind(), Kind::Integrity);
        assert!(!why.message().contains("hunter2"));
    }
}

/// What a security key signs (PROTOCOL.u2f of OpenSSH), with `hardware` in its place.
fn by_security_key(hardware: &SigningKey, message: &[u8]) -> String {
    const APPLICATION: &str = "ssh:";
    const FLAGS_AND_COUNTER: [u8; 5] = [1, 0, 0, 0, 9];
    let data = SshSig::signed_data(NAMESPACE, HashAlg::Sha512, message).unwrap();
    let signed = [
        Sha256::digest(APPLICATION).as_slice(),
        &FLAGS_AND_COUNTER,
        &Sha256::digest(data),
    ]
    .concat();
    let bytes = [hardware.sign(&signed).as_slice(), &FLAGS_AND_COUNTER].concat();
    let signature = Signature::new(Algorithm::SkEd25519, bytes).unwrap();
    let KeyData::Ed25519(Ed25519PublicKey(public)) = hardware.signer().to_key_data() else {
        unreachable!()
    };
    let key = KeyData::SkEd25519(SkEd25519::new(Ed25519PublicKey(public), APPLICATION));
    let signature = SshSig::new(key, NAMESPACE, HashAlg::Sha512, signature).unwrap();
    signature.to_pem(LineEnding::LF).unwrap()
}

#[test]
fn a_security_key_signs_too() {
    let signature = by_security_key(&SigningKey::generate(), MESSAGE);
    let verified = verify(&signature, NAMESPACE, MESSAGE).unwrap();
    assert_eq!(verified.key.kind(), "sk-ssh-ed25519@openssh.com");
    assert!(verify(&signature, NAMESPACE, b"other").is_err());
}

proptest! {
    #[test]
    fn no_changed_signature_is_good_and_none_panics(
        which in 0..GOOD.len(), at in 0..900_usize, to in "[ -~]",
    ) {
        let (signature, public) = GOOD[which];
        let at = at % signature.len();
        let mut changed = signature.to_owned();
        prop_assume!(changed.is_char_boundary(at) && changed.is_char_boundary(at + 1));
        changed.replace_range(at..=at, &to);
        if let Ok(verified) = verify(&changed, NAMESPACE, MESSAGE) {
            // White space in the armour means nothing.
            prop_assert_eq!(verified.key.to_openssh(), public.trim());
            prop_assert!(changed.split_whitespace().eq(signature.split_whitespace()));
        }
    }
}
