//! The stanzas of an age header (<https://c2sp.org/age>), scanned within limits before the age
//! crate sees them: that crate takes quadratic time over hostile headers.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use crate::crypto::encoding::{base64, unbase64};
use crate::error::{Error, Result};
use crate::model::text::limits::{HEADER_BYTES, HEADER_STANZAS};

/// The first line of every age v1 file.
pub(crate) const FIRST_LINE: &str = "age-encryption.org/v1";
/// Characters in a full line of a stanza's body.
const BODY_COLUMNS: usize = 64;

/// A header that is well formed, from the line after the first.
pub(crate) struct Stanzas<'a> {
    pub(crate) list: Vec<Stanza<'a>>,
    /// Where the `---` line begins.
    pub(crate) mac_line: usize,
    /// Where the payload begins.
    pub(crate) payload: usize,
}

impl<'a> Stanzas<'a> {
    /// Reads what follows the first line.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is malformed or past a limit.
    pub(crate) fn read(lines: &mut Lines<'a>) -> Result<Self> {
        let mut list = Vec::new();
        let (mac_line, mac) = loop {
            let start = lines.at;
            let line = lines.next()?;
            if let Some(mac) = line.strip_prefix("--- ") {
                break (start, mac);
            }
            if list.len() == HEADER_STANZAS {
                return Err(Error::integrity(format!(
                    "the header has more than {HEADER_STANZAS} stanzas"
                )));
            }
            list.push(Stanza::read(line, lines)?);
        };
        unbase64::<32>(mac).ok_or_else(|| malformed("the MAC line"))?;
        Ok(Self {
            list,
            mac_line,
            payload: lines.at,
        })
    }
}

/// By what the stanzas for SSH keys name these keys.
pub(crate) fn ssh_tags(stanzas: &[Stanza<'_>]) -> Vec<String> {
    let ssh = stanzas.iter().filter(|one| one.tag.starts_with("ssh-"));
    ssh.filter_map(|one| one.args.first().map(|tag| (*tag).to_owned()))
        .collect()
}

/// Whether one of `tags` may name this SSH public key: they hold four bytes of its hash.
pub(crate) fn names_ssh_key(tags: &[String], openssh: &str) -> bool {
    let key = openssh.split(' ').nth(1).unwrap_or_default();
    let tag = STANDARD.decode(key).map(|key| {
        let hash = Sha256::digest(key);
        base64(hash.get(..4).unwrap_or_default())
    });
    tag.is_ok_and(|tag| tags.contains(&tag))
}

pub(crate) fn malformed(what: &str) -> Error {
    Error::integrity(format!("{what} is malformed"))
}

/// The lines of the header, up to its limit.
pub(crate) struct Lines<'a> {
    pub(crate) file: &'a [u8],
    at: usize,
}

impl<'a> Lines<'a> {
    /// Those of a whole file.
    pub(crate) fn of(file: &'a [u8]) -> Self {
        Self { file, at: 0 }
    }

    /// The next line, without its line feed.
    pub(crate) fn next(&mut self) -> Result<&'a str> {
        let end = self.file.len().min(HEADER_BYTES);
        let rest = self.file.get(self.at..end).unwrap_or_default();
        let Some(length) = rest.iter().position(|&byte| byte == b'\n') else {
            return Err(Error::integrity(if self.file.len() > HEADER_BYTES {
                format!("the header is longer than {HEADER_BYTES} bytes")
            } else {
                "the file ends inside its header".to_owned()
            }));
        };
        self.at += length + 1;
        rest.get(..length)
            .and_then(|line| std::str::from_utf8(line).ok())
            .ok_or_else(|| Error::integrity("the header is not text"))
    }
}

/// One way to the file key, or something else that a header carries.
pub(crate) struct Stanza<'a> {
    pub(crate) tag: &'a str,
    pub(crate) args: Vec<&'a str>,
    pub(crate) body: Vec<u8>,
    /// The body's lines, line feeds included.
    pub(crate) body_lines: Range<usize>,
}

impl<'a> Stanza<'a> {
    /// Reads the stanza that `first` opens, to the end of its body.
    pub(crate) fn read(first: &'a str, lines: &mut Lines<'a>) -> Result<Self> {
        let bad = || malformed("a stanza");
        let mut words = first.strip_prefix("-> ").ok_or_else(bad)?.split(' ');
        let printable =
            |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic());
        let tag = words.next().filter(printable).ok_or_else(bad)?;
        let args = words
            .map(|word| Some(word).filter(printable))
            .collect::<Option<_>>()
            .ok_or_else(bad)?;
        let start = lines.at;
        let mut body = Vec::new();
        loop {
            let line = lines.next()?;
            STANDARD_NO_PAD
                .decode_vec(line, &mut body)
                .map_err(|_| bad())?;
            // The last line is a short one, empty if need be.
            match line.len() {
                BODY_COLUMNS => {}
                0..BODY_COLUMNS => break,
                _ => return Err(bad()),
            }
        }
        Ok(Self {
            tag,
            args,
            body,
            body_lines: start..lines.at,
        })
    }
}
