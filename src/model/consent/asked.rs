//! What a request says beside its terms: who asks, in which language, until when they wait for an
//! answer. It stands in the terms, so that the paper can be written again from them, word for word.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::replaced::ReplacedPermission;
use crate::error::{Error, Result};
use crate::model::people::fields::{MeField, MeValues};
use crate::model::records::client::{Client, ClientRole};
use crate::model::records::record_id::number;
use crate::model::text::lang::Lang;
use crate::model::text::name::{ClientSlug, ContactName};
use crate::model::vault::Vault;

/// How often a number is drawn again; more than once is next to impossible.
const DRAWS: usize = 64;
/// The hours that any place on earth is from UTC, at the most.
const FARTHEST: i32 = 14 * 60;

/// What a request says beside its terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The language of the paper.
    pub lang: String,
    /// Who asks.
    pub by: MeValues,
    /// The last day on which an answer is waited for.
    pub answer_by: Date,
    /// What the clocks of who asks show at the end, in minutes from UTC.
    pub utc_offset: i32,
    /// Where they show it, as in `Berlin`.
    pub place: String,
    /// The client's rules for handling their credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// What the recipients are bound to: words of the table of duties, and own sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<String>,
    /// The agreement with the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<AgreementDay>,
    /// Whether the client is a person, for themselves: no processor of theirs is asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// The permission that this one is to take the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<ReplacedPermission>,
    /// The paper's file, where it says how to sign it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign: Option<String>,
}

/// When an agreement was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementDay {
    /// On this day.
    Made(Date),
    /// That is not known; it is on file since this day.
    Filed(Date),
}

/// How a request is to be written.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Whose permission it is.
    pub client: ClientSlug,
    /// Who is to get it.
    pub to: Vec<ContactName>,
    /// The language; the client's, if it is not said.
    pub lang: Option<Lang>,
    /// The last day on which an answer is waited for.
    pub answer_by: Date,
    /// The end of what is asked for.
    pub expires: Timestamp,
    /// The zone of who asks.
    pub zone: TimeZone,
    /// What the file of the paper is called.
    pub file: String,
    /// Whether the paper says how to sign it, even where no key of the client is known.
    pub sign: bool,
    /// The permission that it is to take the place of.
    pub replaces: Option<ReplacedPermission>,
}

impl AgreementDay {
    /// The day that is known of an agreement, if there is one.
    #[must_use]
    pub fn of(made: Option<Date>, filed: Option<Timestamp>) -> Option<Self> {
        let filed = filed.map(|time| time.to_zoned(TimeZone::UTC).date());
        made.map(Self::Made).or(filed.map(Self::Filed))
    }
}

impl Asked {
    /// The language of the paper, if it is one that this version knows.
    #[must_use]
    pub fn lang(&self) -> Option<Lang> {
        self.lang.parse().ok()
    }

    /// Whether an answer at `now` comes after the last day that the paper names, by the clocks of
    /// who asks.
    #[must_use]
    pub fn is_late(&self, now: Timestamp) -> bool {
        let zone = self.zone().unwrap_or(TimeZone::UTC);
        now.to_zoned(zone).date() > self.answer_by
    }

    /// What the clocks of who asks show at `time`, if a clock on earth can.
    #[must_use]
    pub fn zone(&self) -> Option<TimeZone> {
        let near = (-FARTHEST..=FARTHEST).contains(&self.utc_offset);
        let offset = near.then(|| Offset::from_seconds(self.utc_offset * 60).ok());
        offset.flatten().map(TimeZone::fixed)
    }
}

impl Vault {
    /// What papers need to know of who keeps the vault, and do not.
    #[must_use]
    pub fn missing_of_me(&self) -> Vec<MeField> {
        let known = MeValues::of(&self.me);
        let fields = MeField::ALL.iter().copied();
        fields
            .filter(|field| field.row().is_needed && known.texts(*field).is_empty())
            .collect()
    }

    /// What a paper says beside the terms of a permission that was filed as it was given, with what
    /// is known today; `end` is the one that it names.
    #[must_use]
    pub fn unasked(&self, client: &Client, end: Timestamp, zone: &TimeZone) -> Asked {
        let lang = client.lang.value().and_then(|lang| lang.parse().ok());
        let lang: Lang = lang.unwrap_or_default();
        let role = client.role.value().map(String::as_str);
        Asked {
            lang: lang.to_string(),
            by: MeValues {
                duties: None,
                ..MeValues::of(&self.me)
            },
            answer_by: end.to_zoned(zone.clone()).date(),
            utc_offset: zone.to_offset(end).seconds() / 60,
            place: place(zone, end),
            rules: None,
            duties: Vec::new(),
            agreement: None,
            replaces: None,
            private: role == Some(ClientRole::Private.as_str()),
            sign: None,
        }
    }

    /// What a request says beside its terms, with what is known today.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] for an unknown client.
    pub fn asked(&self, asking: &Asking) -> Result<Asked> {
        let client = self.known_client(&asking.client)?;
        client.check_open()?;
        let contacts = asking.to.iter().map(|name| self.known_contact(name));
        let contacts = contacts.collect::<Result<Vec<_>>>()?;
        let signs = asking.sign || client.vouched_keys().next().is_some();
        let plain = self.unasked(client, asking.expires, &asking.zone);
        Ok(Asked {
            lang: asking.lang.map_or(plain.lang, |lang| lang.to_string()),
            answer_by: asking.answer_by,
            rules: client.rules.value().cloned(),
            duties: self.duties(&contacts, client)?.to_texts(),
            agreement: AgreementDay::of(
                client.agreed_on.value().copied(),
                client.agreement().map(|file| file.created),
            ),
            replaces: asking.replaces,
            sign: signs.then(|| asking.file.clone()),
            ..plain
        })
    }

    /// An id for a request, with a number that no other request or consent has: a client who
    /// answers by the number means one.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record; [`crate::error::Kind::Failed`]
    /// when `draw` only gives what is taken.
    pub fn free_request_id(&self, draw: impl FnMut() -> Uuid) -> Result<Uuid> {
        let known = self.consents.ids()?.into_iter().chain(self.asks.ids()?);
        let taken: Vec<String> = known.map(number).collect();
        let mut ids = std::iter::repeat_with(draw).take(DRAWS);
        ids.find(|id| !taken.contains(&number(*id)))
            .ok_or_else(|| Error::failed("no number is left for a request"))
    }
}

/// The day until which an answer is waited for if nothing else is said: a week, and no longer than
/// what is asked for would last.
#[must_use]
pub fn answer_by(now: Timestamp, expires: Timestamp, zone: &TimeZone) -> Date {
    let week = now.checked_add((7 * 24).hours()).unwrap_or(now);
    week.min(expires).to_zoned(zone.clone()).date()
}

/// The town that names a zone, or the distance from UTC at `time` where none does.
#[must_use]
pub fn place(zone: &TimeZone, time: Timestamp) -> String {
    let offset = zone.to_offset(time).seconds() / 60;
    let town = zone.iana_name().and_then(|name| {
        let (region, _) = name.split_once('/')?;
        let town = name.rsplit('/').next()?;
        (region != "Etc").then(|| town.replace('_', " "))
    });
    town.unwrap_or_else(|| match (offset, offset.unsigned_abs()) {
        (0, _) => "UTC".to_owned(),
        (1.., far) => format!("UTC+{}:{:02}", far / 60, far % 60),
        (_, far) => format!("UTC-{}:{:02}", far / 60, far % 60),
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::{Offset, TimeZone};
    use uuid::Uuid;

    use super::{Asked, place};
    use crate::error::Kind;
    use crate::model::consent::permit::world::World;

    #[test]
    fn a_number_that_is_taken_is_drawn_again() {
        let mut world = World::new();
        let taken = world.consent("acme");
        let same_number = Uuid::from_u128(taken.as_u128() ^ 1);
        let free = Uuid::from_u128(!taken.as_u128());
        let mut draws = vec![free, same_number, taken];
        let id = world.vault.free_request_id(|| draws.pop().unwrap());
        assert_eq!(id.unwrap(), free);
        let why = world.vault.free_request_id(|| same_number).unwrap_err();
        assert_eq!(why.kind(), Kind::Failed);
    }

    #[test]
    fn an_answer_is_late_once_the_last_day_is_over_for_who_asks() {
        let asked = r#"{"lang": "en", "by": {}, "answer_by": "2026-12-05", "utc_offset": 60,
            "place": "Berlin"}"#;
        let asked: Asked = serde_json::from_str(asked).unwrap();
        let late = |now: &str| asked.is_late(now.parse().unwrap());
        assert!(!late("2026-12-05T22:59:59Z"));
        assert!(late("2026-12-05T23:00:00Z"));
    }

    #[test]
    fn a_zone_is_named_by_its_town_or_its_distance() {
        let fixed = |seconds| TimeZone::fixed(Offset::from_seconds(seconds).unwrap());
        let at = Timestamp::UNIX_EPOCH;
        assert_eq!(place(&TimeZone::UTC, at), "UTC");
        assert_eq!(place(&fixed(3600), at), "UTC+1:00");
        assert_eq!(place(&fixed(-12_600), at), "UTC-3:30");
        if let Ok(zone) = TimeZone::get("America/New_York") {
            assert_eq!(place(&zone, at), "New York");
        }
    }
}
