//! The table of the fields that every entry may have and that are no secrets. Whatever sets, shows,
//! empties, edits, shares, imports or exports a field takes it from here: a new one is a row in this
//! table, a cell in [`Entry`] and an option of `add` and `edit`.

use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::records::absent::Absent;
use crate::model::records::cell::Stamp;
use crate::model::records::entry::Entry;
use crate::model::text::limits::FIELD_BYTES;
use crate::model::text::name::{EnvName, Tag};
use crate::model::text::text_rules::check_text;
use crate::model::text::variable::check_settable;
use crate::model::text::when::Duration;

/// What is known of a field.
#[derive(Debug)]
pub struct Row {
    /// Its name in options and messages.
    pub option: &'static str,
    /// What people read before its value.
    pub label: &'static str,
    /// Which values it takes.
    pub kind: ValueKind,
    /// Its place on the card of `show`; from [`BELOW_SECRETS`] on below the secrets.
    pub place: u8,
    /// What it serves besides.
    pub uses: &'static [Use],
    /// A value as TOML, for the editor's text.
    pub example: &'static str,
    /// What is said where a value is none that it takes.
    pub expected: &'static str,
}

/// The first place on the card below the secrets.
pub const BELOW_SECRETS: u8 = 10;

/// Which values a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// One text.
    Text,
    /// One text, often of several lines.
    Prose,
    /// Several texts.
    Texts,
    /// Several labels.
    Tags,
    /// The name of an environment variable.
    Variable,
    /// A point in time.
    Time,
    /// A length of time, an ISO 8601 duration.
    Duration,
}

/// What a field may serve besides being set, shown, edited, imported and exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// `get` and references give it.
    Get,
    /// `find` looks into it.
    Find,
    /// A consent to all fields covers it.
    Share,
    /// A consent covers it where it is named.
    ShareNamed,
}

/// A value as a list of texts: none where it is not set.
trait AsTexts {
    fn texts(&self) -> Vec<String>;
    fn add(&mut self, text: &str);
}

impl<T: ToString + FromStr> AsTexts for Option<T> {
    fn texts(&self) -> Vec<String> {
        self.iter().map(T::to_string).collect()
    }

    fn add(&mut self, text: &str) {
        *self = text.parse().ok();
    }
}

impl AsTexts for Vec<String> {
    fn texts(&self) -> Vec<String> {
        self.clone()
    }

    fn add(&mut self, text: &str) {
        self.push(text.to_owned());
    }
}

macro_rules! table {
    ($(
        $(#[$doc:meta])* $field:ident $key:ident: $type:ty,
        $option:literal, $label:literal, $kind:ident, $place:literal, [$($use:ident),*],
        $example:literal, $expected:literal;
    )*) => {
        /// A field that every entry may have and that is no secret.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum EntryField { $( $(#[$doc])* $field, )* }

        /// The values of an entry's fields; those that are not set are empty.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(default)]
        pub struct EntryValues { $( $(#[$doc])* pub $key: $type, )* }

        impl EntryField {
            /// All fields.
            pub const ALL: &[Self] = &[$( Self::$field, )*];

            /// What is known of the field.
            #[must_use]
            pub fn row(self) -> &'static Row {
                match self { $( Self::$field => &Row {
                    option: $option, label: $label, kind: ValueKind::$kind, place: $place,
                    uses: &[$(Use::$use),*], example: $example, expected: $expected,
                }, )* }
            }

            /// The field's name in JSON, in the editor's text and in the vault's file.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self { $( Self::$field => stringify!($key), )* }
            }
        }

        impl EntryValues {
            /// The values that `entry` has.
            #[must_use]
            pub fn of(entry: &Entry) -> Self {
                Self { $( $key: entry.$key.get().cloned().unwrap_or_default(), )* }
            }

            fn value(&self, field: EntryField) -> &dyn AsTexts {
                match field { $( EntryField::$field => &self.$key, )* }
            }

            fn value_mut(&mut self, field: EntryField) -> &mut dyn AsTexts {
                match field { $( EntryField::$field => &mut self.$key, )* }
            }

            /// What to set and what to empty for these values to become those of `new`.
            #[must_use]
            pub fn changes_to(&self, new: &Self) -> (Self, Vec<EntryField>) {
                let (mut set, mut emptied) = (Self::default(), Vec::new());
                $( if self.$key != new.$key {
                    set.$key = new.$key.clone();
                    emptied.extend(new.$key.is_absent().then_some(EntryField::$field));
                } )*
                (set, emptied)
            }

            /// Writes the values that are set to `entry`.
            pub(crate) fn write_to(self, entry: &mut Entry, stamp: Stamp) {
                $( if !self.$key.is_absent() { entry.$key.set(stamp, self.$key); } )*
            }
        }

        impl Entry {
            /// Empties the field; whether it was set.
            pub(crate) fn empty(&mut self, field: EntryField, stamp: Stamp) -> bool {
                match field { $( EntryField::$field => self.$key.empty(stamp), )* }
            }
        }
    };
}

table! {
    // Name and key: type; option, label, kind, place, uses; example; expected.
    /// Whom one logs in as.
    Username username: Option<String>, "username", "username", Text, 0, [Get, Find, Share],
        "\"admin\"", "a text";
    /// Where one logs in.
    Urls urls: Vec<String>, "url", "url", Texts, 1, [Get, Find, Share],
        "[\"https://acme.example/login\"]", "a text";
    /// Free text.
    Notes notes: Option<String>, "notes", "notes", Prose, 12, [Get, Find, ShareNamed],
        "\"free text\"", "a text";
    /// Labels.
    Tags tags: Vec<String>, "tag", "tags", Tags, 11, [Get, Find],
        "[\"prod\"]", "a tag is 1 to 64 letters, digits, spaces and ._@+-";
    /// The environment variable that `run` sets to the secret.
    Env env: Option<String>, "env", "env", Variable, 10, [Get],
        "\"DB_PASSWORD\"", "a variable's name is letters, digits and _, and starts with no digit";
    /// When the credential ends.
    Expires expires: Option<Timestamp>, "expires", "expires", Time, 13, [],
        "\"2027-01-31\"   # or from now on, as in \"90d\"",
        "expires is a date (2027-01-31), a time, or a duration from now (90d)";
    /// How often the secret is to change, an ISO 8601 duration.
    RotateEvery rotate_every: Option<String>, "rotate-every", "rotate every", Duration, 14, [],
        "\"90d\"", "rotate_every is a duration: 90d, 12h, 2w, 1y";
}

impl ValueKind {
    /// The text as it is stored; `None` if it is none of the values of this kind.
    fn stored(self, text: &str) -> Option<String> {
        Some(match self {
            Self::Text | Self::Prose | Self::Texts => text.to_owned(),
            Self::Tags => text.parse::<Tag>().ok()?.as_str().to_owned(),
            Self::Variable => text.parse::<EnvName>().ok()?.as_str().to_owned(),
            Self::Time => text.parse::<Timestamp>().ok()?.to_string(),
            Self::Duration => text.parse::<Duration>().ok()?.to_string(),
        })
    }

    /// A stored text as people write it; one that cannot be read as it is.
    #[must_use]
    pub fn written(self, text: &str) -> String {
        match text.parse::<Duration>() {
            Ok(duration) if self == Self::Duration => format!("{duration:#}"),
            _ => text.to_owned(),
        }
    }

    /// Whether there may be several values.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, Self::Texts | Self::Tags)
    }
}

impl EntryField {
    /// The field of this name: its option's or its key.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let is_it = |field: &Self| [field.row().option, field.key()].contains(&name);
        Self::ALL.iter().copied().find(is_it)
    }

    /// Whether the field serves this.
    #[must_use]
    pub fn serves(self, what: Use) -> bool {
        self.row().uses.contains(&what)
    }

    /// The name under which `get` gives the field, of several texts the first one.
    #[must_use]
    pub fn name_of_first(self) -> &'static str {
        match self.row() {
            Row {
                option,
                kind: ValueKind::Texts,
                ..
            } => option,
            _ => self.key(),
        }
    }
}

impl EntryValues {
    /// The values of `field` as texts, times in RFC 3339; none if it is not set.
    #[must_use]
    pub fn texts(&self, field: EntryField) -> Vec<String> {
        self.value(field).texts()
    }

    /// The fields that are set.
    pub fn set_fields(&self) -> impl Iterator<Item = EntryField> {
        let fields = EntryField::ALL.iter().copied();
        fields.filter(|field| !self.texts(*field).is_empty())
    }

    /// Sets `field`, or adds to its list.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] with what the field expects.
    pub fn add(&mut self, field: EntryField, text: &str) -> Result<()> {
        let Row { kind, expected, .. } = field.row();
        let text = kind.stored(text).ok_or_else(|| Error::usage(*expected))?;
        self.value_mut(field).add(&text);
        Ok(())
    }

    /// Holds every value against the rules and limits of its field.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`], naming the field; for the variable, as [`check_settable`].
    pub fn check(&self) -> Result<()> {
        for field in EntryField::ALL {
            let Row { option, kind, .. } = field.row();
            for text in self.texts(*field) {
                match kind {
                    ValueKind::Text | ValueKind::Prose | ValueKind::Texts => {
                        check_text(option, &text, FIELD_BYTES)?;
                    }
                    // An entry that names some variables could never be given to a program.
                    ValueKind::Variable => {
                        check_settable(&text.parse().map_err(Error::usage)?)?;
                    }
                    _ => Self::default().add(*field, &text)?,
                }
            }
        }
        Ok(())
    }

    /// The values as they are stored: each in its one spelling, labels sorted and each once.
    pub(crate) fn stored(&self) -> Self {
        let mut stored = Self::default();
        for field in EntryField::ALL {
            let kind = field.row().kind;
            // What a field does not take was refused before.
            let texts = self.texts(*field);
            let mut texts: Vec<_> = texts.iter().filter_map(|text| kind.stored(text)).collect();
            if kind == ValueKind::Tags {
                texts.sort();
                texts.dedup();
            }
            let value = stored.value_mut(*field);
            for text in &texts {
                value.add(text);
            }
        }
        stored
    }
}
