//! The SSH keys that a vault has: secrets and attached files that are private keys.

use jiff::Timestamp;

use crate::crypto::keys::ssh_login_key::{SshKeyProblem, SshLoginKey};
use crate::error::Result;
use crate::model::entry::field::SECRET;
use crate::model::records::entry::Entry;
use crate::model::text::limits::SSH_LOGIN_KEY_BYTES;
use crate::model::text::name::{ClientSlug, EntryPath};
use crate::store::gate::RevealedItem;
use crate::store::session::Session;

/// A private key of the vault.
pub(super) struct KeyOffer<'a> {
    /// Where it is.
    pub(super) path: EntryPath,
    pub(super) entry: &'a Entry,
    /// The name of the attached file; none for the entry's secret.
    pub(super) file: Option<String>,
    /// The key, or why it is not used.
    pub(super) key: Result<SshLoginKey, SshKeyProblem>,
}

impl KeyOffer<'_> {
    /// What it is called.
    pub(super) fn name(&self) -> String {
        match &self.file {
            Some(file) => format!("{}#{file}", self.path),
            None => self.path.to_string(),
        }
    }

    /// What is used of the entry; none where that has changed meanwhile.
    pub(super) fn item(&self) -> Option<RevealedItem<'_>> {
        let (path, entry) = (&self.path, self.entry);
        if let Some(file) = &self.file {
            let file = entry.attachment(file)?;
            return Some(RevealedItem::attachment(path, entry, file));
        }
        let version = entry.current(SECRET)?;
        Some(RevealedItem::version(path, entry, version))
    }
}

/// The private keys of a client's entries, or of all, those in the trash aside.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub(super) fn key_offers<'a>(
    session: &'a Session,
    client: Option<&ClientSlug>,
) -> Result<Vec<KeyOffer<'a>>> {
    let mut offers = Vec::new();
    for (path, entry) in session.vault().live()? {
        let Ok(path) = path.parse::<EntryPath>() else {
            continue;
        };
        if client.is_some_and(|client| client != path.client()) {
            continue;
        }
        let new = |file: Option<String>, text: &str| KeyOffer {
            path: path.clone(),
            entry,
            file,
            key: SshLoginKey::parse(text),
        };
        if let Some(version) = entry.current(SECRET) {
            let text = version.secret().expose();
            if SshLoginKey::is_private_key(text) {
                offers.push(new(None, text));
            }
        }
        for file in entry.attached() {
            if file.size > SSH_LOGIN_KEY_BYTES as u64 {
                continue;
            }
            // One that is damaged keeps no other from being used; verify tells of it.
            let Ok(bytes) = file.bytes() else { continue };
            let text = std::str::from_utf8(&bytes).unwrap_or_default();
            if SshLoginKey::is_private_key(text) {
                offers.push(new(Some(file.name.clone()), text));
            }
        }
    }
    Ok(offers)
}

/// Of these, those that may be used at `now`: what came with a share that has ended is not offered.
///
/// # Errors
/// As [`key_offers`].
pub(super) fn usable<'a>(
    session: &Session,
    offers: Vec<KeyOffer<'a>>,
    now: Timestamp,
) -> Result<Vec<KeyOffer<'a>>> {
    parted(session, offers, now).map(|(usable, _)| usable)
}

/// Those that may be used, or where there is none, those that may not: so that it is told.
///
/// # Errors
/// As [`key_offers`].
pub(super) fn usable_first<'a>(
    session: &Session,
    offers: Vec<KeyOffer<'a>>,
    now: Timestamp,
) -> Result<Vec<KeyOffer<'a>>> {
    let (usable, ended) = parted(session, offers, now)?;
    Ok(if usable.is_empty() { ended } else { usable })
}

type PartedOffers<'a> = (Vec<KeyOffer<'a>>, Vec<KeyOffer<'a>>);

fn parted<'a>(
    session: &Session,
    offers: Vec<KeyOffer<'a>>,
    now: Timestamp,
) -> Result<PartedOffers<'a>> {
    if offers.iter().all(|offer| offer.entry.received.is_none()) {
        return Ok((offers, Vec::new()));
    }
    let now = session.no_earlier_than_log(now)?;
    let vault = session.vault();
    let is_usable = |offer: &KeyOffer<'_>| vault.check_usable(offer.entry, now).is_ok();
    Ok(offers.into_iter().partition(is_usable))
}
