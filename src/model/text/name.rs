//! Names of clients, entries and fields: what is allowed, how they compare, what looks alike.
//!
//! A name that breaks the rules cannot be represented, so nothing past the command line meets one.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

use super::limits::NAME_PART_CHARS;
use super::quote::as_word;

/// Normalises one part of a name to NFC and checks it: 1–64 letters, digits and ` ._@+~-`,
/// no leading `-` or `.`, no space at either end.
fn part(text: &str) -> Result<String, String> {
    let name = nfc(text);
    if name.is_empty() {
        return Err("a part of the name is empty".into());
    }
    let length = name.chars().count();
    if length > NAME_PART_CHARS {
        return Err(format!(
            "a part of the name has {length} characters, the limit is {NAME_PART_CHARS}"
        ));
    }
    if name.starts_with(['-', '.']) {
        return Err("a part of the name starts with '-' or '.'".into());
    }
    if name.starts_with(' ') || name.ends_with(' ') {
        return Err("a part of the name starts or ends with a space".into());
    }
    if name.starts_with(is_combining_mark) {
        return Err("a part of the name starts with a combining mark".into());
    }
    match name.chars().find(|c| !allowed(*c)) {
        Some(c) => Err(format!(
            "'{}' is not allowed in a name; letters, digits, spaces and ._@+~- are",
            c.escape_debug()
        )),
        None => Ok(name),
    }
}

/// The text in NFC, which ASCII always is.
pub(crate) fn nfc(text: &str) -> String {
    if text.is_ascii() {
        text.to_owned()
    } else {
        text.nfc().collect()
    }
}

fn allowed(c: char) -> bool {
    let written = c.is_alphanumeric() || " ._@+~-".contains(c) || is_combining_mark(c);
    written && !is_invisible(c)
}

/// The name part that comes nearest to any text, if it has a letter or a digit at all: what is not
/// allowed becomes a dash, quotation marks go, and what is too long is cut.
pub(crate) fn mend(text: &str) -> Option<String> {
    // Enough to find a name behind what is not allowed in one.
    const READ: usize = 256;
    let mut name = String::new();
    let start: String = text.trim().chars().take(READ).collect();
    for c in nfc(&start).chars() {
        if c == ' ' && name.ends_with(' ') {
            continue;
        }
        if allowed(c) {
            name.push(c);
        } else if !matches!(c, '\'' | '"' | '\u{2018}'..='\u{201d}') && !name.ends_with(['-', ' '])
        {
            name.push('-');
        }
    }
    let unfit = |c: char| matches!(c, '-' | '.' | ' ') || is_combining_mark(c);
    let name = name.trim_start_matches(unfit);
    let cut: String = name.chars().take(NAME_PART_CHARS).collect();
    let name = cut.trim_end_matches([' ', '-']);
    part(name)
        .ok()
        .filter(|name| name.contains(char::is_alphanumeric))
}

/// Letters and marks that show nothing: of Unicode's `Default_Ignorable_Code_Point`
/// (`DerivedCoreProperties.txt`) those that are letters or combining marks.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}')
}

/// What a name looks like: names with the same look differ only in case or by confusable letters
/// (UTS 39, section 4).
pub(crate) fn look(name: &str) -> String {
    let folded = name.to_lowercase();
    skeleton(&folded).collect()
}

/// Whether a person could take one name for the other, which differs from it.
pub(crate) fn are_look_alikes(one: &str, other: &str) -> bool {
    one != other && look(one) == look(other)
}

/// Declares a name: the text that `$read` makes of what was typed.
macro_rules! name {
    ($(#[$meta:meta])* $name:ident, $read:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The name, in NFC.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                $read(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            /// With `{:#}`, as one word of a command to type.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_word(f, &self.0)
            }
        }
    };
}

name! {
    /// A client's short name: the part of an entry's path before the first `/`.
    ClientSlug, client_slug
}

fn client_slug(text: &str) -> Result<String, String> {
    if text.contains('/') {
        return Err("a client's name has no '/'; that of an entry is CLIENT/NAME".into());
    }
    part(text)
}

impl ClientSlug {
    /// The name that comes nearest to any text, see [`mend`].
    pub(crate) fn mended(text: &str) -> Self {
        Self(mend(text).unwrap_or_else(|| "imported".into()))
    }
}

/// An entry's path: `CLIENT/NAME`, where NAME may have further parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryPath {
    client: ClientSlug,
    name: String,
}

impl EntryPath {
    /// The client's part.
    #[must_use]
    pub fn client(&self) -> &ClientSlug {
        &self.client
    }

    /// What follows the client's part, in NFC.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same name below another client.
    pub(crate) fn of_client(&self, client: ClientSlug) -> Self {
        let name = self.name.clone();
        Self { client, name }
    }

    /// The path below a client of the name that comes nearest to `name`.
    pub(crate) fn below(client: ClientSlug, name: &str) -> Self {
        let parts: Vec<String> = name.split('/').filter_map(mend).collect();
        let name = match parts.join("/") {
            name if name.is_empty() => "untitled".into(),
            name => name,
        };
        Self { client, name }
    }

    /// A test for names that a person could take for this one.
    pub fn name_look_alike(&self) -> impl Fn(&str) -> bool + '_ {
        let mine = look(&self.name);
        move |other| self.name != other && look(other) == mine
    }
}

impl FromStr for EntryPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((client, name)) = text.split_once('/') else {
            return Err("an entry is CLIENT/NAME, as in acme/wordpress".into());
        };
        let parts: Result<Vec<String>, String> = name.split('/').map(part).collect();
        Ok(Self {
            client: client.parse()?,
            name: parts?.join("/"),
        })
    }
}

impl fmt::Display for EntryPath {
    /// With `{:#}`, as one word of a command to type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_word(f, &format!("{}/{}", self.client, self.name))
    }
}

fn write_word(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if f.alternate() {
        f.write_str(&as_word(text))
    } else {
        f.write_str(text)
    }
}

name! {
    /// A label that entries are grouped by; follows the rules of name parts.
    Tag, part
}

name! {
    /// The name of a file that is kept with an entry; follows the rules of name parts.
    AttachmentName, part
}

name! {
    /// What a contact is called; follows the rules of name parts.
    ContactName, part
}

name! {
    /// What the owner of a key calls it; follows the rules of name parts.
    WayInName, part
}

name! {
    /// The name of a custom field; follows the rules of name parts and is none of the built-in
    /// names.
    FieldName, field_name
}

/// Field names that mean something of their own.
const BUILT_IN: [&str; 15] = [
    "secret",
    "username",
    "url",
    "urls",
    "notes",
    "tags",
    "totp",
    "env",
    "expires",
    "rotate_every",
    "second_factor",
    "use_only",
    "attachment",
    "client",
    "name",
];

fn field_name(text: &str) -> Result<String, String> {
    let name = part(text)?;
    if BUILT_IN.contains(&name.to_lowercase().as_str()) {
        return Err(format!("'{name}' is the name of a built-in field"));
    }
    Ok(name)
}

name! {
    /// A part of a pattern of paths: `**`, or a name's part in which `*` stands for any piece.
    PatternPart, pattern_part
}

fn pattern_part(text: &str) -> Result<String, String> {
    if text != "**" {
        if text.contains("**") {
            return Err("** stands alone between two '/'".into());
        }
        // A star may stand for any of the signs of a name: with a letter for it, the rules of
        // names hold for the rest.
        part(&text.replace('*', "x"))?;
    }
    Ok(nfc(text))
}

name! {
    /// The name of an environment variable that `run` may set for a child.
    EnvName, env_name
}

fn env_name(text: &str) -> Result<String, String> {
    let rest_is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit()) || !rest_is_plain {
        return Err("a variable's name is letters, digits and _, and starts with no digit".into());
    }
    if text.len() > NAME_PART_CHARS {
        return Err(format!(
            "a variable's name has at most {NAME_PART_CHARS} characters"
        ));
    }
    Ok(text.into())
}

/// The name itself, or with a number where it is taken: `nda-2.pdf`.
pub fn name_apart(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let (stem, ending) = name.find('.').map_or((name, ""), |at| name.split_at(at));
    let numbered = (2..).map(|at| format!("{stem}-{at}{ending}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
