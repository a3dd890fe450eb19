//! Rules about the secrets themselves: which are the same, easy to guess, preset or short. A
//! finding never holds any part of a secret.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::AuditPolicy;
use crate::error::Result;
use crate::model::entry::strength::{Score, score};
use crate::model::findings::finding::Level;
use crate::model::findings::rule::{Examined, Rule};
use crate::model::records::client::Client;
use crate::model::records::entry::Entry;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// What a password has at least, in characters.
const FEWEST_CHARS: usize = 12;
/// Paths that are named of those with the same secret.
const NAMED: usize = 3;
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

/// A live entry and its secret.
struct Login<'a> {
    path: &'a str,
    entry: &'a Entry,
    secret: &'a str,
    /// What the client is called, and who speaks for them.
    client: Option<&'a Client>,
    /// How hard the secret is to guess; none for what is no password.
    score: Option<Score>,
}

impl Login<'_> {
    fn fix(&self) -> String {
        format!("vault rotate {} --generate", as_word(self.path))
    }

    /// The words of client, entry, user and hosts: whoever knows the login tries those first.
    fn own_words(&self) -> Vec<&str> {
        let urls = self.entry.urls().iter().map(String::as_str);
        let user = self.entry.username.value().map(String::as_str);
        let client = self.client.into_iter();
        let client = client.flat_map(|it| {
            let persons = it.persons().iter().map(|person| person.name.as_str());
            [it.called()]
                .into_iter()
                .chain(persons)
                .chain(it.addresses())
        });
        let texts = [self.path].into_iter().chain(user).chain(urls);
        let texts = texts.chain(client);
        let words = texts.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
        words.filter(|word| word.chars().count() > 2).collect()
    }

    /// How hard the secret is to guess for somebody who knows what it is for. A key of several
    /// lines is no password.
    fn with_score(mut self) -> Self {
        let is_password = !self.secret.contains('\n');
        self.score = is_password.then(|| score(self.secret, &self.own_words()));
        self
    }

    fn is_preset(&self) -> bool {
        let is_it = |known: &str| known.eq_ignore_ascii_case(self.secret);
        let user = self.entry.username.value();
        PRESET.iter().any(|preset| is_it(preset)) || user.is_some_and(|user| is_it(user))
    }
}

/// Looks at the current secret of each live entry.
pub(super) fn examine(vault: &Vault, policy: AuditPolicy) -> Result<Vec<Examined>> {
    let live = vault.live()?;
    let clients: HashMap<Uuid, &Client> = vault.live_clients().map(|it| (it.id, it)).collect();
    let logins: Vec<Login<'_>> = live
        .iter()
        .filter_map(|(path, entry)| {
            let secret = entry.current("secret")?.secret().expose();
            let client = entry.client.get().and_then(|id| clients.get(id).copied());
            Some(Login {
                path,
                entry,
                secret,
                client,
                score: None,
            })
        })
        .filter(|login| !login.secret.is_empty())
        .map(Login::with_score)
        .collect();
    Ok(vec![
        preset(&logins),
        reused(&logins),
        guessable(&logins),
        short(&logins, policy),
    ])
}

fn preset(logins: &[Login<'_>]) -> Examined {
    let mut rule = Rule::new(
        "secret-default",
        "no secret is one that something comes with",
    );
    for login in logins.iter().filter(|login| login.is_preset()) {
        let message = format!(
            "the secret of {} is its user name, or one that devices and programs come with",
            login.path
        );
        let about = (login.entry.id, login.path);
        rule.find(Level::High, about, message, &login.fix());
    }
    rule.0
}

fn reused(logins: &[Login<'_>]) -> Examined {
    let mut rule = Rule::new("secret-reused", "no two entries have one secret");
    let mut by_secret: HashMap<&str, Vec<&Login<'_>>> = HashMap::new();
    for login in logins {
        by_secret.entry(login.secret).or_default().push(login);
    }
    for login in logins {
        let others: Vec<&Login<'_>> = by_secret
            .get(login.secret)
            .into_iter()
            .flatten()
            .filter(|other| other.entry.id != login.entry.id)
            .copied()
            .collect();
        if others.is_empty() {
            continue;
        }
        let clients: BTreeSet<_> = others.iter().map(|it| it.entry.client.get()).collect();
        let is_within_one = clients.iter().all(|it| *it == login.entry.client.get());
        let (level, whose) = if is_within_one {
            (Level::Medium, "")
        } else {
            (Level::High, ", another client's among them")
        };
        let mut named: Vec<&str> = others.iter().take(NAMED).map(|it| it.path).collect();
        let more = format!("{} more", others.len().saturating_sub(NAMED));
        if others.len() > NAMED {
            named.push(&more);
        }
        let message = format!(
            "{} has the secret of {}{whose}",
            login.path,
            named.join(", ")
        );
        rule.find(level, (login.entry.id, login.path), message, &login.fix());
    }
    rule.0
}

fn guessable(logins: &[Login<'_>]) -> Examined {
    let mut rule = Rule::new("secret-weak", "no secret is easy to guess");
    let is_weak = |login: &&Login<'_>| login.score.is_some_and(|score| score < Score::Three);
    // A preset one is told as that.
    for login in logins.iter().filter(is_weak).filter(|it| !it.is_preset()) {
        let message = format!("the secret of {} is easy to guess", login.path);
        let about = (login.entry.id, login.path);
        rule.find(Level::Medium, about, message, &login.fix());
    }
    rule.0
}

fn short(logins: &[Login<'_>], policy: AuditPolicy) -> Examined {
    let mut rule = Rule::new("secret-short", "each secret is long enough");
    let level = match policy {
        AuditPolicy::Default => Level::Low,
        AuditPolicy::Pci => Level::Medium,
    };
    for login in logins.iter().filter(|it| !it.is_preset()) {
        let chars = login.secret.chars().count();
        // One that was drawn is hard to guess with fewer, which PCI DSS does not count.
        let is_hard = login.score == Some(Score::Four) && policy == AuditPolicy::Default;
        if chars < FEWEST_CHARS && !is_hard {
            let message = format!(
                "the secret of {} has fewer than {FEWEST_CHARS} characters",
                login.path
            );
            let about = (login.entry.id, login.path);
            rule.find(level, about, message, &login.fix());
        }
    }
    rule.0
}
