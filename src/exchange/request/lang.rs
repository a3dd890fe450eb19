//! The words of a request, in each language that clients are asked in. `{name}` is filled in.

use crate::model::text::lang::Lang;

/// What stands in a request.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) opening: &'static str,
    pub(super) replaces: &'static str,
    pub(super) until_then: &'static str,
    pub(super) who: &'static str,
    pub(super) works_for_me: WorksForMe,
    pub(super) what: &'static str,
    pub(super) user: &'static str,
    pub(super) pattern: PatternWords,
    /// Of an entry that was taken out of the permission that is replaced, and for some of several.
    pub(super) without: &'static str,
    pub(super) without_for: &'static str,
    pub(super) purpose: &'static str,
    pub(super) nothing_else: &'static str,
    pub(super) until: &'static str,
    pub(super) then: &'static str,
    pub(super) deletes: Number,
    pub(super) then_changes: ChangeWords,
    pub(super) duties: &'static str,
    pub(super) rules: &'static str,
    pub(super) not_included: &'static str,
    pub(super) else_: &'static str,
    pub(super) left_out: LeftOutWords,
    pub(super) answer: &'static str,
    pub(super) how_to_answer: &'static str,
    pub(super) mind: &'static str,
    pub(super) how_to_withdraw: &'static str,
    pub(super) ways: [&'static str; 2],
    pub(super) stays_known: Number,
    pub(super) so_it_changes: ChangeWords,
    pub(super) copy: &'static str,
    pub(super) what_comes_back: &'static str,
    pub(super) sign: &'static str,
    pub(super) after_signing: &'static str,
    pub(super) in_law: &'static str,
    pub(super) under_agreement: [&'static str; 2],
}

/// Words for one person, and for several.
pub(super) struct Number {
    pub(super) one: &'static str,
    pub(super) several: &'static str,
}

/// Words for what happens to what was shared: one password, several, other secrets, no secret.
pub(super) struct ChangeWords {
    pub(super) password: &'static str,
    pub(super) passwords: &'static str,
    pub(super) other: &'static str,
    pub(super) nothing: &'static str,
}

/// How somebody is bound: by an agreement of a day, one that is on file, none.
pub(super) struct WorksForMe {
    pub(super) agreed: &'static str,
    pub(super) filed: &'static str,
    pub(super) unbound: &'static str,
}

/// How a pattern is explained: one of any name, or of some.
pub(super) struct PatternWords {
    pub(super) any: CoveredWords,
    pub(super) named: CoveredWords,
    pub(super) star: &'static str,
    pub(super) stars: &'static str,
}

/// What a pattern covers, today and later.
pub(super) struct CoveredWords {
    pub(super) today: &'static str,
    pub(super) nothing_today: &'static str,
    pub(super) later: &'static str,
}

/// What is not included, unless it is named.
pub(super) struct LeftOutWords {
    pub(super) codes: &'static str,
    pub(super) notes: &'static str,
    pub(super) files: &'static str,
    pub(super) other_files: &'static str,
    pub(super) older: &'static str,
}

impl Words {
    /// The words of a language.
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &ENGLISH,
            Lang::De => &GERMAN,
        }
    }
}

const ENGLISH: Words = Words {
    title: "PERMISSION TO PASS ON ACCESS DATA          number {number}",
    opening: "{sender} asks\n{client.} Please answer by {day}.\nNo answer means no.",
    replaces: "This replaces number {number} of {day}.",
    until_then: "If you say no, that one stays as it is until {day}.",
    who: "WHO GETS IT",
    works_for_me: WorksForMe {
        agreed: "Works for me and is bound by an agreement of {day}.",
        filed: "Works for me and is bound by an agreement, on file since {day}.",
        unbound: "Works for me; there is no written agreement yet.",
    },
    what: "WHAT",
    user: "user",
    pattern: PatternWords {
        any: CoveredWords {
            today: "all of today's access:",
            nothing_today: "all access: none today",
            later: "For each: {parts}. What is added later is included ({pattern}; {stars}).",
        },
        named: CoveredWords {
            today: "all access named {pattern}, which today is:",
            nothing_today: "all access named {pattern}: none today",
            later: "For each: {parts}. What is added under such a name later is included; {stars}.",
        },
        star: "*\u{a0}stands for any name",
        stars: "*\u{a0}stands for any name, **\u{a0}for anything below",
    },
    without: "Not {name}, which you took out.",
    without_for: "Not {name} for {who}: you took that out.",
    purpose: "WHAT FOR",
    nothing_else: "Nothing else.",
    until: "UNTIL",
    then: "THEN",
    deletes: Number {
        one: "{who} deletes it and confirms that to me in writing.",
        several: "All of them delete it and confirm that to me in writing.",
    },
    then_changes: ChangeWords {
        password: "I will change the password, or tell you at once that you have to. I will tell \
                   you when both are done.",
        passwords: "I will change the passwords, or tell you at once that you have to. I will \
                    tell you when both are done.",
        other: "I will replace what is secret, or tell you at once that you have to. I will tell \
                you when both are done.",
        nothing: "I will tell you when that is done.",
    },
    duties: "DUTIES",
    rules: "Your rules: \"{rules}\".",
    not_included: "NOT INCLUDED",
    else_: "anything else",
    left_out: LeftOutWords {
        codes: "codes of your phone app",
        notes: "notes",
        files: "files",
        other_files: "other files",
        older: "older passwords",
    },
    answer: "YOUR ANSWER",
    how_to_answer: "Reply from your usual address, first line:\n  \
                    YES {number}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}or\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}NO {number}\nand your name.",
    mind: "CHANGE MIND",
    how_to_withdraw: "Any time, no reason needed, {ways}, to me. I will end it the same day.",
    ways: ["by mail", "by mail or phone"],
    stays_known: Number {
        one: "What has been seen cannot be unseen",
        several: "What has been seen cannot be unseen",
    },
    so_it_changes: ChangeWords {
        password: "; so the password changes.",
        passwords: "; so the passwords change.",
        other: "; so what is secret changes.",
        nothing: ".",
    },
    copy: "COPY",
    what_comes_back: "You get a confirmation to keep, and a list of who has what whenever you ask.",
    sign: "If you have an SSH key that I know of, you may instead sign this file as it is (KEY is \
           the path of your key):",
    after_signing: "and send me the new file that ends in .sig.",
    in_law: "In law: prior specific written authorisation to engage another processor, \
             Art.\u{a0}28(2), (4) GDPR,{agreement} where the access reaches personal data.",
    under_agreement: [" under our agreement,", " under our agreement of {day},"],
};

const GERMAN: Words = Words {
    title: "ERLAUBNIS, ZUGANGSDATEN WEITERZUGEBEN      Nummer {number}",
    opening: "{sender} bittet {client} um Antwort bis zum {day}.\nKeine Antwort heißt nein.",
    replaces: "Diese Erlaubnis tritt an die Stelle der Nummer {number} vom {day}.",
    until_then: "Sagen Sie Nein, gilt jene unverändert bis zum {day}.",
    who: "WER",
    works_for_me: WorksForMe {
        agreed: "Arbeitet für mich und ist durch einen Vertrag vom {day} gebunden.",
        filed: "Arbeitet für mich und ist durch einen Vertrag gebunden, der mir seit dem {day} \
                vorliegt.",
        unbound: "Arbeitet für mich; einen schriftlichen Vertrag gibt es noch nicht.",
    },
    what: "WAS",
    user: "Benutzer",
    pattern: PatternWords {
        any: CoveredWords {
            today: "alle Zugänge von heute:",
            nothing_today: "alle Zugänge: heute noch keine",
            later: "Jeweils: {parts}. Was später hinzukommt, gehört dazu ({pattern}; {stars}).",
        },
        named: CoveredWords {
            today: "alle Zugänge namens {pattern}, das sind heute:",
            nothing_today: "alle Zugänge namens {pattern}: heute noch keine",
            later: "Jeweils: {parts}. Was später unter einem solchen Namen hinzukommt, gehört \
                    dazu; {stars}.",
        },
        star: "*\u{a0}steht für einen beliebigen Namen",
        stars: "*\u{a0}steht für einen beliebigen Namen, **\u{a0}für alles darunter",
    },
    without: "Nicht {name}: Das haben Sie herausgenommen.",
    without_for: "Nicht {name} für {who}: Das haben Sie herausgenommen.",
    purpose: "WOFÜR",
    nothing_else: "Sonst nichts.",
    until: "BIS",
    then: "DANACH",
    deletes: Number {
        one: "{who} löscht alles und bestätigt mir das schriftlich.",
        several: "Alle Genannten löschen alles und bestätigen mir das schriftlich.",
    },
    then_changes: ChangeWords {
        password: "Ich ändere das Passwort oder sage Ihnen sofort, dass Sie es ändern müssen. Ich \
                   melde Ihnen, wenn beides erledigt ist.",
        passwords: "Ich ändere die Passwörter oder sage Ihnen sofort, dass Sie sie ändern müssen. \
                    Ich melde Ihnen, wenn beides erledigt ist.",
        other: "Ich ersetze, was geheim ist, oder sage Ihnen sofort, dass Sie es ersetzen müssen. \
                Ich melde Ihnen, wenn beides erledigt ist.",
        nothing: "Ich melde Ihnen, wenn das erledigt ist.",
    },
    duties: "PFLICHTEN",
    rules: "Ihre Regeln: \"{rules}\".",
    not_included: "NICHT DABEI",
    else_: "alles andere",
    left_out: LeftOutWords {
        codes: "Codes Ihrer Handy-App",
        notes: "Notizen",
        files: "Dateien",
        other_files: "andere Dateien",
        older: "frühere Passwörter",
    },
    answer: "IHRE ANTWORT",
    how_to_answer: "Antworten Sie von Ihrer üblichen Adresse. In die erste Zeile schreiben Sie\n  \
                    JA {number}\u{a0}\u{a0}\u{a0}oder\u{a0}\u{a0}\u{a0}NEIN {number}\nund darunter Ihren Namen.",
    mind: "WIDERRUF",
    how_to_withdraw: "Jederzeit und ohne Grund, {ways} an mich. Ich beende den Zugang noch am \
                      selben Tag.",
    ways: ["per E-Mail", "per E-Mail oder Telefon"],
    stays_known: Number {
        one: "Was {who} gesehen hat, bleibt bekannt",
        several: "Was die Genannten gesehen haben, bleibt bekannt",
    },
    so_it_changes: ChangeWords {
        password: "; darum wird das Passwort geändert.",
        passwords: "; darum werden die Passwörter geändert.",
        other: "; darum wird ersetzt, was geheim ist.",
        nothing: ".",
    },
    copy: "KOPIE",
    what_comes_back: "Sie bekommen eine Bestätigung zum Aufbewahren und auf Wunsch jederzeit eine \
                      Liste, wer was hat.",
    sign: "Wenn Sie einen SSH-Schlüssel haben, den ich kenne, können Sie stattdessen diese Datei \
           unverändert unterschreiben (KEY ist der Pfad Ihres Schlüssels):",
    after_signing: "und mir die neue Datei schicken, die auf .sig endet.",
    in_law: "Rechtlich: vorherige gesonderte schriftliche Genehmigung eines weiteren \
             Auftragsverarbeiters, Art.\u{a0}28 Abs.\u{a0}2 und 4 DSGVO,{agreement} soweit der \
             Zugang personenbezogene Daten betrifft.",
    under_agreement: [" nach unserem Vertrag,", " nach unserem Vertrag vom {day},"],
};
