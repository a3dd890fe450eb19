//! Records that are decoded when they are first looked at. Most commands look at one of
//! thousands; what is not changed is written back byte for byte.

use std::fmt;
use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::{Error, Result};

/// A record as it stands in the payload, or as it was made or changed since.
#[derive(Clone)]
pub struct Lazy<T> {
    raw: Option<Box<RawValue>>,
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
            raw: None,
            value: OnceLock::from(Box::new(value)),
        }
    }

    /// Its JSON as it stands in the payload; none once it was made or changed here.
    pub fn text(&self) -> Option<&str> {
        self.raw.as_deref().map(RawValue::get)
    }
}

impl<T: DeserializeOwned> Lazy<T> {
    /// The record.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is malformed.
    pub fn get(&self) -> Result<&T> {
        if self.value.get().is_none()
            && let Some(text) = self.text()
        {
            // Another thread that was faster has decoded the same.
            let _ = self.value.set(Box::new(decode(text)?));
        }
        self.value
            .get()
            .map(Box::as_ref)
            .ok_or_else(|| Error::integrity("a record of the vault is missing"))
    }

    /// The record, to be changed.
    pub fn get_mut(&mut self) -> Result<&mut T> {
        self.get()?;
        self.raw = None;
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
pub(crate) fn decode<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T> {
    serde_json::from_str(text).map_err(|why| {
        Error::integrity(format!(
            "a record of the vault is malformed at its column {}",
            why.column()
        ))
    })
}

impl<T: Serialize> Serialize for Lazy<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.raw {
            Some(raw) => raw.serialize(serializer),
            None => self.value.get().serialize(serializer),
        }
    }
}

impl<'de, T> Deserialize<'de> for Lazy<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self {
            raw: Some(Deserialize::deserialize(deserializer)?),
            value: OnceLock::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Lazy;

    #[test]
    fn what_is_only_read_is_written_back_byte_for_byte() {
        let text = "[ 1,2 , 3e0 ]";
        let lazy: Lazy<Vec<f64>> = serde_json::from_str(text).unwrap();
        assert_eq!(lazy.get().unwrap(), &[1.0, 2.0, 3.0]);
        assert_eq!(serde_json::to_string(&lazy).unwrap(), text);
    }

    #[test]
    fn what_is_changed_is_written_anew() {
        let mut lazy: Lazy<Vec<u8>> = serde_json::from_str("[ 1 ]").unwrap();
        lazy.get_mut().unwrap().push(2);
        assert_eq!(serde_json::to_string(&lazy).unwrap(), "[1,2]");
        assert_eq!(serde_json::to_string(&Lazy::new(7)).unwrap(), "7");
    }

    #[test]
    fn debug_shows_nothing_of_the_record() {
        let read: Lazy<String> = serde_json::from_str("\"hunter2\"").unwrap();
        let made = Lazy::new("hunter2".to_owned());
        assert_eq!(format!("{read:?} {made:?}"), "Lazy(…) Lazy(…)");
    }

    #[test]
    fn a_malformed_record_is_an_error_when_it_is_looked_at() {
        let lazy: Lazy<Vec<u8>> = serde_json::from_str("{}").unwrap();
        assert!(lazy.get().is_err());
    }
}
