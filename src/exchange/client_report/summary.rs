//! What a report to a client says, as plain texts, times and numbers: no secret can be reached from
//! here, and there is no other client in it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

/// All that a client is told of what is theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientSummary {
    /// What the client is called.
    pub client: String,
    /// Who keeps the vault, and how to reach them; empty where that is not noted.
    pub from: String,
    /// The language of the report.
    pub lang: &'static str,
    /// When it was made.
    pub made: Timestamp,
    /// Whether the client is a person, for themselves.
    pub private: bool,
    /// The fingerprint of the key that signs it.
    pub key: String,
    /// Since when it tells of what is past; from the beginning, where that is not said.
    pub since: Option<Timestamp>,
    /// How many can know how much, and whether that is as the client has permitted.
    pub verdict: Verdict,
    /// What is kept.
    pub entries: Vec<HeldEntry>,
    /// Who can know something.
    pub access: Vec<ReportedAccess>,
    /// What the client was given.
    pub handed_over: Vec<HandedOver>,
    /// What is over.
    pub ended: Vec<EndedAccess>,
    /// On which days something was used, the last first.
    pub used: Vec<UsedDay>,
    /// What was refused, the last first.
    pub refused: Vec<RefusedAttempt>,
    /// The client's rules.
    pub rules: ClientRules,
    /// What may have given something away.
    pub incidents: Vec<ReportedIncident>,
    /// How long it is kept.
    pub retention: Retention,
    /// What is permitted now.
    pub permissions: Vec<LivePermission>,
    /// What is asked for and not answered.
    pub requests: Vec<OpenRequest>,
    /// How far the log had come.
    pub heads: Vec<ReportedHead>,
}

/// The report in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// How many entries are on record: those that are kept, and those that are not and that somebody
    /// can know.
    pub entries: usize,
    /// How many people can know something, beside who keeps the vault and the client.
    pub people: usize,
    /// Of how many entries.
    pub known: usize,
    /// For how many of the people no permission of the client is on record.
    pub unpermitted: usize,
    /// How many of them know something although they may not use it any more.
    pub over: usize,
    /// How many of them gave something to who keeps the vault.
    pub lenders: usize,
    /// How many of them have something by a permission that nothing written shows.
    pub by_word: usize,
    /// How many entries strangers may know.
    pub strangers: usize,
}

impl Verdict {
    /// Whether all of it was allowed.
    #[must_use]
    pub fn is_all_allowed(&self) -> bool {
        let besides = [self.unpermitted, self.over, self.lenders, self.by_word];
        besides.iter().all(|count| *count == 0) && self.strangers == 0
    }
}

/// Something that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldEntry {
    /// Its name; of one that cannot be told, the start of its id.
    pub name: String,
    /// Where it is used.
    pub hosts: Vec<String>,
    /// Whom one logs in as.
    pub user: Option<String>,
    /// Which secrets there are: `secret`, `totp`, hidden fields by name.
    pub secrets: Vec<String>,
    /// How many files there are.
    pub files: usize,
    /// Since when it is kept.
    pub since: Timestamp,
    /// When the secret changed last.
    pub changed: Option<Timestamp>,
    /// How many earlier secrets are kept.
    pub earlier: usize,
    /// What the login asks for beside the secret: `none`, `app` or `key`, as far as it is known.
    pub second_factor: Option<&'static str>,
    /// When it was put in the trash.
    pub in_trash: Option<Timestamp>,
    /// Since when strangers may know what is in use of it.
    pub strangers_since: Option<Timestamp>,
}

/// Somebody who can know something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportedAccess {
    /// Who.
    pub who: ReportedPerson,
    /// The entries.
    pub entries: Vec<String>,
    /// What of them: `secret`, `username`, `attachment:NAME`…, or `login` for a login of their own.
    pub fields: Vec<String>,
    /// Since when.
    pub since: Timestamp,
    /// Until when; of what was handed over, there is no end.
    pub until: Option<Timestamp>,
    /// When it ended, if it did: what they know is still in use.
    pub ended: Option<Timestamp>,
    /// How it came to be.
    pub kind: AccessKind,
    /// Whether something of what they have was changed since.
    pub outdated: bool,
    /// What for.
    pub purpose: Option<String>,
    /// The client's permission.
    pub allowed: Option<Allowed>,
    /// The number of the share.
    pub share: String,
    /// That they have it: signed or by mail.
    pub receipt: Option<ReportedPaper>,
}

/// How somebody came to know something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessKind {
    /// It was shared with them.
    Shared,
    /// It was made for them, and is not known to have been sent.
    Unsent,
    /// They were given a login of their own.
    OwnLogin,
    /// They gave it to who keeps the vault.
    Lender,
    /// They were given something else that has the same secret.
    SameSecret,
    /// They were given something else that came with the same file.
    SameFile,
}

/// Somebody, as the client knows them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ReportedPerson {
    /// The name.
    pub name: String,
    /// The firm.
    pub firm: Option<String>,
}

/// A permission of the client's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Allowed {
    /// Who gave it.
    pub by: Option<String>,
    /// When.
    pub on: Timestamp,
    /// How sure it is: `attested`, `document` or `signed`.
    pub assurance: Option<&'static str>,
    /// Its number.
    pub number: String,
}

/// A paper that somebody sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportedPaper {
    /// When it was filed.
    pub on: Timestamp,
    /// Whether it came by mail and is not signed.
    pub by_mail: bool,
}

/// Something that the client was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HandedOver {
    /// The entries.
    pub entries: Vec<String>,
    /// To whom.
    pub to: String,
    /// When.
    pub on: Timestamp,
    /// The number of the hand-over.
    pub number: String,
    /// That it has arrived.
    pub receipt: Option<ReportedPaper>,
}

/// An access that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EndedAccess {
    /// Whose it was.
    pub who: ReportedPerson,
    /// The entry.
    pub entry: String,
    /// Since when they had it.
    pub since: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// How: `expired`, `revoked`, `withdrawn`, `superseded`, `ended`, `deleted` or `refused`.
    pub how: &'static str,
    /// What became of what they knew.
    pub change: ReportedChange,
    /// When that was changed or removed.
    pub changed: Option<Timestamp>,
    /// The number of the share.
    pub share: String,
    /// That they have deleted it.
    pub deletion: Option<ReportedPaper>,
    /// What that says is left.
    pub left: Vec<ReportedCopy>,
}

/// What became of something that somebody knew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportedChange {
    /// It was changed since.
    Changed,
    /// It is in use as it was.
    Unchanged,
    /// The same person has it by another share, which goes on.
    GoesOn,
    /// It was changed, and then removed for good here.
    ChangedBefore,
    /// It is no longer kept, so that it cannot be changed here.
    Gone,
    /// They had no secret of it.
    NoSecret,
    /// Their own login was removed at the site.
    LoginRemoved,
    /// Their own login is still there.
    LoginLeft,
}

/// A copy that a statement of deletion names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportedCopy {
    /// What, in the recipient's words; none where these may not be told.
    pub what: Option<String>,
    /// When it will be gone.
    pub gone_by: Option<Timestamp>,
}

/// A day on which something was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UsedDay {
    /// The day.
    pub day: Date,
    /// What.
    pub entries: Vec<String>,
    /// Whether something was used that is removed for good since, and has no name any more.
    pub is_some_removed: bool,
    /// How many times in all.
    pub times: usize,
}

/// Something that the vault did not allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedAttempt {
    /// When.
    pub time: Timestamp,
    /// What of.
    pub entries: Vec<String>,
    /// Who was to get it.
    pub to: Option<String>,
    /// Why not, a word of the log.
    pub reason: Option<String>,
}

/// How a client wants it handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientRules {
    /// Whether there are some.
    pub given: bool,
    /// In the client's own words; none where these may not be told.
    pub rules: Option<String>,
    /// What everybody is bound to who is given something.
    pub duties: Vec<String>,
    /// The least that a permission has to be: `attested`, `document` or `signed`.
    pub min_assurance: Option<&'static str>,
}

/// An incident, as far as it concerns the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportedIncident {
    /// Its number.
    pub number: String,
    /// Since when it is known that it concerns them.
    pub aware: Timestamp,
    /// When they were told first.
    pub told: Option<Timestamp>,
    /// What happened.
    pub what: Option<String>,
    /// What it came from.
    pub cause: Option<String>,
    /// What was done.
    pub measures: Option<String>,
    /// What of theirs it reaches and is not changed yet.
    pub unchanged: Vec<String>,
    /// What of theirs it reaches and is settled.
    pub settled: Vec<String>,
    /// When it was closed.
    pub closed: Option<Timestamp>,
}

/// How long it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Retention {
    /// Until when, if that was agreed on.
    pub until: Option<Timestamp>,
    /// Whether that is past.
    pub is_over: bool,
    /// The day of the agreement.
    pub agreed_on: Option<Date>,
    /// When the work was over and what was kept was removed.
    pub closed: Option<Timestamp>,
    /// Until when the records of what was permitted stay, once the work is over.
    pub records_until: Option<Timestamp>,
}

/// A permission that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LivePermission {
    /// Its number.
    pub number: String,
    /// For whom.
    pub to: Vec<ReportedPerson>,
    /// What of, as it is today.
    pub entries: Vec<String>,
    /// Whether it covers what is added later, too.
    pub covers_later: bool,
    /// What for.
    pub purpose: Option<String>,
    /// Until when.
    pub until: Timestamp,
    /// Who gave it, and when.
    pub allowed: Allowed,
}

/// A request that is not answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenRequest {
    /// Its number.
    pub number: String,
    /// For whom.
    pub to: Vec<ReportedPerson>,
    /// When it was made.
    pub on: Timestamp,
}

/// How far the log of a device had come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportedHead {
    /// The device, by its id.
    pub device: String,
    /// How many events.
    pub count: u64,
    /// SHA-256 of the last one, lower-case hex.
    pub head: String,
}
