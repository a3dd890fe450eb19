//! What every program that is started from here has in common.

use std::process::Command;

/// Keeps the `VAULT_PASSWORD…` variables from a child.
pub(super) fn without_passwords(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"VAULT_PASSWORD") {
            command.env_remove(name);
        }
    }
}
