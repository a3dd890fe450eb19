//! What recipients say, in each language of papers.

use crate::exchange::paper::filled;
use crate::model::text::lang::Lang;

/// The sentences of one language; `{name}` is who says it.
pub(super) struct ReplyWords {
    received: &'static str,
    refused: &'static str,
    deleted: &'static str,
}

const ENGLISH: ReplyWords = ReplyWords {
    received: "I, {name}, have received these access data and keep to these duties.",
    refused: "I, {name}, do not take these access data, and have kept nothing of them.",
    deleted: "I, {name}, have deleted what came with this share.",
};

const GERMAN: ReplyWords = ReplyWords {
    received: "Ich, {name}, habe diese Zugangsdaten erhalten und halte mich an diese Pflichten.",
    refused: "Ich, {name}, nehme diese Zugangsdaten nicht an und habe nichts davon behalten.",
    deleted: "Ich, {name}, habe gelöscht, was ich mit dieser Sendung bekommen habe.",
};

impl ReplyWords {
    /// The words of a language; English where it is not known.
    pub(super) fn of(lang: &str) -> &'static Self {
        match lang.parse().unwrap_or_default() {
            Lang::En => &ENGLISH,
            Lang::De => &GERMAN,
        }
    }

    /// That a share has arrived, and its duties are accepted.
    pub(super) fn received(&self, name: &str) -> String {
        filled(self.received, &[("name", name)])
    }

    /// That it is not taken.
    pub(super) fn refused(&self, name: &str) -> String {
        filled(self.refused, &[("name", name)])
    }

    /// That it is deleted.
    pub(super) fn deleted(&self, name: &str) -> String {
        filled(self.deleted, &[("name", name)])
    }
}
