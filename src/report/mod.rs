//! Papers for people: text and pages that hold no secret but those they are made for.

pub mod recovery_sheet;
