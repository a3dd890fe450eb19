//! JSON that other programs export, read item by item, within limits and without repeating any of
//! it in errors.
//!
//! A reader takes out of an object what it knows; what is left in it then is kept too. A key that
//! is new, or stands twice, is never lost.

use std::fmt;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::labels::is_plain;
use crate::error::{Error, Result};
use crate::import::Intake;
use crate::model::text::limits::{ENTRIES, IMPORT_ITEM_BYTES, IMPORT_LIST};
use crate::model::text::secret::Secret;
use crate::model::transfer::import::Imported;

/// Reads a value.
///
/// # Errors
/// [`crate::error::Kind::Usage`], by place only.
pub(crate) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T> {
    serde_json::from_str(text).map_err(|why| fault(&why))
}

/// What is wrong with a text, by place only.
fn fault(why: &serde_json::Error) -> Error {
    if why.is_data() {
        return Error::usage("the file is JSON, but not in the shape of that format")
            .hint("export it again, or name what it is with --format");
    }
    malformed("JSON", why.line(), why.column())
}

/// Gives the items of a list one after another, as they are spelt; none for what is no list.
///
/// # Errors
/// Those of `take`; [`crate::error::Kind::Usage`] for more items than a vault may hold.
pub(crate) fn each<'a>(list: &'a str, take: impl FnMut(&'a str) -> Result<()>) -> Result<()> {
    let mut items = Items { take, failed: None };
    let mut json = serde_json::Deserializer::from_str(list);
    let read = DeserializeSeed::deserialize(&mut items, &mut json);
    match (items.failed, read) {
        (Some(why), _) => Err(why),
        (None, Ok(())) => Ok(()),
        (None, Err(why)) => Err(fault(&why)),
    }
}

struct Items<F> {
    take: F,
    failed: Option<Error>,
}

impl<'de, F: FnMut(&'de str) -> Result<()>> DeserializeSeed<'de> for &mut Items<F> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(&'de str) -> Result<()>> Visitor<'de> for &mut Items<F> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut count = 0;
        while let Some(item) = seq.next_element::<&RawValue>()? {
            count += 1;
            let taken = if count > ENTRIES {
                Err(Error::usage(format!(
                    "the file has more than {ENTRIES} entries, the limit of a vault"
                )))
            } else {
                (self.take)(item.get())
            };
            if let Err(why) = taken {
                self.failed = Some(why);
                return Err(A::Error::custom("ended"));
            }
        }
        Ok(())
    }
}

/// Any value. Lists and objects have at most [`IMPORT_LIST`] members.
#[derive(Debug, PartialEq)]
pub(crate) enum JsonValue {
    Null,
    /// What is no text, as it is spelt.
    Word(String),
    Text(String),
    List(Vec<JsonValue>),
    Object(Object),
}

/// An object: its members in their order, those of one name too.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Object(Vec<(String, JsonValue)>);

/// Gives the items of a list as objects, with their numbers from `row` on. What is no object, or is
/// past the limits of an item, is noted in the intake.
pub(crate) fn each_item(
    list: &str,
    row: &mut u64,
    intake: &mut Intake,
    mut take: impl FnMut(u64, Object, &mut Intake) -> Result<()>,
) -> Result<()> {
    each(list, |text| {
        *row += 1;
        if text.len() > IMPORT_ITEM_BYTES {
            let reason =
                format!("it has more than {IMPORT_ITEM_BYTES} bytes, the limit of an item");
            return intake.refuse(*row, reason);
        }
        match serde_json::from_str(text) {
            Ok(JsonValue::Object(object)) => take(*row, object, intake),
            Ok(_) => intake.refuse(*row, "it is no object of JSON"),
            Err(why) if why.is_data() => {
                let reason = format!("a list in it has more than {IMPORT_LIST} members, the limit");
                intake.refuse(*row, reason)
            }
            Err(_) => Err(Error::usage(format!(
                "item {row} of the file is malformed JSON, or nested too deeply"
            ))
            .hint("export it again; nothing was changed")),
        }
    })
}

/// A text that is an object, if it is one and within the limits of an item.
pub(crate) fn object(text: &str) -> Option<Object> {
    let within = Some(text).filter(|text| text.len() <= IMPORT_ITEM_BYTES);
    match serde_json::from_str(within?) {
        Ok(JsonValue::Object(object)) => Some(object),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for JsonValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

/// Reads any value; how deeply it is nested is held against a limit by the parser.
struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = JsonValue;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<JsonValue, E> {
        Ok(JsonValue::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<JsonValue, E> {
        Ok(JsonValue::Word(value.to_string()))
    }
    fn visit_i64<E>(self, value: i64) -> Result<JsonValue, E> {
        Ok(JsonValue::Word(value.to_string()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<JsonValue, E> {
        Ok(JsonValue::Word(value.to_string()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<JsonValue, E> {
        Ok(JsonValue::Word(value.to_string()))
    }
    fn visit_str<E>(self, text: &str) -> Result<JsonValue, E> {
        Ok(JsonValue::Text(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<JsonValue, E> {
        Ok(JsonValue::Text(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<JsonValue, A::Error> {
        let mut list = Vec::new();
        while list.len() < IMPORT_LIST {
            match seq.next_element()? {
                Some(value) => list.push(value),
                None => return Ok(JsonValue::List(list)),
            }
        }
        match seq.next_element::<IgnoredAny>()? {
            Some(_) => Err(A::Error::custom("a list that is too long")),
            None => Ok(JsonValue::List(list)),
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonValue, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if members.len() >= IMPORT_LIST {
                return Err(A::Error::custom("an object that is too long"));
            }
            members.push((key, map.next_value()?));
        }
        Ok(JsonValue::Object(Object(members)))
    }
}

impl JsonValue {
    /// What a text, a number, or true and false say.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Word(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Word(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it says nothing: null, blank, a list or an object of such.
    fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) | Self::Word(text) => text.trim().is_empty(),
            Self::List(list) => list.iter().all(Self::is_blank),
            Self::Object(Object(members)) => members.iter().all(|(_, value)| value.is_blank()),
        }
    }

    /// As JSON spells it.
    fn spelt(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Word(word) => word.clone(),
            Self::Text(text) => Value::from(text.as_str()).to_string(),
            Self::List(list) => {
                let list: Vec<_> = list.iter().map(Self::spelt).collect();
                format!("[{}]", list.join(","))
            }
            Self::Object(Object(members)) => {
                let member = |(key, value): &(String, Self)| {
                    format!("{}:{}", Value::from(key.as_str()), value.spelt())
                };
                let members: Vec<_> = members.iter().map(member).collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }

    /// What it says in one text: as JSON spells it where it is a list or an object, nothing where
    /// it says nothing.
    pub(crate) fn to_text(&self) -> String {
        match self {
            _ if self.is_blank() => String::new(),
            Self::Text(text) | Self::Word(text) => text.clone(),
            _ => self.spelt(),
        }
    }

    /// Keeps it as a field, if it says anything: a text that its label calls no secret to be seen,
    /// everything else hidden, lists and objects as they are.
    pub(crate) fn add_field(&self, name: &str, imported: &mut Imported) {
        let is_shown = self.text().is_some() && is_plain(name);
        imported.field(name, &self.to_text(), !is_shown);
    }

    /// As [`Self::add_field`], hidden in any case.
    pub(crate) fn add_hidden_field(&self, name: &str, imported: &mut Imported) {
        imported.field(name, &self.to_text(), true);
    }
}

impl Object {
    /// Takes out the first member of this name; nothing for null.
    pub(crate) fn take(&mut self, key: &str) -> Option<JsonValue> {
        self.take_if(key, |_| true)
    }

    /// Takes out a member if it is what is looked for; another one stays, and is kept with the
    /// rest.
    fn take_if(&mut self, key: &str, is_it: impl Fn(&JsonValue) -> bool) -> Option<JsonValue> {
        let found = |(name, value): &(String, JsonValue)| {
            name == key && (*value == JsonValue::Null || is_it(value))
        };
        let at = self.0.iter().position(found)?;
        let (_, value) = self.0.remove(at);
        (value != JsonValue::Null).then_some(value)
    }

    /// Takes out a text, a number, or true or false.
    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        let is_text = |value: &JsonValue| value.text().is_some();
        self.take_if(key, is_text)?.into_text()
    }

    /// Takes out a text that may be a secret.
    pub(crate) fn secret(&mut self, key: &str) -> Option<Secret> {
        self.text(key).map(Secret::new)
    }

    /// Takes out a number.
    pub(crate) fn number(&mut self, key: &str) -> Option<i64> {
        let is_number =
            |value: &JsonValue| value.text().is_some_and(|text| text.parse::<i64>().is_ok());
        self.take_if(key, is_number)?.text()?.parse().ok()
    }

    /// Takes out a list.
    pub(crate) fn list(&mut self, key: &str) -> Vec<JsonValue> {
        match self.take_if(key, |value| matches!(value, JsonValue::List(_))) {
            Some(JsonValue::List(list)) => list,
            _ => Vec::new(),
        }
    }

    /// Takes out an object.
    pub(crate) fn object(&mut self, key: &str) -> Option<Self> {
        match self.take_if(key, |value| matches!(value, JsonValue::Object(_)))? {
            JsonValue::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Takes out a list of objects; what else is in it is kept.
    pub(crate) fn objects(&mut self, key: &str, imported: &mut Imported) -> Vec<Self> {
        let mut objects = Vec::new();
        for value in self.list(key) {
            match value {
                JsonValue::Object(object) => objects.push(object),
                other => other.add_hidden_field(key, imported),
            }
        }
        objects
    }

    /// Leaves out what means nothing outside of the program that wrote it.
    pub(crate) fn leave_out(&mut self, keys: &[&str]) {
        self.0.retain(|(name, _)| !keys.contains(&name.as_str()));
    }

    /// Keeps what is still in it as fields, see [`JsonValue::add_field`].
    pub(crate) fn keep_rest(self, imported: &mut Imported) {
        for (name, value) in self.0 {
            value.add_field(&name, imported);
        }
    }

    /// Keeps what is still in it as hidden fields.
    pub(crate) fn hide_rest(self, imported: &mut Imported) {
        for (name, value) in self.0 {
            value.add_hidden_field(&name, imported);
        }
    }

    /// Whether it has a member of one of these names.
    pub(crate) fn has_any(&self, keys: &[&str]) -> bool {
        self.0.iter().any(|(name, _)| keys.contains(&name.as_str()))
    }

    /// What a member says, where that is a text.
    pub(crate) fn says(&self, key: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(name, _)| name == key)?;
        value.text().map(str::to_owned)
    }

    /// What its members say that are texts and not blank.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let texts = self.0.iter().filter_map(|(_, value)| value.text());
        texts.filter(|text| !text.is_empty()).collect()
    }

    /// Its members, in their order.
    pub(crate) fn into_members(self) -> Vec<(String, JsonValue)> {
        self.0
    }
}

/// What is malformed, by place only.
pub(crate) fn malformed(what: &str, line: usize, column: usize) -> Error {
    Error::usage(format!(
        "the file is malformed {what} at line {line} column {column}"
    ))
    .hint("export it again; nothing was changed")
}

#[cfg(test)]
mod tests {
    use super::{JsonValue, each, object};
    use crate::model::transfer::import::Imported;

    #[test]
    fn what_is_not_taken_out_is_kept_and_so_is_what_stands_twice() {
        let text = r#"{"a":"1","a":"2","n":null,"o":{"x":[1,true]},"city":"Bern"}"#;
        let mut object = object(text).unwrap();
        assert_eq!(object.text("a").as_deref(), Some("1"));
        let mut imported = Imported::at(1);
        object.keep_rest(&mut imported);
        let kept = imported.fields.iter();
        let kept: Vec<_> = kept
            .map(|f| (f.name.as_str(), f.value.expose(), f.hidden))
            .collect();
        let expected = [
            ("a", "2", true),
            ("o", r#"{"x":[1,true]}"#, true),
            ("city", "Bern", false),
        ];
        assert_eq!(kept, expected);
    }

    #[test]
    fn a_member_of_another_kind_stays_to_be_kept() {
        let mut object = object(r#"{"a":["x"],"n":"7"}"#).unwrap();
        assert_eq!(object.text("a"), None);
        assert_eq!(object.number("n"), Some(7));
        assert_eq!(object.list("a"), [JsonValue::Text("x".into())]);
    }

    #[test]
    fn depth_length_and_size_of_an_item_have_limits() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(object(&nested(64)).is_some());
        assert!(object(&nested(128)).is_none());
        assert!(object(&nested(100_000)).is_none());
        let long = |count: usize| format!("{{\"a\":[{}]}}", vec!["0"; count].join(","));
        assert!(object(&long(10_000)).is_some());
        assert!(object(&long(10_001)).is_none());
        assert!(object(&format!("{{\"a\":\"{}\"}}", "x".repeat(4 << 20))).is_none());
    }

    #[test]
    fn each_item_is_given_as_it_is_spelt() {
        let mut seen = Vec::new();
        each("[1, {\"a\": 2},null]", |item| {
            seen.push(item.to_owned());
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, ["1", "{\"a\": 2}", "null"]);
        assert!(each("[1,", |_| Ok(())).is_err());
    }
}
