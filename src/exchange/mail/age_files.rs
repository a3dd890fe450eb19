//! What is encrypted with age in something that came: a file of age itself, a text that has one in
//! armour, or a mail with either, in its text or attached. Mail programs quote the armour's lines,
//! break them anew and put blanks between.

use mailparse::ParsedMail;

use super::{after_envelope, all_headers, check_bounds, html, is_read, text_in};
use crate::error::{Error, Result};

/// The first line of armour (C2SP age).
pub const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const END: &str = "-----END AGE ENCRYPTED FILE-----";
const BINARY: &[u8] = b"age-encryption.org/";
/// Characters of a line of armour.
const COLUMNS: usize = 64;
/// Mails within mails that are looked into.
const FORWARDED: u8 = 3;
/// Files that are looked for in one mail.
const MOST: usize = 16;

/// The files of age in what came, each once, in the order in which they stand. None where there is
/// nothing of the kind.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] past a limit of mails.
pub fn age_files(bytes: &[u8]) -> Result<Vec<Vec<u8>>> {
    if bytes.starts_with(BINARY) {
        return Ok(vec![bytes.to_vec()]);
    }
    let mut found = Vec::new();
    match attached_and_written(bytes, FORWARDED)? {
        Some(parts) => {
            for part in parts {
                take(&part, &mut found);
            }
        }
        None => take(&as_text(bytes), &mut found),
    }
    if found.len() > MOST {
        return Err(Error::integrity(format!(
            "the mail has {} encrypted blocks, the limit is {MOST}",
            found.len()
        )));
    }
    Ok(found)
}

/// The parts of a mail as they are read, and of mails within it as deep as `depth`; none of what is no
/// mail.
fn attached_and_written(bytes: &[u8], depth: u8) -> Result<Option<Vec<Vec<u8>>>> {
    let Ok(mail) = mailparse::parse_mail(after_envelope(bytes)) else {
        return Ok(None);
    };
    if all_headers(&mail, "From").is_empty() {
        return Ok(None);
    }
    check_bounds(bytes)?;
    let mut read = Vec::new();
    for part in mail.parts().filter(|part| part.subparts.is_empty()) {
        let Some(content) = content_of(part) else {
            continue;
        };
        let is_mail = part.ctype.mimetype == "message/rfc822" && depth > 0;
        let within = if is_mail {
            attached_and_written(&content, depth - 1)?
        } else {
            None
        };
        match within {
            Some(within) => read.extend(within),
            None => read.push(content),
        }
    }
    Ok(Some(read))
}

/// What a part holds: of a text that is its text, of a page what it says.
fn content_of(part: &ParsedMail<'_>) -> Option<Vec<u8>> {
    let kind = part.ctype.mimetype.as_str();
    if kind.starts_with("text/") {
        let text = text_in(part).ok()?;
        let is_page = kind == "text/html" && is_read(part);
        return Some(if is_page {
            html::as_text(&text).into_bytes()
        } else {
            as_text(text.as_bytes())
        });
    }
    let content = part.get_body_raw().ok()?;
    Some(if content.starts_with(BINARY) {
        content
    } else {
        as_text(&content)
    })
}

/// What programs of Windows and web mail save is read as what it says: UTF-16, and a page.
fn as_text(bytes: &[u8]) -> Vec<u8> {
    let wide = |of: fn([u8; 2]) -> u16| {
        let (pairs, _) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().skip(1).map(|pair| of(*pair)).collect();
        String::from_utf16_lossy(&units).into_bytes()
    };
    match bytes {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(page) if is_saved_page(page) => html::as_text(page).into_bytes(),
            _ => bytes.to_vec(),
        },
    }
}

/// Whether it is a page that somebody has saved: one of our own has its block as it stands.
fn is_saved_page(text: &str) -> bool {
    text.trim_start().starts_with('<') && !text.contains(&format!("\n{BEGIN}\n"))
}

fn take(part: &[u8], found: &mut Vec<Vec<u8>>) {
    if part.starts_with(BINARY) {
        add_once(part.to_vec(), found);
        return;
    }
    let text = String::from_utf8_lossy(part);
    let mut rest = &*text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let Some((block, behind)) = after.split_once(END) else {
            return;
        };
        // Of two beginnings before one end, the first was cut off.
        let block = block.rsplit(BEGIN).next().unwrap_or(block);
        if let Some(armour) = mended(block) {
            add_once(armour.into_bytes(), found);
        }
        rest = behind;
    }
}

fn add_once(file: Vec<u8>, found: &mut Vec<Vec<u8>>) {
    if !found.contains(&file) {
        found.push(file);
    }
}

/// The armour with its lines as they were; none where something else stands in it.
fn mended(block: &str) -> Option<String> {
    let mut base64 = String::with_capacity(block.len());
    for c in block.chars() {
        match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '+' | '/' | '=' => base64.push(c),
            '>' | '|' | '\u{feff}' | '\u{200b}' => {}
            c if c.is_whitespace() => {}
            _ => return None,
        }
    }
    let mut armour = format!("{BEGIN}\n");
    for (at, c) in base64.chars().enumerate() {
        if at > 0 && at % COLUMNS == 0 {
            armour.push('\n');
        }
        armour.push(c);
    }
    armour.push('\n');
    armour.push_str(END);
    armour.push('\n');
    Some(armour)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::age_files;

    const ARMOUR: &str = "-----BEGIN AGE ENCRYPTED FILE-----\n\
        YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBhYmNkZWZnaGlqa2xtbm9w\n\
        cXJzdHV2d3h5eg==\n\
        -----END AGE ENCRYPTED FILE-----\n";

    fn found(text: &str) -> Vec<String> {
        let files = age_files(text.as_bytes()).unwrap().into_iter();
        files.map(|file| String::from_utf8(file).unwrap()).collect()
    }

    #[test]
    fn a_file_is_itself() {
        assert_eq!(found(ARMOUR), [ARMOUR]);
        let binary = b"age-encryption.org/v1\n-> X25519 x\n\xff\xfe";
        assert_eq!(age_files(binary).unwrap(), [binary.to_vec()]);
        assert!(found("nothing of the kind").is_empty());
        assert!(found("").is_empty());
    }

    #[test]
    fn armour_is_found_however_a_mail_program_has_set_it() {
        let quoted = ARMOUR.replace('\n', "\n> ");
        let crlf = ARMOUR.replace('\n', "\r\n");
        let deep = ARMOUR.replace('\n', "\r\n > >\u{a0}");
        let wrapped = ARMOUR.replace("ub3Jn", "ub\n3Jn");
        let one_line = ARMOUR.replace('\n', " ");
        for text in [quoted, crlf, deep, wrapped, one_line] {
            assert_eq!(
                found(&format!("Hello,\n\n> {text}\nBye")),
                [ARMOUR],
                "{text}"
            );
            assert_eq!(found(&text), [ARMOUR], "{text}");
        }
    }

    #[test]
    fn armour_is_found_in_mails_as_text_and_attached() {
        let head = "From: Anna <anna@acme.example>\nSubject: x\n";
        let plain = format!("{head}\nHello\n\n{ARMOUR}");
        let printed = ARMOUR.replace('=', "=3D").replace("ub3Jn", "ub=\n3Jn");
        let printed = format!(
            "{head}Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n{printed}"
        );
        let encoded = STANDARD.encode(ARMOUR);
        let attached = format!(
            "{head}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhello\n\
             --b\nContent-Type: application/octet-stream; name=x.age\nContent-Disposition: attachment\n\
             Content-Transfer-Encoding: base64\n\n{encoded}\n--b--\n"
        );
        let page = ARMOUR.replace('\n', "</div>\n<div>");
        let page = format!(
            "{head}Content-Type: text/html; charset=utf-8\n\n<p>Hello</p><blockquote><div>{page}</div></blockquote>"
        );
        for mail in [plain, printed, attached, page] {
            assert_eq!(found(&mail), [ARMOUR], "{mail}");
        }
    }

    #[test]
    fn what_other_programs_save_is_read_as_what_it_says() {
        let units = ARMOUR.encode_utf16();
        let wide: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(units.flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(age_files(&wide).unwrap(), [ARMOUR.as_bytes()]);
        let page = ARMOUR.trim_end().replace('\n', "<br>");
        assert_eq!(
            found(&format!("<html><body>Hello<br>{page}</body></html>")),
            [ARMOUR]
        );
        let inner = STANDARD.encode(format!(
            "From: Anna <anna@acme.example>\n\nHello\n\n{ARMOUR}"
        ));
        let forwarded = format!(
            "From: Bob <bob@acme.example>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
             Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}\n--b--\n"
        );
        assert_eq!(found(&forwarded), [ARMOUR]);
    }

    #[test]
    fn the_same_twice_is_one_and_what_is_cut_off_is_none() {
        let quoted = ARMOUR.replace('\n', "\n> ");
        assert_eq!(found(&format!("x\n{ARMOUR}\n> {quoted}")), [ARMOUR]);
        let cut = &ARMOUR[..90];
        assert!(found(&format!("x\n{cut}")).is_empty());
        assert_eq!(found(&format!("x\n{cut}\n\n{ARMOUR}")), [ARMOUR]);
        assert!(found(&format!("x\n{}", ARMOUR.replace("ub3Jn", "ü"))).is_empty());
    }
}
