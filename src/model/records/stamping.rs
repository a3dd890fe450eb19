//! Who changes a record, and the stamp that a change leaves.

use jiff::Timestamp;
use uuid::Uuid;

use super::cell::{DeviceId, Stamp};

/// What a write to an entry is stamped with.
pub(crate) struct Write<'a> {
    pub(crate) stamp: Stamp,
    pub(crate) now: Timestamp,
    pub(crate) reason: &'a str,
    pub(crate) ids: &'a dyn Fn() -> Uuid,
}

impl Write<'_> {
    pub(crate) fn new_id(&self) -> Uuid {
        (self.ids)()
    }
}

/// Who makes a change, when, and where new ids come from.
pub struct Author<'a> {
    /// This device.
    pub device: DeviceId,
    /// Now, in whole seconds.
    pub now: Timestamp,
    /// Draws a new random id.
    pub new_id: &'a dyn Fn() -> Uuid,
}

pub(crate) fn write<'a>(stamp: Stamp, author: &'a Author<'_>, reason: &'a str) -> Write<'a> {
    Write {
        stamp,
        now: author.now,
        reason,
        ids: author.new_id,
    }
}
