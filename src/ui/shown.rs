//! One value for a table, a card and JSON: what a command shows of one thing.

use std::borrow::Borrow;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Ui;
use super::table::{Column, WHEN};
use super::time::{local_time, relative};
use crate::error::Result;

/// One thing as it is shown: members for a script, and labelled texts for a person, which are the
/// lines of a card or the cells of a row.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    heading: Option<String>,
    members: Map<String, Value>,
    texts: Vec<LabelledTexts>,
}

/// What a person reads under a label.
#[derive(Clone, Debug)]
struct LabelledTexts {
    label: String,
    texts: Vec<String>,
    /// Whether it is a time as a row tells it.
    is_time: bool,
}

impl Shown {
    /// Nothing yet, under a heading.
    #[must_use]
    pub fn titled(heading: impl Into<String>) -> Self {
        Self {
            heading: Some(heading.into()),
            ..Self::default()
        }
    }

    /// Adds a member that only a script sees.
    #[must_use]
    pub fn json(mut self, key: &str, value: impl Serialize) -> Self {
        self.members.insert(key.to_owned(), json!(value));
        self
    }

    /// Adds the members of a struct, for scripts.
    #[must_use]
    pub fn members(mut self, members: &impl Serialize) -> Self {
        if let Value::Object(members) = json!(members) {
            self.members.extend(members);
        }
        self
    }

    /// Adds what only a person sees, a line for each text.
    #[must_use]
    pub fn text<T: Into<String>>(
        mut self,
        label: &str,
        texts: impl IntoIterator<Item = T>,
    ) -> Self {
        let texts = texts.into_iter().map(Into::into).collect();
        self.texts.push(LabelledTexts {
            label: label.to_owned(),
            texts,
            is_time: false,
        });
        self
    }

    /// Adds what both see: a text, a number, a list of texts, or nothing.
    #[must_use]
    pub fn field(self, key: &str, label: &str, value: impl Serialize) -> Self {
        let value = json!(value);
        let texts = texts(&value);
        self.text(label, texts).json(key, value)
    }

    /// Adds what both see, which a person reads as `text`.
    #[must_use]
    pub fn told(self, key: &str, label: &str, value: impl Serialize, text: String) -> Self {
        self.json(key, value).text(label, [text])
    }

    /// Adds a time to a card: `2026-11-22 10:15 CET (3 days ago)`.
    #[must_use]
    pub fn at(self, label: &str, time: impl Into<Option<Timestamp>>, now: Timestamp) -> Self {
        self.text(label, time.into().map(|time| Self::time(time, now)))
    }

    /// A time as a card tells it.
    #[must_use]
    pub fn time(time: Timestamp, now: Timestamp) -> String {
        format!("{} ({})", local_time(time), relative(time, now))
    }

    /// Adds a time as two cells of a row: the date, and how far it is away.
    #[must_use]
    pub fn since(self, key: &str, label: &str, time: Timestamp, now: Timestamp) -> Self {
        self.json(key, time)
            .time_text(label, local_time(time))
            .when(time, now)
    }

    /// Adds a time to a row, as it is told there; such a cell is cut only where nothing else is left
    /// to cut.
    #[must_use]
    pub fn time_text(mut self, label: &str, told: String) -> Self {
        self.texts.push(LabelledTexts {
            label: label.to_owned(),
            texts: vec![told],
            is_time: true,
        });
        self
    }

    /// Adds how far a time is away to a row that has it as a date; it goes first where there is no
    /// room.
    #[must_use]
    pub fn when(self, time: impl Into<Option<Timestamp>>, now: Timestamp) -> Self {
        self.text(WHEN, time.into().map(|time| relative(time, now)))
    }

    /// Adds a part: its members under `key`, null where there is none, and its texts.
    #[must_use]
    pub fn part(mut self, key: &str, part: Option<Self>) -> Self {
        let (members, texts) = part.map(|part| (part.members, part.texts)).unzip();
        self.texts.extend(texts.into_iter().flatten());
        self.json(key, members)
    }

    /// The members, for a part of another.
    #[must_use]
    pub fn into_json(self) -> Value {
        self.members.into()
    }
}

/// A value as a person reads it: the items of a list one by one.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        other => vec![other.to_string()],
    }
}

impl Ui {
    /// Shows one thing, as JSON or as a card.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn show(&self, shown: &Shown) -> Result<()> {
        if self.is_json() {
            return self.json(&shown.members);
        }
        (shown.heading.iter()).try_for_each(|heading| self.heading(heading))?;
        let texts = shown.texts.iter();
        let mut lines = texts.flat_map(|it| it.texts.iter().map(|text| (&it.label, text)));
        lines.try_for_each(|(label, text)| self.field(label, text))
    }

    /// Shows a list, as JSON or as a table; a person is told `none` where it is empty.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn list<T: Borrow<Shown>>(
        &self,
        list: impl IntoIterator<Item = T>,
        none: &str,
    ) -> Result<()> {
        let list: Vec<T> = list.into_iter().collect();
        if self.is_json() {
            let list = list.iter().map(|shown| &shown.borrow().members);
            return self.json(&list.collect::<Vec<_>>());
        }
        let Some(first) = list.first().map(Borrow::borrow) else {
            if !none.is_empty() {
                self.note(none);
            }
            return Ok(());
        };
        let head = first.texts.iter().map(|it| Column {
            header: it.label.clone(),
            is_time: it.is_time,
        });
        let cells = |shown: &T| {
            let texts = shown.borrow().texts.iter();
            texts.map(|it| it.texts.join(", ")).collect()
        };
        let rows: Vec<Vec<String>> = list.iter().map(cells).collect();
        self.table_of(&head.collect::<Vec<_>>(), &rows)
    }
}
