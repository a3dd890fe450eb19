//! Fields that can change on several devices at once, and how they merge.
//!
//! A cell is a list of stamped values, normally one. A write that knew the others replaces them;
//! a write that did not know one is kept beside it until someone settles the conflict: nothing is
//! dropped by recency. (The construction is that of dotted version vectors: `seen` is the version
//! vector, a stamp is the dot.)

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::absent::Absent;

/// A device's id: 64 random bits, written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(u64);

impl DeviceId {
    /// The id made of these random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes))
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for DeviceId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let canonical = text.len() == 16
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        canonical
            .then(|| u64::from_str_radix(text, 16).ok())
            .flatten()
            .map(Self)
            .ok_or_else(|| "a device's id is 16 hexadecimal digits".into())
    }
}

impl Serialize for DeviceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DeviceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;
        impl Visitor<'_> for IdVisitor {
            type Value = DeviceId;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a device's id of 16 hexadecimal digits")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<DeviceId, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(IdVisitor)
    }
}

/// Which write it was: a Lamport counter, and the device that wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// 1 + the largest counter that the writer had seen.
    pub counter: u64,
    /// The writer.
    pub device: DeviceId,
}

/// The highest counter known from each device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen(BTreeMap<DeviceId, u64>);

impl Seen {
    /// The stamp of the next write on `device`, which is seen from then on.
    pub fn next(&mut self, device: DeviceId) -> Stamp {
        let counter = 1 + self.0.values().max().copied().unwrap_or(0);
        self.0.insert(device, counter);
        Stamp { counter, device }
    }

    /// Whether the write of `stamp` is known.
    #[must_use]
    pub fn covers(&self, stamp: Stamp) -> bool {
        self.0
            .get(&stamp.device)
            .is_some_and(|&counter| counter >= stamp.counter)
    }

    /// Whether everything known to `other` is known here.
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        other
            .0
            .iter()
            .all(|(&device, &counter)| self.covers(Stamp { counter, device }))
    }

    /// The same without what is said of one device.
    #[must_use]
    pub(crate) fn without(&self, device: DeviceId) -> Self {
        let mut less = self.clone();
        less.0.remove(&device);
        less
    }

    /// The devices that have written.
    pub(crate) fn devices(&self) -> impl Iterator<Item = DeviceId> {
        self.0.keys().copied()
    }

    /// What either knows.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let mut all = self.clone();
        for (&device, &counter) in &other.0 {
            let mine = all.0.entry(device).or_default();
            *mine = counter.max(*mine);
        }
        all
    }
}

/// A field that can change: its values with their stamps, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell<T>(Vec<(Stamp, T)>);

impl<T> FromIterator<(Stamp, T)> for Cell<T> {
    /// The values in ascending order.
    fn from_iter<I: IntoIterator<Item = (Stamp, T)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl<T> Default for Cell<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Cell<T> {
    /// A cell with one value.
    #[must_use]
    pub fn new(stamp: Stamp, value: T) -> Self {
        Self(vec![(stamp, value)])
    }

    /// Replaces whatever is there; what is so already was not written.
    pub fn set(&mut self, stamp: Stamp, value: T)
    where
        T: PartialEq,
    {
        if self.0.len() > 1 || self.get() != Some(&value) {
            self.0 = vec![(stamp, value)];
        }
    }

    /// Empties it. Returns whether there was anything to empty.
    pub(crate) fn empty(&mut self, stamp: Stamp) -> bool
    where
        T: PartialEq + Default,
    {
        let empty = T::default();
        let is_set = self.0.len() > 1 || self.get().is_some_and(|value| *value != empty);
        if is_set {
            self.set(stamp, empty);
        }
        is_set
    }

    /// The value that counts as current: the greatest by counter, device and bytes.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.0.last().map(|(_, value)| value)
    }

    /// As [`Self::get`], giving the value away.
    pub(crate) fn into_current(mut self) -> Option<T> {
        self.0.pop().map(|(_, value)| value)
    }

    /// Its values with their stamps, the current one last.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = (Stamp, &T)> {
        self.0.iter().map(|(stamp, value)| (*stamp, value))
    }

    /// Adds a value beside those that are there, as another device would have: it is current from
    /// then on, and all of them are to choose from.
    pub(crate) fn set_beside(&mut self, stamp: Stamp, value: T) {
        self.0.push((stamp, value));
    }

    /// The stamps of the values.
    pub fn stamps(&self) -> impl Iterator<Item = Stamp> {
        self.0.iter().map(|(stamp, _)| *stamp)
    }
}

impl<T> Cell<Vec<T>> {
    /// The current list, where never set and empty are the same.
    #[must_use]
    pub fn items(&self) -> &[T] {
        self.get().map_or(&[], Vec::as_slice)
    }

    /// Replaces the list, unless the new one is empty.
    pub(crate) fn set_if_any(&mut self, stamp: Stamp, items: Vec<T>)
    where
        T: PartialEq,
    {
        if !items.is_empty() {
            self.set(stamp, items);
        }
    }
}

impl Cell<String> {
    /// The current text; empty in a damaged record only.
    pub(crate) fn text(&self) -> &str {
        self.get().map_or("", String::as_str)
    }
}

impl<T> Cell<Option<T>> {
    /// Replaces the value, unless the new one is none.
    pub(crate) fn set_if_some(&mut self, stamp: Stamp, value: Option<T>)
    where
        T: PartialEq,
    {
        if value.is_some() {
            self.set(stamp, value);
        }
    }

    /// The current value, where unset and never set are the same.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.get().and_then(Option::as_ref)
    }
}

impl<T: Clone + PartialEq + Serialize> Cell<T> {
    /// What both hold, and what only one holds if the other has not seen it.
    ///
    /// Two values under one stamp, as a cloned device writes them, are both kept.
    #[must_use]
    pub fn merge(&self, seen: &Seen, other: &Self, other_seen: &Seen) -> Self {
        let mut kept = self.unreplaced(other, other_seen);
        for item in other.unreplaced(self, seen) {
            if !kept.contains(&item) {
                kept.push(item);
            }
        }
        kept.sort_by_cached_key(|(stamp, value)| {
            (*stamp, serde_json::to_vec(value).unwrap_or_default())
        });
        Self(kept)
    }

    fn unreplaced(&self, other: &Self, other_seen: &Seen) -> Vec<(Stamp, T)> {
        let held = |stamp: Stamp| other.stamps().any(|s| s == stamp);
        self.0
            .iter()
            .filter(|(stamp, _)| held(*stamp) || !other_seen.covers(*stamp))
            .cloned()
            .collect()
    }
}

impl<T> Absent for Cell<T> {
    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Serialize> Serialize for Cell<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.0
                .iter()
                .map(|(stamp, value)| (stamp.counter, stamp.device, value)),
        )
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Cell<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CellVisitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for CellVisitor<T> {
            type Value = Cell<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of [counter, device, value]")
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Cell<T>, A::Error> {
                let mut values = Vec::with_capacity(1);
                while let Some((counter, device, value)) = seq.next_element()? {
                    values.push((Stamp { counter, device }, value));
                }
                Ok(Cell(values))
            }
        }
        deserializer.deserialize_seq(CellVisitor(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Cell, DeviceId, Seen, Stamp};
    use crate::model::records::stamped::Stamped;

    /// One replica of a one-cell vault.
    #[derive(Clone, Debug, Default, PartialEq)]
    struct Replica {
        seen: Seen,
        cell: Cell<u8>,
    }

    impl Replica {
        fn write(&mut self, device: u64, value: u8) {
            let stamp = self.seen.next(DeviceId(device));
            self.cell.set(stamp, value);
        }

        fn merge(&self, other: &Self) -> Self {
            Self {
                seen: self.seen.merge(&other.seen),
                cell: self.cell.merge(&self.seen, &other.cell, &other.seen),
            }
        }
    }

    /// Three replicas after any history of writes and merges among them.
    fn histories() -> impl Strategy<Value = Vec<Replica>> {
        let step = (0..3usize, 0..3usize, any::<bool>(), any::<u8>());
        prop::collection::vec(step, 0..24).prop_map(|steps| {
            let mut replicas = vec![Replica::default(); 3];
            for (here, there, merges, value) in steps {
                if merges {
                    replicas[here] = replicas[here].merge(&replicas[there]);
                } else {
                    replicas[here].write(here as u64, value);
                }
            }
            replicas
        })
    }

    proptest! {
        #[test]
        fn merge_is_commutative_associative_and_idempotent(r in histories()) {
            let (a, b, c) = (&r[0], &r[1], &r[2]);
            prop_assert_eq!(a.merge(b), b.merge(a));
            prop_assert_eq!(a.merge(b).merge(c), a.merge(&b.merge(c)));
            prop_assert_eq!(&a.merge(a), a);
        }

        #[test]
        fn merge_takes_the_side_that_has_seen_the_other(r in histories(), value in any::<u8>()) {
            let both = r[0].merge(&r[1]);
            let mut later = both.clone();
            later.write(7, value);
            prop_assert_eq!(later.merge(&r[0]), later.clone());
            prop_assert_eq!(r[1].merge(&later), later);
        }

        #[test]
        fn a_write_that_did_not_know_the_other_is_kept_beside_it(a in any::<u8>(), b in any::<u8>()) {
            let mut one = Replica::default();
            let mut two = Replica::default();
            one.write(1, a);
            two.write(2, b);
            let merged = one.merge(&two);
            prop_assert_eq!(merged.cell.in_conflict(), a != b);
            prop_assert_eq!(merged.cell.get(), Some(&b), "the greater device is current");
        }
    }

    #[test]
    fn two_values_under_one_stamp_are_both_kept() {
        let mut one = Replica::default();
        let mut clone = Replica::default();
        one.write(1, 10);
        clone.write(1, 20);
        let merged = one.merge(&clone);
        assert_eq!(merged, clone.merge(&one));
        assert!(merged.cell.in_conflict());
    }

    #[test]
    fn a_cell_is_a_list_of_counter_device_value() {
        let cell = Cell::new(
            Stamp {
                counter: 3,
                device: DeviceId(0xab),
            },
            "x".to_owned(),
        );
        let json = serde_json::to_string(&cell).unwrap();
        assert_eq!(json, r#"[[3,"00000000000000ab","x"]]"#);
        assert_eq!(serde_json::from_str::<Cell<String>>(&json).unwrap(), cell);
    }
}
