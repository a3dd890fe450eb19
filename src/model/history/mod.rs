//! What happened: events, versions, and what is brought back from them.

pub(crate) mod clock;
pub(crate) mod endings;
pub(crate) mod events_of;
pub(crate) mod in_words;
pub(crate) mod outline;
pub(crate) mod restore;
pub(crate) mod retention;
pub(crate) mod stored_on;
