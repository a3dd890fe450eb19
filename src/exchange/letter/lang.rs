//! The words of a letter, in each language of papers. `{name}` is filled in.

use crate::model::text::lang::Lang;

/// What stands in a letter.
pub(super) struct LetterWords {
    pub(super) title: &'static str,
    pub(super) opening: &'static str,
    pub(super) purpose: &'static str,
    pub(super) nothing_else: &'static str,
    pub(super) until: &'static str,
    pub(super) allowed_by: &'static str,
    pub(super) duties: &'static str,
    pub(super) rules: &'static str,
    pub(super) answer: &'static str,
    pub(super) how_to_answer: &'static str,
    pub(super) sender: &'static str,
    pub(super) hidden: &'static str,
    pub(super) only_below: &'static str,
    pub(super) for_programs: &'static str,
}

impl LetterWords {
    /// The words of a language.
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &ENGLISH,
            Lang::De => &GERMAN,
        }
    }
}

const ENGLISH: LetterWords = LetterWords {
    title: "ACCESS DATA, LENT TO YOU                   number {number}",
    opening: "{sender} lends {recipient} access data of {client.}",
    purpose: "WHAT FOR",
    nothing_else: "Nothing else.",
    until: "UNTIL",
    allowed_by: "ALLOWED BY",
    duties: "YOUR DUTIES",
    rules: "RULES",
    answer: "YOUR ANSWER",
    how_to_answer: "Write to {mail}. When you have it, with the first line\n  \
                    RECEIVED {number}\n\
                    and your name: with that you say that you keep to these duties. If you do not \
                    take it, delete it unused and write instead\n  \
                    NO {number}\n\
                    When you have deleted what you had, with the first line\n  \
                    DELETED {number}\n\
                    and your name.",
    sender: "the sender",
    hidden: " (hidden characters are spelt out)",
    only_below: "{file}: {size} bytes, only in the block below.",
    for_programs: "What follows is the same for programs; you need not read it. They take it in \
                   with: vault receive FILE",
};

const GERMAN: LetterWords = LetterWords {
    title: "ZUGANGSDATEN, AUF ZEIT ÜBERLASSEN          Nummer {number}",
    opening: "{sender} überlässt {recipient} auf Zeit Zugangsdaten von {client.}",
    purpose: "WOFÜR",
    nothing_else: "Sonst nichts.",
    until: "BIS",
    allowed_by: "ERLAUBT VON",
    duties: "PFLICHTEN",
    rules: "REGELN",
    answer: "IHRE ANTWORT",
    how_to_answer: "Schreiben Sie an {mail}. Wenn Sie alles haben, mit der ersten Zeile\n  \
                    EMPFANGEN {number}\n\
                    und Ihrem Namen: Damit sagen Sie zu, sich an diese Pflichten zu halten. Wenn \
                    Sie es nicht annehmen, löschen Sie es unbenutzt und schreiben stattdessen\n  \
                    NEIN {number}\n\
                    Wenn Sie später alles gelöscht haben, mit der ersten Zeile\n  \
                    GELÖSCHT {number}\n\
                    und Ihrem Namen.",
    sender: "den Absender",
    hidden: " (unsichtbare Zeichen sind ausgeschrieben)",
    only_below: "{file}: {size} Bytes, nur im Block unten.",
    for_programs: "Was folgt, ist dasselbe für Programme; Sie müssen es nicht lesen. Programme \
                   nehmen es an mit: vault receive DATEI",
};

/// What stands in the letter of a hand-over.
pub(super) struct HandOverWords {
    pub(super) title: &'static str,
    pub(super) opening: &'static str,
    pub(super) closing: &'static str,
    pub(super) how_to_answer: &'static str,
}

impl HandOverWords {
    /// The words of a language.
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &HandOverWords {
                title: "YOUR ACCESS DATA                           number {number}",
                opening: "{sender} hands over to {recipient}:",
                closing: "These are yours. Keep them in a safe place, and change each password: \
                          whoever gave them to you knows them until then.",
                how_to_answer: "Write to {mail}. When you have it, with the first line\n  \
                                RECEIVED {number}\n\
                                and your name.",
            },
            Lang::De => &HandOverWords {
                title: "IHRE ZUGANGSDATEN                          Nummer {number}",
                opening: "{sender} übergibt an {recipient}:",
                closing: "Das gehört Ihnen. Bewahren Sie es sicher auf und ändern Sie jedes \
                          Passwort: Bis dahin kennt es noch, wer es Ihnen übergeben hat.",
                how_to_answer: "Schreiben Sie an {mail}. Wenn Sie alles haben, mit der ersten \
                                Zeile\n  \
                                EMPFANGEN {number}\n\
                                und Ihrem Namen.",
            },
        }
    }
}
