//! A page's template, and what stands in its places: `{{word}}`, `{{script NAME}}`, `{{style}}`,
//! `{{policy}}`, `{{lang}}`, `{{data}}`, `{{file}}`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::model::text::lang::Lang;

pub(super) const STYLE: &str = include_str!("page.css");
const ENGLISH: &str = include_str!("words/en.json");
const GERMAN: &str = include_str!("words/de.json");
/// The words that every page has.
const COMMON: &str = "both";

macro_rules! scripts {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("script/", $name)))),*] };
}

pub(super) const SCRIPTS: &[(&str, &str)] = scripts![
    "age_armor.js",
    "age_decrypt.js",
    "age_encrypt.js",
    "age_format.js",
    "ask.js",
    "bech32.js",
    "bytes.js",
    "chacha20poly1305.js",
    "open.js",
    "page.js",
    "scrypt.js",
    "sha256.js",
    "share.js",
    "sshsig.js",
    "x25519.js",
];

/// A template, and whose words it has.
#[derive(Debug)]
pub(super) struct Template {
    html: &'static str,
    words: &'static str,
}

/// The words of one page in one language.
type PageWords = BTreeMap<String, String>;

/// What a page knows: its words, and what it was made for.
#[derive(Serialize)]
struct PageData<'a, V> {
    lang: &'a str,
    words: &'a PageWords,
    values: &'a V,
}

impl Template {
    /// The page that asks.
    pub(super) const ASK: Self = Self {
        html: include_str!("ask.html"),
        words: "ask",
    };

    /// The page that opens.
    pub(super) const OPEN: Self = Self {
        html: include_str!("open.html"),
        words: "open",
    };

    /// The page with these values, and with a file in armour or nothing in its place.
    pub(super) fn fill(&self, lang: Lang, values: &impl Serialize, file: &str) -> Result<String> {
        let words = self.words(lang)?;
        let lang = lang.as_str();
        let mut html = String::with_capacity(64 << 10);
        let mut rest = self.html;
        while let Some((before, slot, after)) = next_slot(rest) {
            html.push_str(before);
            rest = after;
            match slot.strip_prefix("script ") {
                Some(name) => element(&mut html, "script", script(name)?),
                None => match slot {
                    "style" => element(&mut html, "style", STYLE),
                    "policy" => html.push_str(&self.policy()?),
                    "lang" => html.push_str(lang),
                    "data" => html.push_str(&data_block(&PageData {
                        lang,
                        words: &words,
                        values,
                    })?),
                    "file" => html.push_str(file),
                    name => html.push_str(&escaped(words.get(name).ok_or_else(malformed)?)),
                },
            }
        }
        html.push_str(rest);
        Ok(html)
    }

    fn words(&self, lang: Lang) -> Result<PageWords> {
        let text = match lang {
            Lang::En => ENGLISH,
            Lang::De => GERMAN,
        };
        let mut all: BTreeMap<String, PageWords> =
            serde_json::from_str(text).map_err(|_| malformed())?;
        let mut words = all.remove(COMMON).unwrap_or_default();
        words.extend(all.remove(self.words).unwrap_or_default());
        Ok(words)
    }

    /// What the page may do: run these scripts, look like this, and nothing else.
    fn policy(&self) -> Result<String> {
        let mut hashes = Vec::new();
        let mut rest = self.html;
        while let Some((_, slot, after)) = next_slot(rest) {
            if let Some(name) = slot.strip_prefix("script ") {
                hashes.push(hash_source(script(name)?));
            }
            rest = after;
        }
        Ok(format!(
            "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
            hashes.join(" "),
            hash_source(STYLE)
        ))
    }
}

/// What stands before the next place of a template, the place, and what stands behind it.
fn next_slot(template: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = template.split_once("{{")?;
    let (slot, after) = rest.split_once("}}")?;
    Some((before, slot, after))
}

fn script(name: &str) -> Result<&'static str> {
    let found = SCRIPTS.iter().find(|(it, _)| *it == name);
    found.map(|(_, text)| *text).ok_or_else(malformed)
}

/// An element whose text stands in it to the byte, so that its hash fits.
fn element(html: &mut String, name: &str, text: &str) {
    for part in ["<", name, ">", text, "</", name, ">"] {
        html.push_str(part);
    }
}

fn hash_source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// JSON in which nothing could end the element that it stands in, or a line.
fn data_block<V: Serialize>(data: &PageData<'_, V>) -> Result<String> {
    let json = serde_json::to_string(data).map_err(|_| malformed())?;
    let mut block = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => block.push_str("\\u003c"),
            '>' => block.push_str("\\u003e"),
            '&' => block.push_str("\\u0026"),
            '\u{2028}' => block.push_str("\\u2028"),
            '\u{2029}' => block.push_str("\\u2029"),
            c => block.push(c),
        }
    }
    Ok(block)
}

/// Text as HTML.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' => {
                html.push_str("&#");
                html.push_str(&u32::from(c).to_string());
                html.push(';');
            }
            c => html.push(c),
        }
    }
    html
}

fn malformed() -> Error {
    Error::failed("the page's own template is malformed")
}
