//! The servers that a key is for, with their keys: those that its entry names, or those that the
//! user's and the system's files of known hosts have.

use std::path::PathBuf;

use crate::context::Context;
use crate::crypto::signing::known_hosts::{known_keys, known_name, named_keys};
use crate::error::Kind;
use crate::model::records::entry::Entry;
use crate::model::ssh::key_terms::{KeyBounds, KeyTerms};
use crate::model::text::limits::KNOWN_HOSTS_BYTES;
use crate::store::disk::file::read_bounded;

/// The user's files, below the home folder.
const USERS: [&str; 2] = [".ssh/known_hosts", ".ssh/known_hosts2"];
/// The system's.
const SYSTEMS: [&str; 2] = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];

/// The bounds of the keys of an entry.
pub(super) fn bounds_of(ctx: &Context, entry: &Entry) -> KeyBounds {
    let terms = KeyTerms::of(entry);
    if let Some(text) = &terms.host_keys {
        // What cannot be read is the key of no server.
        let named = named_keys(text).unwrap_or_default();
        return terms.with_host_keys(Some(&named), |_| Vec::new());
    }
    if terms.destinations.is_empty() {
        return terms.with_host_keys(None, |_| Vec::new());
    }
    let files = known_hosts(ctx);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    terms.with_host_keys(None, |it| known_keys(&files, &it.known_names()))
}

/// What the user calls the machine with this key; its fingerprint where nobody says.
pub(super) fn name_of(ctx: &Context, fingerprint: String) -> String {
    let files = known_hosts(ctx);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    known_name(&files, &fingerprint).unwrap_or(fingerprint)
}

/// The files of known hosts that are there.
fn known_hosts(ctx: &Context) -> Vec<String> {
    let home = dirs::home_dir();
    let users = home
        .iter()
        .flat_map(|home| USERS.map(|file| home.join(file)));
    let mut files = Vec::new();
    for path in users.chain(SYSTEMS.map(PathBuf::from)) {
        match read_bounded(&path, KNOWN_HOSTS_BYTES) {
            Ok(bytes) => files.push(String::from_utf8_lossy(&bytes).into_owned()),
            Err(why) if why.kind() == Kind::NotFound => {}
            Err(why) => ctx.warn(&format!("its hosts are not known here: {why}")),
        }
    }
    files
}
