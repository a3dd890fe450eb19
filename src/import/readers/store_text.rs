//! What a file of `pass`, `gopass` or `passage` says once it is decrypted: the password on the
//! first line, `key: value` lines below it, then text. What cannot be parted for certain stays
//! whole: from the first line on that is no `key: value`, all of it is the note, blank lines and
//! what looks like a key included.

use std::path::Path;

use crate::import::parts::labels::is_plain;
use crate::import::parts::lines::{plain_lines, stays_in_block};
use crate::model::transfer::import::{Imported, names_secret};

/// The first line of a file of gopass 1.10, which has a head as mails have.
const GOPASS_1_10: &str = "GOPASS-SECRET-1.0";

/// The credential in a file of the store.
pub(crate) fn imported(row: u64, name: &Path, text: &str) -> Imported {
    let plain = plain_lines(text);
    let text = plain.as_str();
    let mut imported = Imported::at(row);
    let mut parts: Vec<String> = name
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    imported.title = parts.pop().unwrap_or_default();
    imported.groups = parts;
    let (first, rest) = split(text);
    if first == GOPASS_1_10 {
        gopass_1_10(&mut imported, rest);
        return imported;
    }
    let has_password = !is_seed(first) && field(first).is_none_or(|(key, _)| !is_known(key));
    if has_password {
        imported.add_secret("password", first);
    }
    // Without a password the first field is in its place.
    below(&mut imported, if has_password { rest } else { text });
    imported
}

/// The password, and what stands below it. A key in PEM is all of its lines.
fn split(text: &str) -> (&str, &str) {
    let key = text
        .starts_with("-----BEGIN ")
        .then(|| text.find("\n-----END "));
    let start = key.flatten().map_or(0, |at| at + 1);
    let line = text.get(start..).unwrap_or_default();
    let end = start + line.find('\n').unwrap_or(line.len());
    let first = text.get(..end).unwrap_or_default();
    let rest = text.get(end..).unwrap_or_default();
    (first, rest.strip_prefix('\n').unwrap_or(rest))
}

/// `Key: value` lines up to a blank one, then the note.
fn gopass_1_10(imported: &mut Imported, text: &str) {
    let mut rest = text;
    while let Some((line, after)) = next_line(rest) {
        if line.is_empty() {
            rest = after;
            break;
        }
        let Some((key, value)) = field(line) else {
            break;
        };
        put_value(imported, key, value);
        rest = after;
    }
    note(imported, rest);
}

/// Fields, then the note; behind `---` gopass has YAML.
fn below(imported: &mut Imported, text: &str) {
    let (text, pairs) = yaml(text);
    for (key, value) in pairs {
        put_value(imported, key, value);
    }
    let mut rest = text;
    while let Some((line, after)) = next_line(rest) {
        rest = match part(imported, line, after) {
            Some(unread) => unread,
            None => break,
        };
    }
    note(imported, rest);
}

/// Takes a line that is certain, and gives what is below it; none if the rest is text.
fn part<'a>(imported: &mut Imported, line: &str, after: &'a str) -> Option<&'a str> {
    if line.trim().is_empty() {
        return Some(after);
    }
    if is_seed(line.trim()) {
        imported.add_totp("otpauth", line.trim());
        return Some(after);
    }
    let (key, value) = field(line)?;
    if let Some(start) = value.strip_prefix("-----BEGIN ") {
        let (block, unread) = block(start, after)?;
        imported.field(key, &format!("-----BEGIN {block}"), !is_plain(key));
        return Some(unread);
    }
    if is_note(key) || after.starts_with([' ', '\t']) || matches!(value, "|" | ">" | "|-" | ">-") {
        return None;
    }
    put_value(imported, key, value);
    Some(after)
}

/// The rest of a block of PEM whose first line starts so, and what is below it.
fn block<'a>(start: &str, after: &'a str) -> Option<(String, &'a str)> {
    let mut block = start.to_owned();
    let mut rest = after;
    while let Some((line, below)) = next_line(rest) {
        block.push('\n');
        block.push_str(line);
        rest = below;
        if line.trim_start().starts_with("-----END ") {
            return Some((block, rest));
        }
    }
    None
}

/// Where the last part of the text is `---` and plain pairs of YAML, those; and the text before.
fn yaml(text: &str) -> (&str, Vec<(&str, &str)>) {
    let mark = text.match_indices("---").map(|(at, _)| at).find(|at| {
        let (before, rest) = text.split_at(*at);
        let line = rest.lines().next().unwrap_or_default();
        line.trim_end() == "---" && (before.is_empty() || before.ends_with('\n'))
    });
    let Some((before, rest)) = mark.map(|at| text.split_at(at)) else {
        return (text, Vec::new());
    };
    let lines = rest.lines().skip(1).filter(|line| !line.trim().is_empty());
    let pairs: Option<Vec<_>> = lines.map(yaml_pair).collect();
    match pairs {
        Some(pairs) => (before, pairs),
        None => (text, Vec::new()),
    }
}

/// A pair whose value is the same in YAML as it is written, but for quotation marks around it.
fn yaml_pair(line: &str) -> Option<(&str, &str)> {
    let (key, value) = field(line)?;
    let is_name = !line.starts_with([' ', '\t', '-', '?', '"', '\'', '#']);
    let special = value.starts_with(['|', '>', '{', '[', '&', '*', '!', '%', '@', '#']);
    if !is_name || special || value.is_empty() || value.contains(" #") || value.contains(": ") {
        return None;
    }
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote) {
            let inner = inner.strip_suffix(quote)?;
            return (!inner.contains([quote, '\\'])).then_some((key, inner));
        }
    }
    Some((key, value))
}

/// Keeps text whole, but for lines that are seeds. A name and an address in it are used as well.
fn note(imported: &mut Imported, text: &str) {
    // As pass-import marks where it starts.
    let text = text.strip_prefix("comments: ").unwrap_or(text);
    let mut lines = Vec::new();
    let (mut in_block, mut is_private) = (false, false);
    for line in text.lines() {
        if !in_block && is_seed(line.trim()) {
            imported.add_totp("otpauth", line.trim());
            continue;
        }
        lines.push(line);
        if let Some((key, value)) = field(line).filter(|_| !in_block) {
            is_private |= names_secret(key) && !value.is_empty();
            match known(key) {
                Some(KeyMeaning::Username) if imported.username.is_none() => {
                    imported.username = Some(value.to_owned());
                }
                Some(KeyMeaning::Url) if imported.urls.is_empty() => {
                    imported.urls.push(value.to_owned());
                }
                _ => {}
            }
        }
        in_block = stays_in_block(in_block, line);
    }
    let text = lines.join("\n");
    let text = text.trim_matches('\n');
    if is_private {
        imported.field("private note", text, true);
    } else {
        imported.note(text);
    }
}

fn next_line(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    Some(text.split_once('\n').unwrap_or((text, "")))
}

/// What a key is for, besides being a field.
enum KeyMeaning {
    Username,
    Url,
    Seed,
    Password,
}

fn known(key: &str) -> Option<KeyMeaning> {
    Some(match key.to_lowercase().as_str() {
        "login" | "user" | "username" => KeyMeaning::Username,
        "url" | "website" | "site" => KeyMeaning::Url,
        "otpauth" | "totp" => KeyMeaning::Seed,
        "password" => KeyMeaning::Password,
        _ => return None,
    })
}

fn is_note(key: &str) -> bool {
    matches!(
        key.to_lowercase().as_str(),
        "comments" | "comment" | "notes" | "note"
    )
}

/// Whether a first line with this key is no password.
fn is_known(key: &str) -> bool {
    let other = is_note(key) || key.eq_ignore_ascii_case("email");
    other
        || matches!(
            known(key),
            Some(KeyMeaning::Username | KeyMeaning::Url | KeyMeaning::Seed)
        )
}

fn is_seed(line: &str) -> bool {
    line.starts_with("otpauth://") || line.starts_with("steam://")
}

fn field(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(": ").or_else(|| line.split_once(":\t"))?;
    let plain = !key.trim().is_empty() && key.len() <= 64 && !key.contains("//");
    plain.then_some((key.trim(), value.trim()))
}

fn put_value(imported: &mut Imported, key: &str, value: &str) {
    match known(key) {
        _ if value.is_empty() => {}
        Some(KeyMeaning::Username) => imported.add_username(key, value),
        Some(KeyMeaning::Url) => imported.add_url(value),
        Some(KeyMeaning::Seed) => imported.add_totp(key, value),
        Some(KeyMeaning::Password) => imported.add_secret(key, value),
        None => imported.field(key, value, !is_plain(key)),
    }
}

#[cfg(test)]
mod tests;
