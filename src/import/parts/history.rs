//! Former passwords, where a program says when each came to an end.

use jiff::Timestamp;

use crate::model::text::secret::Secret;
use crate::model::transfer::import::{Imported, Past};

/// Adds former passwords with the times at which each was replaced, in any order. Each was in use
/// since the one before it ended, and the current one since the last one did.
pub(crate) fn add(imported: &mut Imported, mut ended: Vec<(Secret, Option<Timestamp>)>) {
    ended.sort_by_key(|(_, end)| *end);
    let mut since = imported.created;
    for (secret, end) in ended {
        if !secret.is_empty() {
            imported.history.push(Past { secret, since });
            since = end.or(since);
            imported.secret_since = since;
        }
    }
}
