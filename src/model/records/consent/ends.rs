//! When a consent ends by itself.

use jiff::Timestamp;

use super::{Consent, ConsentEvent, ConsentState, SHORTENED};
use crate::model::text::visible::one_line;

impl Consent {
    /// When it ends by itself: earlier than was permitted while nothing written shows it.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        let provisional = self.provisional_until.value().copied();
        provisional.map_or(self.permitted_until(), |end| {
            end.min(self.permitted_until())
        })
    }

    /// Until when the client has permitted it: to the end that was asked for, or an earlier one.
    #[must_use]
    pub fn permitted_until(&self) -> Timestamp {
        self.earlier_end()
            .map_or(self.expires, |until| until.min(self.expires))
    }

    /// The end that the client has set before the one that was asked for: of what devices have
    /// written apart, the earliest.
    #[must_use]
    pub fn earlier_end(&self) -> Option<Timestamp> {
        let ends = self.until.values();
        ends.filter_map(|(_, end)| *end).min()
    }

    /// Whether the client has let it end sooner since it was given.
    #[must_use]
    pub fn is_shortened(&self) -> bool {
        self.events.iter().any(|event| event.state == SHORTENED)
    }

    /// Whether it was only said so far, and waits to be confirmed in writing.
    #[must_use]
    pub fn is_provisional(&self) -> bool {
        self.provisional_until.value().is_some()
    }

    /// Whether it would last longer if what was only said were confirmed in writing.
    #[must_use]
    pub fn is_shorter_unwritten(&self) -> bool {
        self.is_provisional() && self.end() < self.permitted_until()
    }

    /// Whether it is over because what was said was not confirmed in writing, while there is time for
    /// that.
    #[must_use]
    pub fn is_out_unwritten(&self, now: Timestamp) -> bool {
        let is_over = self.state(now) == ConsentState::Expired;
        self.is_provisional() && is_over && now < self.permitted_until()
    }
}

impl ConsentEvent {
    /// By whom and how it ends sooner, in words; none of another event.
    pub(crate) fn shortened_by(&self) -> Option<String> {
        let by = self.by.as_ref().filter(|_| self.state == SHORTENED)?;
        let how = match self.method.as_deref() {
            Some("email") => ", by mail".to_owned(),
            Some(how) => format!(", by {how}"),
            None => String::new(),
        };
        Some(format!("by {}{how}", one_line(by)))
    }
}
