//! The shape that all records of the payload share: known fields by name, and whatever else a
//! newer version wrote, kept and written back byte for byte.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;

use super::cell::Cell;
use super::merging::{ListItem, Mergeable, SeenByBoth, either, greater};
use super::stamped::Stamped;
use crate::error::Result as VaultResult;
use crate::model::text::limits::JSON_DEPTH;

/// Fields that this version does not know, as they stood in the file.
pub(crate) type Extra = BTreeMap<String, OpaqueValue>;

/// A value that is kept as it stands, and not looked into but for its depth.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct OpaqueValue(Box<RawValue>);

impl PartialEq for OpaqueValue {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for OpaqueValue {}

impl Stamped for OpaqueValue {}

impl OpaqueValue {
    /// Its JSON.
    pub(crate) fn text(&self) -> &str {
        self.0.get()
    }
}

/// What a newer version wrote: a cell by its shape, anything else as what is written once.
impl Mergeable for OpaqueValue {
    fn merged(&self, other: &Self, known: &SeenByBoth) -> VaultResult<Self> {
        let cell = |value: &Self| serde_json::from_str::<Cell<Self>>(value.text());
        let cells = cell(self).and_then(|own| Ok((own, cell(other)?)));
        let merged = cells.and_then(|(own, other)| {
            let merged = own.merge(&known.own, &other, &known.other);
            serde_json::from_str(&serde_json::to_string(&merged)?)
        });
        Ok(merged.unwrap_or_else(|_| greater(self, other)))
    }
}

impl ListItem for OpaqueValue {
    fn merge_lists(own: &[Self], other: &[Self], _: &SeenByBoth) -> VaultResult<Vec<Self>> {
        Ok(either(own, other))
    }
}

impl fmt::Debug for OpaqueValue {
    /// Nothing of the value, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpaqueValue(…)")
    }
}

impl<'de> Deserialize<'de> for OpaqueValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Box::<RawValue>::deserialize(deserializer)?;
        if depth(value.get()) > JSON_DEPTH {
            return Err(de::Error::custom("a value is nested too deeply"));
        }
        Ok(Self(value))
    }
}

/// How deeply a well-formed JSON value is nested.
pub(crate) fn depth(json: &str) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                now += 1;
                most = most.max(now);
            }
            b']' | b'}' if !in_text => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

/// A key or a text, borrowed from the input where it has no escapes.
pub(crate) struct JsonKey<'de>(pub(crate) Cow<'de, str>);

impl<'de: 'a, 'a> Deserialize<'de> for JsonKey<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Cow<'de, str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        deserializer.deserialize_str(KeyVisitor).map(Self)
    }
}

/// How a record is merged: field by field, unless it says how itself.
macro_rules! merge_of_record {
    (apart $($rest:tt)*) => {};
    ($name:ident { $($field:ident)* }) => {
        impl $crate::model::records::merging::Mergeable for $name {
            fn merged(
                &self,
                other: &Self,
                known: &$crate::model::records::merging::SeenByBoth,
            ) -> $crate::error::Result<Self> {
                Ok(Self { $( $field: $crate::model::records::merging::Mergeable::merged(&self.$field, &other.$field, known)?, )* })
            }
        }
    };
}

/// How a record is read: by serde, or in place, so that its parts share the payload's buffer.
macro_rules! read_of_record {
    (place $name:ident $($fields:tt)*) => {
        impl $crate::model::records::in_place::ReadInPlace for $name {
            fn read_in_place<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
                payload: &$crate::model::records::in_place::PayloadJson,
            ) -> Result<Self, D::Error> {
                use $crate::model::records::in_place::{PayloadJson, PayloadPart, ReadInPlace};
                struct InPlaceVisitor<'p>(&'p PayloadJson);
                impl InPlaceVisitor<'_> {
                    fn value<'de, T: ReadInPlace, A: serde::de::MapAccess<'de>>(
                        &self,
                        map: &mut A,
                    ) -> Result<T, A::Error> {
                        map.next_value_seed(PayloadPart::of(self.0))
                    }
                }
                $crate::model::records::record::visitor_of_record! {
                    InPlaceVisitor<'_>, $name $($fields)*
                }
                deserializer.deserialize_map(InPlaceVisitor(payload))
            }
        }
    };
    ($name:ident $($fields:tt)*) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct RecordVisitor;
                impl RecordVisitor {
                    #[allow(clippy::unused_self, reason = "other records are read in place")]
                    fn value<'de, T: serde::Deserialize<'de>, A: serde::de::MapAccess<'de>>(
                        &self,
                        map: &mut A,
                    ) -> Result<T, A::Error> {
                        map.next_value()
                    }
                }
                $crate::model::records::record::visitor_of_record! {
                    RecordVisitor, $name $($fields)*
                }
                deserializer.deserialize_map(RecordVisitor)
            }
        }
    };
}

/// Reads a record's fields by name, each by the visitor's `value`, and keeps what has another name.
macro_rules! visitor_of_record {
    (
        $visitor:ty, $name:ident
        { $( $rfield:ident : $rtype:ty, )* }
        { $( $afield:ident : $atype:ty, )* }
        { $( $ofield:ident : $otype:ty, )* }
    ) => {
        impl<'de> serde::de::Visitor<'de> for $visitor {
            type Value = $name;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!("a record of kind ", stringify!($name)))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                $( let mut $rfield: Option<$rtype> = None; )*
                $( let mut $afield: Option<$atype> = None; )*
                $( let mut $ofield: Option<$otype> = None; )*
                let mut extra = $crate::model::records::record::Extra::new();
                while let Some($crate::model::records::record::JsonKey(key)) = map.next_key()? {
                    $( if key == stringify!($rfield) {
                        $crate::model::records::record::put(&mut $rfield, self.value(&mut map)?, stringify!($rfield))?;
                        continue;
                    } )*
                    $( if key == stringify!($afield) {
                        $crate::model::records::record::put(&mut $afield, self.value(&mut map)?, stringify!($afield))?;
                        continue;
                    } )*
                    $( if key == stringify!($ofield) {
                        $crate::model::records::record::put(&mut $ofield, self.value(&mut map)?, stringify!($ofield))?;
                        continue;
                    } )*
                    if extra.insert(key.into_owned(), map.next_value()?).is_some() {
                        return Err(serde::de::Error::custom("a field stands there twice"));
                    }
                }
                Ok($name {
                    $( $rfield: $rfield.ok_or_else(|| {
                        <A::Error as serde::de::Error>::missing_field(stringify!($rfield))
                    })?, )*
                    $( $afield: $afield.unwrap_or_default(), )*
                    $( $ofield: $ofield.unwrap_or_default(), )*
                    extra,
                })
            }
        }
    };
}

/// Keeps the value of a field. One that stands there twice would be read in two ways: by the first, where
/// a record's head is enough, and by the last.
pub(crate) fn put<T, E: de::Error>(
    place: &mut Option<T>,
    value: T,
    name: &'static str,
) -> Result<(), E> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::duplicate_field(name)),
    }
}

/// Declares a record: `required` fields must stand in the file, those under `always` are written
/// even when empty, `optional` ones are left out then. `as "KIND" of "COMMAND"` makes it a
/// [`crate::model::records::table::Record`] of a table, `by FIELD` one of several, in the order of
/// that time; `merged apart` leaves to its file how two copies become one; one that stands `in
/// place` is read from a payload, whose buffer its parts share.
/// `#[serde(flatten)]` would do the same by buffering every record twice.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident $(as $kind:literal of $list:literal)? $(by $created:ident)? $(merged $apart:ident)? $(in $place:ident)? {
            required { $( $(#[$rmeta:meta])* $rfield:ident : $rtype:ty, )* }
            $( always { $( $(#[$ameta:meta])* $afield:ident : $atype:ty, )* } )?
            optional { $( $(#[$ometa:meta])* $ofield:ident : $otype:ty, )* }
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        #[allow(clippy::struct_field_names, reason = "they are named as in the file")]
        pub struct $name {
            $( $(#[$rmeta])* pub $rfield: $rtype, )*
            $( $( $(#[$ameta])* pub $afield: $atype, )* )?
            $( $(#[$ometa])* pub $ofield: $otype, )*
            /// Fields that this version does not know.
            pub(crate) extra: $crate::model::records::record::Extra,
        }

        impl $name {
            /// A record with its required fields, and nothing else yet.
            #[allow(clippy::too_many_arguments, reason = "one for each required field")]
            pub fn with($( $rfield: $rtype, )*) -> Self {
                Self {
                    $( $rfield, )*
                    $( $( $afield: Default::default(), )* )?
                    $( $ofield: Default::default(), )*
                    extra: Default::default(),
                }
            }
        }

        $( impl $crate::model::records::table::Record for $name {
            const KIND: &'static str = $kind;
            const LIST: &'static str = $list;
        } )?

        $( impl $crate::model::records::merging::Member for $name {
            fn id(&self) -> Uuid {
                self.id
            }

            fn created_at(&self) -> Timestamp {
                self.$created
            }
        }

        impl $crate::model::records::merging::ListItem for $name {
            fn merge_lists(
                own: &[Self],
                other: &[Self],
                known: &$crate::model::records::merging::SeenByBoth,
            ) -> $crate::error::Result<Vec<Self>> {
                $crate::model::records::merging::merge_members(own, other, known)
            }
        } )?

        $crate::model::records::record::merge_of_record! {
            $($apart)? $name { $( $rfield )* $( $( $afield )* )? $( $ofield )* extra }
        }

        impl $crate::model::records::stamped::Stamped for $name {
            fn each_cell(&self, visit: $crate::model::records::stamped::Visit<'_>) {
                $( self.$rfield.each_cell(visit); )*
                $( $( self.$afield.each_cell(visit); )* )?
                $( self.$ofield.each_cell(visit); )*
            }

            fn conflicts(&self) -> Vec<&'static str> {
                let fields = [
                    $( (stringify!($rfield), self.$rfield.in_conflict()), )*
                    $( $( (stringify!($afield), self.$afield.in_conflict()), )* )?
                    $( (stringify!($ofield), self.$ofield.in_conflict()), )*
                ];
                fields.into_iter().filter_map(|(name, is)| is.then_some(name)).collect()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;
                #[allow(unused_imports, reason = "a record may have no optional field")]
                use crate::model::records::absent::Absent;
                let mut map = serializer.serialize_map(None)?;
                $( map.serialize_entry(stringify!($rfield), &self.$rfield)?; )*
                $( $( map.serialize_entry(stringify!($afield), &self.$afield)?; )* )?
                $( if !self.$ofield.is_absent() {
                    map.serialize_entry(stringify!($ofield), &self.$ofield)?;
                } )*
                for (key, value) in &self.extra {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }

        $crate::model::records::record::read_of_record! {
            $($place)? $name
            { $( $rfield: $rtype, )* } { $( $( $afield: $atype, )* )? } { $( $ofield: $otype, )* }
        }
    };
}

pub(crate) use {merge_of_record, read_of_record, record, visitor_of_record};

#[cfg(test)]
mod tests {
    use super::{OpaqueValue, depth};
    use crate::model::records::entry::Entry;

    #[test]
    fn a_field_that_stands_there_twice_is_refused() {
        let id = r#""id":"0b7b6423-f080-4fb7-ba8c-25ca0c636182""#;
        for (field, why) in [
            (id, "duplicate field `id`"),
            (r#""notes":[]"#, "duplicate field `notes`"),
            (r#""new":1"#, "a field stands there twice"),
        ] {
            let record = format!("{{{field},{field}}}");
            let refused = serde_json::from_str::<Entry>(&record).unwrap_err();
            assert!(refused.to_string().starts_with(why), "{refused}");
        }
    }

    #[test]
    fn depth_counts_lists_and_objects_outside_of_texts() {
        assert_eq!(depth("1"), 0);
        assert_eq!(depth(r#"{"a":[1,[2]],"b":{}}"#), 3);
        assert_eq!(depth(r#"["[[[\"[[","\\"]"#), 1);
    }

    #[test]
    fn a_value_past_the_limit_is_refused() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(serde_json::from_str::<OpaqueValue>(&nested(64)).is_ok());
        assert!(serde_json::from_str::<OpaqueValue>(&nested(65)).is_err());
        assert!(serde_json::from_str::<OpaqueValue>(&nested(100_000)).is_err());
    }
}
