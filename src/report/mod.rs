//! Papers for people: text and pages that hold no secret but those they are made for.

pub(crate) mod recovery_sheet;
