//! Members of JSON that a reader does not know, to be told by name.

use serde::Deserialize;
use serde_ignored::Path;

use crate::model::text::quote::{LONGEST_WORD, clipped};

/// The name of a member of an object that is none of those that are `known`: the first there is,
/// and no more of it than an error may repeat.
pub(crate) fn unknown_member(text: &str, known: &[&str]) -> Option<String> {
    #[derive(Deserialize)]
    struct Nothing {}
    let mut unknown = None;
    let mut json = serde_json::Deserializer::from_str(text);
    let read: Result<Nothing, _> = serde_ignored::deserialize(&mut json, |path| {
        if let Path::Map { key, .. } = path
            && unknown.is_none()
            && !known.contains(&key.as_str())
        {
            unknown = Some(quoted(&key));
        }
    });
    read.ok().and(unknown)
}

/// A name of a member, to be told.
pub(crate) fn quoted(name: &str) -> String {
    format!("'{}'", clipped(name, LONGEST_WORD))
}
