//! The options that say something of a client, shared by `client add` and `client edit`.

use std::path::PathBuf;

use clap::{ArgAction, Args};
use jiff::civil::Date;

use super::contact_fields::read_agreement;
use super::keys::ssh_key_of;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::people::client_changes::ClientChanges;
use crate::model::people::fields::ClientValues;
use crate::model::records::client::{Assurance, ClientKey, ClientRole};
use crate::model::records::person::Person;
use crate::model::text::lang::Lang;
use crate::model::text::when::{When, check_has_come, parse_day};

/// Options that say something of a client.
#[derive(Args, Clone, Debug)]
pub struct ClientFields {
    /// The full name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// A mail address; may be given several times
    #[arg(long = "email", value_name = "ADDRESS")]
    emails: Vec<String>,
    /// The telephone number, to make sure of keys by
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// An OpenSSH public key that they sign with, or a file that holds one; may be given several
    /// times
    #[arg(long = "key", value_name = "SSH_PUBLIC_KEY")]
    keys: Vec<String>,
    /// How the key was verified; once for each --key, in their order
    #[arg(long = "key-verified", value_name = "HOW", requires = "keys")]
    verified: Vec<String>,
    /// Until when their credentials may be kept: a date, a time, or a duration such as 2y
    #[arg(long, value_name = "WHEN")]
    retain_until: Option<When>,
    /// The least that a consent of theirs has to be: attested, document or signed
    /// [default: document]
    #[arg(long, value_name = "LEVEL")]
    min_assurance: Option<Assurance>,
    /// Their rules for handling their credentials, repeated when a secret is shown
    #[arg(long, value_name = "TEXT")]
    rules: Option<String>,
    /// What recipients keep to beside the usual, with ; between: 'copies=off; Only by day'
    #[arg(long, value_name = "DUTIES")]
    duties: Option<String>,
    // Not a doc comment, which would take the address for HTML.
    #[arg(
        long = "person",
        value_name = "PERSON",
        help = "Somebody who speaks for them: 'NAME <ADDRESS>'; may be given several times"
    )]
    persons: Vec<Person>,
    /// The person named may give permission; repeat it for each
    #[arg(long, action = ArgAction::Count, requires = "persons")]
    may_permit: u8,
    /// What they are in law: controller, processor or private
    #[arg(long, value_name = "ROLE")]
    role: Option<ClientRole>,
    /// The language of papers for them: en or de
    #[arg(long, value_name = "LANG")]
    lang: Option<Lang>,
    /// How to reach them safely, as in 'phone, ask for Anna'
    #[arg(long, value_name = "TEXT")]
    channel: Option<String>,
    /// The agreement with them; its hash and a sealed copy are kept
    #[arg(long, value_name = "FILE")]
    agreement: Option<PathBuf>,
    /// The day of the agreement
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    agreed_on: Option<Date>,
}

impl ClientFields {
    /// Says what it costs where a word is to be taken for a permission.
    pub fn warn_relaxed(&self, ctx: &Context) {
        if self.min_assurance == Some(Assurance::Attested) {
            ctx.warn(
                "with attested, a permission that nothing written shows is enough to share: you could \
                 not prove it, and the GDPR asks for a written one where personal data is reached",
            );
        }
    }

    /// What to set.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] past a limit, for what is no public key, and for times in
    /// the past.
    pub fn changes(&self, ctx: &Context) -> Result<ClientChanges> {
        check_has_come("--agreed-on", self.agreed_on, ctx.now())?;
        let until = self.retain_until.as_ref();
        let changes = ClientChanges {
            values: ClientValues {
                name: self.name.clone(),
                rules: self.rules.clone(),
                duties: self.duties.clone(),
                min_assurance: self.min_assurance.map(|least| least.as_str().to_owned()),
                retain_until: until
                    .map(|when| when.in_future(&ctx.now_here()))
                    .transpose()?,
                role: self.role.map(|role| role.to_string()),
                lang: self.lang.map(|lang| lang.to_string()),
                channel: self.channel.clone(),
                agreed_on: self.agreed_on,
            },
            emails: self.emails.clone(),
            phone: self.phone.clone(),
            keys: self.keys()?,
            persons: self.persons()?,
            agreement: self.agreement.as_deref().map(read_agreement).transpose()?,
            unset: Vec::new(),
        };
        changes.check()?;
        Ok(changes)
    }

    fn persons(&self) -> Result<Vec<Person>> {
        let mut persons = self.persons.clone();
        let times = usize::from(self.may_permit);
        if ![0, persons.len()].contains(&times) {
            return Err(Error::usage(format!(
                "--may-permit is given {}, --person {}",
                told_times(times),
                told_times(persons.len())
            ))
            .hint(
                "say it once for each person where all may permit; or name who may in a call of \
                 their own: vault client edit CLIENT --person PERSON --may-permit",
            ));
        }
        for person in &mut persons {
            person.may_permit = times > 0;
        }
        Ok(persons)
    }

    fn keys(&self) -> Result<Vec<ClientKey>> {
        let all_or_none = [0, self.keys.len()].contains(&self.verified.len());
        if !all_or_none {
            return Err(Error::usage(format!(
                "--key-verified is given {}, --key {}",
                told_times(self.verified.len()),
                told_times(self.keys.len())
            ))
            .hint("say it once for each key, in their order, or note the keys one after another"));
        }
        let mut keys: Vec<ClientKey> = Vec::with_capacity(self.keys.len());
        for (at, text) in self.keys.iter().enumerate() {
            let parsed = ssh_key_of(text)?;
            let mut key = ClientKey::new(parsed.kind(), parsed.to_base64());
            if keys.iter().any(|other| other.public == key.public) {
                return Err(Error::usage(format!(
                    "the key {} is named twice",
                    parsed.fingerprint()
                )));
            }
            key.verified_via = self.verified.get(at).cloned();
            keys.push(key);
        }
        Ok(keys)
    }
}

fn told_times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}
