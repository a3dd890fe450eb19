//! Records that are decoded when they are first looked at. Most commands look at one of
//! thousands; what is not changed is written back byte for byte.

use std::fmt;
use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use serde_json::value::RawValue;

use super::in_place::{PayloadJson, PlacedJson, ReadInPlace};
use crate::error::{Error, Result};

/// A record as it stands in the payload, or as it was made or changed since.
#[derive(Clone)]
pub struct Lazy<T> {
    read: Option<PlacedJson>,
    /// Boxed, so that the many that are never looked at take no room.
    value: OnceLock<Box<T>>,
}

impl<T> fmt::Debug for Lazy<T> {
    /// Nothing of the record, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lazy(…)")
    }
}

impl<T> Lazy<T> {
    /// A record that is new.
    pub fn new(value: T) -> Self {
        Self {
            read: None,
            value: OnceLock::from(Box::new(value)),
        }
    }

    /// Its JSON as it stands in the payload; none once it was made or changed here.
    pub(crate) fn json(&self) -> Option<&[u8]> {
        self.read.as_ref().map(PlacedJson::bytes)
    }
}

impl<T: DeserializeOwned> Lazy<T> {
    /// The record.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is malformed.
    pub fn get(&self) -> Result<&T> {
        if self.value.get().is_none()
            && let Some(json) = self.json()
        {
            // Another thread that was faster has decoded the same.
            let _ = self.value.set(Box::new(decode(json)?));
        }
        self.value
            .get()
            .map(Box::as_ref)
            .ok_or_else(|| Error::integrity("a record of the vault is missing"))
    }

    /// The record, to be changed.
    pub fn get_mut(&mut self) -> Result<&mut T> {
        self.get()?;
        self.read = None;
        self.value
            .get_mut()
            .map(Box::as_mut)
            .ok_or_else(|| Error::integrity("a record of the vault is missing"))
    }
}

/// Decodes one record, or a part of it.
///
/// # Errors
/// [`crate::error::Kind::Integrity`], never with bytes of the record.
pub(crate) fn decode<'de, T: Deserialize<'de>>(json: &'de [u8]) -> Result<T> {
    serde_json::from_slice(json).map_err(|why| malformed(&why))
}

/// What is wrong with a record, without its bytes.
pub(super) fn malformed(why: &serde_json::Error) -> Error {
    Error::integrity(format!(
        "a record of the vault is malformed at its column {}",
        why.column()
    ))
}

impl<T: Serialize> Serialize for Lazy<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.json() {
            Some(json) => {
                let raw: &RawValue = serde_json::from_slice(json).map_err(ser::Error::custom)?;
                raw.serialize(serializer)
            }
            None => self.value.get().serialize(serializer),
        }
    }
}

impl<T> ReadInPlace for Lazy<T> {
    fn read_in_place<'de, D: Deserializer<'de>>(
        deserializer: D,
        payload: &PayloadJson,
    ) -> Result<Self, D::Error> {
        Ok(Self {
            read: Some(PlacedJson::read_in_place(deserializer, payload)?),
            value: OnceLock::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Lazy, PayloadJson, ReadInPlace};

    fn read<T>(json: &'static str) -> Lazy<T> {
        let payload = PayloadJson::new(json);
        let mut reader = serde_json::Deserializer::from_slice(payload.bytes());
        Lazy::read_in_place(&mut reader, &payload).unwrap()
    }

    #[test]
    fn what_is_only_read_is_written_back_byte_for_byte() {
        let text = "[ 1,2 , 3e0 ]";
        let lazy: Lazy<Vec<f64>> = read(text);
        assert_eq!(lazy.get().unwrap(), &[1.0, 2.0, 3.0]);
        assert_eq!(serde_json::to_string(&lazy).unwrap(), text);
    }

    #[test]
    fn what_is_changed_is_written_anew() {
        let mut lazy: Lazy<Vec<u8>> = read("[ 1 ]");
        lazy.get_mut().unwrap().push(2);
        assert_eq!(serde_json::to_string(&lazy).unwrap(), "[1,2]");
        assert_eq!(serde_json::to_string(&Lazy::new(7)).unwrap(), "7");
    }

    #[test]
    fn debug_shows_nothing_of_the_record() {
        let read: Lazy<String> = read("\"hunter2\"");
        let made = Lazy::new("hunter2".to_owned());
        assert_eq!(format!("{read:?} {made:?}"), "Lazy(…) Lazy(…)");
    }

    #[test]
    fn a_malformed_record_is_an_error_when_it_is_looked_at() {
        let lazy: Lazy<Vec<u8>> = read("{}");
        assert!(lazy.get().is_err());
    }
}
