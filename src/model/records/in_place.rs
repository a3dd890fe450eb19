//! Reading a payload in place: records that are looked at later share its one buffer, which goes
//! with the last of them.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The JSON of a payload.
#[derive(Clone)]
pub(crate) struct PayloadJson(Arc<dyn AsRef<[u8]> + Send + Sync>);

impl PayloadJson {
    /// Takes the buffer over.
    pub(crate) fn new(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self(Arc::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        (*self.0).as_ref()
    }

    /// The place of a value that was read from here; none for another one.
    fn place_of(&self, value: &RawValue) -> Option<PlacedJson> {
        let value = value.get().as_bytes();
        let start = (value.as_ptr().addr()).checked_sub(self.bytes().as_ptr().addr())?;
        let placed = PlacedJson {
            payload: self.clone(),
            start: start.try_into().ok()?,
            end: (start + value.len()).try_into().ok()?,
        };
        (placed.bytes().len() == value.len()).then_some(placed)
    }
}

/// A value in a payload.
#[derive(Clone)]
pub(crate) struct PlacedJson {
    payload: PayloadJson,
    start: u32,
    end: u32,
}

impl PlacedJson {
    /// Its JSON.
    pub(crate) fn bytes(&self) -> &[u8] {
        let place = self.start as usize..self.end as usize;
        self.payload.bytes().get(place).unwrap_or_default()
    }
}

impl ReadInPlace for PlacedJson {
    fn read_in_place<'de, D: Deserializer<'de>>(
        deserializer: D,
        payload: &PayloadJson,
    ) -> Result<Self, D::Error> {
        let value = <&RawValue>::deserialize(deserializer)?;
        let placed = payload.place_of(value);
        placed.ok_or_else(|| D::Error::custom("a value is not of this payload"))
    }
}

/// What a payload is read to.
pub(crate) trait ReadInPlace: Sized {
    /// Reads it from `payload`.
    fn read_in_place<'de, D: Deserializer<'de>>(
        deserializer: D,
        payload: &PayloadJson,
    ) -> Result<Self, D::Error>;
}

/// Reads a part of a payload.
pub(crate) struct PayloadPart<'p, T> {
    payload: &'p PayloadJson,
    part: PhantomData<T>,
}

impl<'p, T> PayloadPart<'p, T> {
    pub(crate) fn of(payload: &'p PayloadJson) -> Self {
        Self {
            payload,
            part: PhantomData,
        }
    }
}

impl<'de, T: ReadInPlace> DeserializeSeed<'de> for PayloadPart<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read_in_place(deserializer, self.payload)
    }
}

impl<T: ReadInPlace> ReadInPlace for Vec<T> {
    fn read_in_place<'de, D: Deserializer<'de>>(
        deserializer: D,
        payload: &PayloadJson,
    ) -> Result<Self, D::Error> {
        struct PlacedListVisitor<'p, T>(&'p PayloadJson, PhantomData<T>);
        impl<'de, T: ReadInPlace> Visitor<'de> for PlacedListVisitor<'_, T> {
            type Value = Vec<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = list.next_element_seed(PayloadPart::of(self.0))? {
                    all.push(one);
                }
                Ok(all)
            }
        }
        deserializer.deserialize_seq(PlacedListVisitor(payload, PhantomData))
    }
}

/// Declares types that are decoded at once.
macro_rules! decoded_at_once {
    ($($part:ty),+ $(,)?) => { $(
        impl $crate::model::records::in_place::ReadInPlace for $part {
            fn read_in_place<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
                _: &$crate::model::records::in_place::PayloadJson,
            ) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer)
            }
        }
    )+ };
}

pub(crate) use decoded_at_once;

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{PayloadJson, PayloadPart, PlacedJson};
    use serde::de::DeserializeSeed;

    #[test]
    fn a_value_is_where_it_stands_in_the_payload() {
        let payload = PayloadJson::new(*b" [ 1 , {\"a\": \"\\u00e9\"} ] ");
        let mut reader = serde_json::Deserializer::from_slice(payload.bytes());
        let values = PayloadPart::<Vec<PlacedJson>>::of(&payload);
        let values = values.deserialize(&mut reader).unwrap();
        let texts: Vec<&[u8]> = values.iter().map(PlacedJson::bytes).collect();
        assert_eq!(texts, [&b"1"[..], br#"{"a": "\u00e9"}"#]);
    }

    #[test]
    fn a_value_of_another_buffer_has_no_place() {
        let payload = PayloadJson::new(*b"[1]");
        for other in ["[1]", "  [1]  "] {
            let value: &RawValue = serde_json::from_str(other).unwrap();
            assert!(payload.place_of(value).is_none());
        }
    }
}
