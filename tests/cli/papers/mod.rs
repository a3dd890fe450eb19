//! Papers for the file: the record of processing, the measures, clauses.

mod clauses;
pub(crate) mod client_evidence;
mod records;
pub(crate) mod report;
mod toms;
