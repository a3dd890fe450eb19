//! What happened: events, versions, and what is brought back from them.

pub mod clock;
pub mod endings;
pub(crate) mod events_of;
pub mod restore;
