//! Rotation: a new secret in step with the site that it opens.
//!
//! A rotation that has begun keeps its new secret as *pending*: it is stored, and not handed out
//! as the current one until someone says that the site has it. Given up, it stays in the history
//! like any other version. What is due follows from the entry; nothing about it is stored.

use jiff::Timestamp;
use uuid::Uuid;

use super::changes::check_text;
use super::entry::{Entry, Slot, Version};
use super::limits::{FIELD_BYTES, SECRET_BYTES};
use super::name::EntryPath;
use super::secret::Secret;
use super::vault::{Author, Vault, write};
use crate::error::{Error, Result};

/// The reason of a version that has no other.
const REASON: &str = "rotate";

/// A new secret, and why there is one.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// The new secret.
    pub secret: Secret,
    /// Why, in a person's words.
    pub reason: Option<String>,
}

impl Replacement {
    /// What the version will say about why it is there.
    fn reason(&self) -> String {
        match &self.reason {
            Some(reason) => format!("{REASON}: {reason}"),
            None => REASON.to_owned(),
        }
    }
}

/// A version of a secret, by id and by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Which {
    /// The record's id.
    pub id: Uuid,
    /// What people call it.
    pub number: u32,
}

impl From<&Version> for Which {
    fn from(version: &Version) -> Self {
        Self {
            id: version.id,
            number: version.number,
        }
    }
}

/// Why a rotation is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The entry says how often, and that was then.
    Rule(Timestamp),
    /// The credential ended then.
    Expired(Timestamp),
}

impl Entry {
    /// Refuses a new secret while another waits for the site.
    ///
    /// # Errors
    /// [`crate::error::Kind::Conflict`].
    pub fn check_settled(&self, path: &EntryPath) -> Result<()> {
        let Some(pending) = self.pending() else {
            return Ok(());
        };
        Err(Error::conflict(format!(
            "a rotation of {path} is pending: version {}",
            pending.number
        ))
        .hint(settle(path)))
    }

    /// Refuses what cannot be rotated: an entry without a secret, or one whose rotation has begun.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], [`crate::error::Kind::Conflict`].
    pub fn check_rotatable(&self, path: &EntryPath) -> Result<()> {
        if self.current("secret").is_none() {
            return Err(Error::not_found(format!("{path} has no secret to rotate"))
                .hint(format!("give it one: vault edit {path} --secret")));
        }
        self.check_settled(path)
    }

    /// Why its secret is due to be rotated, if it is. One that was replaced since the entry
    /// expired is not due again for that.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Option<Why> {
        let since = self.current("secret")?.in_use_since();
        let rule = self.rotation_due().filter(|due| *due <= now);
        let end = self.expires.value().copied();
        let end = end.filter(|end| *end <= now && since <= *end);
        rule.map(Why::Rule).or(end.map(Why::Expired))
    }

    fn check_new(&self, path: &EntryPath, new: &Replacement) -> Result<()> {
        self.check_rotatable(path)?;
        check_text("secret", new.secret.expose(), SECRET_BYTES)?;
        if let Some(reason) = &new.reason {
            check_text("reason", reason, FIELD_BYTES)?;
        }
        let mut used = (self.history("secret")).filter(|v| v.aborted.value().is_none());
        match used.find(|version| *version.secret() == new.secret) {
            Some(used) => Err(Error::usage(format!(
                "that is no new secret: {path} has or had it, as version {}",
                used.number
            ))
            .hint("--generate makes a new one")),
            None => Ok(()),
        }
    }

    /// The pending version, for settling it.
    fn to_settle(&self, path: &EntryPath) -> Result<Which> {
        let pending = self.pending().ok_or_else(|| none_pending(path))?;
        Ok(pending.into())
    }

    fn version_mut(&mut self, id: Uuid) -> Option<&mut Version> {
        self.versions.iter_mut().find(|version| version.id == id)
    }
}

impl Vault {
    /// Gives an entry a new secret that its site knows already; the old one stays.
    ///
    /// # Errors
    /// As [`Entry::check_rotatable`]; [`crate::error::Kind::Usage`] for a secret that is not new.
    pub fn rotate(
        &mut self,
        path: &EntryPath,
        new: Replacement,
        author: &Author<'_>,
    ) -> Result<Which> {
        let stamp = self.seen.next(author.device);
        let entry = self.entry_mut(path)?;
        entry.check_new(path, &new)?;
        let reason = new.reason();
        entry.store(&Slot::Secret, new.secret, &write(stamp, author, &reason));
        entry.updated = Some(author.now);
        let id = entry.id;
        let which = entry
            .current("secret")
            .map(Which::from)
            .ok_or_else(|| none_pending(path))?;
        self.record_rotation(id, "done", which, author);
        Ok(which)
    }

    /// Keeps a new secret as pending. With `shown` the log has it as revealed.
    ///
    /// # Errors
    /// As [`Self::rotate`].
    pub fn begin_rotation(
        &mut self,
        path: &EntryPath,
        new: Replacement,
        shown: bool,
        author: &Author<'_>,
    ) -> Result<Which> {
        let stamp = self.seen.next(author.device);
        let entry = self.entry_mut(path)?;
        entry.check_new(path, &new)?;
        let reason = new.reason();
        let version = entry.keep(&Slot::Secret, new.secret, &write(stamp, author, &reason));
        entry.pending.set(stamp, Some(version));
        entry.updated = Some(author.now);
        let which = entry.to_settle(path)?;
        let id = entry.id;
        self.record_rotation(id, "begin", which, author);
        if shown {
            self.record(author, "reveal", vec![id], |event| {
                event.with("what", "secret").with("version", which.number)
            });
        }
        Ok(which)
    }

    /// Makes the pending secret the current one: the site has it. With `only`, none but that.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] when nothing is pending, [`crate::error::Kind::Conflict`]
    /// when it is another, or when two devices each began a rotation.
    pub fn confirm_rotation(
        &mut self,
        path: &EntryPath,
        only: Option<Which>,
        author: &Author<'_>,
    ) -> Result<Which> {
        let stamp = self.seen.next(author.device);
        let entry = self.entry_mut(path)?;
        let which = entry.to_settle(path)?;
        if only.is_some_and(|only| only != which) {
            return Err(Error::conflict(format!(
                "another rotation of {path} was begun meanwhile: version {}",
                which.number
            ))
            .hint(settle(path)));
        }
        if entry.pending.in_conflict() {
            return Err(Error::conflict(format!(
                "two devices each began a rotation of {path}"
            ))
            .hint(format!(
                "both secrets are in its history; vault rotate {path} --abort, then begin again"
            )));
        }
        if let Some(version) = entry.version_mut(which.id) {
            version.promoted.set(stamp, Some(author.now));
        }
        let current = entry.current.entry("secret".into()).or_default();
        current.set(stamp, Some(which.id));
        entry.pending.set(stamp, None);
        entry.updated = Some(author.now);
        let id = entry.id;
        self.record_rotation(id, "confirm", which, author);
        Ok(which)
    }

    /// Gives the pending secret up; it stays in the history.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] when nothing is pending.
    pub fn abort_rotation(&mut self, path: &EntryPath, author: &Author<'_>) -> Result<Which> {
        let stamp = self.seen.next(author.device);
        let entry = self.entry_mut(path)?;
        let which = entry.to_settle(path)?;
        if let Some(version) = entry.version_mut(which.id) {
            version.aborted.set(stamp, Some(author.now));
        }
        entry.pending.set(stamp, None);
        entry.updated = Some(author.now);
        let id = entry.id;
        self.record_rotation(id, "abort", which, author);
        Ok(which)
    }

    /// What is due, sorted by path, of one client or of all.
    ///
    /// # Errors
    /// As [`Vault::live`]; [`crate::error::Kind::Integrity`] for an entry without a valid path.
    pub fn due(&self, client: Option<Uuid>, now: Timestamp) -> Result<Vec<(EntryPath, Why)>> {
        let mut due = Vec::new();
        for (path, entry) in self.live()? {
            let wanted = client.is_none() || entry.client.get() == client.as_ref();
            if let Some(why) = entry.due(now).filter(|_| wanted) {
                let path = path
                    .parse()
                    .map_err(|_| Error::integrity(format!("{} has no valid path", entry.id)))?;
                due.push((path, why));
            }
        }
        Ok(due)
    }

    fn record_rotation(&mut self, entry: Uuid, phase: &str, which: Which, author: &Author<'_>) {
        self.record(author, "rotate", vec![entry], |event| {
            event.with("phase", phase).with("version", which.number)
        });
    }
}

/// Says that there is no rotation to settle.
#[must_use]
pub fn none_pending(path: &EntryPath) -> Error {
    Error::not_found(format!("no rotation of {path} is pending"))
        .hint(format!("begin one: vault rotate {path} --begin --generate"))
}

/// How a pending rotation goes on.
#[must_use]
pub fn settle(path: &EntryPath) -> String {
    format!(
        "when the site has it: vault rotate {path} --confirm; if it never will: vault rotate {path} --abort"
    )
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::{Replacement, Why};
    use crate::error::Kind;
    use crate::model::access::Access;
    use crate::model::cell::DeviceId;
    use crate::model::changes::Changes;
    use crate::model::check;
    use crate::model::entry::{Entry, Slot};
    use crate::model::kdf::KdfParams;
    use crate::model::name::EntryPath;
    use crate::model::secret::Secret;
    use crate::model::vault::{Author, Identity, Vault};

    fn secret(text: &str) -> Secret {
        Secret::new(text.into())
    }

    fn new(text: &str) -> Replacement {
        Replacement {
            secret: secret(text),
            reason: None,
        }
    }

    fn author(device: u8, now: &str) -> Author<'static> {
        Author {
            device: DeviceId::from_random([device; 8]),
            now: time(now),
            new_id: &Uuid::new_v4,
        }
    }

    fn time(text: &str) -> Timestamp {
        format!("{text}T00:00:00Z").parse().unwrap()
    }

    fn path() -> EntryPath {
        "acme/wp".parse().unwrap()
    }

    /// A vault with one entry, made on the first of January, to be rotated every 90 days.
    fn vault() -> Vault {
        let access = Access {
            salt: [0; 16],
            kdf: KdfParams::default(),
            key_file: false,
        };
        let identity = Identity {
            age: secret("-"),
            signing: secret("-"),
            journal: secret("-"),
        };
        let author = author(1, "2026-01-01");
        let mut vault = Vault::new(Uuid::new_v4(), access, identity, &author);
        let changes = Changes {
            secrets: vec![(Slot::Secret, secret("one"))],
            rotate_every: Some("90d".parse().unwrap()),
            ..Changes::default()
        };
        vault.add(&path(), changes, &author).unwrap();
        vault
    }

    fn entry(vault: &Vault) -> &Entry {
        vault.entry(&path()).unwrap()
    }

    fn current(vault: &Vault) -> &str {
        entry(vault).current("secret").unwrap().secret().expose()
    }

    fn whole(vault: &Vault) -> bool {
        // As it would be read again.
        let vault = Vault::decode(&vault.encode(0).unwrap()).unwrap();
        check::all(&vault).iter().all(|check| check.outcome.is_ok())
    }

    #[test]
    fn a_pending_secret_is_current_once_it_is_confirmed() {
        let mut vault = vault();
        let at = author(1, "2026-02-01");
        vault
            .begin_rotation(&path(), new("two"), false, &at)
            .unwrap();
        assert_eq!(current(&vault), "one");
        assert_eq!(entry(&vault).flags(at.now), ["pending"]);
        assert!(whole(&vault));
        vault.confirm_rotation(&path(), None, &at).unwrap();
        assert_eq!(current(&vault), "two");
        assert!(entry(&vault).pending().is_none());
        assert!(entry(&vault).flags(at.now).is_empty());
        assert!(whole(&vault));
    }

    #[test]
    fn an_aborted_secret_stays_in_the_history_and_may_be_used_after_all() {
        let mut vault = vault();
        let at = author(1, "2026-02-01");
        vault
            .begin_rotation(&path(), new("two"), false, &at)
            .unwrap();
        vault.abort_rotation(&path(), &at).unwrap();
        assert_eq!(current(&vault), "one");
        let aborted = entry(&vault).version("secret", 2).next().unwrap();
        assert_eq!(aborted.secret().expose(), "two");
        assert_eq!(aborted.aborted.value(), Some(&at.now));
        assert!(whole(&vault));
        let which = vault.rotate(&path(), new("two"), &at).unwrap();
        assert_eq!((which.number, current(&vault)), (3, "two"));
    }

    #[test]
    fn a_secret_that_was_in_use_is_no_new_one() {
        let mut vault = vault();
        let at = author(1, "2026-02-01");
        vault.rotate(&path(), new("two"), &at).unwrap();
        for used in ["one", "two"] {
            let error = vault.rotate(&path(), new(used), &at).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(!error.message().contains(used), "{error:?}");
        }
        assert_eq!(current(&vault), "two");
    }

    #[test]
    fn nothing_replaces_the_secret_while_a_rotation_is_pending() {
        let mut vault = vault();
        let at = author(1, "2026-02-01");
        vault
            .begin_rotation(&path(), new("two"), false, &at)
            .unwrap();
        let change = |slot| Changes {
            secrets: vec![(slot, secret("x"))],
            ..Changes::default()
        };
        let refused = [
            vault
                .begin_rotation(&path(), new("x"), false, &at)
                .map(drop),
            vault.rotate(&path(), new("x"), &at).map(drop),
            vault.edit(&path(), change(Slot::Secret), &at).map(drop),
        ];
        for outcome in refused {
            assert_eq!(outcome.unwrap_err().kind(), Kind::Conflict);
        }
        assert_eq!(entry(&vault).versions.len(), 2);
        let field = Slot::Field("pin".parse().unwrap());
        vault.edit(&path(), change(field), &at).unwrap();
    }

    #[test]
    fn a_rotation_counts_from_the_day_it_was_confirmed() {
        let mut vault = vault();
        assert_eq!(entry(&vault).due(time("2026-03-31")), None);
        let due = Some(Why::Rule(time("2026-04-01")));
        assert_eq!(entry(&vault).due(time("2026-04-01")), due);
        let begun = author(1, "2026-04-02");
        vault
            .begin_rotation(&path(), new("two"), false, &begun)
            .unwrap();
        assert_eq!(entry(&vault).due(begun.now), due, "pending is not done");
        let confirmed = author(1, "2026-05-01");
        vault.confirm_rotation(&path(), None, &confirmed).unwrap();
        assert_eq!(entry(&vault).due(time("2026-07-29")), None);
        assert!(entry(&vault).due(time("2026-07-30")).is_some());
    }

    #[test]
    fn an_expired_entry_is_due_until_it_is_rotated() {
        let mut vault = vault();
        let changes = Changes {
            expires: Some(time("2026-02-01")),
            ..Changes::default()
        };
        vault
            .edit(&path(), changes, &author(1, "2026-01-02"))
            .unwrap();
        let due = vault.due(None, time("2026-02-02")).unwrap();
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].1, Why::Expired(time("2026-02-01")));
        vault
            .rotate(&path(), new("two"), &author(1, "2026-02-02"))
            .unwrap();
        assert!(vault.due(None, time("2026-02-03")).unwrap().is_empty());
    }

    #[test]
    fn what_is_confirmed_is_what_was_asked_about() {
        let mut vault = vault();
        let at = author(1, "2026-02-01");
        let mine = vault
            .begin_rotation(&path(), new("two"), false, &at)
            .unwrap();
        vault.abort_rotation(&path(), &at).unwrap();
        vault
            .begin_rotation(&path(), new("three"), false, &at)
            .unwrap();
        let error = vault
            .confirm_rotation(&path(), Some(mine), &at)
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict);
        assert_eq!(current(&vault), "one");
    }

    #[test]
    fn two_devices_that_each_began_one_have_to_begin_again() {
        let mut here = vault();
        let mut there = here.clone();
        let at = author(1, "2026-02-01");
        here.begin_rotation(&path(), new("two"), false, &at)
            .unwrap();
        there
            .begin_rotation(&path(), new("zwei"), false, &author(2, "2026-02-01"))
            .unwrap();
        let (other, other_seen) = (entry(&there).clone(), there.seen.clone());
        let seen = here.seen.clone();
        let entry_here = here.entry_mut(&path()).unwrap();
        entry_here.pending = entry_here.pending.merge(&seen, &other.pending, &other_seen);
        entry_here
            .versions
            .extend(other.versions.into_iter().skip(1));
        here.seen = seen.merge(&other_seen);
        assert!(entry(&here).flags(at.now).contains(&"conflict"));
        let error = here.confirm_rotation(&path(), None, &at).unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict);
        here.abort_rotation(&path(), &at).unwrap();
        assert_eq!(entry(&here).history("secret").count(), 3, "nothing is lost");
        here.begin_rotation(&path(), new("three"), false, &at)
            .unwrap();
    }

    #[test]
    fn a_pending_version_that_is_not_there_is_found() {
        let mut vault = vault();
        let at = author(1, "2026-02-01");
        vault
            .begin_rotation(&path(), new("two"), false, &at)
            .unwrap();
        vault.entry_mut(&path()).unwrap().versions.pop();
        assert!(!whole(&vault));
    }
}
