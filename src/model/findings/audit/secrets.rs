//! Rules about the secrets themselves: which are the same, easy to guess, preset or short. A
//! finding never holds any part of a secret.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use super::AuditPolicy;
use crate::error::Result;
use crate::model::entry::field::{SECRET, TOTP};
use crate::model::entry::strength::{Score, score};
use crate::model::entry::use_only::PasswordProof;
use crate::model::findings::finding::Level;
use crate::model::findings::rule::{Examined, Rule};
use crate::model::records::client::Client;
use crate::model::records::entry::Entry;
use crate::model::rotation::elsewhere::is_pin;
use crate::model::text::quote::as_word;
use crate::model::vault::Vault;

/// What a password has at least, in characters.
const FEWEST_CHARS: usize = 12;
/// Paths that are named of those with the same secret.
const NAMED: usize = 3;
/// A live entry and its secret, or a hidden field of it.
struct Login<'a> {
    path: &'a str,
    entry: &'a Entry,
    /// Which of its secrets.
    slot: &'a str,
    secret: &'a str,
    /// Since when it is in use.
    since: Timestamp,
    /// What the client is called, and who speaks for them.
    client: Option<&'a Client>,
    /// How hard the secret is to guess; none for what is no password.
    score: Option<Score>,
    /// Whether only its strength is told: nothing that a guess could be checked by.
    is_hidden: bool,
}

impl Login<'_> {
    fn is_field(&self) -> bool {
        self.slot != SECRET
    }

    /// What it is: `the secret of acme/wp`.
    fn called(&self) -> String {
        if self.is_field() {
            return format!("{} of {}", self.slot, self.path);
        }
        format!("the secret of {}", self.path)
    }

    /// What it is, among those that are the same.
    fn called_among(&self) -> String {
        if self.is_field() {
            return format!("{} ({})", self.path, self.slot);
        }
        self.path.to_owned()
    }

    fn fix(&self) -> String {
        if self.is_field() {
            return format!(
                "vault edit {} --secret-field {}",
                as_word(self.path),
                as_word(self.slot)
            );
        }
        format!("vault rotate {} --generate", as_word(self.path))
    }

    fn is_pin(&self) -> bool {
        is_pin(self.slot, self.secret)
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
        let is_password = !self.secret.contains('\n') && !self.is_pin();
        self.score = is_password.then(|| score(self.secret, &self.own_words()));
        self
    }

    fn preset(&self) -> Option<&'static str> {
        let shown = self.entry.preset(self.slot);
        shown.filter(|_| !self.is_hidden)
    }
}

/// Looks at the current secret of each live entry, and at its hidden fields.
pub(super) fn examine(
    vault: &Vault,
    policy: AuditPolicy,
    proof: PasswordProof,
) -> Result<Vec<Examined>> {
    let live = vault.live()?;
    let clients: HashMap<Uuid, &Client> = vault.live_clients().map(|it| (it.id, it)).collect();
    let logins: Vec<Login<'_>> = live
        .iter()
        .flat_map(|(path, entry)| {
            let client = entry.client.get().and_then(|id| clients.get(id).copied());
            let secrets = entry.secrets().filter(|(slot, _)| *slot != TOTP);
            secrets.map(move |(slot, version)| Login {
                path,
                entry,
                slot,
                secret: version.secret().expose(),
                since: version.in_use_since(),
                client,
                score: None,
                is_hidden: proof.hides(entry, version.secret()),
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
    for (login, what) in logins.iter().filter_map(|it| Some((it, it.preset()?))) {
        let message = format!("{} is {what}", login.called());
        let about = (login.entry.id, login.path);
        rule.find(Level::High, about, message, &login.fix());
    }
    rule.0
}

fn reused(logins: &[Login<'_>]) -> Examined {
    let mut rule = Rule::new("secret-reused", "no two entries have one secret");
    let mut by_secret: HashMap<&str, Vec<&Login<'_>>> = HashMap::new();
    let is_compared = |it: &&Login<'_>| !it.is_pin() && !it.is_hidden;
    for login in logins.iter().filter(is_compared) {
        by_secret.entry(login.secret).or_default().push(login);
    }
    for login in logins.iter().filter(is_compared) {
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
        let mut named: Vec<String> = others.iter().map(|it| it.called_among()).collect();
        if let Some(more) = others.len().checked_sub(NAMED).filter(|more| *more > 0) {
            named.truncate(NAMED);
            named.push(format!("{more} more"));
        }
        let named = named.join(", ");
        let message = if login.is_field() {
            format!("{} is the secret of {named}{whose}", login.called())
        } else {
            format!("{} has the secret of {named}{whose}", login.path)
        };
        let since = others.iter().map(|it| it.since).max();
        let since = since.map_or(login.since, |it| it.max(login.since));
        let about = (login.entry.id, login.path);
        rule.find_since(since, level, about, (message, &login.fix()));
    }
    rule.0
}

fn guessable(logins: &[Login<'_>]) -> Examined {
    let mut rule = Rule::new("secret-weak", "no secret is easy to guess");
    let is_weak = |login: &&Login<'_>| login.score.is_some_and(|score| score < Score::Three);
    // A preset one is told as that.
    for login in logins
        .iter()
        .filter(is_weak)
        .filter(|it| it.preset().is_none())
    {
        let message = format!("{} is easy to guess", login.called());
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
    let passwords = logins.iter().filter(|it| !it.is_field());
    for login in passwords.filter(|it| it.preset().is_none()) {
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
