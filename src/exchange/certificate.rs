//! What a client gets to keep when what was kept for them is deleted: what went and how, and, as
//! plainly, what did not, what cannot be seen from here and who never said that they deleted it.
//! There is no secret in it. It is signed by the vault's own key.

mod holders;
mod machine;
mod words;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use self::holders::told_holders;
use self::machine::machine_lines;
use self::words::CertificateWords;
use super::paper::dates::{day, minute};
use super::paper::signed::SignedPage;
use super::paper::{PaperPage, filled, sender};
use crate::error::Result;
use crate::model::consent::asked::place;
use crate::model::consent::holders::Holder;
use crate::model::entry::purge::PastPurge;
use crate::model::people::fields::MeValues;
use crate::model::records::client::Client;
use crate::model::records::closing::ReturnChoice;
use crate::model::records::entry::Entry;
use crate::model::records::hand_over::HandOver;
use crate::model::records::record_id::number;
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;
use crate::model::vault::Vault;

/// What the signature is good for.
const NAMESPACE: &str = "vault-certificate";

/// What stands in a certificate.
#[derive(Debug)]
pub struct CertificateContent<'a> {
    /// Its number.
    pub id: Uuid,
    /// Whose it is.
    pub client: &'a Client,
    /// What is gone.
    pub gone: Gone<'a>,
    /// Who was given any of it.
    pub holders: &'a [Holder],
    /// What of it was handed over to the client.
    pub handed_back: &'a [&'a HandOver],
    /// Copies that were removed with it.
    pub removed_copies: usize,
    /// Copies that have it still, or may have it.
    pub left: &'a [LeftCopy],
    /// Copies that are said to be gone, and that cannot be seen from here.
    pub said_gone: &'a [String],
    /// Other devices that have written the vault.
    pub other_devices: usize,
}

/// What is gone.
#[derive(Clone, Copy, Debug)]
pub enum Gone<'a> {
    /// What was removed just now, as it was called.
    Now(&'a [GoneEntry]),
    /// What was removed at these times, of which nothing but ids is known any more.
    Before(&'a [PastPurge]),
}

/// An entry as it was on the day when it was removed, without a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoneEntry {
    /// Its id.
    pub id: Uuid,
    name: String,
    urls: Vec<String>,
    login: Option<String>,
    versions: usize,
    files: usize,
    was_in_trash: bool,
}

impl GoneEntry {
    /// An entry of this path, before it is removed.
    #[must_use]
    pub fn of(path: &str, entry: &Entry) -> Self {
        let name = path.split_once('/').map_or(path, |(_, name)| name);
        Self {
            id: entry.id,
            name: one_line(name),
            urls: entry.urls().iter().map(|url| one_line(url)).collect(),
            login: entry.username.value().map(|it| one_line(it)),
            versions: entry.versions.len(),
            files: entry.attachments.len(),
            was_in_trash: entry.is_removed(),
        }
    }
}

/// A copy that has what is gone, or may have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftCopy {
    /// What it is.
    pub what: LeftKind,
    /// As the person who keeps the vault is told it: a path or an address.
    pub shown: String,
    /// Its generation, if it is one file.
    pub generation: Option<u64>,
    /// When it is gone; none where that is not known.
    pub gone_by: Option<Timestamp>,
    /// Whether it was looked into; else it may have it.
    pub is_sure: bool,
}

impl LeftCopy {
    /// Whether it is one of the newest generations beside the vault, which go without a day.
    #[must_use]
    pub fn is_one_of_the_newest(&self) -> bool {
        let is_undated = self.gone_by.is_none() && self.generation.is_some();
        self.what == LeftKind::Beside && self.is_sure && is_undated
    }
}

/// Numbers in ascending order, with three and more that follow each other as one range: `2–9, 12`.
#[must_use]
pub fn ranges(numbers: &[u64]) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let told = runs.into_iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first}–{last}"),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// What kind of copy is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftKind {
    /// An earlier generation beside the vault.
    Beside,
    /// A copy in another place.
    Elsewhere,
    /// The newest file that this device wrote.
    Last,
    /// A file beside the vault that is called as a copy of it.
    Conflicted,
    /// A copy in a place that cannot be reached now.
    Away,
    /// The repository between the vault and its remote.
    Clone,
    /// The remote.
    Remote,
    /// So many commits of a repository that the vault's file is kept in.
    Commits(u64),
    /// A place that could not be looked through.
    Unread,
}

/// Writes a certificate in a language, of `now`; days are those of a zone.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub fn write(
    vault: &Vault,
    content: &CertificateContent<'_>,
    lang: Lang,
    (now, zone): (Timestamp, &TimeZone),
) -> Result<SignedPage> {
    let words = CertificateWords::of(lang);
    let on = |time: Timestamp| day(lang, time.to_zoned(zone.clone()).date());
    let at = |time: Timestamp| minute(lang, time, zone, &one_line(&place(zone, time)));
    let times = Times { on: &on, at: &at };
    let mut page = PaperPage::default();
    let is_final = matches!(content.gone, Gone::Before(_));
    page.line(if is_final {
        words.title_final
    } else {
        words.title
    });
    page.line(&filled(words.number, &[("number", &number(content.id))]));
    page.gap();
    let me = sender(lang, &MeValues::of(&vault.me));
    let client = one_line(content.client.called());
    let values = [("sender", &*me), ("client", &client)];
    page.paragraph(&filled(
        if me.is_empty() {
            words.opening_unnamed
        } else {
            words.opening
        },
        &values,
    ));
    page.gap();
    match content.gone {
        Gone::Now(entries) => {
            let when = filled(words.deleted_on, &[("at", &at(now))]);
            page.field(
                words.deleted,
                &[vec![when], told_entries(words, entries)]
                    .concat()
                    .join("\n"),
            );
        }
        Gone::Before(purges) => page.field(words.deleted, &told_purges(words, purges, &times)),
    }
    page.field(words.how, words.method);
    page.field(words.copies, &told_copies(words, content, is_final, &times));
    page.field(words.unseen, &told_unseen(words, content));
    page.field(
        words.holders,
        &told_holders(words, (vault, content), &times)?,
    );
    if let Some(chosen) = told_choice(words, content.client) {
        page.field(words.chosen, &chosen);
    }
    if content.client.closed().is_some() && !is_final {
        page.field(words.change, words.change_told);
    }
    page.field(words.kept, &told_kept(words, content.client, &times));
    page.field(
        words.next,
        if is_final {
            words.next_final
        } else {
            words.next_told
        },
    );
    page.gap();
    machine_lines(&mut page, content, now);
    SignedPage::of(vault, NAMESPACE, page)
}

/// How times are told: by the day, and to the minute.
struct Times<'a> {
    on: &'a dyn Fn(Timestamp) -> String,
    at: &'a dyn Fn(Timestamp) -> String,
}

fn told_entries(words: &CertificateWords, entries: &[GoneEntry]) -> Vec<String> {
    let told = |(at, it): (usize, &GoneEntry)| {
        let mut line = format!("{}. \"{}\"", at + 1, it.name);
        for url in &it.urls {
            line = format!("{line}, {url}");
        }
        if let Some(login) = &it.login {
            line.push_str(&filled(words.user, &[("login", login)]));
        }
        let count = |number: usize, one: &str, many: &str| match number {
            0 => None,
            1 => Some(one.to_owned()),
            _ => Some(filled(many, &[("count", &number.to_string())])),
        };
        let parts = [
            count(it.versions, words.one_version, words.versions),
            count(it.files, words.one_file, words.files),
            it.was_in_trash.then(|| words.in_trash.to_owned()),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if !parts.is_empty() {
            line = format!("{line} ({})", parts.join(", "));
        }
        line
    };
    entries.iter().enumerate().map(told).collect()
}

fn told_purges(words: &CertificateWords, purges: &[PastPurge], times: &Times<'_>) -> String {
    let told = purges.iter().map(|purge| {
        let count = purge.entries.len();
        let text = match (count, purge.certificate) {
            (1, Some(_)) => words.one_by_certificate,
            (_, Some(_)) => words.by_certificate,
            (1, None) => words.one_without,
            (_, None) => words.without,
        };
        let certificate = purge.certificate.map(number).unwrap_or_default();
        let values = [
            ("count", &*count.to_string()),
            ("at", &(times.at)(purge.time)),
            ("number", &certificate),
        ];
        filled(text, &values)
    });
    told.collect::<Vec<_>>().join("\n")
}

fn told_copies(
    words: &CertificateWords,
    content: &CertificateContent<'_>,
    is_final: bool,
    times: &Times<'_>,
) -> String {
    let mut lines = Vec::new();
    match content.removed_copies {
        0 => {}
        1 => lines.push(words.one_copy_removed.to_owned()),
        count => lines.push(filled(
            words.copies_removed,
            &[("count", &count.to_string())],
        )),
    }
    if content.left.is_empty() {
        lines.push(
            if is_final {
                words.none_left_final
            } else {
                words.none_left
            }
            .to_owned(),
        );
    } else {
        lines.push(words.still_there.to_owned());
    }
    let (newest, others): (Vec<&LeftCopy>, Vec<&LeftCopy>) = content
        .left
        .iter()
        .partition(|it| it.is_one_of_the_newest());
    let mut numbers: Vec<u64> = newest.iter().filter_map(|it| it.generation).collect();
    numbers.sort_unstable();
    if !numbers.is_empty() {
        let what = words.newest(&numbers);
        lines.push(format!("- {what}: {}", words.until(LeftKind::Beside)));
    }
    for copy in others {
        let count = match copy.what {
            LeftKind::Commits(count) => count.to_string(),
            _ => copy.generation.map(|it| it.to_string()).unwrap_or_default(),
        };
        let until = match copy.gone_by {
            Some(time) => filled(words.gone_by, &[("day", &(times.on)(time))]),
            None => words.until(copy.what).to_owned(),
        };
        let sure = if copy.is_sure { "" } else { words.may_hold };
        let what = filled(words.kind(copy.what), &[("number", &count)]);
        lines.push(format!("- {what}{sure}: {until}"));
    }
    for said in content.said_gone {
        lines.push(filled(words.said_gone, &[("what", &one_line(said))]));
    }
    lines.join("\n")
}

fn told_unseen(words: &CertificateWords, content: &CertificateContent<'_>) -> String {
    let devices = match content.other_devices {
        0 => String::new(),
        1 => words.one_device.to_owned(),
        count => filled(words.devices, &[("count", &count.to_string())]),
    };
    filled(words.unseen_told, &[("devices", &devices)])
}

fn told_kept(words: &CertificateWords, client: &Client, times: &Times<'_>) -> String {
    let until = match client.records_until() {
        Some(until) => filled(words.kept_until, &[("day", &(times.on)(until))]),
        None => words.kept_open.to_owned(),
    };
    format!("{}{until}", words.kept_told)
}

/// What the client chose, and how they said so.
fn told_choice(words: &CertificateWords, client: &Client) -> Option<String> {
    let (choice, said) = client.return_chosen()?;
    let told = match choice {
        ReturnChoice::Nothing => words.chose_none,
        ReturnChoice::Age | ReturnChoice::Page => words.chose_return,
    };
    let said = said.map(|said| filled(words.as_said, &[("how", &one_line(said))]));
    Some(format!("{told}{}", said.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::ranges;

    #[test]
    fn numbers_that_follow_each_other_are_one_range() {
        for (numbers, told) in [
            (&[][..], ""),
            (&[4], "4"),
            (&[2, 3], "2, 3"),
            (&[2, 3, 4, 5, 9], "2–5, 9"),
            (
                &[1, 3, 4, 5, u64::MAX - 1, u64::MAX],
                "1, 3–5, 18446744073709551614, 18446744073709551615",
            ),
        ] {
            assert_eq!(ranges(numbers), told);
        }
    }
}
