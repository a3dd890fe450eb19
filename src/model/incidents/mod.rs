//! Incidents: what one reaches, and what becomes of it.

pub(crate) mod affected;
pub(crate) mod changes;
