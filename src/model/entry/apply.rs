//! Applying changes to an entry.

use uuid::Uuid;

use super::changes::{Changes, Lists, Unset};
use super::fields::EntryValues;
use super::totp;
use crate::error::{Error, Result};
use crate::model::records::cell::Stamp;
use crate::model::records::entry::{Entry, Version};
use crate::model::records::fields::FieldValues;
use crate::model::records::slot::Slot;
use crate::model::records::stamping::Write;
use crate::model::text::limits::FIELDS_PER_ENTRY;
use crate::model::text::secret::Secret;

impl Slot {
    /// Whether two values are one secret: a seed is the same in every spelling.
    pub(crate) fn is_same(&self, one: &Secret, other: &Secret) -> bool {
        one == other || *self == Self::Totp && totp::is_same(one, other)
    }
}

impl Entry {
    pub(crate) fn apply(&mut self, changes: Changes, write: &Write<'_>) -> Result<()> {
        changes.check()?;
        if changes.ends_use_only() {
            changes.proof.check(&self.name(), self)?;
        }
        let mut replaced = Vec::new();
        for unset in &changes.unset {
            match unset {
                // A list that is replaced may have been empty, or have been what it is to be.
                Unset::Field(list) if changes.values.set_fields().any(|set| set == *list) => {
                    replaced.push(*list);
                }
                unset => self.unset(unset, write.stamp)?,
            }
        }
        let stamp = write.stamp;
        let new = changes.values.stored();
        let new = match changes.lists {
            Lists::Replaced => new,
            Lists::AddedTo => {
                let added_to = new.set_fields().filter(|field| !replaced.contains(field));
                added_to.for_each(|field| EntryValues::unite(field, self, stamp));
                let mut old = EntryValues::of(self);
                for list in replaced {
                    old.clear(list);
                }
                new.added_to(&old).stored()
            }
        };
        new.write_to(self, stamp);
        for (name, value) in changes.fields {
            self.hide_nothing_under(name.as_str(), stamp);
            let cell = self.fields.entry(name.as_str().to_owned()).or_default();
            cell.set(stamp, Some(value));
        }
        for (slot, secret) in changes.secrets {
            self.store(&slot, secret, write);
        }
        self.updated = Some(write.now).filter(|now| *now != self.created);
        self.check_field_count()
    }

    /// A field is either visible or hidden; the last one set counts.
    pub(crate) fn hide_nothing_under(&mut self, name: &str, stamp: Stamp) {
        if let Some(current) = self.current.get_mut(name) {
            current.set(stamp, None);
        }
    }

    pub(crate) fn store(&mut self, slot: &Slot, secret: Secret, write: &Write<'_>) {
        let name = slot.as_str();
        if let Some(visible) = self.fields.get_mut(name) {
            visible.set(write.stamp, None);
        }
        let id = self.add_version(slot, secret, write);
        let current = self.current.entry(name.to_owned()).or_default();
        current.set(write.stamp, Some(id));
    }

    /// Adds a version without making it the current one.
    pub(crate) fn add_version(&mut self, slot: &Slot, secret: Secret, write: &Write<'_>) -> Uuid {
        let name = slot.as_str();
        let number = self.history(name).map(|v| v.number).max().unwrap_or(0) + 1;
        let mut version = Version::with(
            write.new_id(),
            number,
            write.now,
            write.reason.to_owned(),
            secret.into(),
        );
        version.slot = (*slot != Slot::Secret).then(|| name.to_owned());
        let id = version.id;
        self.versions.push(version);
        id
    }

    pub(crate) fn unset(&mut self, what: &Unset, stamp: Stamp) -> Result<()> {
        let was_set = match what {
            Unset::Item(field, item) => {
                EntryValues::unite(*field, self, stamp);
                let mut values = EntryValues::of(self);
                let was_there = values.take(*field, item);
                if was_there {
                    values.stored().put(*field, self, stamp);
                }
                was_there
            }
            Unset::Field(field) => self.empty(*field, stamp),
            Unset::Totp => self.empty_field("totp", stamp),
            Unset::Custom(name) => self.empty_field(name.as_str(), stamp),
        };
        if was_set {
            return Ok(());
        }
        let field = match what {
            Unset::Item(..) => "",
            _ => "field ",
        };
        Err(Error::not_found(format!("no {field}{what} to unset"))
            .hint("vault show ENTRY lists the fields of an entry"))
    }

    fn empty_field(&mut self, name: &str, stamp: Stamp) -> bool {
        let visible = self.fields.get_mut(name);
        visible.is_some_and(|cell| cell.empty(stamp))
            || (self.current.get_mut(name)).is_some_and(|cell| cell.empty(stamp))
    }

    pub(crate) fn check_field_count(&self) -> Result<()> {
        let hidden = self.secrets().filter(|(slot, _)| *slot != "secret").count();
        let count = self.visible_fields().count() + hidden;
        if count > FIELDS_PER_ENTRY {
            return Err(Error::usage(format!(
                "that makes {count} fields, the limit is {FIELDS_PER_ENTRY} an entry"
            )));
        }
        Ok(())
    }
}
