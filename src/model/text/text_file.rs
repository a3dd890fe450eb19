//! Text files as editors leave them: with a byte order mark in front, or with Windows line ends.

use std::borrow::Cow;

/// The bytes without the byte order mark that some editors put in front of UTF-8.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The text with plain line ends.
pub fn unix_lines(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// What a mail program may make of a text: the text itself first, then with the line ends of mails,
/// each also with a byte order mark.
pub fn forms_in_mail(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let marked = |text: &str| Cow::Owned(format!("\u{feff}{text}"));
    let mailed = unix_lines(text).replace('\n', "\r\n");
    [
        Cow::Borrowed(text),
        marked(text),
        marked(&mailed),
        Cow::Owned(mailed),
    ]
    .into_iter()
}
