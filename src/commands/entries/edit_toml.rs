//! An entry as a text that a person edits: TOML, a line for each field.

use std::fmt::Write;
use std::ops::Range;
use std::str::FromStr;

use jiff::Zoned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_writer::{ToTomlKey, ToTomlValue, TomlKeyBuilder, TomlStringBuilder};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::model::entry::fields::{EntryField, EntryRow, EntryValues, ValueKind};
use crate::model::entry::metadata::{Edited, Metadata};
use crate::model::records::slot::Slot;
use crate::model::text::name::EntryPath;
use crate::model::text::secret::Secret;
use crate::model::text::when::When;

/// The entry at `path` as a text; the values of its secrets only `with_secrets`.
pub fn write(path: &EntryPath, entry: &Metadata, with_secrets: bool) -> Zeroizing<String> {
    let mut text = Zeroizing::new(format!(
        "# {path}\n# Save and close to keep what you changed. A line that you remove empties its field.\n\n"
    ));
    let mut fields = EntryField::ALL.to_vec();
    fields.sort_by_key(|field| field.row().kind == ValueKind::Prose);
    for field in fields {
        let EntryRow { kind, example, .. } = field.row();
        let texts = entry.values.texts(field);
        let texts: Vec<String> = texts.iter().map(|text| kind.written(text)).collect();
        let value = match texts.as_slice() {
            [] => None,
            all if kind.is_list() => Some(list(all)),
            [one, ..] => Some(string(one)),
        };
        line(&mut text, field.key(), value, example);
    }
    let names: Vec<String> = entry.secrets.keys().cloned().collect();
    if !with_secrets {
        text.push_str(
            "\n# Removing a name removes its secret; to edit the values: --with-secret.\n",
        );
        line(&mut text, "secrets", Some(list(&names)), "");
    }
    text.push_str("\n# Fields of your own\n[fields]\n");
    for (name, value) in &entry.fields {
        line(&mut text, &key(name), Some(string(value)), "");
    }
    if with_secrets {
        text.push_str("\n# Secrets, and hidden fields of your own\n[secrets]\n");
        for (name, (_, value)) in &entry.secrets {
            line(&mut text, &key(name), Some(string(value.expose())), "");
        }
    }
    text
}

/// `NAME = VALUE`, or a comment with an example.
fn line(text: &mut String, name: &str, value: Option<String>, example: &str) {
    // Writing to a string cannot fail.
    let _ = match value {
        Some(value) => writeln!(text, "{name} = {}", *Zeroizing::new(value)),
        None => writeln!(text, "# {name} = {example}"),
    };
}

fn string(text: &str) -> String {
    TomlStringBuilder::new(text).as_default().to_toml_value()
}

fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| string(text)).collect();
    format!("[{}]", texts.join(", "))
}

fn key(name: &str) -> String {
    TomlKeyBuilder::new(name).as_default().to_toml_key()
}

/// What a person made of the text; times may be from `now` on, and past.
///
/// # Errors
/// [`crate::error::Kind::Usage`] with the number of the line and never anything from it: there may
/// be a secret in it.
pub fn read(text: &str, with_secrets: bool, now: &Zoned) -> Result<Edited> {
    let source = TomlText(text);
    let table = DeTable::parse(text).map_err(|why| {
        let at = why.span().unwrap_or(text.len()..text.len());
        source.error(&at, why.message())
    })?;
    let mut edited = Edited::default();
    for (name, value) in table.get_ref() {
        match name.get_ref().as_ref() {
            "fields" => {
                for (name, value) in source.table(value)? {
                    let name = source.parse(name.get_ref(), &name.span(), FIELD)?;
                    edited.fields.push((name, source.text(value)?.to_owned()));
                }
            }
            "secrets" if with_secrets => {
                for (name, value) in source.table(value)? {
                    let slot = source.slot(name.get_ref(), &name.span())?;
                    let secret = Secret::new(source.text(value)?.to_owned());
                    edited.secrets.push((slot, Some(secret)));
                }
            }
            "secrets" => {
                for (name, at) in source.texts(value)? {
                    edited.secrets.push((source.slot(name, &at)?, None));
                }
            }
            key => {
                let mut fields = EntryField::ALL.iter();
                let field = fields.find(|field| field.key() == key).ok_or_else(|| {
                    let why = "an entry has no such field; those of your own stand below [fields]";
                    source.error(&name.span(), why)
                })?;
                source.values(value, *field, now, &mut edited.values)?;
            }
        }
    }
    Ok(edited)
}

const FIELD: &str =
    "a field's name is 1 to 64 letters, digits, spaces and ._@+~-, and none of the built-in names";

/// The text, for the numbers of its lines.
struct TomlText<'a>(&'a str);

type EntryTable<'a> = DeTable<'a>;

impl TomlText<'_> {
    fn error(&self, at: &Range<usize>, why: &str) -> Error {
        let before = self.0.as_bytes().iter().take(at.start);
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        Error::usage(format!("line {line}: {why}"))
    }

    fn text<'t>(&self, value: &'t Spanned<DeValue<'_>>) -> Result<&'t str> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text),
            _ => Err(self.error(&value.span(), "a text in quotes belongs here")),
        }
    }

    fn texts<'t>(&self, value: &'t Spanned<DeValue<'_>>) -> Result<Vec<(&'t str, Range<usize>)>> {
        let DeValue::Array(values) = value.get_ref() else {
            return Err(self.error(&value.span(), "a list belongs here: [\"one\", \"two\"]"));
        };
        (values.iter())
            .map(|value| Ok((self.text(value)?, value.span())))
            .collect()
    }

    fn table<'t, 'i>(&self, value: &'t Spanned<DeValue<'i>>) -> Result<&'t EntryTable<'i>> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(table),
            _ => Err(self.error(&value.span(), "lines of NAME = \"value\" belong below this")),
        }
    }

    /// What `T` itself says of a text may repeat it.
    fn parse<T: FromStr>(&self, text: &str, at: &Range<usize>, expected: &str) -> Result<T> {
        text.parse().map_err(|_| self.error(at, expected))
    }

    fn values(
        &self,
        value: &Spanned<DeValue<'_>>,
        field: EntryField,
        now: &Zoned,
        values: &mut EntryValues,
    ) -> Result<()> {
        let EntryRow { kind, expected, .. } = field.row();
        let texts = if kind.is_list() {
            self.texts(value)?
        } else {
            vec![(self.text(value)?, value.span())]
        };
        for (text, at) in texts {
            let added = if *kind == ValueKind::Time {
                let time = self.parse::<When>(text, &at, expected)?.as_end(now)?;
                values.add(field, &time.to_string())
            } else {
                values.add(field, text)
            };
            added.map_err(|why| self.error(&at, why.message()))?;
        }
        Ok(())
    }

    fn slot(&self, name: &str, at: &Range<usize>) -> Result<Slot> {
        match name {
            "secret" => Ok(Slot::Secret),
            "totp" => Ok(Slot::Totp),
            field => self.parse(field, at, FIELD).map(Slot::Field),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Zoned;
    use uuid::Uuid;

    use super::{read, write};
    use crate::model::entry::fields::EntryValues;
    use crate::model::entry::metadata::Metadata;
    use crate::model::text::secret::Secret;

    /// All that has to be quoted.
    const HARD: &str = "a \"b\" \\ 'c'\n\u{7f}\u{1b}\t\"\"\"'''\u{202e}\r\nend";

    /// Something of everything.
    fn full() -> Metadata {
        let secret = |text: &str| (Uuid::nil(), Secret::new(text.into()));
        Metadata {
            values: EntryValues {
                username: Some("jo".into()),
                urls: vec!["https://a.example/?q=\"".into(), "b".into()],
                notes: Some(HARD.into()),
                tags: vec!["a b".into(), "prod".into()],
                env: Some("DB".into()),
                expires: Some("2020-01-31T23:59:59Z".parse().unwrap()),
                rotate_every: Some("P90D".into()),
                second_factor: Some("key".into()),
                use_only: Some(true),
            },
            fields: BTreeMap::from([("account id".into(), HARD.into()), ("é".into(), "1".into())]),
            secrets: BTreeMap::from([
                ("secret".into(), secret(HARD)),
                ("pin.2".into(), secret("1")),
            ]),
        }
    }

    #[test]
    fn an_unchanged_text_changes_nothing() {
        for with_secrets in [false, true] {
            let text = write(&"acme/wp".parse().unwrap(), &full(), with_secrets);
            let now = Zoned::now();
            let edited = read(&text, with_secrets, &now).unwrap();
            let changes = full().changes(edited, now.timestamp()).unwrap();
            assert!(changes.is_empty(), "{}", *text);
        }
    }

    #[test]
    fn values_of_secrets_are_written_only_when_asked_for() {
        let mut entry = full();
        let canary = Secret::new("canary".into());
        entry.secrets.insert("totp".into(), (Uuid::nil(), canary));
        let path = "acme/wp".parse().unwrap();
        assert!(!write(&path, &entry, false).contains("canary"));
        assert!(write(&path, &entry, true).contains("canary"));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_line_and_never_repeated() {
        let wrong = [
            ("\n\ncanary\n", 3),
            ("username = canary\n", 1),
            ("username = \"a\"\nusername = \"canary\"\n", 2),
            ("\ncanary = \"x\"\n", 2),
            ("urls = [1, \"canary\"]", 1),
            ("tags = [\n\"ok\",\n\"canary*\"]", 3),
            ("env = \"canary-x\"", 1),
            ("expires = \"canary\"", 1),
            ("rotate_every = \"-canary\"", 1),
            ("[fields]\ncanary = 1", 2),
            ("[fields]\n\"canary*\" = \"x\"", 2),
            ("notes = \"\"\"\ncanary", 2),
            ("[secrets]\ncanary = \"x\"", 1),
        ];
        for (text, line) in wrong {
            let why = read(text, false, &Zoned::now()).unwrap_err();
            let said = why.message();
            assert!(
                said.starts_with(&format!("line {line}: ")),
                "{text:?}: {said}"
            );
            assert!(!said.contains("canary"), "{said}");
        }
    }
}
