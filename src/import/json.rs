//! JSON that other programs export, read within limits and without repeating any of it in errors.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::format::malformed;
use super::labels::is_plain;
use crate::error::Result;
use crate::model::import::Imported;
use crate::model::limits::ENTRIES;
use crate::model::secret::Secret;

/// Reads a value.
///
/// # Errors
/// [`crate::error::Kind::Usage`], by place only.
pub(super) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T> {
    serde_json::from_str(text).map_err(|why| malformed("JSON", why.line(), why.column()))
}

/// A text that may be a secret.
pub(super) struct Hidden(pub(super) Secret);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

/// A list of which no more is kept than a vault may hold, and one: so that it shows.
pub(super) struct Many<T>(pub(super) Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ManyVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
            type Value = Many<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_unit<E>(self) -> Result<Many<T>, E> {
                Ok(Many::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Many<T>, A::Error> {
                let mut kept = Vec::new();
                while kept.len() <= ENTRIES {
                    match seq.next_element()? {
                        Some(item) => kept.push(item),
                        None => return Ok(Many(kept)),
                    }
                }
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Many(kept))
            }
        }
        deserializer.deserialize_any(ManyVisitor(PhantomData))
    }
}

/// Adds what a card, an identity or the like holds as fields, by their labels.
pub(super) fn labelled(imported: &mut Imported, content: &serde_json::Map<String, Value>) {
    for (label, value) in content {
        let hidden = !is_plain(label);
        match value {
            Value::Null => {}
            Value::String(text) => imported.field(label, text, hidden),
            Value::Bool(_) | Value::Number(_) => imported.field(label, &value.to_string(), hidden),
            // As it is, so that nothing of it is lost.
            Value::Array(_) | Value::Object(_) => imported.field(label, &value.to_string(), true),
        }
    }
}
