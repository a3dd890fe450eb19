//! Names that are told where not all can be.

use crate::context::Context;
use crate::model::masking::wanted::NotSought;

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
pub(super) fn tell_not_sought(ctx: &Context, not_sought: &NotSought) {
    if !not_sought.common.is_empty() {
        ctx.ui.note(&format!(
            "not looked for, since it is too short or too common: a secret of {}",
            few_of(&not_sought.common)
        ));
    }
    tell_hidden(ctx, "not looked for", &not_sought.hidden);
}

/// Why the value of what is for use only is not looked at, and what helps.
pub(super) const HIDDEN: &str = "what is for use only and could be guessed is looked at only with the master password in the \
     same call (--password-file), for this would tell a right guess";

/// Says whose secrets are left out, since a guess could be checked by them.
pub(super) fn tell_hidden(ctx: &Context, lead: &str, entries: &[String]) {
    if !entries.is_empty() {
        let count = match entries.len() {
            1 => "a secret".to_owned(),
            count => format!("secrets of {count} entries"),
        };
        ctx.ui
            .note(&format!("{lead}: {count}, {}: {HIDDEN}", few_of(entries)));
    }
}
