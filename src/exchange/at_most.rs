//! Lists in what a stranger has made: an item too many ends the reading before it is collected.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Reads a list of no more than `LIMIT` items.
pub(super) fn list<'de, const LIMIT: usize, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_seq(ListVisitor::<LIMIT, T>(PhantomData))
}

/// As [`list`], for a map from names.
pub(super) fn map<'de, const LIMIT: usize, D, T>(
    deserializer: D,
) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_map(MapVisitor::<LIMIT, T>(PhantomData))
}

struct ListVisitor<const LIMIT: usize, T>(PhantomData<T>);

impl<'de, const LIMIT: usize, T: Deserialize<'de>> Visitor<'de> for ListVisitor<LIMIT, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {LIMIT} items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Vec<T>, A::Error> {
        read_list::<LIMIT, A, T>(list)
    }
}

/// As [`list`], where a visitor has come upon one.
pub(super) fn read_list<'de, const LIMIT: usize, A, T>(mut list: A) -> Result<Vec<T>, A::Error>
where
    A: SeqAccess<'de>,
    T: Deserialize<'de>,
{
    let mut items = Vec::new();
    while let Some(item) = list.next_element()? {
        if items.len() == LIMIT {
            return Err(too_many::<LIMIT, _>());
        }
        items.push(item);
    }
    Ok(items)
}

struct MapVisitor<const LIMIT: usize, T>(PhantomData<T>);

impl<'de, const LIMIT: usize, T: Deserialize<'de>> Visitor<'de> for MapVisitor<LIMIT, T> {
    type Value = BTreeMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a map of at most {LIMIT} items")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut items = BTreeMap::new();
        while let Some((name, item)) = map.next_entry()? {
            if items.len() == LIMIT {
                return Err(too_many::<LIMIT, _>());
            }
            items.insert(name, item);
        }
        Ok(items)
    }
}

fn too_many<const LIMIT: usize, E: de::Error>() -> E {
    E::custom(format!("a list of more than {LIMIT} items"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Lists {
        #[serde(default, deserialize_with = "super::list::<3, _, _>")]
        list: Vec<u8>,
        #[serde(default, deserialize_with = "super::map::<3, _, _>")]
        map: BTreeMap<String, u8>,
    }

    #[test]
    fn a_list_ends_at_its_limit() {
        let read = |text| serde_json::from_str::<Lists>(text);
        assert_eq!(read(r#"{"list":[1,2,3]}"#).unwrap().list, [1, 2, 3]);
        assert_eq!(read(r#"{"map":{"a":1,"b":2,"c":3}}"#).unwrap().map.len(), 3);
        assert!(read(r#"{"list":[1,2,3,4]}"#).is_err());
        assert!(read(r#"{"map":{"a":1,"b":2,"c":3,"d":4}}"#).is_err());
    }
}
