//! Keys that are trusted to have signed a vault, as `--signer` names them.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::crypto::{AllowedSigner, Signer, parse_signers};
use crate::error::{Error, Result};
use crate::model::text::limits::TEXT_FILE_BYTES;
use crate::model::text::text_file::without_mark;
use crate::store::disk::file::read_bounded;

/// The keys that `--signer` names: itself, or what a file holds.
pub fn trusted_signers(text: &str) -> Result<Vec<AllowedSigner>> {
    if text.starts_with("ssh-") {
        Signer::parse_openssh(text)?;
        return parse_signers(text, &TimeZone::UTC);
    }
    let path = Path::new(text);
    let bytes = read_bounded(path, TEXT_FILE_BYTES as u64).map_err(|why| {
        Error::usage(format!(
            "--signer is neither an OpenSSH public key nor a file of them: {why}"
        ))
        .hint("name a file of keys, or give the key itself in quotes")
    })?;
    let text = std::str::from_utf8(without_mark(&bytes))
        .map_err(|_| Error::usage(format!("{} is not a file of signers", path.display())))?;
    parse_signers(text, &TimeZone::system())
}

/// Refuses a signer who is not among those that are trusted, or only elsewhere or at other times.
pub fn check_trusted(
    signer: Signer,
    trusted: &[AllowedSigner],
    now: Timestamp,
    other: impl FnOnce(&str) -> Error,
) -> Result<()> {
    let is_it = |allowed: &&AllowedSigner| allowed.signer == signer;
    let whys: Option<Vec<String>> = (trusted.iter().filter(is_it))
        .map(|allowed| allowed.why_not(now))
        .collect();
    match whys.as_deref() {
        None => Ok(()),
        Some([]) => {
            let known = trusted.iter().map(|allowed| allowed.signer.fingerprint());
            Err(other(&known.collect::<Vec<_>>().join(" or ")))
        }
        Some(whys) => {
            let whys = whys.join("; ");
            Err(Error::integrity(format!(
                "the vault is signed by {signer}, and --signer says of it: {whys}"
            ))
            .hint("ask its owner for the key that signs it now"))
        }
    }
}
