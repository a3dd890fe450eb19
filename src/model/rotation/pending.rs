//! Rotation: a new secret in step with the site that it opens.
//!
//! A rotation that has begun keeps its new secret as *pending*: it is stored, and not handed out
//! as the current one until someone says that the site has it. Given up, it stays in the history
//! like any other version. What is due follows from the entry; nothing about it is stored.

use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::entry::use_only::PasswordProof;
use crate::model::records::cell::Stamp;
use crate::model::records::entry::{Entry, Version};
use crate::model::records::slot::Slot;
use crate::model::records::stamped::Stamped;
use crate::model::records::stamping::{Author, write};
use crate::model::text::limits::{FIELD_BYTES, SECRET_BYTES};
use crate::model::text::name::EntryPath;
use crate::model::text::quote::as_word;
use crate::model::text::secret::Secret;
use crate::model::text::text_rules::check_text;
use crate::model::vault::Vault;

/// The reason of a version that has no other.
const REASON: &str = "rotate";

/// A new secret, why there is one, and who gets it.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// The new secret.
    pub secret: Secret,
    /// Why, in a person's words.
    pub reason: Option<String>,
    /// Whether it may be one that the entry has had.
    pub again: bool,
    /// Who gets it when it is kept, which the log has.
    pub to: NewSecretTo,
}

/// Who gets a new secret when it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewSecretTo {
    /// Nobody: who gave it has it.
    Nobody,
    /// Whoever rotates: on the screen, in a pipe or on the clipboard. What is for use only goes there
    /// with a proof alone.
    Person(PasswordProof),
    /// The program of this name that changes it on the site.
    Program(String),
}

impl NewSecretTo {
    /// Whether somebody sees it.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        matches!(self, Self::Person(_))
    }
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
pub struct VersionRef {
    /// The record's id.
    pub id: Uuid,
    /// What people call it.
    pub number: u32,
}

impl From<&Version> for VersionRef {
    fn from(version: &Version) -> Self {
        Self {
            id: version.id,
            number: version.number,
        }
    }
}

impl Version {
    /// What made it, `add`, `edit`, `rotate`…, and why in a person's words where they gave a reason.
    #[must_use]
    pub fn origin(&self) -> (&str, Option<&str>) {
        match self.reason.split_once(": ") {
            Some((REASON, why)) => (REASON, Some(why)),
            _ => (&self.reason, None),
        }
    }
}

/// Refuses a reason that is too long, or holds control characters.
///
/// # Errors
/// [`crate::error::Kind::Usage`].
pub fn check_reason(reason: Option<&str>) -> Result<()> {
    reason.map_or(Ok(()), |reason| check_text("reason", reason, FIELD_BYTES))
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
                .hint(format!("give it one: vault edit {path:#} --secret")));
        }
        self.check_settled(path)
    }

    fn check_new(&self, path: &EntryPath, new: &Replacement) -> Result<()> {
        self.check_rotatable(path)?;
        if let NewSecretTo::Person(proof) = new.to {
            proof.check(path, self)?;
        }
        check_text("secret", new.secret.expose(), SECRET_BYTES)?;
        check_reason(new.reason.as_deref())?;
        self.check_unused(path, &Slot::Secret, &new.secret, new.again)
    }

    /// Refuses a secret that is not new: the entry has it, or, where it is its secret, has had it.
    /// A hidden field may go back to what it was, the secret with `again`; what others know stays
    /// flagged.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], with the version that has it.
    pub(crate) fn check_unused(
        &self,
        path: &EntryPath,
        slot: &Slot,
        new: &Secret,
        again: bool,
    ) -> Result<()> {
        let current = self.current(slot.as_str()).map(|version| version.id);
        let mut used = (self.history(slot.as_str())).filter(|version| {
            let counts = (*slot == Slot::Secret && !again) || current == Some(version.id);
            counts && version.aborted.value().is_none()
        });
        let same = |version: &&Version| slot.is_same(version.secret(), new);
        let Some(used) = used.find(same) else {
            return Ok(());
        };
        let number = used.number;
        Err(match slot {
            Slot::Secret => {
                let hint = "--generate makes a new one";
                Error::usage(format!(
                    "that is not a new secret: it is version {number} of {path}"
                ))
                .hint(match current {
                    Some(id) if id == used.id => hint.to_owned(),
                    _ => format!("{hint}; to go back to that one: vault rotate {path:#} --again"),
                })
            }
            _ => Error::usage(format!(
                "that is not a new {0}: {path} has it, as version {number} of {0}",
                slot.as_str()
            ))
            .hint(format!(
                "see its versions: vault history {path:#} --field {}",
                as_word(slot.as_str())
            )),
        })
    }

    /// The pending version, for settling it.
    fn to_settle(&self, path: &EntryPath) -> Result<VersionRef> {
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
    /// As [`Entry::check_rotatable`]; [`crate::error::Kind::Usage`] for a secret that is not new;
    /// [`crate::error::Kind::NeedsInput`] for one that is shown of what is for use only, without a
    /// proof.
    pub fn rotate(
        &mut self,
        path: &EntryPath,
        new: Replacement,
        author: &Author<'_>,
    ) -> Result<VersionRef> {
        let to = new.to.clone();
        let which = self.rotation(path, "done", author, |entry, stamp| {
            entry.check_new(path, &new)?;
            let reason = new.reason();
            entry.store(&Slot::Secret, new.secret, &write(stamp, author, &reason));
            let current = entry.current("secret").map(VersionRef::from);
            current.ok_or_else(|| none_pending(path))
        })?;
        self.record_handed(path, which, &to, author)?;
        Ok(which)
    }

    /// Keeps a new secret as pending.
    ///
    /// # Errors
    /// As [`Self::rotate`].
    pub fn begin_rotation(
        &mut self,
        path: &EntryPath,
        new: Replacement,
        author: &Author<'_>,
    ) -> Result<VersionRef> {
        let to = new.to.clone();
        let which = self.rotation(path, "begin", author, |entry, stamp| {
            entry.check_new(path, &new)?;
            let reason = new.reason();
            let version =
                entry.add_version(&Slot::Secret, new.secret, &write(stamp, author, &reason));
            entry.pending.set(stamp, Some(version));
            entry.to_settle(path)
        })?;
        self.record_handed(path, which, &to, author)?;
        Ok(which)
    }

    /// The log has who got a new secret.
    fn record_handed(
        &mut self,
        path: &EntryPath,
        which: VersionRef,
        to: &NewSecretTo,
        author: &Author<'_>,
    ) -> Result<()> {
        let (action, program) = match to {
            NewSecretTo::Nobody => return Ok(()),
            NewSecretTo::Person(_) => ("reveal", None),
            NewSecretTo::Program(name) => ("use", Some(name)),
        };
        let id = self.entry(path)?.id;
        self.record(author, action, vec![id], |event| {
            let event = event.with("what", "secret").with("version", which.number);
            match program {
                Some(name) => event.with("via", "rotate").with("program", name.as_str()),
                None => event,
            }
        });
        Ok(())
    }

    /// Makes the pending secret the current one: the site has it. With `only`, none but that.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] when nothing is pending, [`crate::error::Kind::Conflict`]
    /// when it is another, or when two devices each began a rotation.
    pub fn confirm_rotation(
        &mut self,
        path: &EntryPath,
        only: Option<VersionRef>,
        author: &Author<'_>,
    ) -> Result<VersionRef> {
        self.rotation(path, "confirm", author, |entry, stamp| {
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
                    "both secrets are in its history; choose the one that the site has: vault resolve \
                     {path:#} --version N; or give both up: vault rotate {path:#} --abort"
                )));
            }
            if let Some(version) = entry.version_mut(which.id) {
                version.promoted.set(stamp, Some(author.now));
            }
            let current = entry.current.entry("secret".into()).or_default();
            current.set(stamp, Some(which.id));
            entry.pending.set(stamp, None);
            Ok(which)
        })
    }

    /// Gives the pending secret up, or all that several devices have begun; they stay in the history.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] when nothing is pending.
    pub fn abort_rotation(&mut self, path: &EntryPath, author: &Author<'_>) -> Result<VersionRef> {
        self.rotation(path, "abort", author, |entry, stamp| {
            let which = entry.to_settle(path)?;
            let begun: Vec<Uuid> = entry.pending.values().filter_map(|(_, id)| *id).collect();
            for id in begun {
                if let Some(version) = entry.version_mut(id) {
                    version.aborted.set(stamp, Some(author.now));
                }
            }
            entry.pending.set(stamp, None);
            Ok(which)
        })
    }

    /// One step of a rotation; `step` gives the version that it is about.
    fn rotation(
        &mut self,
        path: &EntryPath,
        phase: &str,
        author: &Author<'_>,
        step: impl FnOnce(&mut Entry, Stamp) -> Result<VersionRef>,
    ) -> Result<VersionRef> {
        self.change(author, "rotate", |edit| {
            let entry = edit.vault.entry_mut(path)?;
            let which = step(entry, edit.stamp)?;
            entry.updated = Some(author.now);
            edit.event
                .note("phase", phase)
                .note("version", which.number);
            edit.event.about(entry.id);
            Ok(which)
        })
    }
}

/// Says that there is no rotation to settle.
#[must_use]
pub fn none_pending(path: &EntryPath) -> Error {
    Error::not_found(format!("no rotation of {path} is pending")).hint(format!(
        "begin one: vault rotate {path:#} --begin --generate"
    ))
}

/// How a pending rotation goes on.
#[must_use]
pub fn settle(path: &EntryPath) -> String {
    format!(
        "when the site has it: vault rotate {path:#} --confirm; if it never will: vault rotate {path:#} --abort"
    )
}

#[cfg(test)]
mod tests;
