//! Keys from the bytes that a terminal sends for them (ECMA-48, and xterm's function keys).

use std::io;

use crate::ui::sanitize::is_unsafe;

const ESCAPE: u8 = 0x1b;
/// Longer than any sequence that a key makes.
const SEQUENCE_BYTES: usize = 32;

/// What a key means here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyPress {
    Letter(char),
    Enter,
    Leave,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Backspace,
    EraseWord,
    EraseAll,
    Redraw,
}

/// The next key; none when nothing was typed for a moment, or a key that means nothing. `byte`
/// gives the next byte, or none after a moment.
pub(super) fn next(
    mut byte: impl FnMut() -> io::Result<Option<u8>>,
) -> io::Result<Option<KeyPress>> {
    let Some(first) = byte()? else {
        return Ok(None);
    };
    Ok(match first {
        ESCAPE => return escape(byte),
        b'\r' | b'\n' => Some(KeyPress::Enter),
        0x08 | 0x7f => Some(KeyPress::Backspace),
        b'\t' => Some(KeyPress::Down),
        0x00..b' ' => control(first),
        b' '..0x80 => Some(KeyPress::Letter(first.into())),
        _ => letter(first, byte)?.map(KeyPress::Letter),
    })
}

/// Ctrl and a letter, as fzf and readline have them.
fn control(byte: u8) -> Option<KeyPress> {
    Some(match byte | 0x60 {
        b'p' | b'k' => KeyPress::Up,
        b'n' => KeyPress::Down,
        b'b' => KeyPress::PageUp,
        b'f' => KeyPress::PageDown,
        b'a' => KeyPress::First,
        b'e' => KeyPress::Last,
        b'w' => KeyPress::EraseWord,
        b'u' => KeyPress::EraseAll,
        b'l' => KeyPress::Redraw,
        b'd' | b'g' => KeyPress::Leave,
        _ => return None,
    })
}

fn escape(mut byte: impl FnMut() -> io::Result<Option<u8>>) -> io::Result<Option<KeyPress>> {
    match byte()? {
        None | Some(ESCAPE) => return Ok(Some(KeyPress::Leave)),
        Some(b'[' | b'O') => {}
        Some(_) => return Ok(None),
    }
    let mut parameter = None;
    for _ in 0..SEQUENCE_BYTES {
        match byte()? {
            Some(end @ b'@'..=b'~') => return Ok(function(end, parameter)),
            Some(other) => parameter = parameter.or(Some(other)),
            None => break,
        }
    }
    Ok(None)
}

fn function(end: u8, parameter: Option<u8>) -> Option<KeyPress> {
    Some(match (end, parameter) {
        (b'A' | b'Z', _) => KeyPress::Up,
        (b'B', _) => KeyPress::Down,
        (b'H', _) | (b'~', Some(b'1' | b'7')) => KeyPress::First,
        (b'F', _) | (b'~', Some(b'4' | b'8')) => KeyPress::Last,
        (b'~', Some(b'5')) => KeyPress::PageUp,
        (b'~', Some(b'6')) => KeyPress::PageDown,
        _ => return None,
    })
}

/// A letter of several bytes, if it is one that can be shown.
fn letter(first: u8, mut byte: impl FnMut() -> io::Result<Option<u8>>) -> io::Result<Option<char>> {
    let length = match first {
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf8 => 4,
        _ => return Ok(None),
    };
    let mut bytes = vec![first];
    while bytes.len() < length {
        match byte()? {
            Some(next) => bytes.push(next),
            None => return Ok(None),
        }
    }
    let text = String::from_utf8(bytes).unwrap_or_default();
    Ok(text.chars().next().filter(|c| !is_unsafe(*c)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{KeyPress, next};

    /// The keys that these bytes make, when nothing follows them.
    fn keys(bytes: &[u8]) -> Vec<KeyPress> {
        let mut left = bytes.iter().copied();
        let mut keys = Vec::new();
        while left.len() > 0 {
            keys.extend(next(|| Ok(left.next())).unwrap());
        }
        keys
    }

    #[test]
    fn arrows_are_known_in_both_modes_of_the_keypad() {
        let expected = [KeyPress::Up, KeyPress::Down, KeyPress::Up, KeyPress::Down];
        assert_eq!(keys(b"\x1b[A\x1b[B\x1bOA\x1bOB"), expected);
        assert_eq!(
            keys(b"\x1b[1;5A\x1b[5~\x1b[6~"),
            [KeyPress::Up, KeyPress::PageUp, KeyPress::PageDown]
        );
        assert_eq!(
            keys(b"\x1b[H\x1b[4~\x10\x0e"),
            [
                KeyPress::First,
                KeyPress::Last,
                KeyPress::Up,
                KeyPress::Down
            ]
        );
    }

    #[test]
    fn an_escape_alone_leaves_and_what_means_nothing_is_no_letter() {
        assert_eq!(keys(b"\x1b"), [KeyPress::Leave]);
        assert_eq!(
            keys(b"\x1b[200~a\x1bx\x02\x19"),
            [KeyPress::Letter('a'), KeyPress::PageUp]
        );
    }

    #[test]
    fn letters_of_all_scripts_can_be_typed_and_no_control() {
        let typed = keys("aé日🔑".as_bytes());
        assert_eq!(typed, ['a', 'é', '日', '🔑'].map(KeyPress::Letter));
        assert_eq!(keys("\u{202e}\u{9b}".as_bytes()), []);
        assert_eq!(keys(b"\xff\xc3"), []);
    }

    proptest! {
        #[test]
        fn no_bytes_make_an_unsafe_letter(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            for key in keys(&bytes) {
                if let KeyPress::Letter(letter) = key {
                    prop_assert!(!crate::ui::sanitize::is_unsafe(letter));
                }
            }
        }
    }
}
