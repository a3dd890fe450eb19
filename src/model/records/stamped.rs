//! What holds cells. Every type of a field says so here or beside its definition, so that no cell
//! of a record can be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::cell::{Cell, DeviceId, Seen, Stamp};
use super::lazy::Lazy;

/// What is done with the stamps of one cell.
pub(crate) type Visit<'a> = &'a mut dyn FnMut(&mut dyn Iterator<Item = Stamp>);

/// A cell, a record, or several of them. Without cells it is an empty `impl`.
pub trait Stamped {
    /// Gives the stamps of each cell's values to `visit`.
    fn each_cell(&self, _visit: Visit<'_>) {}

    /// Whether `seen` has every write.
    fn is_covered_by(&self, seen: &Seen) -> bool {
        let mut is_covered = true;
        self.each_cell(&mut |stamps| stamps.for_each(|stamp| is_covered &= seen.covers(stamp)));
        is_covered
    }

    /// The fields of a record that have more than one value to choose from.
    fn conflicts(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Whether a cell has more than one value to choose from.
    fn in_conflict(&self) -> bool {
        !self.conflicts().is_empty()
    }
}

fn each_cell_of<'a, T: Stamped + 'a>(parts: impl IntoIterator<Item = &'a T>, visit: Visit<'_>) {
    for part in parts {
        part.each_cell(visit);
    }
}

/// The same value, written apart, is nothing to choose from.
impl<T: PartialEq> Stamped for Cell<T> {
    fn each_cell(&self, visit: Visit<'_>) {
        visit(&mut self.stamps());
    }

    fn in_conflict(&self) -> bool {
        let mut others = self.values().map(|(_, value)| value);
        others
            .next()
            .is_some_and(|first| others.any(|value| value != first))
    }
}

impl<T: Stamped> Stamped for &T {
    fn each_cell(&self, visit: Visit<'_>) {
        (**self).each_cell(visit);
    }

    fn in_conflict(&self) -> bool {
        (**self).in_conflict()
    }
}

impl<T: Stamped> Stamped for Option<T> {
    fn each_cell(&self, visit: Visit<'_>) {
        each_cell_of(self, visit);
    }

    fn in_conflict(&self) -> bool {
        self.as_ref().is_some_and(T::in_conflict)
    }
}

impl<T: Stamped> Stamped for Vec<T> {
    fn each_cell(&self, visit: Visit<'_>) {
        each_cell_of(self, visit);
    }

    fn in_conflict(&self) -> bool {
        self.iter().any(T::in_conflict)
    }
}

impl<K, T: Stamped> Stamped for BTreeMap<K, T> {
    fn each_cell(&self, visit: Visit<'_>) {
        each_cell_of(self.values(), visit);
    }

    fn in_conflict(&self) -> bool {
        self.values().any(T::in_conflict)
    }
}

/// A malformed record has none: to look at it is an error of its own.
impl<T: Stamped + DeserializeOwned> Stamped for Lazy<T> {
    fn each_cell(&self, visit: Visit<'_>) {
        each_cell_of(self.get().ok(), visit);
    }

    fn in_conflict(&self) -> bool {
        self.get().is_ok_and(T::in_conflict)
    }
}

impl Stamped for BTreeSet<String> {}
impl Stamped for BTreeSet<Uuid> {}
impl Stamped for DeviceId {}
impl Stamped for Seen {}
impl Stamped for String {}
impl Stamped for Timestamp {}
impl Stamped for Uuid {}
impl Stamped for bool {}
impl Stamped for u32 {}
impl Stamped for u64 {}

#[cfg(test)]
mod tests {
    use super::{Cell, DeviceId, Seen, Stamp, Stamped};
    use crate::model::entry::changes::Changes;
    use crate::model::records::entry::Entry;
    use crate::model::testing::{author, empty_vault, path, with_secret};

    /// What becomes of a record when one cell of it is written anew.
    fn written(write: fn(&mut Entry, Stamp)) -> Entry {
        let mut vault = empty_vault();
        let changes = Changes {
            fields: vec![("site".parse().unwrap(), "7".into())],
            ..with_secret("one")
        };
        vault.add(&path("acme/wp"), changes, &author(0)).unwrap();
        let mut entry = vault.entry(&path("acme/wp")).unwrap().clone();
        assert!(entry.is_covered_by(&vault.seen));
        let device = DeviceId::from_random([9; 8]);
        write(&mut entry, Stamp { counter: 9, device });
        assert!(!entry.is_covered_by(&vault.seen));
        entry
    }

    #[test]
    fn no_cell_is_passed_over_wherever_it_stands() {
        written(|entry, stamp| entry.name.set(stamp, "x".into()));
        written(|entry, stamp| entry.removed.set(stamp, None));
        written(|entry, stamp| entry.versions[0].promoted.set(stamp, None));
        written(|entry, stamp| entry.fields.get_mut("site").unwrap().set(stamp, None));
    }

    #[test]
    fn the_fields_with_more_than_one_value_are_named() {
        fn both<T: Clone + PartialEq + serde::Serialize>(cell: &mut Cell<T>, other: &Cell<T>) {
            *cell = cell.merge(&Seen::default(), other, &Seen::default());
        }
        let mut entry = written(|entry, stamp| entry.name.set(stamp, "x".into()));
        let other = written(|entry, stamp| {
            entry.name.set(stamp, "y".into());
            entry.fields.get_mut("site").unwrap().set(stamp, None);
        });
        assert!(!entry.in_conflict());
        both(&mut entry.name, &other.name);
        both(entry.fields.get_mut("site").unwrap(), &other.fields["site"]);
        assert_eq!(entry.conflicts(), ["name", "fields"]);
        assert_eq!(entry.flags(author(0).now), ["conflict"]);
    }
}
