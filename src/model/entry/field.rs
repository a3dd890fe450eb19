//! What a name stands for in an entry: `secret`, `username`, `totp`, a custom field.

use std::borrow::Cow;

use super::fields::{EntryField, EntryValues, Use};
use crate::error::{Error, Result};
use crate::model::records::cell::DeviceId;
use crate::model::records::entry::{Entry, Version, VersionName};
use crate::model::records::stamped::Stamped as _;
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;

/// The field that is meant when none is named.
pub const SECRET: &str = "secret";
/// The field that holds the seed of one-time codes.
pub const TOTP: &str = "totp";
/// What stands before the name of a file where it is told among fields.
pub const ATTACHMENT: &str = "attachment:";

/// What a file is called among the fields of its entry.
#[must_use]
pub fn attachment_field(name: impl std::fmt::Display) -> String {
    format!("{ATTACHMENT}{name}")
}

/// What a field holds.
#[derive(Clone, Debug)]
pub enum Found<'a> {
    /// A secret in one of its versions: to hand it out is a reveal.
    Secret(&'a Version),
    /// Text that `show` shows too.
    Visible {
        /// The text.
        text: Cow<'a, str>,
        /// Where it was set, if it was set apart on another device.
        apart: Option<FieldSetApart>,
    },
}

/// A visible field that several devices have set apart, and nobody has chosen yet.
#[derive(Clone, Debug)]
pub struct FieldSetApart {
    /// What it is called.
    pub name: String,
    /// The device that has set the value which counts meanwhile.
    pub device: DeviceId,
}

impl Found<'_> {
    /// The text itself. As with [`crate::model::text::secret::Secret::expose`], each caller lets it
    /// out.
    pub fn expose(&self) -> &str {
        match self {
            Self::Secret(version) => version.secret().expose(),
            Self::Visible { text, .. } => text,
        }
    }

    /// The text, wiped when it is dropped.
    pub fn to_secret(&self) -> Secret {
        Secret::new(self.expose().to_owned())
    }

    /// The version's number, if it is a secret.
    pub fn version(&self) -> Option<u32> {
        match self {
            Self::Secret(version) => Some(version.number),
            Self::Visible { .. } => None,
        }
    }
}

impl Entry {
    /// What the field `name` holds now: `secret`, `username`, `url` (the first), `urls`, `notes`,
    /// `tags`, `env`, `totp` (the seed), or a custom one.
    pub fn field(&self, name: &str) -> Option<Found<'_>> {
        if let Some(version) = self.current(name) {
            return Some(Found::Secret(version));
        }
        if let Some((_, value)) = self.visible_fields().find(|(field, _)| *field == name) {
            return Some(self.visible(name, value.into()));
        }
        let values = EntryValues::of(self);
        let texts = values.set_fields().filter(|field| field.serves(Use::Get));
        let texts = texts.flat_map(|field| {
            let wanted = match name {
                _ if name == field.key() => usize::MAX,
                _ => usize::from(name == field.name_of_first()),
            };
            values.texts(field).into_iter().take(wanted)
        });
        let texts: Vec<_> = texts.collect();
        (!texts.is_empty()).then(|| self.visible(name, texts.join("\n").into()))
    }

    fn visible<'a>(&self, name: &str, text: Cow<'a, str>) -> Found<'a> {
        let apart = self.visible_set_apart(name).map(|device| FieldSetApart {
            name: name.to_owned(),
            device,
        });
        Found::Visible { text, apart }
    }

    /// The device that has set what counts of a visible field, where another has set it as well and
    /// nobody has chosen yet.
    pub(crate) fn visible_set_apart(&self, name: &str) -> Option<DeviceId> {
        if let Some(cell) = self.fields.get(name).filter(|cell| cell.value().is_some()) {
            let stamp = cell.stamps().last().filter(|_| cell.in_conflict());
            return stamp.map(|stamp| stamp.device);
        }
        let all = EntryField::ALL.iter().copied();
        let mut named = all.filter(|field| [field.key(), field.name_of_first()].contains(&name));
        let key = named.next()?.key();
        let mut writes = EntryValues::writes(self).into_iter();
        let (_, stamps) = writes.find(|(field, _)| *field == key)?;
        let stamp = stamps.last().filter(|_| self.conflicts().contains(&key));
        stamp.map(|stamp| stamp.device)
    }

    /// The names of what is set of that which every entry may have, such as its username.
    #[must_use]
    pub fn common_fields(&self) -> Vec<&'static str> {
        let values = EntryValues::of(self);
        let fields = values.set_fields().filter(|field| field.serves(Use::Get));
        fields.map(EntryField::name_of_first).collect()
    }

    /// What the entry has of its nature, as `--unset` names it.
    #[must_use]
    pub fn emptied_fields(&self) -> Vec<&'static str> {
        let values = EntryValues::of(self);
        let fields = values.set_fields().map(|field| field.row().option);
        let totp = self.current(TOTP).map(|_| TOTP);
        fields.chain(totp).collect()
    }

    /// As [`Self::field`], of the entry at `path`.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], with what there is as a hint.
    pub fn known_field(&self, path: &EntryPath, name: &str) -> Result<Found<'_>> {
        self.field(name).ok_or_else(|| self.no_field(path, name))
    }

    /// The version of its secret `slot` that `name` means, of the entry at `path`.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Usage`] where several devices have
    /// each stored a version of that number.
    pub fn known_version(
        &self,
        path: &EntryPath,
        slot: &str,
        name: &VersionName,
    ) -> Result<&Version> {
        match self.version(slot, name).collect::<Vec<_>>().as_slice() {
            [version] => Ok(version),
            [] => {
                let last = self.history(slot).map(|version| version.number).max();
                let error = Error::not_found(format!("{path} has no version {name} of {slot}"));
                Err(match last {
                    Some(last) => error.hint(format!("its newest version is {last}")),
                    None => self.no_field(path, slot),
                })
            }
            several => {
                let names = several.iter().map(|version| self.version_name(version));
                let names: Vec<String> = names.collect();
                Err(Error::usage(format!(
                    "several devices each stored a version {name} of {path}"
                ))
                .hint(format!("name one: {}", names.join(", "))))
            }
        }
    }

    /// Says that the entry at `path` has no such field, and what it has.
    pub fn no_field(&self, path: &EntryPath, name: &str) -> Error {
        let visible = self.visible_fields().map(|(field, _)| field);
        let set: Vec<&str> = (self.secrets().map(|(slot, _)| slot))
            .chain(self.common_fields())
            .chain(visible)
            .collect();
        let what = if name == SECRET {
            name.to_owned()
        } else {
            format!("field {name}")
        };
        let error = Error::not_found(format!("{path} has no {what}"));
        if set.is_empty() {
            error.hint(format!("see what it has: vault show {path:#}"))
        } else {
            error.hint(format!("it has: {}", set.join(", ")))
        }
    }
}
