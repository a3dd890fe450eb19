//! The words of the letter about an incident. `{name}` is filled in.

use crate::model::text::lang::Lang;

/// What stands in it.
pub(super) struct IncidentWords {
    pub(super) title: &'static str,
    pub(super) opening: &'static str,
    /// Where nothing of the client's is reached.
    pub(super) opening_without: &'static str,
    pub(super) as_of: &'static str,
    pub(super) what: &'static str,
    pub(super) since: &'static str,
    pub(super) reached: &'static str,
    pub(super) changed: &'static str,
    pub(super) not_changed: &'static str,
    /// Behind what is not, where other parts are.
    pub(super) rest_changed: &'static str,
    pub(super) removed: &'static str,
    pub(super) no_secret: &'static str,
    /// Behind that, of an entry whose password became known elsewhere.
    pub(super) same_secret: &'static str,
    pub(super) user: &'static str,
    pub(super) password: &'static str,
    pub(super) codes: &'static str,
    pub(super) file: &'static str,
    pub(super) passed_on: &'static str,
    pub(super) to_nobody: &'static str,
    /// What stands before the names.
    pub(super) to: &'static str,
    /// What stands behind the name of whoever was given something else, and behind several.
    pub(super) one_has_same: &'static str,
    pub(super) some_have_same: &'static str,
    pub(super) nature: &'static str,
    pub(super) people: &'static str,
    pub(super) records: &'static str,
    pub(super) consequences: &'static str,
    pub(super) measures: &'static str,
    pub(super) cause: &'static str,
    pub(super) to_follow: &'static str,
    pub(super) updates: &'static str,
    pub(super) ask: &'static str,
    pub(super) me: &'static str,
    pub(super) i_do: &'static str,
    pub(super) i_did: &'static str,
    pub(super) i_tell: &'static str,
    pub(super) you: &'static str,
    pub(super) you_do: &'static str,
    /// While nobody noted that they were told.
    pub(super) clock: &'static str,
    pub(super) clock_runs: &'static str,
    /// For whoever works for somebody who decides.
    pub(super) processor: &'static str,
}

impl IncidentWords {
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &ENGLISH,
            Lang::De => &GERMAN,
        }
    }
}

const ENGLISH: IncidentWords = IncidentWords {
    title: "NOTICE OF A SECURITY INCIDENT",
    opening: "{sender} to {client.}\n\
              Strangers may know logins of yours that I keep.",
    opening_without: "{sender} to {client.}\n\
                      There was an incident that may concern you.",
    as_of: "This is what I know on {time}. It replaces any earlier letter with the number \
            {number}; what is missing follows.",
    what: "WHAT",
    since: "KNOWN SINCE",
    reached: "LOGINS",
    changed: "changed since",
    not_changed: "not changed yet",
    rest_changed: "the rest is",
    removed: "I keep it no longer; please change it unless you have",
    no_secret: "no password was stored with it",
    same_secret: "; it has the same password as another login that became known",
    user: "user",
    password: "password",
    codes: "one-time codes",
    file: "file",
    passed_on: "PASSED ON",
    to_nobody: "to nobody",
    to: "to",
    one_has_same: "was given something else that has the same password",
    some_have_same: "were given something else that has the same password",
    nature: "KIND",
    people: "PEOPLE",
    records: "RECORDS",
    consequences: "CONSEQUENCES",
    measures: "MEASURES",
    cause: "CAUSE",
    to_follow: "to follow",
    updates: "UPDATES",
    ask: "ASK",
    me: "I",
    i_do: "change what is not changed yet, and tell you what I learn.",
    i_did: "have changed all of it, and tell you what I learn.",
    i_tell: "tell you what I learn.",
    you: "YOU",
    you_do: "please look for what should not be there: logins you do not know, new users, changed \
             settings, sent mail. Close accounts that you no longer use. If the same password is in \
             use anywhere else, change it there. Finding nothing does not mean that nothing \
             happened.",
    clock: "If personal data is concerned, you may have to tell your supervisory authority within \
            72 hours of learning of this (GDPR Art. 33(1)), and the people themselves where the \
            risk to them is high (Art. 34). That is for you to decide.",
    clock_runs: "If personal data is concerned, you may have to tell your supervisory authority by \
                 {deadline}, 72 hours after I told you (GDPR Art. 33(1)), and the people themselves \
                 where the risk to them is high (Art. 34). That is for you to decide.",
    processor: "If personal data is concerned that you process for somebody else, tell them without \
                undue delay (GDPR Art. 33(2)).",
};

const GERMAN: IncidentWords = IncidentWords {
    title: "MELDUNG EINES SICHERHEITSVORFALLS",
    opening: "{sender} an {client.}\n\
              Fremde kennen womöglich Zugangsdaten, die ich für Sie aufbewahre.",
    opening_without: "{sender} an {client.}\n\
                      Es gab einen Vorfall, der Sie betreffen kann.",
    as_of: "Stand: {time}. Diese Meldung ersetzt jede frühere mit der Nummer {number}; was fehlt, \
            reiche ich nach.",
    what: "WAS",
    since: "BEKANNT SEIT",
    reached: "ZUGÄNGE",
    changed: "seither geändert",
    not_changed: "noch nicht geändert",
    rest_changed: "der Rest schon",
    removed: "bei mir gelöscht; bitte ändern Sie das Passwort, falls noch nicht geschehen",
    no_secret: "dazu war kein Passwort gespeichert",
    same_secret: "; es ist dasselbe Passwort wie bei einem anderen Zugang, der bekannt geworden ist",
    user: "Benutzer",
    password: "Passwort",
    codes: "Einmalcodes",
    file: "Datei",
    passed_on: "WEITERGEGEBEN",
    to_nobody: "an niemanden",
    to: "an",
    one_has_same: "hat etwas anderes bekommen, das dasselbe Passwort hat",
    some_have_same: "haben etwas anderes bekommen, das dasselbe Passwort hat",
    nature: "ART",
    people: "BETROFFENE",
    records: "DATENSÄTZE",
    consequences: "FOLGEN",
    measures: "MASSNAHMEN",
    cause: "URSACHE",
    to_follow: "wird nachgereicht",
    updates: "NACHTRÄGE",
    ask: "FRAGEN AN",
    me: "ICH",
    i_do: "ändere, was noch nicht geändert ist, und melde mich, sobald ich mehr weiß.",
    i_did: "habe alles geändert und melde mich, sobald ich mehr weiß.",
    i_tell: "melde mich, sobald ich mehr weiß.",
    you: "SIE",
    you_do: "sehen bitte nach, ob etwas nicht stimmt: unbekannte Anmeldungen, neue Benutzer, \
             geänderte Einstellungen, versandte Mails. Schließen Sie Konten, die Sie nicht mehr \
             brauchen. Wo Sie dasselbe Passwort sonst verwenden, ändern Sie es bitte auch dort. Dass \
             nichts zu finden ist, heißt nicht, dass nichts war.",
    clock: "Sind personenbezogene Daten betroffen, müssen Sie das womöglich binnen 72 Stunden, \
            nachdem Sie davon erfahren haben, Ihrer Aufsichtsbehörde melden (Art. 33 Abs. 1 DSGVO), \
            bei hohem Risiko auch den Betroffenen selbst (Art. 34 DSGVO). Das entscheiden Sie.",
    clock_runs: "Sind personenbezogene Daten betroffen, müssen Sie das womöglich Ihrer \
                 Aufsichtsbehörde melden, und zwar bis {deadline}, also binnen 72 Stunden, nachdem \
                 ich es Ihnen gesagt habe (Art. 33 Abs. 1 DSGVO), bei hohem Risiko auch den \
                 Betroffenen selbst (Art. 34 DSGVO). Das entscheiden Sie.",
    processor: "Sind personenbezogene Daten betroffen, die Sie für jemand anderen verarbeiten, melden \
                Sie es ihm bitte unverzüglich (Art. 33 Abs. 2 DSGVO).",
};
