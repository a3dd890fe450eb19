//! Detached signatures that people make with `ssh-keygen -Y sign` (PROTOCOL.sshsig of OpenSSH), by
//! every kind of key that [`SshPublicKey`] knows.

use ssh_key::{Algorithm, LineEnding, PublicKey, SshSig};

use super::ed25519::Signer;
use super::ssh_public::SshPublicKey;
use crate::error::{Error, Kind, Result};

/// The version that OpenSSH writes, and takes alone.
const VERSION: u32 = 1;

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
/// Characters in a line of OpenSSH's armour.
const WIDTH: usize = 70;

/// A signature that is good, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The key that made it.
    pub key: SshPublicKey,
    /// The signature itself, armoured as OpenSSH does.
    pub signature: String,
}

/// Checks an armoured SSH signature over `message` in `namespace`, and gives the key that made it.
/// Whether that key is trusted is for the caller to say.
///
/// # Errors
/// [`crate::error::Kind::Integrity`], with the reason, when it is no such signature.
pub fn verify(armoured: &str, namespace: &str, message: &[u8]) -> Result<Verified> {
    let (signature, text) = parse(armoured).ok_or_else(|| {
        Error::integrity("that is no SSH signature")
            .hint("it is the file that ends in .sig and begins with BEGIN SSH SIGNATURE")
    })?;
    if signature.namespace() != namespace {
        // Not repeated: it is a text of whoever made the file.
        return Err(Error::integrity(format!(
            "the signature was not made for {namespace}, and is good for something else only"
        ))
        .hint(format!(
            "it is made with: ssh-keygen -Y sign -n {namespace}"
        )));
    }
    let key = PublicKey::from(signature.public_key().clone());
    let key = SshPublicKey::try_from(key).map_err(|why| {
        Error::new(
            Kind::Integrity,
            format!("the signature says nothing: it is by {}", why.message()),
        )
    })?;
    if is_good(&key, &signature, namespace, message) {
        Ok(Verified {
            key,
            signature: text,
        })
    } else {
        Err(Error::integrity(
            "the signature is not good: it was made over another text, or it is damaged",
        ))
    }
}

/// The signature, and its one spelling. The decoder reads past lengths that do not fit and takes
/// version 0, at which `ssh-keygen` would stop: what is filed has to be good for both.
pub(crate) fn parse(armoured: &str) -> Option<(SshSig, String)> {
    let signature = SshSig::from_pem(in_usual_width(armoured)?).ok()?;
    let text = signature.to_pem(LineEnding::LF).ok()?;
    let visible = |text: &str| -> String { text.split_whitespace().collect() };
    let armoured = armoured.trim_start_matches('\u{feff}');
    let is_one = signature.version() == VERSION && visible(&text) == visible(armoured);
    is_one.then_some((signature, text))
}

/// The armour with lines of the width that the decoder insists on; `ssh-keygen` takes any.
fn in_usual_width(armoured: &str) -> Option<String> {
    let text = armoured.trim_start_matches('\u{feff}').trim();
    let inner = text.strip_prefix(BEGIN)?.strip_suffix(END)?;
    let base64: Vec<char> = inner.chars().filter(|c| !c.is_whitespace()).collect();
    let mut usual = format!("{BEGIN}\n");
    for line in base64.chunks(WIDTH) {
        usual.extend(line);
        usual.push('\n');
    }
    usual.push_str(END);
    Some(usual)
}

fn is_good(key: &SshPublicKey, signature: &SshSig, namespace: &str, message: &[u8]) -> bool {
    if signature.algorithm() != Algorithm::Ed25519 {
        return key.as_ssh().verify(namespace, message, signature).is_ok();
    }
    // By the strict rules, as everywhere here.
    let signer = Signer::parse_openssh(&key.to_openssh());
    let data = SshSig::signed_data(namespace, signature.hash_alg(), message);
    let bytes = <[u8; 64]>::try_from(signature.signature_bytes());
    match (signer, data, bytes) {
        (Ok(signer), Ok(data), Ok(bytes)) => signer.verify(&data, &bytes),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
