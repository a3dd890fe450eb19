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
use crate::model::records::consent::{Consent, ConsentEvent, ConsentState};
use crate::model::records::record_id::number;
use crate::model::sharing::who::{KnownEntry, Subject};
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// The words of the letter. `{name}` is filled in.
struct WithdrawalWords {
    taken_back: &'static str,
    over: &'static str,
    opening: &'static str,
    ended: &'static str,
    for_whom: &'static str,
    only: &'static str,
    known: &'static str,
    login: &'static str,
    goes_on: &'static str,
    and: &'static str,
    what_then: &'static str,
    nothing_known: &'static str,
    wrong: &'static str,
    say_so: &'static str,
    on_their_wish: &'static str,
    on_wish_of: &'static str,
    by_mail: &'static str,
    in_writing: &'static str,
    because: &'static str,
    by_sender: &'static str,
    by_sender_because: &'static str,
    replaced: &'static str,
    otherwise: &'static str,
    ran_out: &'static str,
}

const ENGLISH: WithdrawalWords = WithdrawalWords {
    taken_back: "PERMISSION TAKEN BACK",
    over: "PERMISSION ENDED",
    opening: "{sender} confirms to {client} that this has ended. Please keep this.",
    ended: "ENDED",
    for_whom: "{number}, for {who}: {purpose}",
    only: "Only {entries}.",
    known: "STILL KNOWN",
    login: "own login {login}",
    goes_on: "goes on under {numbers}",
    and: " and ",
    what_then: "What has been seen cannot be unseen. I change this, or tell you at once that you \
                have to, and ask for every copy to be deleted of what has ended.",
    nothing_known: "Nothing: none of it was given to anybody, or it was changed since.",
    wrong: "NOT RIGHT?",
    say_so: "If you did not wish this, or anything in it is wrong, tell me at once.",
    on_their_wish: "Taken back on {day}.",
    on_wish_of: "Taken back on {day} by {by}{how}.",
    by_mail: ", by mail",
    in_writing: ", in writing",
    because: "Ended on {day}. Reason: {reason}",
    by_sender: "Ended by me on {day}.",
    by_sender_because: "Ended by me on {day}. Reason: {reason}",
    replaced: "Replaced by another permission on {day}.",
    otherwise: "Ended on {day}.",
    ran_out: "Ran out on {day}.",
};

const GERMAN: WithdrawalWords = WithdrawalWords {
    taken_back: "ERLAUBNIS WIDERRUFEN",
    over: "ERLAUBNIS BEENDET",
    opening: "{sender} bestätigt {client}: Das Folgende ist beendet. Bitte bewahren Sie das auf.",
    ended: "BEENDET",
    for_whom: "{number}, für {who}: {purpose}",
    only: "Nur {entries}.",
    known: "NOCH BEKANNT",
    login: "eigener Zugang {login}",
    goes_on: "weiterhin erlaubt durch {numbers}",
    and: " und ",
    what_then: "Was jemand gesehen hat, bleibt bekannt. Ich ändere es oder sage Ihnen sofort, dass \
                Sie es ändern müssen, und lasse von dem, was beendet ist, jede Kopie löschen.",
    nothing_known: "Nichts: Es wurde niemandem gegeben oder ist seitdem geändert.",
    wrong: "STIMMT NICHT?",
    say_so: "Wenn Sie das nicht wollten oder etwas nicht stimmt, sagen Sie es mir bitte sofort.",
    on_their_wish: "Widerrufen am {day}.",
    on_wish_of: "Widerrufen am {day} von {by}{how}.",
    by_mail: ", per E-Mail",
    in_writing: ", schriftlich",
    because: "Beendet am {day}. Grund: {reason}",
    by_sender: "Von mir beendet am {day}.",
    by_sender_because: "Von mir beendet am {day}. Grund: {reason}",
    replaced: "Durch eine andere Erlaubnis ersetzt am {day}.",
    otherwise: "Beendet am {day}.",
    ran_out: "Abgelaufen am {day}.",
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
    let day_of = |time: Timestamp| day(lang, time.to_zoned(zone.clone()).date());
    let me = sender(lang, &MeValues::of(&vault.me));
    let client_called = one_line(client.called());
    let values = [("sender", &*me), ("client", &client_called)];
    let mut page = PaperPage::default();
    let taken_back = ended.iter().any(|(consent, part)| {
        let ends = ends_of(consent, part);
        ends.iter().any(EndedPart::is_withdrawal)
    });
    page.line(if taken_back {
        words.taken_back
    } else {
        words.over
    });
    page.gap();
    page.paragraph(&filled(words.opening, &values));
    page.gap();
    let names = RecordNames::of(vault)?;
    let mut lines = Vec::new();
    for (consent, part) in &ended {
        for end in ends_of(consent, part) {
            lines.push(ended_line(words, &names, consent, &end)?);
            lines.push(how_it_ended(words, consent, &end, &day_of));
        }
    }
    page.field(words.ended, &lines.join("\n"));
    let known = known(vault, words, &Subject::Client(client), &ended, now)?;
    page.field(words.known, &known);
    page.field(words.wrong, words.say_so);
    page.gap();
    for (consent, _) in &ended {
        page.line(&format!("vault-withdrawal 1 {}", consent.id));
    }
    Ok(Some(page.into_text()))
}

/// What ended of one permission at once.
struct EndedPart<'a> {
    /// The contacts for whom it did.
    contacts: Vec<Uuid>,
    /// The entries; none means all of them.
    entries: Vec<Uuid>,
    /// What ended it; none where its time was over.
    event: Option<&'a ConsentEvent>,
}

impl EndedPart<'_> {
    /// Whether somebody took it back.
    fn is_withdrawal(&self) -> bool {
        self.event
            .is_some_and(|it| it.state == ConsentState::Withdrawn.as_str())
    }
}

/// How a part of a permission ended: people and entries of which the same event was the first.
fn ends_of<'a>(consent: &'a Consent, part: &PermissionPart) -> Vec<EndedPart<'a>> {
    let mut ends: Vec<EndedPart<'a>> = Vec::new();
    let mut contacts = consent.contacts();
    contacts.retain(|it| part.contacts.is_empty() || part.contacts.contains(it));
    for contact in contacts {
        let mut of_them: Vec<EndedPart<'a>> = Vec::new();
        let each = part.entries.iter().copied().map(Some);
        let whole = part.entries.is_empty().then_some(None);
        for entry in each.chain(whole) {
            let event = first_end(consent, entry, contact);
            let same = |it: &&mut EndedPart<'a>| is_same(it.event, event);
            match of_them.iter_mut().find(same) {
                Some(known) => known.entries.extend(entry),
                None => of_them.push(EndedPart {
                    contacts: vec![contact],
                    entries: entry.into_iter().collect(),
                    event,
                }),
            }
        }
        for end in of_them {
            let same =
                |it: &&mut EndedPart<'a>| it.entries == end.entries && is_same(it.event, end.event);
            match ends.iter_mut().find(same) {
                Some(known) => known.contacts.extend(end.contacts),
                None => ends.push(end),
            }
        }
    }
    ends
}

fn is_same(one: Option<&ConsentEvent>, two: Option<&ConsentEvent>) -> bool {
    one.map(|it| it.id) == two.map(|it| it.id)
}

/// The event that ended a consent first for a contact and an entry, or all of its entries; none
/// where its time was over before.
fn first_end(consent: &Consent, entry: Option<Uuid>, contact: Uuid) -> Option<&ConsentEvent> {
    let is_about = |it: &&ConsentEvent| {
        let has_entry = entry.is_some_and(|entry| it.entries.contains(&entry));
        (it.entries.is_empty() || has_entry)
            && (it.contacts.is_empty() || it.contacts.contains(&contact))
    };
    let parts = consent.ends().filter(|it| !it.is_whole()).filter(is_about);
    let first = parts
        .chain(consent.ended())
        .min_by_key(|it| (it.time, it.is_whole(), it.id));
    first.filter(|it| it.time < consent.end())
}

/// One permission: whom it was for, what for, and which entries of it alone ended.
fn ended_line(
    words: &WithdrawalWords,
    names: &RecordNames,
    consent: &Consent,
    end: &EndedPart<'_>,
) -> Result<String> {
    let mut who = called(consent)?;
    who.retain(|(contact, _)| end.contacts.contains(contact));
    let who: Vec<String> = who.into_iter().map(|(_, name)| name).collect();
    let values = [
        ("number", &*number(consent.id)),
        ("who", &who.join(", ")),
        ("purpose", &sentence(&consent.purpose())),
    ];
    let line = filled(words.for_whom, &values);
    if end.entries.is_empty() {
        return Ok(line);
    }
    let entries = end.entries.iter().map(|id| quoted(&names.get(*id)));
    let entries = entries.collect::<Vec<_>>().join(", ");
    Ok(format!(
        "{line} {}",
        filled(words.only, &[("entries", &entries)])
    ))
}

/// When that was, and by whom, how and why, as far as it is on record.
fn how_it_ended(
    words: &WithdrawalWords,
    consent: &Consent,
    end: &EndedPart<'_>,
    day_of: &dyn Fn(Timestamp) -> String,
) -> String {
    let Some(event) = end.event else {
        return filled(words.ran_out, &[("day", &*day_of(consent.end()))]);
    };
    let by = event.by.as_deref().map(one_line).unwrap_or_default();
    let reason = event.reason.as_deref().map(sentence);
    let mut shown = consent.evidence.iter();
    let shown = shown.find(|it| is_same(consent.event_shown_by(it), Some(event)));
    let how = match shown.map(|it| it.kind.as_str()) {
        Some("mail") => words.by_mail,
        Some("document") => words.in_writing,
        _ => "",
    };
    // A reason of the program's own is in its language, not in the letter's.
    let line = match (event.state.parse(), &reason) {
        (Ok(ConsentState::Withdrawn), _) if !by.is_empty() => words.on_wish_of,
        (Ok(ConsentState::Withdrawn), Some(_)) => words.because,
        (Ok(ConsentState::Withdrawn), None) => words.on_their_wish,
        (Ok(ConsentState::Revoked), Some(_)) => words.by_sender_because,
        (Ok(ConsentState::Revoked), None) => words.by_sender,
        (Ok(ConsentState::Superseded), _) => words.replaced,
        _ => words.otherwise,
    };
    let values = [
        ("day", &*day_of(event.time)),
        ("by", &by),
        ("how", how),
        ("reason", reason.as_deref().unwrap_or_default()),
    ];
    filled(line, &values)
}

/// Whom a consent was for, as its paper calls them.
fn called(consent: &Consent) -> Result<Vec<(Uuid, String)>> {
    let terms = AgreedTerms::from_json(&consent.terms)?;
    let all = consent.recipients.iter().zip(&terms.recipients);
    Ok(all
        .map(|(one, named)| (one.contact, one_line(&named.called())))
        .collect())
}

/// Who can know something of what ended, by whatever permission; what goes on is told so.
fn known(
    vault: &Vault,
    words: &WithdrawalWords,
    client: &Subject<'_>,
    ended: &[(&Consent, &PermissionPart)],
    now: Timestamp,
) -> Result<String> {
    let knowledge = vault.knowledge(client, now)?;
    let mut lines = Vec::new();
    let mut is_over = false;
    for entry in &knowledge.entries {
        if !ended.iter().any(|it| was_covered(vault, entry, *it)) {
            continue;
        }
        let mut contacts = Vec::new();
        for knower in &entry.knowers {
            let contact = knower.line.share.recipient.contact;
            if !contacts.contains(&contact) {
                contacts.push(contact);
            }
            is_over |= !knower.state.is_live();
        }
        let who = contacts
            .iter()
            .map(|it| knower_told(vault, words, entry, *it));
        let who = who.collect::<Result<Vec<_>>>()?;
        if !who.is_empty() {
            let (number, path) = (lines.len() + 1, quoted(&entry.path));
            lines.push(format!("{number}. {path}: {}", who.join(", ")));
        }
    }
    if lines.is_empty() {
        return Ok(words.nothing_known.to_owned());
    }
    if is_over {
        lines.push(words.what_then.to_owned());
    }
    Ok(lines.join("\n"))
}

/// Whether an entry is of what ended of a consent, or went to somebody under that.
fn was_covered(
    vault: &Vault,
    entry: &KnownEntry<'_>,
    (consent, part): (&Consent, &PermissionPart),
) -> bool {
    entry.knowers.iter().any(|knower| {
        let id = knower.item.entry;
        let is_meant = part.entries.is_empty() || part.entries.contains(&id);
        let went = entry.knowers.iter().any(|it| it.line.is_under(consent.id));
        is_meant && (went || vault.is_in_scope(consent, id, &entry.path))
    })
}

/// Somebody who can know something of an entry: what they are called, as whom they log in, and by
/// which permissions they go on with it.
fn knower_told(
    vault: &Vault,
    words: &WithdrawalWords,
    entry: &KnownEntry<'_>,
    contact: Uuid,
) -> Result<String> {
    let (mut name, mut beside, mut goes_on) = (None, Vec::new(), Vec::new());
    for knower in &entry.knowers {
        let line = &knower.line;
        if line.share.recipient.contact != contact {
            continue;
        }
        if let Some(consent) = line.consent {
            let of = called(consent)?.into_iter().find(|(id, _)| *id == contact);
            name = of.map(|(_, name)| name).or(name);
        }
        if let Some(login) = &line.share.login {
            let login = format!("\"{}\"", one_line(login));
            let login = filled(words.login, &[("login", &*login)]);
            if !beside.contains(&login) {
                beside.push(login);
            }
        }
        let under = number(line.under());
        if knower.state.is_live() && !goes_on.contains(&under) {
            goes_on.push(under);
        }
    }
    if !goes_on.is_empty() {
        let numbers = goes_on.join(words.and);
        beside.push(filled(words.goes_on, &[("numbers", &*numbers)]));
    }
    let name = match name {
        Some(name) => name,
        None => one_line(&vault.contact_names(&[contact])?.join("")),
    };
    Ok(if beside.is_empty() {
        name
    } else {
        format!("{name} ({})", beside.join(", "))
    })
}

/// The name of an entry as papers write it: without the client's.
fn quoted(path: &str) -> String {
    let name = path.split_once('/').map_or(path, |(_, name)| name);
    format!("\"{}\"", one_line(name))
}
