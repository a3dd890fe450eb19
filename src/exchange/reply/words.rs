//! What recipients say, in each language of papers.

use crate::exchange::paper::filled;
use crate::model::text::lang::Lang;
use crate::model::text::visible::one_line;

/// The sentences of one language; `{name}` is who says it.
pub(super) struct ReplyWords {
    received: &'static str,
    got_back: &'static str,
    refused: &'static str,
    deleted: &'static str,
    deleted_part: &'static str,
    no_other_copies: &'static str,
    other_copies: &'static str,
    /// How it was deleted.
    pub(super) method: &'static str,
    backup: &'static str,
    backups: &'static str,
    /// Why a backup is kept whose day is known.
    pub(super) one_a_day: &'static str,
    /// Why backups are kept whose day is not known.
    pub(super) the_newest: &'static str,
    file: &'static str,
    /// That it is no longer where it was read from.
    pub(super) file_gone: &'static str,
    /// That nobody looked for it.
    pub(super) file_unseen: &'static str,
    /// What a statement of deletion rests on.
    pub(super) cannot_know: &'static str,
}

const ENGLISH: ReplyWords = ReplyWords {
    received: "I, {name}, have received these access data and keep to these duties.",
    got_back: "I, {name}, have received these access data. They are mine.",
    refused: "I, {name}, do not take these access data, and have kept nothing of them.",
    deleted: "I, {name}, have deleted what came with this share.",
    deleted_part: "I, {name}, have deleted this of what came with this share: {entries}.",
    no_other_copies: "There are no other copies elsewhere.",
    other_copies: "Other copies: {outside}",
    method: "the entries were removed with all their versions and files; the vault was written anew, \
             under a new file key",
    backup: "an encrypted backup of the vault (generation {numbers})",
    backups: "encrypted backups of the vault (generations {numbers})",
    one_a_day: "one a day is kept for thirty days; the next change after that removes it",
    the_newest: "no end date, since the ten newest are kept to recover from mistakes and damage",
    file: "the file {name}, as the share came",
    file_gone: "it is no longer where it was read from",
    file_unseen: "it was read on another device, which cannot be seen from here",
    cannot_know: "Deleted are the entries of this vault, with all versions and files. Copies in a \
                  browser, a mail, on paper or on another device cannot be seen by the program: \
                  what is said of them here is my own word.",
};

const GERMAN: ReplyWords = ReplyWords {
    received: "Ich, {name}, habe diese Zugangsdaten erhalten und halte mich an diese Pflichten.",
    got_back: "Ich, {name}, habe diese Zugangsdaten erhalten. Es sind meine.",
    refused: "Ich, {name}, nehme diese Zugangsdaten nicht an und habe nichts davon behalten.",
    deleted: "Ich, {name}, habe gelöscht, was ich mit dieser Sendung bekommen habe.",
    deleted_part: "Ich, {name}, habe von dem, was ich mit dieser Sendung bekommen habe, Folgendes \
                   gelöscht: {entries}.",
    no_other_copies: "Anderswo gibt es keine weiteren Kopien.",
    other_copies: "Weitere Kopien: {outside}",
    method: "die Einträge wurden mit allen Versionen und Dateien entfernt; der Tresor wurde neu \
             geschrieben, unter einem neuen Schlüssel",
    backup: "eine verschlüsselte Sicherung des Tresors (Stand {numbers})",
    backups: "verschlüsselte Sicherungen des Tresors (Stände {numbers})",
    one_a_day: "eine je Tag wird dreißig Tage aufbewahrt; die nächste Änderung danach entfernt sie",
    the_newest: "kein Enddatum, denn die zehn neuesten werden gegen Fehler und Schäden aufbewahrt",
    file: "die Datei {name}, in der die Sendung kam",
    file_gone: "liegt nicht mehr dort, wo sie gelesen wurde",
    file_unseen: "wurde auf einem anderen Gerät gelesen, das von hier aus nicht zu sehen ist",
    cannot_know: "Gelöscht sind die Einträge dieses Tresors mit allen Versionen und Dateien. Kopien \
                  in einem Browser, einer E-Mail, auf Papier oder einem anderen Gerät kann das \
                  Programm nicht sehen: Was hier darüber steht, sage ich selbst.",
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

    /// That what is one's own has arrived.
    pub(super) fn got_back(&self, name: &str) -> String {
        filled(self.got_back, &[("name", name)])
    }

    /// That it is not taken.
    pub(super) fn refused(&self, name: &str) -> String {
        filled(self.refused, &[("name", name)])
    }

    /// Backups of these generations.
    pub(super) fn backups_of(&self, generations: &[u64]) -> String {
        let words = match generations {
            [_] => self.backup,
            _ => self.backups,
        };
        let numbers: Vec<String> = generations.iter().map(u64::to_string).collect();
        filled(words, &[("numbers", &numbers.join(", "))])
    }

    /// A file that a share was read from.
    pub(super) fn file(&self, name: &str) -> String {
        filled(self.file, &[("name", &one_line(name))])
    }

    /// That it is deleted, or those entries of it, and what the recipient says of copies elsewhere.
    pub(super) fn deleted(
        &self,
        name: &str,
        entries: Option<&str>,
        outside: Option<&str>,
    ) -> String {
        let words = entries.map_or(self.deleted, |_| self.deleted_part);
        let entries = entries.unwrap_or_default();
        let deleted = filled(words, &[("name", name), ("entries", &one_line(entries))]);
        let copies = outside.map_or_else(
            || self.no_other_copies.to_owned(),
            |outside| filled(self.other_copies, &[("outside", outside)]),
        );
        format!("{deleted} {copies}")
    }
}
