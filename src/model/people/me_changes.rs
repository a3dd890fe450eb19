//! What to set in the record of who keeps the vault and what to empty.

use std::collections::btree_map::Entry;
use std::str::FromStr;

use super::client_changes::check_addresses;
use super::fields::{MeField, MeValues};
use crate::error::{Error, Result};
use crate::model::records::cell::{Cell, Stamp};
use crate::model::records::fields::FieldValues;
use crate::model::records::me::Me;
use crate::model::records::stamping::Author;
use crate::model::sharing::duties::check_duties;
use crate::model::text::limits::PAPER_BYTES;
use crate::model::text::text_rules::check_text;
use crate::model::text::words::one_of;
use crate::model::vault::Vault;

/// What to set in the record of who keeps the vault, and what to empty first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeChanges {
    /// The fields; those that are not set stay as they are.
    pub values: MeValues,
    /// What to empty.
    pub unset: Vec<MeField>,
}

impl FromStr for MeField {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let options: Vec<&str> = Self::ALL.iter().map(|field| field.row().option).collect();
        Self::named(text).ok_or_else(|| one_of(&options))
    }
}

impl MeChanges {
    /// Holds every text against its limit.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], naming the field.
    pub fn check(&self) -> Result<()> {
        for field in self.values.set_fields() {
            for text in self.values.texts(field) {
                let option = field.row().option;
                if text.trim().is_empty() {
                    return Err(Error::usage(format!("--{option} is blank"))
                        .hint(format!("to take it away: vault me --unset {option}")));
                }
                check_text(option, &text, field.limit())?;
            }
        }
        check_duties(self.values.duties.as_ref())?;
        check_addresses(self.values.email.as_slice())
    }
}

impl Me {
    fn apply(&mut self, changes: &MeChanges, stamp: Stamp) -> Result<()> {
        changes.check()?;
        for field in &changes.unset {
            if !self.empty(*field, stamp) {
                let name = field.row().option;
                return Err(Error::not_found(format!("there is no {name} to take away"))
                    .hint("see what there is: vault me"));
            }
        }
        changes.values.write_to(self, stamp);
        Ok(())
    }
}

/// Holds a device's name against its limit.
///
/// # Errors
/// [`crate::error::Kind::Usage`].
pub fn check_device_name(name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(Error::usage("--device is blank").hint("name it: vault me --device laptop"));
    }
    check_text("device", name, PAPER_BYTES)
}

impl Vault {
    /// Changes what is noted of who keeps the vault.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] past a limit, [`crate::error::Kind::NotFound`] for what is
    /// empty already.
    pub fn edit_me(&mut self, changes: &MeChanges, author: &Author<'_>) -> Result<()> {
        self.change(author, "edit", |edit| {
            edit.event.note("what", "me");
            edit.vault.me.apply(changes, edit.stamp)
        })
    }

    /// Names the device that writes; others keep the names that they have.
    ///
    /// # Errors
    /// As [`check_device_name`].
    pub fn name_device(&mut self, name: &str, author: &Author<'_>) -> Result<()> {
        check_device_name(name)?;
        self.change(author, "edit", |edit| {
            edit.event.note("what", "device");
            let name = Some(name.to_owned());
            let devices = &mut edit.vault.me.devices;
            match devices.entry(author.device.to_string()) {
                Entry::Occupied(mut known) => known.get_mut().set(edit.stamp, name),
                Entry::Vacant(place) => {
                    place.insert(Cell::new(edit.stamp, name));
                }
            }
            Ok(())
        })
    }

    /// Whether it is noted already as `changes` want it: there is nothing to write then.
    ///
    /// # Errors
    /// As [`Self::edit_me`].
    pub fn edit_me_changes_nothing(&self, changes: &MeChanges) -> Result<bool> {
        self.stays(&self.me, |me, stamp| me.apply(changes, stamp))
    }
}
