//! The first fields of a record: it is read up to the last one that is asked for and no further.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use super::lazy::malformed;
use super::record::JsonKey;
use crate::error::Result;

/// Some fields of a record.
pub(crate) trait Head<'de> {
    /// Takes the value of the field `name`, if it is one of them; whether it was.
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error>;

    /// Whether nothing is missing.
    fn is_complete(&self) -> bool;
}

/// Reads what is missing of a record's head. What stands behind it is not looked at.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record, never with bytes of it.
pub(crate) fn read_head<'de>(json: &'de [u8], head: &mut impl Head<'de>) -> Result<()> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    match reader.deserialize_map(HeadOf(&mut *head)) {
        // To stop within a record is an error to serde.
        Err(why) if !head.is_complete() => Err(malformed(&why)),
        _ => Ok(()),
    }
}

struct HeadOf<'h, H>(&'h mut H);

impl<'de, H: Head<'de>> Visitor<'de> for HeadOf<'_, H> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while !self.0.is_complete() {
            let Some(JsonKey(name)) = map.next_key()? else {
                return Ok(());
            };
            if !self.0.take(&name, &mut map)? {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::de::MapAccess;

    use super::{Head, read_head};

    #[derive(Default)]
    struct Both {
        a: Option<u8>,
        b: Option<u8>,
    }

    impl<'de> Head<'de> for Both {
        fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
            match name {
                "a" => self.a = Some(map.next_value()?),
                "b" => self.b = Some(map.next_value()?),
                _ => return Ok(false),
            }
            Ok(true)
        }

        fn is_complete(&self) -> bool {
            self.a.is_some() && self.b.is_some()
        }
    }

    fn read(json: &str) -> Option<(Option<u8>, Option<u8>)> {
        let mut head = Both::default();
        let read = read_head(json.as_bytes(), &mut head);
        read.ok().map(|()| (head.a, head.b))
    }

    #[test]
    fn it_ends_with_the_last_field_that_is_asked_for() {
        let both = Some((Some(1), Some(2)));
        assert_eq!(read(r#"{"a":1,"x":[{}],"b":2}"#), both);
        assert_eq!(read(r#"{"b":2,"a":1,"b":nonsense"#), both);
    }

    #[test]
    fn what_is_missing_is_none_and_what_is_malformed_before_it_an_error() {
        assert_eq!(read(r#"{"x":0,"b":2}"#), Some((None, Some(2))));
        for bad in [
            "",
            "[]",
            r#"{"a":1"#,
            r#"{"a":1,"x":nonsense,"b":2}"#,
            r#"{"a":"#,
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
