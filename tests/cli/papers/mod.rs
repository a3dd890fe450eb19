//! Papers for the file: the record of processing, the measures, clauses.

mod clauses;
mod records;
mod toms;
