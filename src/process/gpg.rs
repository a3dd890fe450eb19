//! `GnuPG`, for stores of pass: it asks for its own passphrases, through its agent.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use zeroize::Zeroizing;

use super::child::{child, read_while_it_runs};
use crate::error::{Error, Result};

/// What is repeated of what gpg says, in characters.
const SAID_CHARS: usize = 200;

/// What a file holds, at most `limit` bytes of it.
///
/// # Errors
/// [`crate::error::Kind::Failed`] when gpg is not there or cannot decrypt it.
pub fn decrypt(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>> {
    let mut gpg = child("gpg");
    gpg.args(["--batch", "--quiet", "--decrypt", "--"])
        .arg(path);
    gpg.stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = gpg
        .spawn()
        .map_err(|why| Error::failed(format!("cannot start gpg: {why}")).hint("install GnuPG"))?;
    let mut content = Zeroizing::new(Vec::with_capacity(4 << 10));
    let read = read_while_it_runs(&mut child, |bytes| {
        content.extend_from_slice(bytes);
        content.len() as u64 <= limit
    });
    if !matches!(read, Ok(true)) {
        let _ = child.kill();
    }
    let status = child.wait();
    if matches!(read, Ok(true)) && status.is_ok_and(|status| status.success()) {
        return Ok(content);
    }
    Err(Error::failed("gpg cannot decrypt it")
        .hint("see why: gpg --decrypt FILE; its agent has to have the key"))
}

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
