//! Which secrets are those that something comes with: whoever tries a few first has them.

use super::field::{SECRET, TOTP};
use crate::model::records::entry::Entry;

/// The tag that says that the secret which an entry was added with is one that the device or program
/// came with.
const WAS_DEFAULT: &str = "was-default";
/// Passwords that devices, databases and programs come with, and that stand in every list of
/// first tries, in lower case.
const PRESET: &[&str] = &[
    "0000",
    "000000",
    "1111",
    "111111",
    "1234",
    "12345",
    "123456",
    "12345678",
    "123456789",
    "1234567890",
    "abc123",
    "access",
    "admin",
    "admin1",
    "admin123",
    "admin1234",
    "adminadmin",
    "administrator",
    "alpine",
    "anonymous",
    "apache",
    "calvin",
    "changeit",
    "changeme",
    "changethis",
    "cisco",
    "default",
    "demo",
    "elastic",
    "guest",
    "hunter2",
    "letmein",
    "login",
    "manager",
    "master",
    "minioadmin",
    "mysql",
    "nagios",
    "netgear",
    "oracle",
    "pass",
    "pass123",
    "passw0rd",
    "password",
    "password1",
    "password123",
    "pfsense",
    "postgres",
    "private",
    "public",
    "qwerty",
    "qwerty123",
    "rabbitmq",
    "raspberry",
    "root",
    "root123",
    "s3cret",
    "sa",
    "secret",
    "secret123",
    "security",
    "service",
    "setup",
    "system",
    "temp",
    "temp123",
    "test",
    "test123",
    "tomcat",
    "toor",
    "ubnt",
    "user",
    "vagrant",
    "webadmin",
    "welcome",
    "welcome1",
    "welcome123",
    "wordpress",
    "zabbix",
];

impl Entry {
    /// What is said of a secret that is in use and is one that something comes with: it stands in the
    /// list of those, it is the user name, or the entry is tagged so and has it since it was added.
    /// Which of the first two it is, is not told: that would tell the secret.
    #[must_use]
    pub fn preset(&self, slot: &str) -> Option<&'static str> {
        let version = self.current(slot).filter(|_| slot != TOTP)?;
        let secret = version.secret().expose();
        let is_it = |known: &str| known.eq_ignore_ascii_case(secret);
        let user = self.username.value();
        let is_told = slot == SECRET
            && version.number == 1
            && self.tags().iter().any(|tag| tag == WAS_DEFAULT);
        let is_known = PRESET.iter().any(|preset| is_it(preset));
        if secret.is_empty() {
            None
        } else if is_known || user.is_some_and(|user| is_it(user)) {
            Some("its user name, or one that devices and programs come with")
        } else {
            is_told.then_some("the one that it came with, as its tag was-default says")
        }
    }

    /// The names of the secrets in use that are ones that something comes with, each with what is said
    /// of it.
    pub fn presets(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let slots = self.secrets().map(|(slot, _)| slot);
        slots.filter_map(|slot| Some((slot, self.preset(slot)?)))
    }
}
