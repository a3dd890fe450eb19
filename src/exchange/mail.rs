//! A mail that somebody answers with: who sent it and when, and what they wrote themselves. What a
//! mail says of itself can be forged; nothing here takes it for true.

mod age_files;
mod html;
mod own_lines;
mod polite;
mod said;

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use mailparse::{DispositionType, MailAddr, MailHeader, MailHeaderMap, MailParseError, ParsedMail};

pub use self::age_files::{BEGIN as ARMOUR_BEGIN, age_files};
pub use self::said::{Doubt, Said};
use crate::error::{Error, Result};
use crate::model::records::record_id::RecordId;
use crate::model::text::limits::{MAIL_BYTES, MAIL_HEADER_BYTES, MAIL_LINES, MAIL_MARKS};
use crate::model::text::text_rules::is_address;
use crate::model::text::visible::{is_unsafe, one_line};

/// How Outlook's own files begin, which are no mails as others know them.
const OUTLOOK: &[u8] = b"\xd0\xcf\x11\xe0";
/// Values of `Precedence` that programs send.
const BY_PROGRAMS: [&str; 4] = ["auto_reply", "bulk", "junk", "list"];

/// How far the clocks of a mail's way may be off.
const CLOCKS: SignedDuration = SignedDuration::from_hours(24);

/// Why the date of a mail does not fit what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undated {
    /// It has none, or none that can be read.
    Missing,
    /// It is from before that was made, or still to come.
    Unfit,
}

/// A mail.
#[derive(Clone, Debug)]
pub struct Mail {
    from: Option<Sender>,
    date: Option<Timestamp>,
    subject: String,
    thread: String,
    reported: Option<String>,
    /// The sender's own lines, see [`own_lines::OwnText::all`].
    lines: Vec<String>,
    /// Those of the page for browsers, where there is plain text beside it.
    page: Option<Vec<String>>,
    doubt: Option<Doubt>,
}

/// Who a mail says that it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The name beside the address.
    pub name: Option<String>,
    /// The address.
    pub address: String,
}

impl Mail {
    /// Reads a mail as a mail program saves it (RFC 5322), of at most [`MAIL_BYTES`].
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for what is no mail; [`crate::error::Kind::Integrity`] past a
    /// limit, or where its text cannot be decoded.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        check_bounds(bytes)?;
        let mail = mailparse::parse_mail(after_envelope(bytes))
            .map_err(|why| Error::integrity(format!("the mail cannot be read: {why}")))?;
        let header = |name: &str| mail.headers.get_first_value(name);
        let from = all_headers(&mail, "From");
        if from.is_empty() {
            return Err(no_mail("it has no From"));
        }
        let MailText {
            text,
            is_page,
            page,
        } = text_of(&mail)?;
        for text in std::iter::once(&text).chain(&page) {
            check_lines(text)?;
        }
        let reported = header("Authentication-Results");
        let thread = [header("In-Reply-To"), header("References")];
        Ok(Self {
            from: sender(&from),
            date: date(&all_headers(&mail, "Date")),
            subject: header("Subject").unwrap_or_default(),
            thread: thread.into_iter().flatten().collect::<Vec<_>>().join(" "),
            lines: own_lines::own_lines(&text).all(),
            page: page.map(|page| own_lines::own_lines(&page).all()),
            doubt: if is_automatic(&mail) {
                Some(Doubt::Automatic)
            } else if is_cut(&mail) {
                Some(Doubt::Cut)
            } else if is_page {
                Some(Doubt::Page)
            } else if reported.as_deref().is_some_and(is_reported_forged) {
                Some(Doubt::Reported)
            } else {
                is_hiding(&text).then_some(Doubt::Hidden)
            },
            reported,
        })
    }

    /// The one sender that it names; none where it names several, or none that is an address.
    #[must_use]
    pub fn from(&self) -> Option<&Sender> {
        self.from.as_ref()
    }

    /// When it says that it was sent.
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        self.date
    }

    /// Why its date does not fit what it is about, if it does not: that was made at `made`.
    #[must_use]
    pub fn undated(&self, made: Timestamp, now: Timestamp) -> Option<Undated> {
        let Some(date) = self.date else {
            return Some(Undated::Missing);
        };
        let after = made.saturating_sub(CLOCKS);
        let before = now.saturating_add(CLOCKS);
        let fits =
            after.is_ok_and(|after| after <= date) && before.is_ok_and(|before| date <= before);
        (!fits).then_some(Undated::Unfit)
    }

    /// The subject, in one line of what is seen.
    #[must_use]
    pub fn subject(&self) -> String {
        one_line(&self.subject)
    }

    /// The topmost `Authentication-Results`: what the server that received it last, or whoever
    /// wrote it into the mail, says of the sender.
    #[must_use]
    pub fn reported(&self) -> Option<String> {
        self.reported.as_deref().map(one_line)
    }

    /// The lines that the sender wrote: none that are quoted, each in what is seen of it. Those at
    /// the end may stand below a signature's mark.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lines.iter().map(|line| one_line(line)).collect()
    }

    /// What it says, where one of `verbs` and a number are an answer. Whatever else stands in it
    /// makes it doubtful, but for words of `names`, greetings and the like.
    #[must_use]
    pub fn said<V: Copy + PartialEq>(&self, verbs: &[(&str, V)], names: &[&str]) -> Said<V> {
        let said = said::said(&self.lines, verbs, names);
        let page = self.page.as_ref();
        let differs = page.filter(|page| {
            let page = said::said(page, verbs, names);
            (page.verb, page.doubt, page.numbers) != (said.verb, said.doubt, said.numbers.clone())
        });
        Said {
            doubt: (self.doubt.or(said.doubt)).or(differs.map(|_| Doubt::Parts)),
            ..said
        }
    }

    /// The same mail without the lines that speak of other numbers only.
    #[must_use]
    pub fn about(&self, is_meant: impl Fn(&RecordId) -> bool) -> Self {
        let is_kept = |line: &&String| {
            let numbers = said::numbers(line);
            numbers.is_empty() || numbers.iter().any(&is_meant)
        };
        let only = |lines: &[String]| lines.iter().filter(is_kept).cloned().collect();
        Self {
            lines: only(&self.lines),
            page: self.page.as_deref().map(only),
            ..self.clone()
        }
    }

    /// The numbers in the subject, and then in what it answers to.
    #[must_use]
    pub fn numbers_around(&self) -> Vec<RecordId> {
        let mut numbers = said::numbers(&self.subject);
        numbers.extend(said::numbers(&self.thread));
        numbers
    }
}

fn no_mail(why: &str) -> Error {
    Error::usage(format!("that is no mail: {why}"))
        .hint("save it in your mail program as it is (.eml, source or raw message)")
}

/// Refuses what people take for a mail and is none.
///
/// # Errors
/// [`crate::error::Kind::Usage`], naming what it is.
pub fn check_kind(bytes: &[u8]) -> Result<()> {
    if bytes.trim_ascii().is_empty() {
        return Err(no_mail("it is empty"));
    }
    if bytes.starts_with(OUTLOOK) {
        return Err(no_mail("it is a file of Outlook's own"));
    }
    if bytes.starts_with(b"%PDF-") {
        return Err(no_mail("it is a PDF"));
    }
    Ok(())
}

fn check_bounds(bytes: &[u8]) -> Result<()> {
    if bytes.len() > MAIL_BYTES {
        return Err(Error::integrity(format!(
            "the mail has {} bytes, the limit is {MAIL_BYTES}",
            bytes.len()
        )));
    }
    check_kind(bytes)?;
    let lines = || bytes.split(|byte| *byte == b'\n');
    let headers = lines().take_while(|line| !matches!(line, [] | [b'\r']));
    if headers.map(|line| line.len() + 1).sum::<usize>() > MAIL_HEADER_BYTES {
        return Err(Error::integrity(format!(
            "the head of the mail has more than {MAIL_HEADER_BYTES} bytes, the limit"
        )));
    }
    if lines().filter(|line| line.starts_with(b"--")).count() > MAIL_MARKS {
        return Err(Error::integrity(format!(
            "the mail has more than {MAIL_MARKS} parts, the limit"
        )));
    }
    Ok(())
}

fn check_lines(text: &str) -> Result<()> {
    let count = text.lines().filter(|line| !line.trim().is_empty()).count();
    if count > MAIL_LINES {
        return Err(Error::integrity(format!(
            "the text of the mail has {count} lines, the limit is {MAIL_LINES}"
        )));
    }
    Ok(())
}

/// The mail without the line that mailboxes put before each.
fn after_envelope(bytes: &[u8]) -> &[u8] {
    if !bytes.starts_with(b"From ") {
        return bytes;
    }
    let end = bytes.iter().position(|byte| *byte == b'\n');
    end.and_then(|end| bytes.get(end + 1..)).unwrap_or_default()
}

/// The sender, where exactly one is named.
fn sender(headers: &[&MailHeader<'_>]) -> Option<Sender> {
    let [header] = headers else {
        return None;
    };
    let addresses = mailparse::addrparse_header(header).ok()?;
    let [MailAddr::Single(one)] = addresses.as_slice() else {
        return None;
    };
    let name = one.display_name.as_deref().map(one_line);
    is_address(&one.addr).then(|| Sender {
        name: name.filter(|name| !name.is_empty()),
        address: one.addr.clone(),
    })
}

/// The day, where exactly one is named.
fn date(headers: &[&MailHeader<'_>]) -> Option<Timestamp> {
    let [header] = headers else {
        return None;
    };
    let parser = DateTimeParser::new().relaxed_weekday(true);
    parser.parse_timestamp(header.get_value().trim()).ok()
}

/// The headers of a name: a blank before the colon is none of it.
fn all_headers<'a>(mail: &'a ParsedMail<'a>, name: &str) -> Vec<&'a MailHeader<'a>> {
    let headers = mail.headers.iter();
    headers
        .filter(|header| header.get_key_ref().trim().eq_ignore_ascii_case(name))
        .collect()
}

/// Whether a program sent it: an out-of-office reply, a list, a bounce.
fn is_automatic(mail: &ParsedMail<'_>) -> bool {
    let header = |name: &str| {
        let value = mail.headers.get_first_value(name)?;
        Some(value.trim().to_ascii_lowercase())
    };
    let submitted = header("Auto-Submitted").is_some_and(|value| !value.starts_with("no"));
    let precedence = header("Precedence");
    submitted
        || precedence.is_some_and(|value| BY_PROGRAMS.contains(&value.as_str()))
        || header("X-Autoreply").is_some()
        || header("X-Autorespond").is_some()
        || header("Return-Path").is_some_and(|value| value == "<>")
        || mail.ctype.mimetype == "multipart/report"
}

/// Whether the mark at the end of its parts is missing: what stood there may be missing too.
fn is_cut(mail: &ParsedMail<'_>) -> bool {
    if !mail.ctype.mimetype.starts_with("multipart/") {
        return false;
    }
    let mark = mail.ctype.params.get("boundary");
    mark.is_none_or(|mark| {
        let last = format!("--{mark}--");
        let mut lines = mail.raw_bytes.split(|byte| *byte == b'\n');
        !lines.any(|line| line.starts_with(last.as_bytes()))
    })
}

/// Whether there is anything in a text that cannot be seen.
fn is_hiding(text: &str) -> bool {
    let shows = |c: char| matches!(c, '\n' | '\r' | '\t') || !is_unsafe(c);
    !text.trim_start_matches('\u{feff}').chars().all(shows)
}

/// Whether the server that received a mail last, or whoever wrote that into it, found that it is not
/// from where it says.
fn is_reported_forged(reported: &str) -> bool {
    let reported = reported.to_ascii_lowercase();
    let says = |word: &str| reported.contains(word);
    says("dmarc=fail") || (says("spf=fail") && !says("dkim=pass"))
}

/// What a mail says.
struct MailText {
    text: String,
    /// Whether it was made from a page for browsers because there is no other.
    is_page: bool,
    /// The text of the page beside it.
    page: Option<String>,
}

fn text_of(mail: &ParsedMail<'_>) -> Result<MailText> {
    let parts = || mail.parts().filter(|part| is_read(part));
    let decoded = |kind: &str| {
        let mut texts = Vec::new();
        for part in parts().filter(|part| part.ctype.mimetype == kind) {
            let text = text_in(part);
            texts.push(text.map_err(|why| {
                Error::integrity(format!("the text of the mail cannot be decoded: {why}"))
                    .hint("save the mail once more, as it is")
            })?);
        }
        Ok::<_, Error>(texts.join("\n"))
    };
    let plain = decoded("text/plain")?;
    let page = decoded("text/html")?;
    let is_page = !page.trim().is_empty();
    let page = html::as_text(&page);
    if !plain.trim().is_empty() {
        return Ok(MailText {
            text: plain,
            is_page: false,
            page: is_page.then_some(page),
        });
    }
    Ok(MailText {
        text: page,
        is_page,
        page: None,
    })
}

/// The text of a part. Where it does not say in which characters, they are UTF-8 if they can be.
fn text_in(part: &ParsedMail<'_>) -> Result<String, MailParseError> {
    if !part.ctype.params.contains_key("charset")
        && let Ok(text) = String::from_utf8(part.get_body_raw()?)
    {
        return Ok(text);
    }
    part.get_body()
}

/// Whether a part is what the mail says, not a file that came with it.
fn is_read(part: &ParsedMail<'_>) -> bool {
    part.subparts.is_empty()
        && part.get_content_disposition().disposition != DispositionType::Attachment
}

#[cfg(test)]
mod tests;
