//! Letters about a contact who has left or lost the keys: one to the contact, one to each client whom
//! it concerns, each in their language and with nothing of another client.

mod lang;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lang::{ClientWords, ContactWords};
use uuid::Uuid;

use super::paper::dates::day;
use super::paper::{PaperPage, filled, sender, sentence};
use crate::model::consent::agreed_terms::AgreedEntry;
use crate::model::consent::parted::{PartedClient, PartedEntry, Parting, PartingReason};
use crate::model::records::record_id::number;
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;

/// The letter to the contact.
#[must_use]
pub fn to_contact(parting: &Parting, zone: &TimeZone) -> String {
    let (lang, is_lost) = (
        parting.lang,
        matches!(parting.reason, PartingReason::Lost(_)),
    );
    let words = ContactWords::of(lang, is_lost);
    let mut page = PaperPage::default();
    page.line(words.title);
    page.gap();
    let values = values(parting, lang, zone);
    page.paragraph(&filled(words.opening, &borrowed(&values)));
    page.gap();
    let mut ended = Vec::new();
    for share in &parting.shares {
        let over = share.over_since.map(|time| on(time, lang, zone));
        let (of, over) = match over {
            Some(over) => (words.of_client_before, over),
            None => (words.of_client, String::new()),
        };
        let values = [
            ("client", one_line(&share.client)),
            ("number", number(share.share)),
            ("over", over),
        ];
        let of = filled(of, &borrowed(&values));
        for entry in &share.entries {
            let item = named(&entry.told, words.user) + &login(entry, words.login);
            ended.push(format!("{}. {item}\n   {of}", ended.len() + 1));
        }
    }
    if ended.is_empty() {
        ended.push(words.nothing.to_owned());
    }
    page.field(words.ended, &ended.join("\n"));
    let numbers: Vec<String> = parting.with_secrets().map(|it| number(it.share)).collect();
    let wishes = [
        (!parting.shares.is_empty(), words.use_none),
        (!numbers.is_empty(), words.delete),
        (true, words.new_keys),
    ];
    let wishes = wishes
        .iter()
        .filter(|(is_meant, text)| *is_meant && !text.is_empty());
    let wishes: Vec<&str> = wishes.map(|(_, text)| *text).collect();
    if !wishes.is_empty() {
        page.field(words.please, &wishes.join(" "));
    }
    if !numbers.is_empty() {
        let lines = |before: &str| {
            let lines = numbers.iter().map(|number| format!("  {before} {number}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        let (deleted, attested) = (lines(words.deleted), lines("vault attest"));
        let mut confirm = vec![words.reply, &deleted];
        // A statement that a lost key has signed is worth nothing.
        if !is_lost {
            confirm.extend([words.or_attest, &attested]);
        }
        page.field(words.confirm, &confirm.join("\n"));
    }
    if let Some(what) = what_i_do(parting, words) {
        page.field(words.me, &what);
    }
    page.into_text()
}

/// That requests which nobody has answered are void.
#[must_use]
pub fn void_requests(lang: Lang, requests: &[Uuid]) -> String {
    let words = ClientWords::of(lang, false);
    let text = if requests.len() == 1 {
        words.one_void
    } else {
        words.several_void
    };
    let numbers: Vec<String> = requests.iter().map(|id| number(*id)).collect();
    filled(text, &[("numbers", &numbers.join(", "))])
}

/// The letter to a client of whom something was only asked for.
fn of_requests_only(parting: &Parting, told: &PartedClient, zone: &TimeZone) -> String {
    let (lang, is_lost) = (told.lang, matches!(parting.reason, PartingReason::Lost(_)));
    let words = ClientWords::of(lang, is_lost);
    let mut values = values(parting, lang, zone);
    values.push(("client.", sentence(&told.client.name)));
    let fill = |template: &str| filled(template, &borrowed(&values));
    let mut page = PaperPage::default();
    page.line(words.title_void);
    page.gap();
    page.paragraph(&fill(words.opening));
    page.gap();
    page.field(words.what, &fill(words.happened_void));
    page.field(words.ended, &void_requests(lang, &told.void));
    page.into_text()
}

/// The letter to a client.
#[must_use]
pub fn to_client(parting: &Parting, told: &PartedClient, zone: &TimeZone) -> String {
    if told.is_of_requests_only() {
        return of_requests_only(parting, told, zone);
    }
    let (lang, is_lost) = (told.lang, matches!(parting.reason, PartingReason::Lost(_)));
    // A key for which nothing was ever made opens nothing.
    let is_breach = is_lost && told.has_had_anything();
    let words = ClientWords::of(lang, is_breach);
    let happened = if is_lost && !is_breach {
        ClientWords::of(lang, true).happened_void
    } else {
        words.happened
    };
    let mut values = values(parting, lang, zone);
    let numbers: Vec<String> = (told.consents.iter())
        .map(|left| {
            if left.others.is_empty() {
                return number(left.request);
            }
            let alone = filled(words.for_them_alone, &borrowed(&values));
            format!("{} ({alone})", number(left.request))
        })
        .collect();
    values.push(("client.", sentence(&told.client.name)));
    values.push(("numbers", numbers.join(", ")));
    let fill = |template: &str| filled(template, &borrowed(&values));
    let mut page = PaperPage::default();
    page.line(words.title);
    page.gap();
    page.paragraph(&fill(words.opening));
    page.gap();
    page.field(words.what, &fill(happened));
    let mut ended = fill(match numbers.len() {
        0 if !told.was_used => words.ended_before,
        0 => words.none_ended,
        1 => words.one_ended,
        _ => words.several_ended,
    });
    if !told.void.is_empty() {
        ended = format!("{ended} {}", void_requests(lang, &told.void));
    }
    page.field(words.ended, &ended);
    let listed = |entries: &[PartedEntry]| {
        let lines = (1..).zip(entries);
        let lines = lines.map(|(at, entry)| format!("{at}. {}", then_and_now(entry, words)));
        lines.collect::<Vec<_>>().join("\n")
    };
    let still_known = if told.with_device {
        words.known_with_device
    } else {
        words.still_known
    };
    let known = match told.known.as_slice() {
        [] => fill(words.nothing_known),
        known => format!("{}\n{}", fill(still_known), listed(known)),
    };
    page.field(words.known, &known);
    if !told.logins.is_empty() {
        let logins = format!("{}\n{}", fill(words.still_logs_in), listed(&told.logins));
        page.field(words.logins, &logins);
    }
    page.field(words.me, what_i_change(told, words));
    let you_do = match parting.with_secrets().next() {
        Some(_) => words.you_do,
        None => words.you_do_only,
    };
    page.field(words.you, &fill(you_do));
    if is_breach {
        page.gap();
        page.paragraph(words.in_law);
    }
    page.into_text()
}

/// What whoever writes does for the client.
fn what_i_change(told: &PartedClient, words: &ClientWords) -> &'static str {
    match (told.known.is_empty(), told.logins.is_empty()) {
        (true, true) => words.i_do_nothing,
        (false, true) => words.i_change,
        (true, false) => words.i_remove,
        (false, false) => words.i_change_and_remove,
    }
}

/// What is done now, as far as there is anything to do.
fn what_i_do(parting: &Parting, words: &ContactWords) -> Option<String> {
    let parts = [
        (parting.is_something_known(), words.i_change),
        (parting.is_some_login_left(), words.i_remove),
        (!parting.clients.is_empty(), words.i_tell),
    ];
    let parts = parts.iter().filter(|(is_done, _)| *is_done);
    let parts: Vec<&str> = parts.map(|(_, part)| *part).collect();
    let (last, before) = parts.split_last()?;
    let all = match before {
        [] => (*last).to_owned(),
        before => format!("{} {} {last}", before.join(", "), words.and),
    };
    Some(format!("{}{all}.", words.i_will))
}

/// What both letters name: who writes, about whom, on which day, since when.
fn values(parting: &Parting, lang: Lang, zone: &TimeZone) -> Vec<(&'static str, String)> {
    let since = match parting.reason {
        PartingReason::Left => parting.noted,
        PartingReason::Lost(since) => since,
    };
    let contact = one_line(&parting.contact.called());
    let sender = match sender(lang, &parting.me) {
        nobody if nobody.is_empty() => ContactWords::of(lang, false).nobody.to_owned(),
        sender => sender,
    };
    vec![
        ("sender", sender),
        ("who.", sentence(&contact)),
        ("who", contact),
        ("day", on(parting.noted, lang, zone)),
        ("since", on(since, lang, zone)),
    ]
}

fn on(time: Timestamp, lang: Lang, zone: &TimeZone) -> String {
    day(lang, time.to_zoned(zone.clone()).date())
}

fn borrowed<'a>(values: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    let values = values.iter();
    values
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

/// What went, and behind it what that entry is today, if it is something else.
fn then_and_now(entry: &PartedEntry, words: &ClientWords) -> String {
    let login = login(entry, words.login);
    let then = named(&entry.then, words.user);
    let now = entry.now.as_ref().map(|now| named(now, words.user));
    // Whose it is today is no word of the letter.
    let now = now.filter(|now| *now != then);
    let now = now.map(|now| format!(" ({} {now})", words.now));
    then + &login + &now.unwrap_or_default()
}

fn login(entry: &PartedEntry, called: &str) -> String {
    let login = entry.login.as_ref();
    login.map_or_else(String::new, |login| {
        format!(", {called} \"{}\"", one_line(login))
    })
}

/// An entry by its name, where one logs in and whom as.
fn named(entry: &AgreedEntry, user: &str) -> String {
    let name = entry.path.split_once('/').map_or("", |(_, name)| name);
    let user = (entry.username.iter()).map(|name| format!("{user} \"{}\"", one_line(name)));
    let urls = entry.urls.iter().map(|url| one_line(url));
    let place: Vec<String> = urls.chain(user).collect();
    let name = format!("\"{}\"", one_line(name));
    if place.is_empty() {
        return name;
    }
    format!("{name}: {}", place.join(", "))
}
