//! Tables of a record's fields: each field is named once, with its cell, its value's type and what
//! else is known of it, and from that come the struct of the values and what is done with them.

use std::str::FromStr;

use super::cell::{Cell, Stamp};

/// A value as a list of texts: none where it is not set.
pub(crate) trait AsTexts {
    fn texts(&self) -> Vec<String>;
    /// Whether there may be several.
    fn is_list(&self) -> bool;
    fn add(&mut self, text: &str);
    /// Takes an item from a list; whether it was there.
    fn take(&mut self, item: &str) -> bool;
}

impl<T: ToString + FromStr> AsTexts for Option<T> {
    fn texts(&self) -> Vec<String> {
        self.iter().map(T::to_string).collect()
    }

    fn is_list(&self) -> bool {
        false
    }

    fn add(&mut self, text: &str) {
        *self = text.parse().ok();
    }

    fn take(&mut self, _: &str) -> bool {
        false
    }
}

impl AsTexts for Vec<String> {
    fn texts(&self) -> Vec<String> {
        self.clone()
    }

    fn is_list(&self) -> bool {
        true
    }

    fn add(&mut self, text: &str) {
        self.push(text.to_owned());
    }

    fn take(&mut self, item: &str) -> bool {
        let before = self.len();
        self.retain(|one| one != item);
        self.len() < before
    }
}

impl<T> Cell<Vec<T>> {
    /// Makes one list of those that devices have written apart, for items to be added to: the
    /// current one, then what only others have.
    pub(crate) fn unite(&mut self, stamp: Stamp)
    where
        T: Clone + PartialEq,
    {
        self.unite_by(stamp, |known, other| known == other);
    }

    /// As [`Self::unite`], where `join` says whether two items are one, which the first becomes.
    pub(crate) fn unite_by(&mut self, stamp: Stamp, join: impl Fn(&mut T, &T) -> bool)
    where
        T: Clone + PartialEq,
    {
        let mut lists = self.values().rev().map(|(_, list)| list);
        let mut all = lists.next().cloned().unwrap_or_default();
        let mut is_apart = false;
        for item in lists.flatten() {
            is_apart = true;
            if !all.iter_mut().any(|known| join(known, item)) {
                all.push(item.clone());
            }
        }
        if is_apart {
            self.set(stamp, all);
        }
    }
}

impl<T> Cell<Option<T>> {
    /// Leaves one value as it is, which nothing is added to.
    #[expect(
        clippy::unused_self,
        reason = "a table's lists have one that does something"
    )]
    pub(crate) fn unite(&mut self, _: Stamp) {}
}

/// What was put in the place of a field's value, taken from its list or added to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacedValue {
    /// The field's name in options.
    pub option: String,
    /// What was there.
    pub was: Vec<String>,
    /// What is there now.
    pub now: Vec<String>,
}

impl ReplacedValue {
    /// What of a field's values is not there any more, or is new in its list.
    pub(crate) fn of(
        option: &str,
        is_list: bool,
        was: Vec<String>,
        now: Vec<String>,
    ) -> Option<Self> {
        let option = option.to_owned();
        let value = Self { option, was, now };
        let is_told = value.lost_some() || is_list && value.added().next().is_some();
        is_told.then_some(value)
    }

    /// Whether something that was there is not any more.
    pub(crate) fn lost_some(&self) -> bool {
        self.was.iter().any(|text| !self.now.contains(text))
    }

    /// What was not there before.
    pub(crate) fn added(&self) -> impl Iterator<Item = &String> {
        self.now.iter().filter(|text| !self.was.contains(text))
    }
}

/// How values get into a record, or change by the names of their fields.
pub(crate) trait FieldValues {
    type Field;
    type Record;

    fn value_mut(&mut self, field: Self::Field) -> &mut dyn AsTexts;

    /// Writes the value of one field to the record, set or not.
    fn put(&self, field: Self::Field, record: &mut Self::Record, stamp: Stamp);

    /// Makes one list of those that devices have written apart, for `field` to be added to.
    fn unite(field: Self::Field, record: &mut Self::Record, stamp: Stamp);

    /// Writes the values that are set to the record.
    fn write_to(&self, record: &mut Self::Record, stamp: Stamp);
}

/// Declares the fields of a record and their values. A row has an `option`, the field's name in
/// options and messages.
macro_rules! field_table {
    (
        $(#[$of_fields:meta])* $fields:ident, $(#[$of_values:meta])* $values:ident
        of $record:ident by $row:ty;
        $( $(#[$doc:meta])* $field:ident $key:ident: $type:ty = $known:expr; )*
    ) => {
        $(#[$of_fields])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $fields { $( $(#[$doc])* $field, )* }

        $(#[$of_values])*
        #[derive(
            Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(default)]
        pub struct $values { $( $(#[$doc])* pub $key: $type, )* }

        impl $fields {
            /// All fields.
            pub const ALL: &[Self] = &[$( Self::$field, )*];

            /// What is known of the field.
            pub fn row(self) -> &'static $row {
                match self { $( Self::$field => const { &$known }, )* }
            }

            /// The field's name in JSON and in the vault's file.
            pub fn key(self) -> &'static str {
                match self { $( Self::$field => stringify!($key), )* }
            }

            /// The field of this name: its option's or its key.
            pub fn named(name: &str) -> Option<Self> {
                let is_it = |field: &Self| [field.row().option, field.key()].contains(&name);
                Self::ALL.iter().copied().find(is_it)
            }
        }

        impl $values {
            /// The values that the record has.
            pub fn of(record: &$record) -> Self {
                Self { $( $key: record.$key.get().cloned().unwrap_or_default(), )* }
            }

            fn value(&self, field: $fields) -> &dyn $crate::model::records::fields::AsTexts {
                match field { $( $fields::$field => &self.$key, )* }
            }

            /// The values of `field` as texts, times in RFC 3339; none if it is not set.
            pub fn texts(&self, field: $fields) -> Vec<String> {
                self.value(field).texts()
            }

            /// The fields that are set.
            pub fn set_fields(&self) -> impl Iterator<Item = $fields> {
                let fields = $fields::ALL.iter().copied();
                fields.filter(|field| !self.texts(*field).is_empty())
            }

            /// The keys of the fields that are set in the record, each with the writes that its
            /// values come from.
            pub(crate) fn writes(
                record: &$record,
            ) -> Vec<(&'static str, Vec<$crate::model::records::cell::Stamp>)> {
                let writes = |field: $fields| match field {
                    $( $fields::$field => record.$key.stamps().collect(), )*
                };
                let values = Self::of(record);
                values.set_fields().map(|field| (field.key(), writes(field))).collect()
            }

            /// What of these values is not there any more in others.
            pub fn replaced_by(&self, now: &Self) -> Vec<$crate::model::records::fields::ReplacedValue> {
                let fields = $fields::ALL.iter().copied();
                let replaced = fields.filter_map(|field| {
                    $crate::model::records::fields::ReplacedValue::of(
                        field.row().option,
                        self.value(field).is_list(),
                        self.texts(field),
                        now.texts(field),
                    )
                });
                replaced.collect()
            }

            /// What to set and what to empty for these values to become those of `new`.
            pub fn changes_to(&self, new: &Self) -> (Self, Vec<$fields>) {
                use $crate::model::records::absent::Absent;
                let (mut set, mut emptied) = (Self::default(), Vec::new());
                $( if self.$key != new.$key {
                    set.$key = new.$key.clone();
                    emptied.extend(new.$key.is_absent().then_some($fields::$field));
                } )*
                (set, emptied)
            }
        }

        impl $crate::model::records::fields::FieldValues for $values {
            type Field = $fields;
            type Record = $record;

            fn value_mut(
                &mut self,
                field: $fields,
            ) -> &mut dyn $crate::model::records::fields::AsTexts {
                match field { $( $fields::$field => &mut self.$key, )* }
            }

            fn put(
                &self,
                field: $fields,
                record: &mut $record,
                stamp: $crate::model::records::cell::Stamp,
            ) {
                match field { $( $fields::$field => record.$key.set(stamp, self.$key.clone()), )* }
            }

            fn unite(
                field: $fields,
                record: &mut $record,
                stamp: $crate::model::records::cell::Stamp,
            ) {
                match field { $( $fields::$field => record.$key.unite(stamp), )* }
            }

            fn write_to(
                &self,
                record: &mut $record,
                stamp: $crate::model::records::cell::Stamp,
            ) {
                self.set_fields().for_each(|field| self.put(field, record, stamp));
            }
        }

        impl $record {
            /// Empties the field; whether it was set.
            pub(crate) fn empty(
                &mut self,
                field: $fields,
                stamp: $crate::model::records::cell::Stamp,
            ) -> bool {
                match field { $( $fields::$field => self.$key.empty(stamp), )* }
            }
        }
    };
}

pub(crate) use field_table;
