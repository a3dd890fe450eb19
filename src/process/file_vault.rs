//! `FileVault`, which encrypts the disk of a Mac.

use super::child::child;

/// Where macOS has its program.
const PROGRAM: &str = "/usr/bin/fdesetup";

/// Whether it is on.
///
/// # Errors
/// Why that is not known.
pub fn is_on() -> Result<bool, String> {
    let status = child(PROGRAM).arg("isactive").output();
    status
        .map(|output| output.status.success())
        .map_err(|why| format!("cannot run {PROGRAM}: {why}"))
}
