//! What `KeePass` keeps in an entry, whether it came as XML or from a database: strings by key,
//! files, and its former states.

use jiff::Timestamp;

use super::totp::{self, Recipe};
use crate::model::import::{Imported, ImportedFile, Past};
use crate::model::secret::Secret;

/// An entry as it is or was.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) fields: Vec<TextField>,
    pub(super) tags: String,
    pub(super) files: Vec<ImportedFile>,
    pub(super) created: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    pub(super) expires: Option<Timestamp>,
    /// Its former states.
    pub(super) history: Vec<Entry>,
    /// What could not be read of it.
    pub(super) lost: Vec<String>,
}

/// A string by its key.
pub(super) struct TextField {
    pub(super) key: String,
    pub(super) value: Secret,
    pub(super) protected: bool,
}

impl Entry {
    fn get(&self, key: &str) -> Option<&Secret> {
        let found = self.fields.iter().find(|field| field.key == key);
        found
            .map(|field| &field.value)
            .filter(|value| !value.is_empty())
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.get(key).map(Secret::expose)
    }

    /// The credential, and what of it is lost.
    pub(super) fn imported(mut self, row: u64, groups: &[String]) -> (Imported, Vec<String>) {
        let mut imported = Imported::at(row);
        imported.groups = groups.to_vec();
        imported.tags = self.tags.split([';', ',']).map(str::to_owned).collect();
        imported.created = self.created;
        imported.updated = self.updated;
        imported.expires = self.expires;
        imported.title = self.text("Title").map_or_else(String::new, str::to_owned);
        imported.username = self.text("UserName").map(str::to_owned);
        imported.urls = self.text("URL").map(str::to_owned).into_iter().collect();
        imported.notes = self.text("Notes").map(str::to_owned);
        imported.secret = self.get("Password").cloned();
        imported.files = std::mem::take(&mut self.files);
        let seed = self.seed();
        let used = if seed.is_some() { SEEDS } else { &[] };
        imported.totp = seed;
        for field in &self.fields {
            let key = field.key.as_str();
            match key {
                "Title" | "UserName" | "URL" | "Notes" | "Password" => {}
                _ if used.contains(&key) => {}
                // How KeePassXC keeps further URLs.
                _ if key.starts_with("KP2A_URL") => {
                    imported.urls.push(field.value.expose().to_owned());
                }
                _ => imported.field(key, field.value.expose(), field.protected),
            }
        }
        let lost = std::mem::take(&mut self.lost);
        self.remember(&mut imported);
        (imported, lost)
    }

    /// Former states become former passwords: those that differ from the one after.
    fn remember(self, imported: &mut Imported) {
        let mut states = self.history;
        states.sort_by_key(|state| state.updated);
        let mut last: Option<Secret> = None;
        let mut since = None;
        for state in &states {
            let Some(password) = state.get("Password") else {
                continue;
            };
            if last.as_ref() != Some(password) {
                since = state.updated;
                imported.history.push(Past {
                    secret: password.clone(),
                    since,
                });
                last = Some(password.clone());
            }
        }
        if last.is_some() && last == imported.secret {
            imported.history.pop();
            imported.secret_since = since;
        }
    }

    /// The seed of its one-time codes in any of the ways in which plugins keep it.
    fn seed(&self) -> Option<Secret> {
        if let Some(otp) = self.get("otp") {
            let uri = otp.expose();
            return if uri.starts_with("key=") {
                totp::of_key_value(uri)
            } else {
                Some(otp.clone())
            };
        }
        if let Some(base32) = self.text("TimeOtp-Secret-Base32") {
            return Some(self.keepass_recipe().seed(base32));
        }
        if let Some(text) = self.text("TimeOtp-Secret") {
            return Some(self.keepass_recipe().seed(&totp::base32(text.as_bytes())));
        }
        if let Some(bytes) = self.text("TimeOtp-Secret-Hex").and_then(totp::hex) {
            return Some(self.keepass_recipe().seed(&totp::base32(&bytes)));
        }
        if let Some(bytes) = self.text("TimeOtp-Secret-Base64").and_then(totp::base64) {
            return Some(self.keepass_recipe().seed(&totp::base32(&bytes)));
        }
        let seed = self.text("TOTP Seed")?;
        let (period, digits) = self.text("TOTP Settings")?.split_once(';')?;
        let digits = digits.split(';').next();
        if digits.is_some_and(|digits| digits.parse::<u8>().is_err()) {
            // Steam's codes are not those of RFC 6238.
            return None;
        }
        let recipe = Recipe {
            period: Some(period),
            digits,
            algorithm: None,
        };
        Some(recipe.seed(seed))
    }

    fn keepass_recipe(&self) -> Recipe<'_> {
        Recipe {
            period: self.text("TimeOtp-Period"),
            digits: self.text("TimeOtp-Length"),
            algorithm: self.text("TimeOtp-Algorithm"),
        }
    }
}

/// The strings that a seed may be made of.
const SEEDS: &[&str] = &[
    "otp",
    "TimeOtp-Secret",
    "TimeOtp-Secret-Hex",
    "TimeOtp-Secret-Base32",
    "TimeOtp-Secret-Base64",
    "TimeOtp-Period",
    "TimeOtp-Length",
    "TimeOtp-Algorithm",
    "TOTP Seed",
    "TOTP Settings",
];
