//! How long the events of the log stay.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::model::records::stamping::Author;
use crate::model::text::when::Duration;
use crate::model::vault::Vault;

/// The word for a log of which nothing is dropped.
const FOR_EVER: &str = "forever";
/// The shortest time: reviews and findings look back for so long.
const LEAST: &str = "1y";

/// How long events stay.
#[derive(Clone, Debug)]
pub enum LogRetention {
    /// For ever.
    ForEver,
    /// For so long.
    For(Duration),
}

impl FromStr for LogRetention {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == FOR_EVER {
            return Ok(Self::ForEver);
        }
        text.parse().map(Self::For)
    }
}

impl fmt::Display for LogRetention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForEver => f.write_str(FOR_EVER),
            Self::For(time) => write!(f, "{time:#}"),
        }
    }
}

impl LogRetention {
    /// The time before which events are dropped, if they are.
    fn start(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::ForEver => None,
            Self::For(time) => time.before(now),
        }
    }

    fn check(&self, now: Timestamp) -> Result<()> {
        let least: Duration = LEAST.parse().map_err(Error::failed)?;
        let is_short = (self.start(now).zip(least.before(now))).is_some_and(|(own, it)| own > it);
        if is_short {
            return Err(Error::usage(format!(
                "--retain {self} is less than a year: reviews and findings look back for so long"
            ))
            .hint("the shortest is --retain 1y"));
        }
        Ok(())
    }
}

impl Vault {
    /// How long the log's events stay.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] for what is no duration.
    pub fn log_retention(&self) -> Result<LogRetention> {
        match self.log_retention.value() {
            None => Ok(LogRetention::ForEver),
            Some(text) => text
                .parse()
                .map(LogRetention::For)
                .map_err(|_| Error::integrity("the log's retention is no duration")),
        }
    }

    /// How many events would be dropped where they stayed for so long.
    ///
    /// # Errors
    /// As [`Self::retain_log`].
    pub fn events_past(&self, keep: &LogRetention, now: Timestamp) -> Result<u64> {
        keep.check(now)?;
        let before = keep.start(now);
        Ok(before.map_or(0, |time| self.log.clone().drop_before(time)))
    }

    /// Sets how long the log's events stay, and drops those that are older; what later commands look
    /// at lasts, see [`crate::model::records::event::Event::lasts`]. From then on each change drops what
    /// has become older. Returns how many events it has dropped.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for less than a year.
    pub fn retain_log(&mut self, keep: &LogRetention, author: &Author<'_>) -> Result<u64> {
        keep.check(author.now)?;
        self.change(author, "retain", |edit| {
            let (text, told) = match keep {
                LogRetention::ForEver => (None, FOR_EVER.to_owned()),
                LogRetention::For(time) => (Some(time.to_string()), time.to_string()),
            };
            edit.vault.log_retention.set(edit.stamp, text);
            edit.event.note("events_stay", told);
            let before = keep.start(author.now);
            let dropped = before.map_or(0, |time| edit.vault.log.drop_before(time));
            edit.event.note("dropped", dropped);
            Ok(dropped)
        })
    }

    /// Drops the events that are older than the log's are to become.
    pub(crate) fn drop_old_events(&mut self, now: Timestamp) {
        // A duration that is none is told by whoever looks at it, and drops nothing.
        let start = self.log_retention().ok().and_then(|keep| keep.start(now));
        if let Some(time) = start {
            self.log.drop_before(time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LogRetention;
    use crate::model::consent::permit::world::World;
    use crate::model::records::event::LogHead;
    use crate::model::testing::{author, day, path, read_again};
    use crate::model::vault::Vault;

    /// Removes an entry and takes it back, on each of these days.
    fn busy(vault: &mut Vault, days: impl IntoIterator<Item = i64>) -> Vec<LogHead> {
        let mut heads = Vec::new();
        for day in days {
            vault.remove(&path("acme/wp"), &author(day)).unwrap();
            let names = ["acme/wp".parse().unwrap()];
            vault.restore(&names, &author(day)).unwrap();
            heads.push(vault.log.chains()[0].head());
        }
        heads
    }

    fn actions(vault: &Vault) -> Vec<String> {
        let events = vault.log.chains()[0].read();
        events.map(|event| event.unwrap().action).collect()
    }

    #[test]
    fn what_is_old_is_dropped_and_the_chain_can_still_be_checked() {
        let mut vault = World::new().vault;
        let heads = busy(&mut vault, [100, 200, 500, 700]);
        let before = actions(&vault).len();
        let keep: LogRetention = "1y".parse().unwrap();
        let dropped = vault.retain_log(&keep, &author(800)).unwrap();
        assert!(dropped > 4);
        assert_eq!(actions(&vault).len() as u64, before as u64 + 1 - dropped);
        assert_eq!(vault.log.dropped_events(), dropped);
        assert_eq!(actions(&vault)[0], "init");
        for vault in [&vault, &read_again(&vault)] {
            assert_eq!(vault.log.check(), Ok(()));
            let chain = &vault.log.chains()[0];
            assert!(heads.iter().all(|head| chain.grew_from(head)));
            let other = LogHead {
                head: heads[1].head.clone(),
                ..heads[0].clone()
            };
            assert!(!chain.grew_from(&other));
        }
        // From then on each change drops what has become too old; the last one stays.
        busy(&mut vault, [900]);
        assert!(vault.log.dropped_events() > dropped);
        vault.drop_old_events(day(5000));
        assert_eq!(actions(&vault).last().unwrap(), "restore");
        assert_eq!(vault.log.check(), Ok(()));
        let all = vault.log.dropped_events();
        let keep = LogRetention::ForEver;
        assert_eq!(vault.retain_log(&keep, &author(6000)).unwrap(), 0);
        assert_eq!(vault.log.dropped_events(), all);
    }

    #[test]
    fn a_changed_link_or_a_changed_event_that_lasts_is_found() {
        let mut vault = World::new().vault;
        busy(&mut vault, [100, 200]);
        let keep: LogRetention = "1y".parse().unwrap();
        vault.retain_log(&keep, &author(800)).unwrap();
        let text = String::from_utf8(vault.encode(0).unwrap().to_vec()).unwrap();
        let hashes = text.split_once(r#""hashes":""#).unwrap().1;
        let hashes = hashes.split_once('"').unwrap().0;
        let last = hashes.len() - 8;
        for (old, new) in [
            (hashes, &*format!("AAAAAAAA{}", &hashes[8..])),
            (hashes, &*format!("{}AAAAAAAA", &hashes[..last])),
            (hashes, &hashes[..last]),
            (r#"\"action\":\"init\""#, r#"\"action\":\"inix\""#),
        ] {
            let changed = text.replacen(old, new, 1);
            assert_ne!(changed, text, "{old}");
            let vault = Vault::decode(changed);
            assert!(
                vault.is_err() || vault.unwrap().log.check().is_err(),
                "{new}"
            );
        }
    }

    #[test]
    fn less_than_a_year_is_refused() {
        let mut vault = World::new().vault;
        for short in ["30d", "364d"] {
            let keep: LogRetention = short.parse().unwrap();
            assert!(vault.retain_log(&keep, &author(1)).is_err(), "{short}");
        }
    }
}
