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
        let mut in_conflict = false;
        self.each_cell(&mut |stamps| in_conflict |= stamps.count() > 1);
        in_conflict
    }
}

impl<T> Stamped for Cell<T> {
    fn each_cell(&self, visit: Visit<'_>) {
        visit(&mut self.stamps());
    }
}

impl<T: Stamped> Stamped for &T {
    fn each_cell(&self, visit: Visit<'_>) {
        (**self).each_cell(visit);
    }
}

impl<T: Stamped> Stamped for Option<T> {
    fn each_cell(&self, visit: Visit<'_>) {
        self.iter().for_each(|part| part.each_cell(visit));
    }
}

impl<T: Stamped> Stamped for Vec<T> {
    fn each_cell(&self, visit: Visit<'_>) {
        self.iter().for_each(|part| part.each_cell(visit));
    }
}

impl<K, T: Stamped> Stamped for BTreeMap<K, T> {
    fn each_cell(&self, visit: Visit<'_>) {
        self.values().for_each(|part| part.each_cell(visit));
    }
}

/// A malformed record has none: to look at it is an error of its own.
impl<T: Stamped + DeserializeOwned> Stamped for Lazy<T> {
    fn each_cell(&self, visit: Visit<'_>) {
        self.get().iter().for_each(|record| record.each_cell(visit));
    }
}

impl Stamped for BTreeSet<Uuid> {}
impl Stamped for DeviceId {}
impl Stamped for Seen {}
impl Stamped for String {}
impl Stamped for Timestamp {}
impl Stamped for Uuid {}
impl Stamped for bool {}
impl Stamped for u32 {}
impl Stamped for u64 {}
