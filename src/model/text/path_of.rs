//! The path of an entry, from the parts that are stored.

use std::collections::HashMap;

use uuid::Uuid;

pub(crate) fn path_of(slugs: &HashMap<Uuid, &str>, client: Option<Uuid>, name: &str) -> String {
    let slug = client.and_then(|id| slugs.get(&id)).unwrap_or(&"?");
    format!("{slug}/{name}")
}
