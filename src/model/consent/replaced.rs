//! The permission that a request asks to replace, as its paper names it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::records::consent::Consent;

/// The permission that another is to take the place of, as a paper names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplacedPermission {
    /// Its id.
    pub consent: Uuid,
    /// The day on which it was asked for or recorded.
    pub made: Date,
    /// Its last day, while that is to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl ReplacedPermission {
    /// What a paper of `now` says of a consent, by the clocks of `zone`.
    #[must_use]
    pub fn of(consent: &Consent, now: Timestamp, zone: &TimeZone) -> Self {
        let day = |time: Timestamp| time.to_zoned(zone.clone()).date();
        Self {
            consent: consent.id,
            made: day(consent.created),
            until: (consent.end() > now).then(|| day(consent.end())),
        }
    }
}
