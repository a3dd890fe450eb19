//! The records of one kind.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserializer, Serialize};
use uuid::Uuid;

use super::absent::Absent;
use super::in_place::{PayloadJson, ReadInPlace};
use super::lazy::Lazy;
use super::merging::{Member, Mergeable, SeenByBoth};
use super::record_id::{RecordId, number};
use super::stamped::{Stamped, Visit};
use crate::error::{Error, Result};

/// A record that is found by its id.
pub trait Record: Stamped + Member + DeserializeOwned {
    /// What people call it.
    const KIND: &'static str;
    /// The command that lists them.
    const LIST: &'static str;
}

/// The records of one kind, each decoded when it is first looked at. As a slice, they are in the
/// order of the file.
///
/// # Errors
/// Every method that decodes has [`crate::error::Kind::Integrity`] for a malformed record.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent, bound(serialize = "T: Serialize"))]
pub struct Records<T>(Vec<Lazy<T>>);

impl<T> ReadInPlace for Records<T> {
    fn read_in_place<'de, D: Deserializer<'de>>(
        deserializer: D,
        payload: &PayloadJson,
    ) -> Result<Self, D::Error> {
        Vec::read_in_place(deserializer, payload).map(Self)
    }
}

impl<T> Default for Records<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Absent for Records<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<T> Deref for Records<T> {
    type Target = [Lazy<T>];

    fn deref(&self) -> &[Lazy<T>] {
        &self.0
    }
}

impl<T> DerefMut for Records<T> {
    fn deref_mut(&mut self) -> &mut [Lazy<T>] {
        &mut self.0
    }
}

impl<T: Stamped + DeserializeOwned> Stamped for Records<T> {
    fn each_cell(&self, visit: Visit<'_>) {
        self.0.each_cell(visit);
    }

    fn in_conflict(&self) -> bool {
        self.0.in_conflict()
    }
}

impl<T> Mergeable for Records<T>
where
    T: Record + Mergeable + Clone,
{
    fn merged(&self, other: &Self, known: &SeenByBoth) -> Result<Self> {
        let mut theirs = HashMap::with_capacity(other.len());
        for record in other.iter() {
            theirs.insert(record.get()?.id(), record);
        }
        let mut both: Vec<(Timestamp, Uuid, Lazy<T>)> = Vec::with_capacity(self.len());
        for record in self.iter() {
            let own = record.get()?;
            let merged = match theirs.remove(&own.id()) {
                Some(theirs) => record.merged(theirs, known)?,
                None => record.clone(),
            };
            both.push((own.created_at(), own.id(), merged));
        }
        for record in theirs.into_values() {
            let new = record.get()?;
            both.push((new.created_at(), new.id(), record.clone()));
        }
        both.sort_by_key(|(created, id, _)| (*created, *id));
        Ok(both.into_iter().map(|(_, _, record)| record).collect())
    }
}

impl<T> FromIterator<Lazy<T>> for Records<T> {
    fn from_iter<I: IntoIterator<Item = Lazy<T>>>(records: I) -> Self {
        Self(records.into_iter().collect())
    }
}

impl<T: Record> Records<T> {
    /// Every record, decoded.
    pub fn all(&self) -> Result<Vec<&T>> {
        self.iter().map(Lazy::get).collect()
    }

    /// The ids of all.
    pub(crate) fn ids(&self) -> Result<Vec<Uuid>> {
        Ok(self.all()?.into_iter().map(T::id).collect())
    }

    /// The record with this id, if there is one.
    pub fn find(&self, id: Uuid) -> Result<Option<&T>> {
        let at = self.position(id)?.and_then(|at| self.get(at));
        at.map(Lazy::get).transpose()
    }

    /// The record with this id, if there is one, to be changed.
    pub(crate) fn find_mut(&mut self, id: Uuid) -> Result<Option<&mut T>> {
        let at = self.position(id)?;
        let found = at.and_then(|at| self.get_mut(at));
        found.map(Lazy::get_mut).transpose()
    }

    /// The record with this id.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] too.
    pub fn by_id(&self, id: Uuid) -> Result<&T> {
        self.find(id)?.ok_or_else(|| missing::<T>(id))
    }

    /// The record with this id, to be changed.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] too.
    pub(crate) fn by_id_mut(&mut self, id: Uuid) -> Result<&mut T> {
        self.find_mut(id)?.ok_or_else(|| missing::<T>(id))
    }

    /// The record whose id starts so.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`], and [`crate::error::Kind::Usage`] when several do.
    pub fn by_start(&self, start: &RecordId) -> Result<&T> {
        self.by_id(start.find(self.ids()?, T::KIND, T::LIST)?)
    }

    /// Adds a record.
    pub(crate) fn add(&mut self, record: T) {
        self.0.push(Lazy::new(record));
    }

    /// Puts them in the order in which they came to be.
    pub(crate) fn sort(&mut self) -> Result<()> {
        let mut placed = Vec::with_capacity(self.len());
        for record in std::mem::take(&mut self.0) {
            let place = record.get().map(|it| (it.created_at(), it.id()))?;
            placed.push((place, record));
        }
        placed.sort_by_key(|(place, _)| *place);
        self.0.extend(placed.into_iter().map(|(_, record)| record));
        Ok(())
    }

    /// Leaves only what `stays`, and what is malformed.
    pub(crate) fn retain(&mut self, stays: impl Fn(&T) -> bool) {
        self.0.retain(|record| record.get().map_or(true, &stays));
    }

    fn position(&self, id: Uuid) -> Result<Option<usize>> {
        for (at, record) in self.iter().enumerate() {
            if record.get()?.id() == id {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }
}

fn missing<T: Record>(id: Uuid) -> Error {
    Error::not_found(format!("no {} {}", T::KIND, number(id)))
        .hint(format!("{} shows what there is", T::LIST))
}
