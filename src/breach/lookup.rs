//! What a list says of a hash.

/// What came of looking a hash up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// It leaked, and was seen so often.
    Found(u64),
    /// The list does not have it.
    NotFound,
    /// It could not be looked up, in words: nobody knows.
    NotChecked(String),
}

impl Lookup {
    /// What a listed count means: ranges are padded with hashes that nobody ever saw.
    pub(super) fn of(count: u64) -> Self {
        match count {
            0 => Self::NotFound,
            seen => Self::Found(seen),
        }
    }
}
