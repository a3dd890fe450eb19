//! Which refusals are logged. What asks may be a program on another machine, which chooses names and
//! texts as it likes: it fills no log by that.

use std::collections::BTreeSet;
use std::time::Duration;

use uuid::Uuid;

/// How long one refusal stands for those like it.
const WINDOW: Duration = Duration::from_mins(1);
/// Refusals in that time that are logged, of all entries together.
const LOGGED: usize = 20;

/// The refusals of a minute.
#[derive(Debug, Default)]
pub(super) struct RefusalLimit {
    since: Duration,
    logged: BTreeSet<(Uuid, &'static str)>,
    more: u64,
    entries: BTreeSet<Uuid>,
}

impl RefusalLimit {
    /// Whether a refusal is logged by itself: one for each entry and reason.
    pub(super) fn admits(&mut self, entry: Uuid, why: &'static str, now: Duration) -> bool {
        if self.is_over(now) && self.more == 0 {
            self.logged.clear();
        }
        if self.logged.is_empty() {
            self.since = now;
        }
        let is_admitted = self.logged.len() < LOGGED && self.logged.insert((entry, why));
        if !is_admitted {
            self.more = self.more.saturating_add(1);
            if self.entries.len() < LOGGED {
                self.entries.insert(entry);
            }
        }
        is_admitted
    }

    /// Whether there is something to tell of a minute that is over.
    pub(super) fn has_rest(&self, now: Duration) -> bool {
        self.more > 0 && self.is_over(now)
    }

    /// How many were not logged by themselves, and of which entries: told once.
    pub(super) fn take_rest(&mut self) -> (u64, Vec<Uuid>) {
        let rest = std::mem::take(self);
        (rest.more, rest.entries.into_iter().collect())
    }

    fn is_over(&self, now: Duration) -> bool {
        now.saturating_sub(self.since) >= WINDOW
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::{LOGGED, RefusalLimit};

    const AT: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn one_of_each_kind_is_logged_and_the_rest_is_counted() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut limit = RefusalLimit::default();
        assert!(limit.admits(one, "unsafe", AT(100)));
        assert!(limit.admits(one, "other-host", AT(101)));
        assert!(limit.admits(two, "unsafe", AT(102)));
        for second in 103..150 {
            assert!(!limit.admits(one, "unsafe", AT(second)));
        }
        assert!(!limit.has_rest(AT(159)));
        assert!(limit.has_rest(AT(160)));
        assert_eq!(limit.take_rest(), (47, vec![one]));
        assert!(!limit.has_rest(AT(300)));
        assert!(limit.admits(one, "unsafe", AT(161)), "a new minute");
    }

    #[test]
    fn all_together_are_bounded() {
        let mut limit = RefusalLimit::default();
        let admitted = (0..500).filter(|n| limit.admits(Uuid::from_u128(*n), "unsafe", AT(1)));
        assert_eq!(admitted.count(), LOGGED);
        let (more, entries) = limit.take_rest();
        assert_eq!((more, entries.len()), (500 - LOGGED as u64, LOGGED));
    }

    #[test]
    fn a_minute_without_a_rest_ends_by_itself() {
        let mut limit = RefusalLimit::default();
        let one = Uuid::from_u128(1);
        assert!(limit.admits(one, "unsafe", AT(5)));
        assert!(limit.admits(one, "unsafe", AT(65)));
        assert!(!limit.admits(one, "unsafe", AT(124)));
    }
}
