//! The words of the letter about an incident. `{name}` is filled in.

use crate::model::text::lang::Lang;

/// What stands in it.
pub(super) struct IncidentWords {
    pub(super) title: &'static str,
    pub(super) opening: &'static str,
    pub(super) what: &'static str,
    pub(super) since: &'static str,
    pub(super) reached: &'static str,
    pub(super) changed: &'static str,
    pub(super) not_changed: &'static str,
    /// Behind that, of an entry whose password became known elsewhere.
    pub(super) same_secret: &'static str,
    pub(super) user: &'static str,
    pub(super) known_to: &'static str,
    pub(super) nobody_else: &'static str,
    pub(super) nature: &'static str,
    pub(super) people: &'static str,
    pub(super) records: &'static str,
    pub(super) consequences: &'static str,
    pub(super) measures: &'static str,
    pub(super) to_follow: &'static str,
    pub(super) updates: &'static str,
    pub(super) ask: &'static str,
    pub(super) me: &'static str,
    pub(super) i_do: &'static str,
    pub(super) i_did: &'static str,
    pub(super) you: &'static str,
    pub(super) you_do: &'static str,
    /// While nobody noted that they were told.
    pub(super) clock: &'static str,
    pub(super) clock_runs: &'static str,
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
              Access data that you gave me may be known to others. This is what I know on {day}; \
              what is missing follows. The number of this incident is {number}.",
    what: "WHAT",
    since: "I KNOW SINCE",
    reached: "ACCESS",
    changed: "changed since",
    not_changed: "not changed yet",
    same_secret: "; it has the password of another access that became known",
    user: "user",
    known_to: "ALSO KNOWN TO",
    nobody_else: "nobody but me",
    nature: "KIND",
    people: "PEOPLE",
    records: "RECORDS",
    consequences: "CONSEQUENCES",
    measures: "MEASURES",
    to_follow: "to follow",
    updates: "UPDATES",
    ask: "ASK",
    me: "I",
    i_do: "change these passwords now, and tell you what I learn.",
    i_did: "have changed these passwords, and tell you what I learn.",
    you: "YOU",
    you_do: "please look for what should not be there: logins you do not know, new users, changed \
             settings, sent mail. Close accounts that you no longer use. If the same password is in \
             use anywhere else, change it there. That nothing is found is no all-clear.",
    clock: "If personal data is concerned, you tell your supervisory authority within 72 hours \
            (GDPR Art. 33(1)). The time runs from when you learn of this. Whether you have to, you \
            decide, not I.",
    clock_runs: "If personal data is concerned, you tell your supervisory authority within 72 hours \
                 of when I told you (GDPR Art. 33(1)): by {deadline}. Whether you have to, you \
                 decide, not I.",
};

const GERMAN: IncidentWords = IncidentWords {
    title: "MELDUNG EINES SICHERHEITSVORFALLS",
    opening: "{sender} an {client.}\n\
              Zugangsdaten, die Sie mir gegeben haben, können Fremden bekannt sein. Das weiß ich am \
              {day}; was fehlt, reiche ich nach. Der Vorfall hat die Nummer {number}.",
    what: "WAS",
    since: "BEKANNT SEIT",
    reached: "ZUGÄNGE",
    changed: "seither geändert",
    not_changed: "noch nicht geändert",
    same_secret: "; das Passwort ist das eines anderen Zugangs, der bekannt wurde",
    user: "Benutzer",
    known_to: "AUCH BEKANNT",
    nobody_else: "niemandem außer mir",
    nature: "ART",
    people: "BETROFFENE",
    records: "DATENSÄTZE",
    consequences: "FOLGEN",
    measures: "MASSNAHMEN",
    to_follow: "folgt",
    updates: "NACHTRÄGE",
    ask: "FRAGEN AN",
    me: "ICH",
    i_do: "ändere diese Passwörter jetzt und melde mich, sobald ich mehr weiß.",
    i_did: "habe diese Passwörter geändert und melde mich, sobald ich mehr weiß.",
    you: "SIE",
    you_do: "sehen bitte nach, ob etwas nicht stimmt: unbekannte Anmeldungen, neue Benutzer, \
             geänderte Einstellungen, versandte Mails. Schließen Sie Konten, die Sie nicht mehr \
             brauchen. Wo Sie dasselbe Passwort sonst verwenden, ändern Sie es bitte auch dort. Dass \
             nichts zu finden ist, heißt nicht, dass nichts war.",
    clock: "Sind personenbezogene Daten betroffen, melden Sie das binnen 72 Stunden Ihrer \
            Aufsichtsbehörde (Art. 33 Abs. 1 DSGVO). Die Frist läuft, sobald Sie davon erfahren. Ob \
            Sie melden müssen, entscheiden Sie, nicht ich.",
    clock_runs: "Sind personenbezogene Daten betroffen, melden Sie das binnen 72 Stunden, nachdem \
                 ich es Ihnen gesagt habe, Ihrer Aufsichtsbehörde (Art. 33 Abs. 1 DSGVO): bis \
                 {deadline}. Ob Sie melden müssen, entscheiden Sie, nicht ich.",
};
