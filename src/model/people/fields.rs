//! The tables of the fields of clients, contacts and who keeps the vault that are set and emptied
//! by their names.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::error::{Error, Result};
use crate::model::records::client::Client;
use crate::model::records::contact::Contact;
use crate::model::records::fields::{FieldValues, field_table};
use crate::model::records::me::Me;
use crate::model::text::limits::{FIELD_BYTES, FIELDS_PER_ENTRY, PAPER_BYTES};

/// What is known of a client's field.
#[derive(Debug)]
pub struct ClientRow {
    /// Its name in options and messages.
    pub option: &'static str,
    /// What people call it where two clients differ in it.
    pub label: &'static str,
    /// What it is called where it is not there.
    pub noun: &'static str,
}

/// What is known of a contact's field.
#[derive(Debug)]
pub struct ContactRow {
    /// Its name in options and messages.
    pub option: &'static str,
    /// What it, or one item of it, is called.
    pub noun: &'static str,
    /// What several items of a list are called; none for a field with one value.
    pub items: Option<&'static str>,
}

/// What is known of a field of who keeps the vault.
#[derive(Debug)]
pub struct MeRow {
    /// Its name in options and messages.
    pub option: &'static str,
    /// What a person is asked for it; nothing where nobody is.
    pub question: &'static str,
    /// Whether a paper needs it.
    pub is_needed: bool,
}

const fn me(option: &'static str, question: &'static str, is_needed: bool) -> MeRow {
    MeRow {
        option,
        question,
        is_needed,
    }
}

const fn client(option: &'static str, label: &'static str, noun: &'static str) -> ClientRow {
    ClientRow {
        option,
        label,
        noun,
    }
}

const fn contact(
    option: &'static str,
    noun: &'static str,
    items: Option<&'static str>,
) -> ContactRow {
    ContactRow {
        option,
        noun,
        items,
    }
}

field_table! {
    /// A field of a client that has one value.
    ClientField,
    /// The values of a client's fields; those that are not set are empty.
    ClientValues of Client by ClientRow;

    /// The full name.
    Name name: Option<String> = client("name", "name", "name");
    /// Their rules for handling their credentials.
    Rules rules: Option<String> = client("rules", "rules", "rules");
    /// What recipients are bound to beside the usual.
    Duties duties: Option<String> = client("duties", "duties", "duties");
    /// The least that a consent of theirs has to be.
    MinAssurance min_assurance: Option<String> = client("min-assurance", "least assurance", "least assurance");
    /// Until when their credentials may be kept.
    RetainUntil retain_until: Option<Timestamp> = client("retain-until", "retention", "end of retention");
    /// What they are in law.
    Role role: Option<String> = client("role", "role", "role");
    /// The language of papers for them.
    Lang lang: Option<String> = client("lang", "language", "language");
    /// How to reach them safely.
    Channel channel: Option<String> = client("channel", "channel", "channel");
    /// The day of the agreement with them.
    AgreedOn agreed_on: Option<Date> = client("agreed-on", "day of the agreement", "day of the agreement");
}

field_table! {
    /// A field of a contact.
    ContactField,
    /// The values of a contact's fields; those that are not set are empty.
    ContactValues of Contact by ContactRow;

    /// The full name.
    FullName full_name: Option<String> = contact("full-name", "full name", None);
    /// What they do.
    Role role: Option<String> = contact("role", "role", None);
    /// Their firm.
    Firm firm: Option<String> = contact("firm", "firm", None);
    /// Street, postal code and town.
    Address address: Option<String> = contact("address", "postal address", None);
    /// The country.
    Country country: Option<String> = contact("country", "country", None);
    /// The telephone number.
    Phone phone: Option<String> = contact("phone", "phone", None);
    /// How to reach them safely.
    Channel channel: Option<String> = contact("channel", "channel", None);
    /// The language of papers for them.
    Lang lang: Option<String> = contact("lang", "language", None);
    /// The day of the agreement with them.
    AgreedOn agreed_on: Option<Date> = contact("agreed-on", "day of the agreement", None);
    /// The day on which it was made sure that they can be trusted with access.
    CheckedOn checked_on: Option<Date> = contact("checked-on", "day of the check", None);
    /// How that was made sure.
    Checked checked: Option<String> = contact("checked", "check", None);
    /// What they are bound to beside the usual.
    Duties duties: Option<String> = contact("duties", "duties", None);
    /// Mail addresses.
    Emails emails: Vec<String> = contact("email", "address", Some("addresses"));
    /// The keys that shares for them are encrypted to, each in its one spelling.
    Recipients recipients: Vec<String> = contact("recipient", "key", Some("keys"));
    /// The keys that their documents are signed with, in OpenSSH form.
    Signers signers: Vec<String> = contact("signer", "signing key", Some("signing keys"));
    /// When it has to be looked at whether they still need access.
    ReviewBy review_by: Option<Timestamp> = contact("review-by", "review", None);
}

field_table! {
    /// A field of who keeps the vault.
    MeField,
    /// The values of the fields of who keeps the vault; those that are not set are empty.
    MeValues of Me by MeRow;

    /// The full name.
    Name name: Option<String> = me("name", "Your full name", true);
    /// The firm.
    Firm firm: Option<String> = me("firm", "Your firm (Enter: none)", false);
    /// Street, postal code and town.
    Address address: Option<String> = me("address", "Your address: street, postal code, town", true);
    /// The country.
    Country country: Option<String> = me("country", "Your country (Enter: left out)", false);
    /// The mail address.
    Email email: Option<String> = me("email", "Your mail address, for answers", true);
    /// The telephone number.
    Phone phone: Option<String> = me("phone", "Your telephone number (Enter: left out)", false);
    /// What recipients are bound to beside the usual.
    Duties duties: Option<String> = me("duties", "", false);
}

impl MeValues {
    /// Sets one field.
    pub fn set(&mut self, field: MeField, text: &str) {
        self.value_mut(field).add(text);
    }
}

impl ContactValues {
    /// Adds the values of the other: lists get what they do not have.
    pub(crate) fn add(&mut self, other: &Self) {
        for field in other.set_fields() {
            for text in other.texts(field) {
                if !self.texts(field).contains(&text) {
                    self.value_mut(field).add(&text);
                }
            }
        }
    }

    /// Holds the lengths of the lists against their limit.
    pub(crate) fn check_counts(&self) -> Result<()> {
        let count = |field: &ContactField| Some((self.texts(*field).len(), field.row().items?));
        check_counts(
            &ContactField::ALL
                .iter()
                .filter_map(count)
                .collect::<Vec<_>>(),
        )
    }

    /// Takes one item from a list; whether it was there.
    pub(crate) fn take(&mut self, field: ContactField, item: &str) -> bool {
        self.value_mut(field).take(item)
    }
}

/// Holds the lengths of lists against their limit.
pub(crate) fn check_counts(counts: &[(usize, &str)]) -> Result<()> {
    match counts.iter().find(|(count, _)| *count > FIELDS_PER_ENTRY) {
        Some((count, what)) => Err(Error::usage(format!(
            "{count} {what}, the limit is {FIELDS_PER_ENTRY}"
        ))),
        None => Ok(()),
    }
}

impl ClientField {
    /// The longest text that it takes, in bytes.
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Self::Role | Self::Lang | Self::Channel => PAPER_BYTES,
            _ => FIELD_BYTES,
        }
    }
}

impl ContactField {
    /// The longest text that it takes, in bytes: what papers name is short.
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Self::Emails | Self::Recipients | Self::Signers | Self::Role | Self::Duties => {
                FIELD_BYTES
            }
            _ => PAPER_BYTES,
        }
    }
}

impl MeField {
    /// The longest text that it takes, in bytes: what papers name is short.
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Self::Duties => FIELD_BYTES,
            _ => PAPER_BYTES,
        }
    }
}
