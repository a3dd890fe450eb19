//! Papers for people, and files for the programs that show findings: they hold no secret but those
//! that they are made for.

pub(crate) mod annotations;
pub(crate) mod recovery_sheet;
pub(crate) mod sarif;
