//! Fields that are left out of the file.

use std::collections::{BTreeMap, BTreeSet};

/// Whether a field is left out of the file.
pub(crate) trait Absent {
    fn is_absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<K, V> Absent for BTreeMap<K, V> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<T> Absent for BTreeSet<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}
