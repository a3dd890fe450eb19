//! What is encrypted with age in something that came: a file of age itself, a text that has one in
//! armour, or a mail with either, in its text or attached. Mail programs quote the armour's lines,
//! break them anew and put blanks between.

use mailparse::ParsedMail;

use super::{after_envelope, all_headers, check_bounds, html, is_read, text_in};
use crate::error::{Error, Result};

const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const END: &str = "-----END AGE ENCRYPTED FILE-----";
const BINARY: &[u8] = b"age-encryption.org/";
/// Characters of a line of armour.
const COLUMNS: usize = 64;
/// Files that are looked for in one mail.
const MOST: usize = 16;

/// The files of age in what came, each once, in the order in which they stand. None where there is
/// nothing of the kind.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] past a limit of mails.
pub fn age_files(bytes: &[u8]) -> Result<Vec<Vec<u8>>> {
    if is_file(bytes) {
        return Ok(vec![bytes.to_vec()]);
    }
    let mut found = Vec::new();
    match attached_and_written(bytes)? {
        Some(parts) => {
            for part in parts {
                take(&part, &mut found);
            }
        }
        None => take(bytes, &mut found),
    }
    if found.len() > MOST {
        return Err(Error::integrity(format!(
            "the mail has {} encrypted blocks, the limit is {MOST}",
            found.len()
        )));
    }
    Ok(found)
}

/// The parts of a mail as they are read; none of what is no mail.
fn attached_and_written(bytes: &[u8]) -> Result<Option<Vec<Vec<u8>>>> {
    let Ok(mail) = mailparse::parse_mail(after_envelope(bytes)) else {
        return Ok(None);
    };
    if all_headers(&mail, "From").is_empty() {
        return Ok(None);
    }
    check_bounds(bytes)?;
    let leaves = mail.parts().filter(|part| part.subparts.is_empty());
    Ok(Some(leaves.filter_map(content_of).collect()))
}

/// What a part holds; of a page that is what the mail says, its text.
fn content_of(part: &ParsedMail<'_>) -> Option<Vec<u8>> {
    if is_read(part) && part.ctype.mimetype == "text/html" {
        let page = text_in(part).ok()?;
        return Some(html::as_text(&page).into_bytes());
    }
    part.get_body_raw().ok()
}

/// Whether it is a file of age and nothing else.
fn is_file(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii();
    bytes.starts_with(BINARY)
        || text.starts_with(BEGIN.as_bytes())
            && text.ends_with(END.as_bytes())
            && !text.contains(&b'>')
            && count(text, BEGIN) == 1
}

fn count(bytes: &[u8], of: &str) -> usize {
    String::from_utf8_lossy(bytes).matches(of).count()
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
    fn the_same_twice_is_one_and_what_is_cut_off_is_none() {
        let quoted = ARMOUR.replace('\n', "\n> ");
        assert_eq!(found(&format!("x\n{ARMOUR}\n> {quoted}")), [ARMOUR]);
        let cut = &ARMOUR[..90];
        assert!(found(&format!("x\n{cut}")).is_empty());
        assert_eq!(found(&format!("x\n{cut}\n\n{ARMOUR}")), [ARMOUR]);
        assert!(found(&format!("x\n{}", ARMOUR.replace("ub3Jn", "ü"))).is_empty());
    }
}
