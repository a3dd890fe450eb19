//! `GnuPG`, for stores of pass: it asks for its own passphrases, through its agent.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use zeroize::Zeroizing;

use super::child::{ChildOutput, child, read_while_it_runs};
use crate::error::{Error, Result};

/// What is repeated of what gpg says, in characters.
const SAID_CHARS: usize = 200;

/// What gpg may say of a file, in bytes.
const STATUS_BYTES: usize = 64 << 10;

/// What an encrypted file holds, at most `limit` bytes of it. It has to be whole: gpg ends well on
/// many a torn file, and on one that was never encrypted.
///
/// # Errors
/// [`crate::error::Kind::Failed`] when gpg is not there or cannot decrypt it.
pub fn decrypt(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>> {
    let mut gpg = child("gpg");
    // On stderr is nothing but the lines of its status (GnuPG's doc/DETAILS).
    gpg.args(["--batch", "--quiet", "--status-fd", "2"])
        .args(["--logger-file", "/dev/null", "--decrypt", "--"])
        .arg(path);
    gpg.stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = gpg
        .spawn()
        .map_err(|why| Error::failed(format!("cannot start gpg: {why}")).hint("install GnuPG"))?;
    let mut content = Zeroizing::new(Vec::with_capacity(4 << 10));
    let mut status = Vec::new();
    let read = read_while_it_runs(&mut child, |stream, bytes| {
        if stream == ChildOutput::Errors {
            status.extend_from_slice(bytes);
        } else {
            content.extend_from_slice(bytes);
        }
        content.len() as u64 <= limit && status.len() <= STATUS_BYTES
    });
    if !matches!(read, Ok(true)) {
        let _ = child.kill();
    }
    let ended = child.wait();
    if !matches!(read, Ok(true)) || !ended.is_ok_and(|ended| ended.success()) {
        return Err(Error::failed("gpg cannot decrypt it")
            .hint("see why: gpg --decrypt FILE; its agent has to have the key"));
    }
    if !is_decrypted(&String::from_utf8_lossy(&status)) {
        return Err(Error::failed(
            "it is torn, or was not encrypted: gpg does not say that it is whole",
        )
        .hint("see what is in it: gpg --list-packets FILE"));
    }
    Ok(content)
}

/// Whether gpg says that it has decrypted one text, and that this is whole.
fn is_decrypted(status: &str) -> bool {
    let words: Vec<&str> = (status.lines())
        .filter_map(|line| line.strip_prefix("[GNUPG:] ")?.split(' ').next())
        .filter(|word| EXPECTED.contains(word))
        .collect();
    words == EXPECTED
}

/// What gpg says of a file that is decrypted and whole, in this order, among other things.
const EXPECTED: [&str; 4] = [
    "BEGIN_DECRYPTION",
    "PLAINTEXT",
    "DECRYPTION_OKAY",
    "GOODMDC",
];

/// Encrypts `content` to the keys of `recipients`, into `to`. Gives what gpg says if it fails.
///
/// # Errors
/// [`crate::error::Kind::Failed`] when gpg is not there.
pub fn encrypt(content: &[u8], recipients: &[String], to: Stdio) -> Result<Option<String>> {
    let mut gpg = child("gpg");
    gpg.args(["--batch", "--quiet", "--no-encrypt-to"]);
    gpg.args(["--compress-algo", "none"]);
    for recipient in recipients {
        gpg.args(["--recipient", recipient]);
    }
    gpg.arg("--encrypt");
    gpg.stdin(Stdio::piped()).stdout(to).stderr(Stdio::piped());
    let failed = |why| Error::failed(format!("cannot run gpg: {why}")).hint("install GnuPG");
    let mut child = gpg.spawn().map_err(failed)?;
    if let Some(mut pipe) = child.stdin.take() {
        // Where it does not read to the end, it says why.
        let _ = pipe.write_all(content);
    }
    let output = child.wait_with_output().map_err(failed)?;
    let said = String::from_utf8_lossy(&output.stderr);
    // The reason stands before the failure.
    let lines: Vec<&str> = said
        .lines()
        .map(|line| line.trim_start_matches("gpg: "))
        .collect();
    let last = lines
        .get(lines.len().saturating_sub(2)..)
        .unwrap_or_default();
    let said = last.join("; ").chars().take(SAID_CHARS).collect();
    Ok((!output.status.success()).then_some(said))
}
