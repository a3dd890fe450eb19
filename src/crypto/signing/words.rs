//! A fingerprint in words, to be read out over the phone.

use diceware_wordlists::Wordlist;
use sha2::{Digest, Sha256};

use super::ed25519::Signer;
use super::ssh_public::SshPublicKey;
use crate::crypto::encoding::base64;

/// What the hash begins with, so that it is good for nothing else.
const PREFIX: &[u8] = b"vault-fingerprint-words-v1\0";
/// Of 7776 words each: 77 bits. Whoever wants a second key with the same words has to try that
/// many.
const WORDS: usize = 6;

/// The fingerprint of a signer and an age recipient together, as words of the EFF's long list.
/// The same keys always have the same words.
pub fn fingerprint_words(signer: Signer, recipient: &str) -> String {
    let hash = Sha256::new()
        .chain_update(PREFIX)
        .chain_update(signer.to_base64())
        .chain_update(b"\0")
        .chain_update(recipient);
    words(hash.finalize().into())
}

/// The fingerprint of a key that shares are encrypted to: of an SSH key as `ssh-keygen -l` prints
/// it, of another SHA-256 over its text, in the same form.
pub fn recipient_fingerprint(key: &str) -> String {
    match SshPublicKey::parse(key) {
        Ok(ssh) => ssh.fingerprint(),
        Err(_) => format!("SHA256:{}", base64(&Sha256::digest(key.as_bytes()))),
    }
}

/// The lowest digits of a 256-bit number in the base of the list's length.
fn words(mut number: [u8; 32]) -> String {
    let list = Wordlist::EffLong.get_list();
    let words: Vec<&str> = (0..WORDS)
        .filter_map(|_| list.get(divide(&mut number, list.len())).copied())
        .collect();
    words.join(" ")
}

/// Divides a big-endian number in place and gives the remainder.
fn divide(number: &mut [u8; 32], by: usize) -> usize {
    let mut rest = 0;
    for byte in number {
        let dividend = rest << 8 | usize::from(*byte);
        // Less than 256, since `rest` is less than `by`.
        *byte = u8::try_from(dividend / by).unwrap_or(u8::MAX);
        rest = dividend % by;
    }
    rest
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Wordlist, divide, fingerprint_words, words};
    use crate::crypto::{AgeIdentity, SigningKey};

    fn number(low: u64) -> [u8; 32] {
        let mut number = [0; 32];
        number[24..].copy_from_slice(&low.to_be_bytes());
        number
    }

    #[test]
    fn the_digits_of_a_number_are_its_words() {
        let list = Wordlist::EffLong.get_list();
        assert_eq!(list.len(), 7776);
        let expected = [list[3], list[2], list[1], list[0], list[0], list[0]].join(" ");
        assert_eq!(words(number(7776 * 7776 + 2 * 7776 + 3)), expected);
    }

    #[test]
    fn division_is_that_of_whole_numbers() {
        for n in [0, 1, 7775, 7776, u64::MAX] {
            let mut quotient = number(n);
            assert_eq!(divide(&mut quotient, 7776) as u64, n % 7776);
            assert_eq!(quotient, number(n / 7776));
        }
        let mut all = [0xff; 32];
        divide(&mut all, 7776);
        assert_eq!(all[..2], [0, 8], "2^256 / 7776 begins so");
    }

    #[test]
    fn the_same_keys_have_the_same_words_and_others_have_others() {
        let signer = SigningKey::generate().signer();
        let recipient = AgeIdentity::generate().recipient();
        let words = fingerprint_words(signer, &recipient);
        assert_eq!(words.split(' ').count(), 6, "{words}");
        assert_eq!(fingerprint_words(signer, &recipient), words);
        let others: HashSet<String> = (0..50)
            .flat_map(|_| {
                let other = SigningKey::generate().signer();
                [
                    fingerprint_words(other, &recipient),
                    fingerprint_words(signer, &AgeIdentity::generate().recipient()),
                ]
            })
            .collect();
        assert_eq!(others.len(), 100);
        assert!(!others.contains(&words));
    }
}
