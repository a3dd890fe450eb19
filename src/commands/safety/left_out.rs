//! Names that are told where not all can be.

use crate::context::Context;

/// How many are named.
const NAMED: usize = 5;

/// The first few names, and how many more there are.
pub(super) fn few_of(names: &[String]) -> String {
    let first: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    match names.len() - first.len() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// Says whose secrets are not looked for.
pub(super) fn tell_not_sought(ctx: &Context, entries: &[String]) {
    if !entries.is_empty() {
        ctx.ui.note(&format!(
            "not looked for, since it is too short or too common: a secret of {}",
            few_of(entries)
        ));
    }
}
