//! The credential that an entry of `KeePass` is.

use super::keepass::{Former, KeePassEntry};
use super::keepass_seeds;
use crate::model::transfer::import::Imported;

impl KeePassEntry {
    /// The credential, and what of it is lost; its files are left to the caller.
    pub(crate) fn imported(mut self, row: u64, groups: &[&str]) -> (Imported, Vec<String>) {
        let mut imported = Imported::at(row);
        for group in groups {
            imported.group(group);
        }
        let mut lost = std::mem::take(&mut self.lost);
        let password = self.take("Password");
        let others = self.others();
        let is_gone = |former: &Former| !former.others.is_subset(&others);
        if self.history.iter().any(is_gone) {
            lost.push("former values of it: only former passwords are kept".into());
        }
        let tags = self.tags.split([';', ',']).map(str::to_owned);
        imported.tags.extend(tags);
        imported.created = self.created;
        imported.updated = self.updated;
        imported.expires = self.expires;
        imported.title = self.take_text("Title").unwrap_or_default();
        imported.username = self.take_text("UserName");
        imported.urls = self.take_text("URL").into_iter().collect();
        imported.notes = self.take_text("Notes");
        imported.secret = password.map(|field| field.value);
        keepass_seeds::add(&mut self, &mut imported, &mut lost);
        for field in &self.fields {
            let value = field.value.expose();
            match field.key.as_str() {
                // A second one of it.
                key @ "Password" => imported.add_secret(key, field.value.expose()),
                // How KeePassXC keeps further URLs.
                key if key.starts_with("KP2A_URL") && !field.protected => {
                    imported.urls.push(value.to_owned());
                }
                key => imported.field(key, value, field.protected),
            }
        }
        self.remember(&mut imported);
        (imported, lost)
    }
}
