//! How two copies of a record become one. Every type of a field says so here or beside its
//! definition, so that none can be forgotten: without it the record does not compile.
//!
//! A merge is commutative, associative and idempotent: nothing is chosen by a clock. Cells keep
//! what the other side has not replaced (see [`Cell::merge`]), sets of records keep what either
//! holds, and what is written once is the same on both sides.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::absent::Absent;
use super::cell::{Cell, DeviceId, Seen};
use super::lazy::Lazy;
use crate::error::Result;

/// What each of two copies knows of what was written: its own, then the other's.
#[derive(Clone, Debug, Default)]
pub struct SeenByBoth {
    /// Of the copy that is merged into.
    pub own: Seen,
    /// Of the copy that is taken in.
    pub other: Seen,
    /// The key that each copy is signed with, in OpenSSH form.
    pub signers: [String; 2],
}

/// What two copies of it become.
pub trait Mergeable: Sized {
    /// Both in one.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    fn merged(&self, other: &Self, known: &SeenByBoth) -> Result<Self>;

    /// What it becomes where the other copy, which knows of all in `seen`, has nothing of its name.
    fn alone(&self, _seen: &Seen) -> Option<Self>
    where
        Self: Clone,
    {
        Some(self.clone())
    }
}

/// A record among others of its kind within another record.
pub trait Member {
    /// Its id.
    fn id(&self) -> Uuid;
    /// When it came to be: members stand in this order.
    fn created_at(&self) -> Timestamp;
}

/// What stands in a list, and what two such lists become.
pub trait ListItem: Sized {
    /// Both lists in one.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    fn merge_lists(own: &[Self], other: &[Self], known: &SeenByBoth) -> Result<Vec<Self>>;
}

/// Of two values of what is written once, the greater: they differ only in a file that somebody
/// has changed by hand, and every device has to choose the same.
pub(crate) fn greater<T: Clone + Serialize>(own: &T, other: &T) -> T {
    let spelt = |value: &T| serde_json::to_vec(value).unwrap_or_default();
    if spelt(other) > spelt(own) {
        other.clone()
    } else {
        own.clone()
    }
}

/// Declares types whose values are written once.
macro_rules! written_once {
    ($($name:ty),+ $(,)?) => { $(
        impl $crate::model::records::merging::Mergeable for $name {
            fn merged(
                &self,
                other: &Self,
                _: &$crate::model::records::merging::SeenByBoth,
            ) -> $crate::error::Result<Self> {
                Ok($crate::model::records::merging::greater(self, other))
            }
        }

        $crate::model::records::merging::list_written_once!($name);
    )+ };
}

/// Declares types whose lists are written once.
macro_rules! list_written_once {
    ($($name:ty),+ $(,)?) => { $(
        impl $crate::model::records::merging::ListItem for $name {
            fn merge_lists(
                own: &[Self],
                other: &[Self],
                _: &$crate::model::records::merging::SeenByBoth,
            ) -> $crate::error::Result<Vec<Self>> {
                let (own, other) = (own.to_vec(), other.to_vec());
                Ok($crate::model::records::merging::greater(&own, &other))
            }
        }
    )+ };
}

/// Declares types of which either list has some, and both together all: nothing goes of them.
macro_rules! list_of_both {
    ($($name:ty),+ $(,)?) => { $(
        impl $crate::model::records::merging::ListItem for $name {
            fn merge_lists(
                own: &[Self],
                other: &[Self],
                _: &$crate::model::records::merging::SeenByBoth,
            ) -> $crate::error::Result<Vec<Self>> {
                Ok($crate::model::records::merging::either(own, other))
            }
        }
    )+ };
}

pub(crate) use {list_of_both, list_written_once, written_once};

written_once!(String, Uuid, DeviceId, bool, u32);

/// The later: dates beside cells say when something last happened.
impl Mergeable for Timestamp {
    fn merged(&self, other: &Self, _: &SeenByBoth) -> Result<Self> {
        Ok(*self.max(other))
    }
}

/// The greater: numbers beside cells count up.
impl Mergeable for u64 {
    fn merged(&self, other: &Self, _: &SeenByBoth) -> Result<Self> {
        Ok(*self.max(other))
    }
}

impl Mergeable for Seen {
    fn merged(&self, other: &Self, _: &SeenByBoth) -> Result<Self> {
        Ok(self.merge(other))
    }
}

impl<T: Ord + Clone> Mergeable for BTreeSet<T> {
    fn merged(&self, other: &Self, _: &SeenByBoth) -> Result<Self> {
        Ok(self.union(other).cloned().collect())
    }
}

impl<T: Clone + PartialEq + Serialize> Mergeable for Cell<T> {
    fn merged(&self, other: &Self, known: &SeenByBoth) -> Result<Self> {
        Ok(self.merge(&known.own, other, &known.other))
    }

    /// The other copy has emptied what it knows of.
    fn alone(&self, seen: &Seen) -> Option<Self> {
        let left = self.merge(&Seen::default(), &Self::default(), seen);
        (!left.is_absent()).then_some(left)
    }
}

impl<T: Mergeable + Clone> Mergeable for Option<T> {
    fn merged(&self, other: &Self, known: &SeenByBoth) -> Result<Self> {
        match (self, other) {
            (Some(own), Some(other)) => own.merged(other, known).map(Some),
            (one, other) => Ok(one.clone().or_else(|| other.clone())),
        }
    }
}

impl<K: Ord + Clone, T: Mergeable + Clone> Mergeable for BTreeMap<K, T> {
    fn merged(&self, other: &Self, known: &SeenByBoth) -> Result<Self> {
        let mut both = Self::new();
        let theirs_alone = other.keys().filter(|name| !self.contains_key(*name));
        for name in self.keys().chain(theirs_alone) {
            let merged = match (self.get(name), other.get(name)) {
                (Some(own), Some(theirs)) => Some(own.merged(theirs, known)?),
                (Some(own), None) => own.alone(&known.other),
                (None, Some(theirs)) => theirs.alone(&known.own),
                (None, None) => None,
            };
            both.extend(merged.map(|merged| (name.clone(), merged)));
        }
        Ok(both)
    }
}

impl<T: ListItem> Mergeable for Vec<T> {
    fn merged(&self, other: &Self, known: &SeenByBoth) -> Result<Self> {
        T::merge_lists(self, other, known)
    }
}

/// What stands in either list, in the order of its JSON, for records that have no id.
pub(crate) fn either<T: Clone + Serialize>(own: &[T], other: &[T]) -> Vec<T> {
    let spelt = |value: &T| serde_json::to_vec(value).unwrap_or_default();
    let all: BTreeMap<Vec<u8>, &T> = (own.iter().chain(other))
        .map(|it| (spelt(it), it))
        .collect();
    all.into_values().cloned().collect()
}

/// Members of two lists by id, in the order in which they were made.
pub(crate) fn merge_members<T: Member + Mergeable + Clone>(
    own: &[T],
    other: &[T],
    known: &SeenByBoth,
) -> Result<Vec<T>> {
    let mut theirs: HashMap<Uuid, &T> = other.iter().map(|it| (it.id(), it)).collect();
    let mut both = Vec::with_capacity(own.len().max(other.len()));
    for member in own {
        both.push(match theirs.remove(&member.id()) {
            Some(theirs) => member.merged(theirs, known)?,
            None => member.clone(),
        });
    }
    both.extend(theirs.into_values().cloned());
    both.sort_by_key(|member| (member.created_at(), member.id()));
    Ok(both)
}

/// What is spelt alike on both sides is not looked into.
impl<T: Mergeable + Clone + DeserializeOwned> Mergeable for Lazy<T> {
    fn merged(&self, other: &Self, known: &SeenByBoth) -> Result<Self> {
        if self.json().is_some() && self.json() == other.json() {
            return Ok(self.clone());
        }
        Ok(Self::new(self.get()?.merged(other.get()?, known)?))
    }
}
