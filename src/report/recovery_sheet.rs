//! What the owner of a recovery identity keeps: the identity as a file, as a code to scan, and as
//! a sheet of paper.

use std::fmt::Write;

use jiff::Timestamp;
use qrcodegen::{QrCode, QrCodeEcc};
use uuid::Uuid;

use crate::crypto::AgeIdentity;
use crate::error::{Error, Result};
use crate::model::text::secret::Secret;

/// Blank modules around a code, which scanners need.
const QUIET: i32 = 4;
/// What every key begins with.
const START: &str = "AGE-SECRET-KEY-1";
/// Characters of a key that stand together on paper, and groups in a line.
const GROUP: usize = 5;
const GROUPS: usize = 4;

/// A recovery identity that was just made.
pub struct RecoveryIdentity {
    identity: AgeIdentity,
    made: Timestamp,
}

/// What a sheet is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetFormat {
    /// A page for a browser, in one file, without scripts.
    Html,
    /// Plain text.
    Text,
}

/// What a code is drawn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Paper: what is dark is drawn.
    Light,
    /// A terminal: what is light is drawn.
    Dark,
}

impl RecoveryIdentity {
    /// A new one.
    pub fn generate(made: Timestamp) -> Self {
        Self {
            identity: AgeIdentity::generate(),
            made,
        }
    }

    /// What the vault is encrypted to: `age1…`.
    pub fn recipient(&self) -> String {
        self.identity.recipient()
    }

    /// `AGE-SECRET-KEY-1…`.
    pub fn secret(&self) -> Secret {
        self.identity.secret()
    }

    /// The file that stock age reads with `-i`.
    pub fn file(&self) -> Secret {
        Secret::new(format!(
            "# recovery identity of a vault, made {}\n# public key: {}\n{}\n",
            self.made,
            self.recipient(),
            self.secret().expose()
        ))
    }

    /// The key as a code to scan, in lines of half blocks.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when no code holds it.
    pub fn code(&self, drawn_on: Ground) -> Result<Secret> {
        let code = self.qr()?;
        let filled = |x, y| code.get_module(x, y) == (drawn_on == Ground::Light);
        let (from, to) = (-QUIET, code.size() + QUIET);
        let rows = (from..to).step_by(2).map(|y| {
            let cells = (from..to).map(|x| match (filled(x, y), filled(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
            cells.collect::<String>()
        });
        Ok(Secret::new(rows.collect::<Vec<_>>().join("\n")))
    }

    /// A page to print, for the vault with that id.
    pub fn sheet(&self, format: SheetFormat, vault: Uuid) -> Result<Secret> {
        match format {
            SheetFormat::Html => self.html(vault),
            SheetFormat::Text => self.text(vault),
        }
    }

    fn text(&self, vault: Uuid) -> Result<Secret> {
        let code = self.code(Ground::Light)?;
        Ok(Secret::new(format!(
            "{TITLE}\n\n{}\n\nVault:      {vault}\nMade:       {}\nPublic key: {}\n\n\
             The key, in groups to be read; the spaces do not belong to it:\n\n{}\n\n\
             The same to scan:\n\n{}\n\n{}\n\n{}\n",
            ABOUT.join("\n"),
            self.made,
            self.recipient(),
            lines_of(self.secret().expose()).join("\n"),
            code.expose(),
            STEPS_TITLE,
            steps(),
        )))
    }

    fn html(&self, vault: Uuid) -> Result<Secret> {
        let key = lines_of(self.secret().expose()).join("\n");
        // Nothing in it comes from the user: an id, a time, keys, and the texts below.
        Ok(Secret::new(format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" \
             content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <title>{TITLE}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <h1>{TITLE}</h1>\n<p>{}</p>\n\
             <table>\n<tr><th>Vault</th><td>{vault}</td></tr>\n\
             <tr><th>Made</th><td>{}</td></tr>\n\
             <tr><th>Public key</th><td>{}</td></tr>\n</table>\n\
             <p>The key, in groups to be read; the spaces do not belong to it:</p>\n\
             <pre class=\"key\">{key}</pre>\n<p>The same to scan:</p>\n{}\n\
             <h2>{STEPS_TITLE}</h2>\n<pre>{}</pre>\n</body>\n</html>\n",
            ABOUT.join(" "),
            self.made,
            self.recipient(),
            svg(&self.qr()?),
            steps(),
        )))
    }

    fn qr(&self) -> Result<QrCode> {
        QrCode::encode_text(self.secret().expose(), QrCodeEcc::Medium)
            .map_err(|_| Error::failed("the key does not fit a code"))
    }
}

const TITLE: &str = "Recovery identity of a vault";
const ABOUT: &[&str] = &[
    "Whoever has this page can read the vault that it belongs to, without its password.",
    "Keep it where you keep your passport, and never beside the vault or on a computer.",
];
const STEPS_TITLE: &str = "When the password is lost";
const STEPS: &[&str] = &[
    "1. Write the key into a file, in one line and without spaces: recovery.key",
    "2. Give the vault a new password:  vault passwd --identity recovery.key",
    "3. Delete the file.",
    "",
    "Without this program, age (https://age-encryption.org) shows all that is inside:",
    "   age -d -i recovery.key vault.age",
    "",
    "If someone else may have seen this page, take the key away:",
    "   vault recovery list",
    "   vault recovery rm ID",
];
const STYLE: &str = "body{font:12pt/1.4 sans-serif;max-width:17cm;margin:1.5cm auto;color:#000;\
background:#fff}h1{font-size:18pt}h2{font-size:14pt}th{text-align:left;padding-right:1em}\
td{font-family:monospace;font-size:10pt;overflow-wrap:anywhere}.key{font-size:15pt;\
line-height:1.6}pre{font-family:monospace;white-space:pre-wrap}svg{width:5cm;height:5cm}";

fn steps() -> String {
    // There is nothing in them that HTML would read as markup.
    STEPS.join("\n")
}

/// A key in lines of groups, as it is read from paper.
fn lines_of(key: &str) -> Vec<String> {
    let (start, rest) = key.split_at_checked(START.len()).unwrap_or((key, ""));
    let characters: Vec<char> = rest.chars().collect();
    let groups: Vec<String> = characters
        .chunks(GROUP)
        .map(|group| group.iter().collect())
        .collect();
    let lines = groups.chunks(GROUPS).map(|line| line.join(" "));
    std::iter::once(start.to_owned()).chain(lines).collect()
}

fn svg(code: &QrCode) -> String {
    let size = code.size();
    let dark = (0..size).flat_map(|y| (0..size).map(move |x| (x, y)));
    let dark = dark.filter(|&(x, y)| code.get_module(x, y));
    let path = dark.fold(String::new(), |mut path, (x, y)| {
        // Writing to a string cannot fail.
        let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        path
    });
    let whole = size + 2 * QUIET;
    format!(
        "<svg viewBox=\"0 0 {whole} {whole}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{whole}v{whole}H0z\"/><path d=\"{path}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use jiff::Timestamp;
    use uuid::Uuid;

    use super::{Ground, RecoveryIdentity, SheetFormat, lines_of};
    use crate::crypto::{Identities, NoPlugins, PluginHost};
    use crate::model::text::secret::Secret;

    fn identity() -> RecoveryIdentity {
        RecoveryIdentity::generate(Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn what_was_typed_from_paper_is_the_key() {
        let identity = identity();
        let lines = lines_of(identity.secret().expose());
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], "AGE-SECRET-KEY-1");
        assert!(lines.iter().all(|line| line.len() < 24));
        let typed = Secret::new(lines.join(" "));
        let host: Rc<dyn PluginHost> = Rc::new(NoPlugins);
        Identities::parse_with_plugins(&typed, &host).unwrap();
        assert_eq!(typed.expose().replace(' ', ""), identity.secret().expose());
    }

    #[test]
    fn a_sheet_says_what_it_is_and_holds_no_script() {
        let (identity, vault) = (identity(), Uuid::from_u128(7));
        for format in [SheetFormat::Html, SheetFormat::Text] {
            let sheet = identity.sheet(format, vault).unwrap();
            let text = sheet.expose();
            for part in [
                &vault.to_string(),
                "1970-01-01",
                &identity.recipient(),
                &lines_of(identity.secret().expose())[1],
                "vault passwd --identity",
                "age -d -i",
            ] {
                assert!(text.contains(part), "{part}\n{text}");
            }
            assert!(!text.contains("<script") && !text.contains("http-equiv=\"refresh"));
        }
    }

    #[test]
    fn a_code_is_square_and_has_a_light_edge() {
        let identity = identity();
        let code = identity.code(Ground::Dark).unwrap();
        let rows: Vec<&str> = code.expose().lines().collect();
        let width = rows[0].chars().count();
        assert!(rows.iter().all(|row| row.chars().count() == width));
        assert_eq!(rows.len(), width.div_ceil(2));
        assert!(rows[0].chars().all(|c| c == '█'));
        assert!(
            rows.iter()
                .all(|row| row.starts_with("████") && row.ends_with("████"))
        );
        let on_paper = identity.code(Ground::Light).unwrap();
        assert!(on_paper.expose().lines().next().unwrap().trim().is_empty());
    }

    /// What a scanner reads where `dark` says which modules are.
    fn scanned(size: usize, dark: impl Fn(usize, usize) -> bool) -> String {
        const PIXELS: usize = 5;
        let pixel = |x: usize, y: usize| {
            if dark(x / PIXELS, y / PIXELS) { 0 } else { 255 }
        };
        let width = size * PIXELS;
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, width, pixel);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    #[test]
    fn a_scanner_reads_the_key_from_a_terminal_and_from_paper() {
        let identity = identity();
        for ground in [Ground::Dark, Ground::Light] {
            let code = identity.code(ground).unwrap();
            let rows: Vec<Vec<char>> = code
                .expose()
                .lines()
                .map(|row| row.chars().collect())
                .collect();
            let dark = |x: usize, y: usize| {
                let halves = match rows[y / 2][x] {
                    '█' => [true, true],
                    '▀' => [true, false],
                    '▄' => [false, true],
                    _ => [false, false],
                };
                halves[y % 2] == (ground == Ground::Light)
            };
            assert_eq!(scanned(rows[0].len(), dark), identity.secret().expose());
        }
    }

    #[test]
    fn a_scanner_reads_the_key_from_the_page() {
        let identity = identity();
        let page = identity.sheet(SheetFormat::Html, Uuid::nil()).unwrap();
        let path = page.expose().split("<path d=\"M").nth(1).unwrap();
        let modules: Vec<(usize, usize)> = (path.split('"').next().unwrap().split('M'))
            .map(|module| {
                let (x, y) = module
                    .strip_suffix("h1v1h-1z")
                    .unwrap()
                    .split_once(' ')
                    .unwrap();
                (x.parse().unwrap(), y.parse().unwrap())
            })
            .collect();
        let size = page.expose().split("viewBox=\"0 0 ").nth(1).unwrap();
        let size = size.split(' ').next().unwrap().parse().unwrap();
        let read = scanned(size, |x, y| modules.contains(&(x, y)));
        assert_eq!(read, identity.secret().expose());
    }
}
