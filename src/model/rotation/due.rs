//! Why an entry is due to be rotated.

use jiff::Timestamp;
use uuid::Uuid;

use super::compromised::Compromise;
use super::exposure::{Exposure, Exposures};
use crate::error::{Error, Result};
use crate::model::records::entry::Entry;
use crate::model::text::name::EntryPath;
use crate::model::vault::Vault;

/// Why a rotation is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueReason {
    /// Somebody may know it who may not use it.
    Exposed(Exposure),
    /// It stands in a list of leaked secrets, or an incident reaches it.
    Compromised(Compromise),
    /// The entry says how often, and that was then.
    Rule(Timestamp),
    /// The credential ended then.
    Expired(Timestamp),
}

/// An entry that is due to be rotated.
#[derive(Clone, Debug)]
pub struct DueEntry {
    /// Its id.
    pub id: Uuid,
    /// Its path.
    pub path: EntryPath,
    /// Why it is due.
    pub why: DueReason,
}

impl Exposures {
    /// Why an entry is due to be rotated, if it is: what others may know comes first.
    pub fn due(&self, entry: &Entry, now: Timestamp) -> Option<DueReason> {
        let exposed = self
            .of(entry)
            .first()
            .map(|(_, how)| DueReason::Exposed(*how));
        let compromised = self.compromises.of_any(entry).map(DueReason::Compromised);
        exposed.or(compromised).or_else(|| entry.due(now))
    }
}

impl Entry {
    /// Why its secret is due to be rotated by what the entry itself says, if it is. One that was
    /// replaced since the entry expired is not due again for that.
    pub fn due(&self, now: Timestamp) -> Option<DueReason> {
        let since = self.current("secret")?.in_use_since();
        let rule = self.rotation_due().filter(|due| *due <= now);
        let end = self.expires.value().copied();
        let end = end.filter(|end| *end <= now && since <= *end);
        rule.map(DueReason::Rule).or(end.map(DueReason::Expired))
    }
}

impl Vault {
    /// What is due, sorted by path, of one client or of all. In the trash, only what somebody may
    /// know who may not use it is: it works at the site as before.
    ///
    /// # Errors
    /// As [`Vault::live`]; [`crate::error::Kind::Integrity`] for an entry without a valid path.
    pub fn due(&self, client: Option<Uuid>, now: Timestamp) -> Result<Vec<DueEntry>> {
        let exposures = self.exposures(now)?;
        let mut due = Vec::new();
        for (path, entry) in self.entries_by_path(|_| true)? {
            let wanted = client.is_none() || entry.client.get() == client.as_ref();
            let why = exposures.due(entry, now).filter(|_| wanted);
            let counts = |why: &DueReason| {
                !entry.is_removed()
                    || matches!(why, DueReason::Exposed(_) | DueReason::Compromised(_))
            };
            if let Some(why) = why.filter(counts) {
                let path = path
                    .parse()
                    .map_err(|_| Error::integrity(format!("{} has no valid path", entry.id)))?;
                let id = entry.id;
                due.push(DueEntry { id, path, why });
            }
        }
        Ok(due)
    }
}
