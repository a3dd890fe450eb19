//! The keys of a contact, as people have them: one, or a file of several such as the one that
//! GitHub serves under `NAME.keys`.

use jiff::tz::TimeZone;

use crate::crypto::{AllowedSigner, SshPublicKey, parse_recipient, parse_signers};
use crate::error::{Error, Result};

/// Reasons that are told of keys that are passed over.
const TOLD: usize = 5;

/// Keys that were read, each once and in its one spelling, and why others were passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadKeys {
    /// Those that can be used.
    pub usable: Vec<String>,
    /// Why lines were passed over.
    pub skipped: Vec<String>,
}

/// The keys in `text` that shares can be encrypted to: `age1…`, `ssh-ed25519` and `ssh-rsa`.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when there is none; never with the text, which may be a secret
/// key.
pub fn recipients(text: &str) -> Result<ReadKeys> {
    let mut keys = ReadKeys::default();
    let mut first = None;
    let lines = (1..).zip(text.lines().map(str::trim));
    for (number, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        match recipient(line) {
            Ok(key) if keys.usable.contains(&key) => {}
            Ok(key) => keys.usable.push(key),
            Err(why) => {
                keys.skipped
                    .push(format!("line {number}: {}", why.message()));
                first.get_or_insert(why);
            }
        }
    }
    if keys.usable.is_empty() {
        return Err(first.unwrap_or_else(|| Error::usage("there is no key in it")));
    }
    keys.skipped.truncate(TOLD);
    Ok(keys)
}

fn recipient(text: &str) -> Result<String> {
    if !text.starts_with("ssh-") && !text.starts_with("ecdsa-") && !text.starts_with("sk-") {
        return parse_recipient(text)
            .map_err(|why| why.hint("a recipient is age1…, ssh-ed25519 AAAA… or ssh-rsa AAAA…"));
    }
    let key = SshPublicKey::parse(text)?;
    let kind = key.kind();
    if !["ssh-ed25519", "ssh-rsa"].contains(&kind.as_str()) {
        return Err(Error::usage(format!(
            "a key of type {kind}, which nothing can be encrypted to"
        ))
        .hint("age1…, ssh-ed25519 and ssh-rsa keys can be encrypted to"));
    }
    Ok(key.to_openssh())
}

/// The keys in `text` that a contact's documents can be signed with: Ed25519 keys, also from an
/// `allowed_signers` file. One that is narrowed there is left out: a contact's key counts for all
/// that they sign, and for good.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when there is none.
pub fn signers(text: &str) -> Result<ReadKeys> {
    if text.contains("PRIVATE KEY") {
        // It says so without repeating it.
        SshPublicKey::parse(text)?;
    }
    let signers = parse_signers(text, &TimeZone::UTC)?;
    let (usable, narrowed): (Vec<_>, Vec<_>) =
        (signers.into_iter()).partition(AllowedSigner::is_unlimited);
    let skipped: Vec<String> = (narrowed.into_iter())
        .map(|it| {
            format!(
                "{} is narrowed to namespaces or dates, which a contact's key cannot be",
                it.signer
            )
        })
        .collect();
    match skipped.first() {
        Some(why) if usable.is_empty() => {
            Err(Error::usage(why.clone()).hint("give the key itself: ssh-ed25519 AAAA…"))
        }
        _ => Ok(ReadKeys {
            usable: usable.iter().map(|it| it.signer.to_openssh()).collect(),
            skipped,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::{recipients, signers};
    use crate::crypto::{AgeIdentity, SigningKey};
    use crate::error::Kind;

    const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHwf2HMM5TRXvo2SQJjsNkiDD5KqiiNjrGVv3UUh+mMT5RHxiRtOnlqvjhQtBq0VpmpCV/PwUdhOig4vkbqAcEc=";

    #[test]
    fn a_file_of_keys_gives_those_that_can_be_used() {
        let ssh = SigningKey::generate().signer().to_openssh();
        let age = AgeIdentity::generate().recipient();
        let text = format!("# bob\n{ECDSA}\n\n{ssh} bob@laptop\n{age}\r\n{ssh}\n");
        let keys = recipients(&text).unwrap();
        assert_eq!(keys.usable, [ssh.clone(), age]);
        assert_eq!(keys.skipped.len(), 1);
        assert!(keys.skipped[0].starts_with("line 2: a key of type ecdsa"));
        assert_eq!(signers(&text).unwrap().usable, [ssh]);
    }

    #[test]
    fn a_key_that_is_narrowed_is_left_out() {
        let [one, two] = [(); 2].map(|()| SigningKey::generate().signer().to_openssh());
        let narrow = format!("bob valid-before=\"20200101\" {one}\n");
        let keys = signers(&format!("{narrow}bob {two}\n")).unwrap();
        assert_eq!((keys.usable, keys.skipped.len()), (vec![two], 1));
        assert_eq!(signers(&narrow).unwrap_err().kind(), Kind::Usage);
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        let secret = AgeIdentity::generate().secret();
        let pem = SigningKey::generate().to_openssh_pem().unwrap();
        for bad in [
            "",
            "# nothing\n",
            "age1x",
            ECDSA,
            secret.expose(),
            pem.expose(),
        ] {
            for why in [recipients(bad).unwrap_err(), signers(bad).unwrap_err()] {
                assert_eq!(why.kind(), Kind::Usage);
                let told = format!("{why:?}");
                let start = bad.get(..30).unwrap_or("never");
                assert!(!told.contains(start), "{told}");
            }
        }
    }
}
