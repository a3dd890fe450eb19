//! Incidents: what one reaches, and what becomes of it.

pub(crate) mod affected;
pub(crate) mod changes;
pub(crate) mod known;
pub(crate) mod later;
pub(crate) mod own_words;
