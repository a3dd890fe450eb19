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

/// What an editor may have made a text from that was signed: the text itself first, then without a
/// mark, then with plain line ends too.
pub fn before_an_editor(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
    [Cow::Borrowed(text), Cow::Borrowed(plain), unix_lines(plain)].into_iter()
}
