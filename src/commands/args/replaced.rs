//! What an edit has put in the place of something else, for people.

use jiff::Timestamp;

use crate::context::Context;
use crate::model::entry::metadata::Metadata;
use crate::model::records::entry::Entry;
use crate::model::records::fields::ReplacedValue;
use crate::model::text::visible::one_line;
use crate::ui::time::local_time;

/// Characters of a text that are shown.
const SHOWN: usize = 60;

/// Says what was there before, `tag: one (were cms, shop)`, or what is new in a list,
/// `tag: cms, shop (added shop)`.
pub(crate) fn tell_replaced(ctx: &Context, replaced: &[ReplacedValue]) {
    for value in replaced {
        let now = match value.now.as_slice() {
            [] => "none".to_owned(),
            now => listed(now),
        };
        let before = match value.was.as_slice() {
            [] => "added".to_owned(),
            _ if !value.lost_some() => {
                let added: Vec<String> = value.added().cloned().collect();
                format!("added {}", listed(&added))
            }
            was if was.len() == 1 => format!("was {}", listed(was)),
            was => format!("were {}", listed(was)),
        };
        ctx.ui.note(&format!("{}: {now} ({before})", value.option));
    }
}

/// As [`tell_replaced`], of an entry.
pub(crate) fn tell_edited(ctx: &Context, before: &Metadata, entry: &Entry) {
    let now = Metadata::of(entry);
    tell_replaced(ctx, &before.replaced_by(&now));
    tell_new_mark(ctx, before, &now);
}

/// Says, where an entry is for use only from now on, what does not know of that.
pub(crate) fn tell_new_mark(ctx: &Context, before: &Metadata, now: &Metadata) {
    if before.values.use_only.is_none() && now.values.use_only.is_some() {
        ctx.ui.note(
            "older copies do not know of the mark: backups, what git keeps, other devices until they \
             sync. A new secret is in none of them",
        );
    }
}

fn listed(texts: &[String]) -> String {
    let texts = texts.iter().map(|text| match text.parse::<Timestamp>() {
        Ok(time) => local_time(time),
        Err(_) => shortened(&one_line(text)),
    });
    texts.collect::<Vec<_>>().join(", ")
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
