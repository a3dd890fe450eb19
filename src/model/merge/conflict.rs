//! A choice that somebody has to make between what several devices wrote apart, and how it ends.

/// Something with more than one value to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What kind of record it is in: `entry`, `client`, `contact`, `me`.
    pub record: &'static str,
    /// What kind of choice it is: `field`, `secret`, `rotation`, `file`, `path`, `same-path`,
    /// `removed`, `purged`.
    pub kind: &'static str,
    /// What the record is called.
    pub path: String,
    /// The field.
    pub field: String,
    /// The values, the one that counts meanwhile first: of a secret the names of its versions,
    /// never the secret.
    pub versions: Vec<String>,
    /// The commands that end it, one for each way. Words in capitals are to be filled in.
    pub commands: Vec<String>,
}

/// A cell with more than one value.
pub(super) struct Choice {
    /// The member of the record: the cell itself, or the cells by name that it is one of.
    pub(super) member: String,
    /// The field.
    pub(super) field: String,
    /// The values.
    pub(super) values: Vec<String>,
}
