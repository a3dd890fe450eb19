//! The words of a record of processing, in each language of papers. `{name}` is filled in.

use crate::model::text::country::Place;
use crate::model::text::lang::Lang;

/// What stands in the record, and in the list of sub-processors for one client.
pub(super) struct RecordWords {
    pub(super) title: &'static str,
    pub(super) law: &'static str,
    pub(super) opening: &'static str,
    pub(super) annex_title: &'static str,
    pub(super) annex_to: &'static str,
    pub(super) annex_to_agreement: &'static str,
    pub(super) annex_opening: &'static str,
    pub(super) nobody: &'static str,
    pub(super) processor: &'static str,
    pub(super) client: &'static str,
    pub(super) what: &'static str,
    pub(super) one_entry: &'static str,
    pub(super) entries: &'static str,
    pub(super) works_for_controllers: &'static str,
    pub(super) since: &'static str,
    pub(super) since_when: &'static str,
    pub(super) agreement: &'static str,
    pub(super) agreed: &'static str,
    pub(super) not_agreed: &'static str,
    pub(super) end: &'static str,
    pub(super) kept_until: &'static str,
    pub(super) records_until: &'static str,
    pub(super) closed: &'static str,
    pub(super) no_end: &'static str,
    pub(super) others: &'static str,
    pub(super) no_others: &'static str,
    pub(super) permitted: &'static str,
    pub(super) permitted_by: &'static str,
    pub(super) purpose_left_out: &'static str,
    pub(super) their_agreement: &'static str,
    pub(super) no_agreement_of_theirs: &'static str,
    pub(super) before: &'static str,
    pub(super) can_know: &'static str,
    pub(super) transfers: &'static str,
    pub(super) no_transfer: &'static str,
    pub(super) outside: &'static str,
    pub(super) unknown: &'static str,
    pub(super) only_people: &'static str,
    pub(super) measures: &'static str,
    pub(super) see_measures: &'static str,
}

impl RecordWords {
    /// The words of a language.
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &ENGLISH,
            Lang::De => &GERMAN,
        }
    }

    /// What is said of those who are at a place, if anything is.
    pub(super) fn of_place(&self, place: Place) -> Option<&'static str> {
        match place {
            Place::Inside => None,
            Place::Outside => Some(self.outside),
            Place::Unknown => Some(self.unknown),
        }
    }
}

const ENGLISH: RecordWords = RecordWords {
    title: "RECORD OF PROCESSING",
    law: "of a processor, GDPR Art. 30(2)",
    opening: "{who} keeps and uses access data on behalf of those named below. This record has what \
              holds on {at}.",
    annex_title: "APPROVED SUB-PROCESSORS",
    annex_to: "annex for {client}",
    annex_to_agreement: "annex to the agreement with {client} of {day}",
    annex_opening: "{who} may give the people named here access to the systems of {client}, as far \
                    as stated here. This list has what holds on {at}.",
    nobody: "Nothing is kept on behalf of anybody.",
    processor: "PROCESSOR",
    client: "ON BEHALF OF",
    what: "WHAT",
    one_entry: "Access data are kept and used to log in to their systems and work there: 1 entry.",
    entries: "Access data are kept and used to log in to their systems and work there: {count} \
              entries.",
    works_for_controllers: "They are a processor themselves, for their own clients.",
    since: "SINCE",
    since_when: "On record since {day}.",
    agreement: "AGREEMENT",
    agreed: "Of {day}.",
    not_agreed: "No agreement is on record.",
    end: "UNTIL",
    kept_until: "Access data are kept until {day} at most.",
    records_until: "Who was permitted what, and who received it, stays on record until {day}.",
    closed: "The work was over on {day}; the access data were taken out of the encrypted file then.",
    no_end: "No end is on record.",
    others: "OTHERS",
    no_others: "Nobody else is permitted access.",
    permitted: "for \"{purpose}\" until {day}, number {number}",
    permitted_by: "for \"{purpose}\" until {day}, permitted by {by}, number {number}",
    purpose_left_out: "what was agreed",
    their_agreement: "agreement of {day}",
    no_agreement_of_theirs: "no agreement on record",
    before: "BEFORE",
    can_know: "Not permitted any more, and able to know what was not changed since: {names}.",
    transfers: "ABROAD",
    no_transfer: "All of these people are in the European Economic Area.",
    outside: "Outside of the European Economic Area: {names} (where personal data can be reached, GDPR Art. 44 to \
              49 apply).",
    unknown: "The country is not on record, or not known here: {names}.",
    only_people: "This says where people are, and nothing of where {client} runs the systems.",
    measures: "MEASURES",
    see_measures: "The technical and organisational measures (GDPR Art. 32) stand on a page of their \
                   own, with what was measured: vault toms.",
};

const GERMAN: RecordWords = RecordWords {
    title: "VERZEICHNIS DER VERARBEITUNGSTÄTIGKEITEN",
    law: "eines Auftragsverarbeiters, Art. 30 Abs. 2 DSGVO",
    opening: "{who} verwahrt und benutzt Zugangsdaten im Auftrag der unten Genannten. Dieses \
              Verzeichnis gibt den Stand vom {at} wieder.",
    annex_title: "GENEHMIGTE UNTERAUFTRAGSVERARBEITER",
    annex_to: "Anlage für {client}",
    annex_to_agreement: "Anlage zum Vertrag mit {client} vom {day}",
    annex_opening: "{who} darf den hier genannten Personen Zugang zu den Systemen von {client} geben, \
                    soweit es hier steht. Stand: {at}.",
    nobody: "Für niemanden wird etwas verwahrt.",
    processor: "VERARBEITER",
    client: "IM AUFTRAG",
    what: "WAS",
    one_entry: "Zugangsdaten werden verwahrt und benutzt, um sich an den Systemen anzumelden und dort \
                zu arbeiten: 1 Eintrag.",
    entries: "Zugangsdaten werden verwahrt und benutzt, um sich an den Systemen anzumelden und dort zu \
              arbeiten: {count} Einträge.",
    works_for_controllers: "Der Auftraggeber ist selbst Auftragsverarbeiter für seine Kunden.",
    since: "SEIT",
    since_when: "Erfasst seit {day}.",
    agreement: "VERTRAG",
    agreed: "Vom {day}.",
    not_agreed: "Es ist kein Vertrag erfasst.",
    end: "BIS",
    kept_until: "Zugangsdaten werden höchstens bis {day} verwahrt.",
    records_until: "Wem was erlaubt war und wer es bekam, bleibt bis {day} in den Akten.",
    closed: "Die Arbeit endete am {day}; die Zugangsdaten wurden da aus der verschlüsselten Datei entfernt.",
    no_end: "Es ist kein Ende erfasst.",
    others: "ANDERE",
    no_others: "Niemandem sonst ist der Zugang erlaubt.",
    permitted: "für „{purpose}“ bis {day}, Nummer {number}",
    permitted_by: "für „{purpose}“ bis {day}, erlaubt von {by}, Nummer {number}",
    purpose_left_out: "das Vereinbarte",
    their_agreement: "Vertrag vom {day}",
    no_agreement_of_theirs: "kein Vertrag erfasst",
    before: "FRÜHER",
    can_know: "Nicht mehr erlaubt; was seither nicht geändert wurde, können noch kennen: {names}.",
    transfers: "AUSLAND",
    no_transfer: "Alle diese Personen sind im Europäischen Wirtschaftsraum.",
    outside: "Außerhalb des Europäischen Wirtschaftsraums: {names} (sind personenbezogene Daten erreichbar, \
              gelten Art. 44 bis 49 DSGVO).",
    unknown: "Das Land ist nicht erfasst oder hier nicht bekannt: {names}.",
    only_people: "Das sagt, wo Personen sind, und nichts darüber, wo {client} die Systeme betreibt.",
    measures: "MASSNAHMEN",
    see_measures: "Die technischen und organisatorischen Maßnahmen (Art. 32 DSGVO) stehen auf einem \
                   eigenen Blatt, mit dem, was gemessen wurde: vault toms.",
};
