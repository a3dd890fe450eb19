//! Papers: what a client is told and the papers behind it; the record of processing, the measures,
//! clauses.

pub(crate) mod clauses;
pub(crate) mod evidence;
pub(crate) mod records;
pub(crate) mod report;
pub(crate) mod toms;
