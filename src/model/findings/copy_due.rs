//! Whether a copy of the vault on another disk is due.

use jiff::{SignedDuration, Timestamp};

use super::finding::Level;
use super::rule::{Examined, Rule};
use crate::error::Result;
use crate::model::vault::Vault;

/// From then on a copy elsewhere is old.
const COPY_IS_OLD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// And from then on too old.
const COPY_IS_TOO_OLD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Looks at the last copy, its generation and when it was made: a vault in use for a week should
/// have one.
///
/// # Errors
/// [`crate::error::Kind::Integrity`] for a malformed record.
pub fn copy_due(
    vault: &Vault,
    path: &str,
    last: Option<(u64, Timestamp)>,
    now: Timestamp,
) -> Result<Examined> {
    let mut rule = Rule::new("backup", "a copy on another disk is recent");
    if let Some(made) = last {
        behind(&mut rule, path, made, "copy", (vault.generation, now));
        return Ok(rule.0);
    }
    let first = vault.log.chains().iter().filter_map(|it| it.read().next());
    let mut since = None;
    for event in first {
        let time = event?.time;
        since = Some(since.map_or(time, |earlier: Timestamp| earlier.min(time)));
    }
    if since.is_some_and(|since| since + COPY_IS_OLD <= now) {
        let message = "no copy was ever made on another disk";
        let fix = "vault backup --to DIR, on another disk";
        rule.find(Level::Medium, path, message, fix);
    }
    Ok(rule.0)
}

/// Finds that the last copy is too old for a vault that has changed since. `made` is the copy's
/// generation and time, `now` those of the vault.
pub(super) fn behind(
    rule: &mut Rule,
    path: &str,
    made: (u64, Timestamp),
    what: &str,
    now: (u64, Timestamp),
) {
    let since = now.1.duration_since(made.1);
    if made.0 < now.0 && since > COPY_IS_OLD {
        let level = if since > COPY_IS_TOO_OLD {
            Level::Medium
        } else {
            Level::Low
        };
        let message = format!(
            "the last {what} is {}, of generation {}; the vault has {} now",
            age(since),
            made.0,
            now.0
        );
        rule.find(level, path, message, "vault backup");
    }
}

/// `12 days old`.
pub(super) fn age(since: SignedDuration) -> String {
    match since.as_hours() / 24 {
        ..=0 => "from today".into(),
        1 => "1 day old".into(),
        days => format!("{days} days old"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::copy_due;
    use crate::model::testing::{author, empty_vault, path, with_secret};

    #[test]
    fn a_vault_in_use_for_a_week_should_have_a_copy_and_one_that_changed_a_newer_one() {
        let mut vault = empty_vault();
        vault
            .add(&path("acme/wp"), with_secret("x"), &author(0))
            .unwrap();
        vault.generation = 9;
        let start = author(0).now;
        let on = |day: i64| start + SignedDuration::from_hours(24 * day + 1);
        let found = |last: Option<(u64, Timestamp)>, day: i64| {
            let found = copy_due(&vault, "v.age", last, on(day)).unwrap().findings;
            found
                .into_iter()
                .map(|it| it.level.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(found(None, 6), [""; 0]);
        assert_eq!(found(None, 7), ["medium"]);
        assert_eq!(found(Some((8, on(7))), 13), [""; 0]);
        assert_eq!(found(Some((8, on(7))), 15), ["low"]);
        assert_eq!(found(Some((8, on(7))), 38), ["medium"]);
        assert_eq!(found(Some((9, on(7))), 38), [""; 0], "nothing has changed");
    }
}
