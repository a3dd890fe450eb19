//! What a client gets to keep when they have taken a permission back: what ended, and who still knows
//! what until it is changed.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::paper::dates::day;
use super::paper::{PaperPage, filled, sender, sentence};
use crate::error::Result;
use crate::model::consent::agreed_terms::AgreedTerms;
use crate::model::consent::ending::PermissionPart;
use crate::model::entry::record_names::RecordNames;
use crate::model::people::fields::MeValues;
use crate::model::records::consent::Consent;
use crate::model::records::record_id::number;
use crate::model::sharing::who::Subject;
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// The words of the letter. `{name}` is filled in.
struct WithdrawalWords {
    title: &'static str,
    opening: &'static str,
    ended: &'static str,
    for_whom: &'static str,
    only: &'static str,
    known: &'static str,
    login: &'static str,
    what_then: &'static str,
    nothing_known: &'static str,
    wrong: &'static str,
    say_so: &'static str,
}

const ENGLISH: WithdrawalWords = WithdrawalWords {
    title: "PERMISSION TAKEN BACK",
    opening: "{sender} confirms to {client} that this ended on {day}, as you wished. Please keep this.",
    ended: "ENDED",
    for_whom: "{number}, for {who}: {purpose}",
    only: "Only {entries}.",
    known: "STILL KNOWN",
    login: "own login",
    what_then: "What has been seen cannot be unseen. I change this, or tell you at once that you \
                have to, and ask for every copy to be deleted.",
    nothing_known: "Nothing: none of it was given to anybody, or it was changed since.",
    wrong: "NOT RIGHT?",
    say_so: "If you did not wish this, or anything in it is wrong, tell me at once.",
};

const GERMAN: WithdrawalWords = WithdrawalWords {
    title: "ERLAUBNIS WIDERRUFEN",
    opening: "{sender} bestätigt {client}: Das Folgende ist seit dem {day} auf Ihren Wunsch beendet. \
              Bitte bewahren Sie das auf.",
    ended: "BEENDET",
    for_whom: "{number}, für {who}: {purpose}",
    only: "Nur {entries}.",
    known: "NOCH BEKANNT",
    login: "eigener Zugang",
    what_then: "Was jemand gesehen hat, bleibt bekannt. Ich ändere es oder sage Ihnen sofort, dass \
                Sie es ändern müssen, und lasse jede Kopie löschen.",
    nothing_known: "Nichts: Es wurde niemandem gegeben oder ist seitdem geändert.",
    wrong: "STIMMT NICHT?",
    say_so: "Wenn Sie das nicht wollten oder etwas nicht stimmt, sagen Sie es mir bitte sofort.",
};

/// The letter about permissions of one client of which these parts were taken back; none where they
/// were only asked for. Days are those of `zone`.
///
/// # Errors
/// [`crate::error::Kind::NotFound`]; [`crate::error::Kind::Integrity`] for a malformed record.
pub(crate) fn withdrawal(
    vault: &Vault,
    parts: &[(Uuid, PermissionPart)],
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Option<String>> {
    let mut ended = Vec::new();
    for (id, part) in parts {
        let consent = vault.consents.by_id(*id)?;
        ended.extend(consent.was_given().then_some((consent, part)));
    }
    let client = ended.first().and_then(|(consent, _)| {
        let mut clients = vault.live_clients();
        clients.find(|client| client.id == consent.client)
    });
    let Some(client) = client else {
        return Ok(None);
    };
    let lang: Lang = (client.lang.value().and_then(|lang| lang.parse().ok())).unwrap_or_default();
    let words = match lang {
        Lang::En => &ENGLISH,
        Lang::De => &GERMAN,
    };
    let ends = ended.iter().filter_map(|(consent, _)| consent.ended());
    let on = ends.map(|event| event.time).max().unwrap_or(now);
    let on = day(lang, on.to_zoned(zone.clone()).date());
    let me = sender(lang, &MeValues::of(&vault.me));
    let client_called = one_line(client.called());
    let values = [("sender", &*me), ("client", &client_called), ("day", &on)];
    let mut page = PaperPage::default();
    page.line(words.title);
    page.gap();
    page.paragraph(&filled(words.opening, &values));
    page.gap();
    let names = RecordNames::of(vault)?;
    let lines = ended.iter().map(|it| ended_line(words, &names, *it));
    page.field(words.ended, &lines.collect::<Result<Vec<_>>>()?.join("\n"));
    let known = known(vault, words, &Subject::Client(client), &ended, now)?;
    page.field(words.known, &known);
    page.field(words.wrong, words.say_so);
    page.gap();
    for (consent, _) in &ended {
        page.line(&format!("vault-withdrawal 1 {}", consent.id));
    }
    Ok(Some(page.into_text()))
}

/// One permission: whom it was for, what for, and which entries of it alone ended.
fn ended_line(
    words: &WithdrawalWords,
    names: &RecordNames,
    (consent, part): (&Consent, &PermissionPart),
) -> Result<String> {
    let mut who = called(consent)?;
    who.retain(|(contact, _)| part.contacts.is_empty() || part.contacts.contains(contact));
    let who: Vec<String> = who.into_iter().map(|(_, name)| name).collect();
    let values = [
        ("number", &*number(consent.id)),
        ("who", &who.join(", ")),
        ("purpose", &sentence(&consent.purpose())),
    ];
    let line = filled(words.for_whom, &values);
    if part.entries.is_empty() {
        return Ok(line);
    }
    let entries = part.entries.iter().map(|id| quoted(&names.get(*id)));
    let entries = entries.collect::<Vec<_>>().join(", ");
    Ok(format!(
        "{line} {}",
        filled(words.only, &[("entries", &entries)])
    ))
}

/// Whom a consent was for, as its paper calls them.
fn called(consent: &Consent) -> Result<Vec<(Uuid, String)>> {
    let terms = AgreedTerms::from_json(&consent.terms)?;
    let all = consent.recipients.iter().zip(&terms.recipients);
    Ok(all
        .map(|(one, named)| (one.contact, one_line(&named.called())))
        .collect())
}

/// What is still known by what was shared under them, and by whom.
fn known(
    vault: &Vault,
    words: &WithdrawalWords,
    client: &Subject<'_>,
    ended: &[(&Consent, &PermissionPart)],
    now: Timestamp,
) -> Result<String> {
    let knowledge = vault.knowledge(client, now)?;
    let mut lines = Vec::new();
    for entry in &knowledge.entries {
        let mut who = Vec::new();
        for knower in &entry.knowers {
            let contact = knower.line.share.recipient.contact;
            let under = ended.iter().find(|(it, part)| {
                knower.line.is_under(it.id) && part.has(knower.item.entry, contact)
            });
            let Some((consent, _)) = under else {
                continue;
            };
            let all = called(consent)?;
            let name = all.into_iter().find(|(id, _)| *id == contact);
            let mut name = name.map_or_else(String::new, |(_, name)| name);
            if let Some(login) = &knower.line.share.login {
                name = format!("{name} ({} \"{}\")", words.login, one_line(login));
            }
            if !who.contains(&name) {
                who.push(name);
            }
        }
        if !who.is_empty() {
            let (number, path) = (lines.len() + 1, quoted(&entry.path));
            lines.push(format!("{number}. {path}: {}", who.join(", ")));
        }
    }
    if lines.is_empty() {
        return Ok(words.nothing_known.to_owned());
    }
    lines.push(words.what_then.to_owned());
    Ok(lines.join("\n"))
}

/// The name of an entry as papers write it: without the client's.
fn quoted(path: &str) -> String {
    let name = path.split_once('/').map_or(path, |(_, name)| name);
    format!("\"{}\"", one_line(name))
}
