//! The mail that asks a recipient who has no vault to delete what has ended.

use uuid::Uuid;

use super::paper::filled;
use crate::model::consent::agreed_terms::AgreedEntry;
use crate::model::records::record_id::number;
use crate::model::records::share::{Share, SharedItem};
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;

const ENGLISH: &str = "\
Your access to {names} has ended (number {number}).
Please do not use it any more, and delete every copy: in mail, in a browser, in notes, on paper.
Then reply with the first line
  DELETED {number}
and your name.";

const GERMAN: &str = "\
Ihr Zugang zu {names} ist beendet (Nummer {number}).
Bitte benutzen Sie ihn nicht mehr und löschen Sie jede Kopie: in Mails, im Browser, in Notizen, auf Papier.
Antworten Sie dann mit der ersten Zeile
  GELÖSCHT {number}
und Ihrem Namen.";

/// The text, for these entries of a share.
#[must_use]
pub fn deletion_mail(lang: Lang, share: &Share, entries: &[Uuid]) -> String {
    let items = share.items.iter();
    let names = items.filter(|it| entries.contains(&it.entry)).map(named);
    let names: Vec<String> = names.collect();
    let values = [("names", names.join(", ")), ("number", number(share.id))];
    let values = values
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let text = match lang {
        Lang::En => ENGLISH,
        Lang::De => GERMAN,
    };
    filled(text, &values)
}

/// An entry as its recipient knows it: its name, and where it is for.
fn named(item: &SharedItem) -> String {
    let name = item.path.split_once('/').map_or("", |(_, name)| name);
    let told = AgreedEntry::told(item);
    let host = told
        .urls
        .first()
        .map(|host| format!(" ({})", one_line(host)));
    format!("\"{}\"{}", one_line(name), host.unwrap_or_default())
}
