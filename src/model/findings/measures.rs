//! What is in place to protect the vault, as far as that was measured: the measures that a processor
//! describes (GDPR Art. 32).

use jiff::Timestamp;

use super::doctor::{CopyFact, MachineFacts, examine};
use crate::error::Result;
use crate::model::entry::field::SECRET;
use crate::model::records::client::Assurance;
use crate::model::records::entry::SecondFactor;
use crate::model::text::kdf::KdfParams;
use crate::model::text::words::words;
use crate::model::vault::Vault;

words! {
    /// What is measured.
    pub enum MeasureKind {
        /// What a guess at the password costs.
        Kdf = "kdf",
        /// Whether the disk is encrypted.
        Disk = "disk",
        /// Whether swapped memory is.
        Swap = "swap",
        /// Whether memory is when the machine hibernates.
        Hibernation = "hibernation",
        /// Whether others can read the files.
        Permissions = "permissions",
        /// Whether keys are kept out of swap.
        LockedMemory = "locked-memory",
        /// Whether the program leaves its memory behind.
        CoreDumps = "core-dumps",
        /// Whether exported passwords lie about.
        Exports = "exports",
        /// How many permissions in force are in writing.
        WrittenPermission = "written-permission",
        /// With how many of those who may be given something there is an agreement.
        Agreements = "agreements",
        /// How many credentials have a second factor.
        SecondFactor = "second-factor",
        /// Whether a copy is on another disk.
        CopyElsewhere = "copy-elsewhere",
        /// Whether there is a way in without the password.
        Recovery = "recovery",
        /// When it was last looked at who has access.
        Review = "review",
    }
}

/// What a measurement came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// It is in place.
    On,
    /// It is not.
    Off,
    /// It is in place for so many of so many.
    Of(usize, usize),
    /// It is in place, and was done last at this time.
    Last(Timestamp),
    /// It is in place, at this cost.
    Cost(KdfParams),
    /// It is in place at this cost, which is less than what is usual today.
    LowCost(KdfParams),
    /// That could not be measured.
    Unmeasured,
}

/// One measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// What is measured.
    pub kind: MeasureKind,
    /// What it came to.
    pub measured: Measured,
}

impl MeasureKind {
    /// All of them, in the order of the paper.
    pub const ALL: [Self; 14] = [
        Self::Kdf,
        Self::Disk,
        Self::Swap,
        Self::Hibernation,
        Self::Permissions,
        Self::LockedMemory,
        Self::CoreDumps,
        Self::Exports,
        Self::WrittenPermission,
        Self::Agreements,
        Self::SecondFactor,
        Self::CopyElsewhere,
        Self::Recovery,
        Self::Review,
    ];
}

impl Vault {
    /// What is in place, by facts about the machine and by what the vault holds.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for a malformed record.
    pub fn measures(&self, facts: &MachineFacts) -> Result<Vec<Measure>> {
        let examined = examine(facts);
        let by_rule = |rule: &str| {
            let rule = examined.iter().find(|it| it.rule == rule);
            match rule {
                Some(rule) if !rule.is_checked => Measured::Unmeasured,
                Some(rule) if rule.findings.is_empty() => Measured::On,
                Some(_) => Measured::Off,
                None => Measured::Unmeasured,
            }
        };
        let all = MeasureKind::ALL.into_iter().map(|kind| {
            let measured = match kind {
                MeasureKind::Kdf => cost(facts),
                MeasureKind::WrittenPermission => self.written_permissions(facts.now)?,
                MeasureKind::Agreements => self.agreed_recipients(facts.now)?,
                MeasureKind::SecondFactor => self.second_factors()?,
                MeasureKind::CopyElsewhere => copy_elsewhere(facts),
                MeasureKind::Review => {
                    let reviews = self.reviews.all()?.into_iter();
                    let last = reviews.map(|it| it.created).max();
                    last.map_or(Measured::Off, Measured::Last)
                }
                measured_by_rule => by_rule(measured_by_rule.as_str()),
            };
            Ok(Measure { kind, measured })
        });
        all.collect()
    }

    /// How many permissions in force are more than a note of what was said.
    fn written_permissions(&self, now: Timestamp) -> Result<Measured> {
        let (mut written, mut all) = (0, 0);
        for consent in self.all_consents()? {
            if consent.is_live(now) && !self.consent_state(consent, now)?.is_end() {
                all += 1;
                let is_written = consent.assurance() > Some(Assurance::Attested);
                written += usize::from(is_written);
            }
        }
        Ok(Measured::Of(written, all))
    }

    /// With how many of the contacts whom a permission in force names something was agreed.
    fn agreed_recipients(&self, now: Timestamp) -> Result<Measured> {
        let consents = self.all_consents()?;
        let (mut agreed, mut all) = (0, 0);
        for contact in self.live_contacts()? {
            let mut theirs = consents.iter().filter(|it| it.is_for(contact.id));
            if theirs.any(|it| it.is_live(now)) {
                all += 1;
                agreed += usize::from(contact.has_agreed());
            }
        }
        Ok(Measured::Of(agreed, all))
    }

    /// How many live entries with a secret have a second factor, here or as it is noted.
    fn second_factors(&self) -> Result<Measured> {
        let live = self.live()?;
        let logins = live.iter().filter(|(_, it)| it.current(SECRET).is_some());
        let (mut with, mut all) = (0, 0);
        for (_, entry) in logins {
            all += 1;
            let factor = entry.second_factor();
            let has_one = factor.is_some_and(|it| it != SecondFactor::Nothing);
            with += usize::from(has_one);
        }
        Ok(Measured::Of(with, all))
    }
}

fn cost(facts: &MachineFacts) -> Measured {
    match &facts.vault {
        Ok(vault) if vault.kdf.is_below(KdfParams::default()) => Measured::LowCost(vault.kdf),
        Ok(vault) => Measured::Cost(vault.kdf),
        Err(_) => Measured::Unmeasured,
    }
}

/// A copy that is there, whole, and on another disk than the vault.
fn copy_elsewhere(facts: &MachineFacts) -> Measured {
    let Ok(backups) = &facts.backups else {
        return Measured::Unmeasured;
    };
    let is_elsewhere = |copy: &&CopyFact| {
        copy.is_checked
            && copy.device.is_some()
            && facts.device.is_some_and(|it| copy.device != Some(it))
    };
    let elsewhere = backups.copies.iter().filter(is_elsewhere);
    let last = elsewhere.map(|copy| copy.time).max();
    last.map_or(Measured::Off, Measured::Last)
}
