//! The table of the fields that every entry may have and that are no secrets. Whatever sets, shows,
//! empties, edits, shares, imports or exports a field takes it from here: a new one is a row in
//! this table, a cell in [`Entry`] and an option of `add` and `edit`.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::model::records::entry::{Entry, SecondFactor};
use crate::model::records::fields::{FieldValues, field_table};
use crate::model::text::limits::FIELD_BYTES;
use crate::model::text::name::{EnvName, Tag};
use crate::model::text::text_rules::check_text;
use crate::model::text::variable::check_settable;
use crate::model::text::when::Duration;

/// What is known of a field.
#[derive(Debug)]
pub struct EntryRow {
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
    /// What is said of a value that the field does not take.
    pub expected: &'static str,
}

/// The first place on the card below the secrets.
pub const BELOW_SECRETS: u8 = 10;

/// A mark that is set, as it is stored.
const SET: &str = "true";

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
    /// A second factor.
    Factor,
    /// What is so, or is not said.
    Mark,
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

const fn row(
    (option, label): (&'static str, &'static str),
    kind: ValueKind,
    place: u8,
    uses: &'static [Use],
    example: &'static str,
    expected: &'static str,
) -> EntryRow {
    EntryRow {
        option,
        label,
        kind,
        place,
        uses,
        example,
        expected,
    }
}

field_table! {
    /// A field that every entry may have and that is no secret.
    EntryField,
    /// The values of an entry's fields; those that are not set are empty.
    EntryValues of Entry by EntryRow;

    /// Whom one logs in as.
    Username username: Option<String> = row(
        ("username", "username"), ValueKind::Text, 0, &[Use::Get, Use::Find, Use::Share],
        "\"admin\"", "a text",
    );
    /// Where one logs in.
    Urls urls: Vec<String> = row(
        ("url", "url"), ValueKind::Texts, 1, &[Use::Get, Use::Find, Use::Share],
        "[\"https://acme.example/login\"]", "a text",
    );
    /// Free text.
    Notes notes: Option<String> = row(
        ("notes", "notes"), ValueKind::Prose, 12, &[Use::Get, Use::Find, Use::ShareNamed],
        "\"free text\"", "a text",
    );
    /// Labels.
    Tags tags: Vec<String> = row(
        ("tag", "tags"), ValueKind::Tags, 11, &[Use::Get, Use::Find],
        "[\"prod\"]", "a tag is 1 to 64 letters, digits, spaces and ._@+~-",
    );
    /// The environment variable that `run` sets to the secret.
    Env env: Option<String> = row(
        ("env", "env"), ValueKind::Variable, 10, &[Use::Get],
        "\"DB_PASSWORD\"", "a variable's name is letters, digits and _, and starts with no digit",
    );
    /// When the credential ends.
    Expires expires: Option<Timestamp> = row(
        ("expires", "expires"), ValueKind::Time, 13, &[],
        "\"2027-01-31\"   # or from now on, as in \"90d\"",
        "expires is a date (2027-01-31), a time, or a duration from now (90d)",
    );
    /// How often the secret is to change, an ISO 8601 duration.
    RotateEvery rotate_every: Option<String> = row(
        ("rotate-every", "rotate every"), ValueKind::Duration, 14, &[],
        "\"90d\"", "rotate_every is a duration: 90d, 12h, 2w, 1y",
    );
    /// What the login asks for beside the secret, see [`SecondFactor`].
    SecondFactor second_factor: Option<String> = row(
        ("second-factor", "second factor"), ValueKind::Factor, 15, &[],
        "\"app\"   # or \"key\", or \"none\" where the site has none",
        "second_factor is none, app or key",
    );
    /// That programs get it while the vault is unlocked, and people with the password only.
    UseOnly use_only: Option<bool> = row(
        ("use-only", "use only"), ValueKind::Mark, 16, &[],
        "\"yes\"", "use_only is yes, or is left out",
    );
}

impl ValueKind {
    /// The text as it is stored; `None` if this kind of field does not take it.
    pub(super) fn stored(self, text: &str) -> Option<String> {
        Some(match self {
            Self::Text | Self::Prose | Self::Texts => text.to_owned(),
            Self::Tags => text.parse::<Tag>().ok()?.as_str().to_owned(),
            Self::Variable => text.parse::<EnvName>().ok()?.as_str().to_owned(),
            Self::Time => text.parse::<Timestamp>().ok()?.to_string(),
            Self::Duration => text.parse::<Duration>().ok()?.to_string(),
            Self::Factor => text.parse::<SecondFactor>().ok()?.to_string(),
            Self::Mark => ["yes", SET].contains(&text).then(|| SET.to_owned())?,
        })
    }

    /// A stored text as people write it; one that cannot be read as it is.
    #[must_use]
    pub fn written(self, text: &str) -> String {
        if self == Self::Mark && text == SET {
            return "yes".to_owned();
        }
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
    /// Whether the field serves this.
    #[must_use]
    pub fn serves(self, what: Use) -> bool {
        self.row().uses.contains(&what)
    }

    /// The name under which `get` gives the field, of several texts the first one.
    #[must_use]
    pub fn name_of_first(self) -> &'static str {
        match self.row() {
            EntryRow {
                option,
                kind: ValueKind::Texts,
                ..
            } => option,
            _ => self.key(),
        }
    }
}

impl EntryValues {
    /// Sets `field`, or adds to its list.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] with what the field expects.
    pub fn add(&mut self, field: EntryField, text: &str) -> Result<()> {
        let EntryRow { kind, expected, .. } = field.row();
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
            let EntryRow { option, kind, .. } = field.row();
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

    /// These values, with the items of `old` before the new ones in each list that has any; each
    /// item once.
    pub(crate) fn added_to(mut self, old: &Self) -> Self {
        let lists = EntryField::ALL.iter().copied();
        for field in lists.filter(|field| field.row().kind.is_list()) {
            let new = self.texts(field);
            if new.is_empty() {
                continue;
            }
            let list = self.value_mut(field);
            for text in &new {
                list.take(text);
            }
            let mut seen = BTreeSet::new();
            for text in old.texts(field).into_iter().chain(new) {
                if seen.insert(text.clone()) {
                    list.add(&text);
                }
            }
        }
        self
    }

    /// Takes all items from a list.
    pub(super) fn clear(&mut self, field: EntryField) {
        for item in self.texts(field) {
            self.take(field, &item);
        }
    }

    /// Takes an item from a list; whether it was there.
    pub(super) fn take(&mut self, field: EntryField, item: &str) -> bool {
        self.value_mut(field).take(item)
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
