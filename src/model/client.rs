//! Whose credentials they are.

use jiff::Timestamp;
use uuid::Uuid;

use super::cell::{Cell, Stamp};
use super::name::ClientSlug;
use super::record::record;

record! {
    /// A client.
    pub struct Client {
        required {
            /// The record's id.
            id: Uuid,
            /// When it was made.
            created: Timestamp,
        }
        optional {
            /// The short name that paths start with.
            slug: Cell<String>,
        }
    }
}

impl Client {
    pub(super) fn new(id: Uuid, created: Timestamp, stamp: Stamp, slug: &ClientSlug) -> Self {
        let mut client = Self::with(id, created);
        client.slug.set(stamp, slug.as_str().to_owned());
        client
    }

    /// The short name; empty in a damaged record only.
    #[must_use]
    pub fn slug(&self) -> &str {
        self.slug.get().map_or("", String::as_str)
    }
}
