//! Papers for the file of whoever works for others: the record of processing, the measures, clauses.

pub(crate) mod clauses;
pub(crate) mod records;
pub(crate) mod toms;
