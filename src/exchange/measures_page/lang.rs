//! The words of the page of measures, in each language of papers. `{name}` is filled in.

use crate::model::findings::measures::MeasureKind;
use crate::model::text::lang::Lang;

/// What stands on the page beside what is measured.
pub(super) struct MeasureWords {
    pub(super) title: &'static str,
    pub(super) law: &'static str,
    pub(super) opening: &'static str,
    pub(super) nobody: &'static str,
    pub(super) unmeasured: &'static str,
    pub(super) cost: &'static str,
    /// The parts of the page: a label, what is so by the way the program works, and what is
    /// measured.
    pub(super) parts: [MeasuredPart; 6],
}

/// A part of the page.
pub(super) struct MeasuredPart {
    pub(super) label: &'static str,
    pub(super) always: &'static [&'static str],
    pub(super) measured: &'static [MeasureKind],
}

/// What is said of a measure.
pub(super) struct MeasureTexts {
    /// What it is, where it could not be measured.
    pub(super) what: &'static str,
    /// It is in place.
    pub(super) on: &'static str,
    /// It is not.
    pub(super) off: &'static str,
    /// It is for so many of so many; with none there is nothing to say.
    pub(super) of: &'static str,
}

/// What is said of a measure that is in place or not.
const fn said(what: &'static str, on: &'static str, off: &'static str) -> MeasureTexts {
    MeasureTexts {
        what,
        on,
        off,
        of: "",
    }
}

/// What is said of a measure that is in place for some.
const fn counted(what: &'static str, of: &'static str) -> MeasureTexts {
    MeasureTexts {
        what,
        on: "",
        off: "",
        of,
    }
}

impl MeasureWords {
    /// The words of a language.
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &ENGLISH,
            Lang::De => &GERMAN,
        }
    }
}

/// What is said of a measure in a language.
pub(super) fn texts(lang: Lang, kind: MeasureKind) -> MeasureTexts {
    match lang {
        Lang::En => english(kind),
        Lang::De => german(kind),
    }
}

const ENCRYPTION: &[MeasureKind] = &[
    MeasureKind::Kdf,
    MeasureKind::Disk,
    MeasureKind::Swap,
    MeasureKind::Hibernation,
];
const DEVICE: &[MeasureKind] = &[
    MeasureKind::Permissions,
    MeasureKind::LockedMemory,
    MeasureKind::CoreDumps,
    MeasureKind::Exports,
];
const ACCESS: &[MeasureKind] = &[
    MeasureKind::WrittenPermission,
    MeasureKind::Agreements,
    MeasureKind::SecondFactor,
];
const LOSS: &[MeasureKind] = &[MeasureKind::CopyElsewhere, MeasureKind::Recovery];

const ENGLISH: MeasureWords = MeasureWords {
    title: "TECHNICAL AND ORGANISATIONAL MEASURES",
    law: "GDPR Art. 32",
    opening: "{who} keeps access data of clients with the program vault, version {version}. What \
              stands here holds on {at} for the device in use: a line with a dash is so by the way \
              the program works, a line with + was measured and is in place, one with ! was \
              measured and is not, one with ? could not be measured. Of other devices, and of what \
              clients run themselves, it says nothing.",
    nobody: "Whoever has signed this",
    unmeasured: "Not measured: {what}.",
    cost: "{memory} MiB of memory, {passes} passes",
    parts: [
        MeasuredPart {
            label: "ENCRYPTION",
            always: &[
                "All access data are in one encrypted file (age, ChaCha20-Poly1305), names of \
                 clients and systems included. It is signed as a whole, and a file that was changed \
                 is refused.",
            ],
            measured: ENCRYPTION,
        },
        MeasuredPart {
            label: "DEVICE",
            always: &[],
            measured: DEVICE,
        },
        MeasuredPart {
            label: "PASSING ON",
            always: &[
                "The program passes access data on to others only where a permission of the client \
                 is on record for them: for whom, what, what for and until when. Without one it \
                 refuses, and the refusal is logged.",
                "What is passed on is encrypted to a key of the recipient or under a passphrase of \
                 its own, holds only what was permitted, and has an end.",
            ],
            measured: ACCESS,
        },
        MeasuredPart {
            label: "TRACES",
            always: &[
                "What is shown, passed on, refused and changed is logged with its time and device, \
                 in a chain in which a change made later shows.",
            ],
            measured: &[],
        },
        MeasuredPart {
            label: "LOSS",
            always: &[
                "The file is written whole or not at all, and earlier states are kept beside it.",
            ],
            measured: LOSS,
        },
        MeasuredPart {
            label: "REVIEW",
            always: &[
                "After an incident the program finds from the file which access data of which \
                 client it concerns, and who else was given them.",
            ],
            measured: &[MeasureKind::Review],
        },
    ],
};

fn english(kind: MeasureKind) -> MeasureTexts {
    match kind {
        MeasureKind::Kdf => said(
            "what a guess at the password costs",
            "The password goes through Argon2id: {cost} for each guess.",
            "The password goes through Argon2id at less than is usual today: {cost} for each guess.",
        ),
        MeasureKind::Disk => said(
            "whether the disk is encrypted",
            "The disk that the file is on is encrypted, or it is in memory alone.",
            "Nothing shows that the disk is encrypted; the file itself is.",
        ),
        MeasureKind::Swap => said(
            "whether swapped memory is encrypted",
            "Memory is swapped to nowhere in the clear.",
            "Memory may be swapped to a disk in the clear.",
        ),
        MeasureKind::Hibernation => said(
            "whether hibernation is encrypted",
            "Hibernation writes no memory to a disk in the clear.",
            "When the device hibernates, memory is written to a disk in the clear.",
        ),
        MeasureKind::Permissions => said(
            "who can read the files",
            "No other user of the device can read or write the files.",
            "Other users of the device may read or write some of the files.",
        ),
        MeasureKind::LockedMemory => said(
            "whether keys are kept out of swap",
            "The key in use is kept out of swapped memory.",
            "The key in use may be swapped out.",
        ),
        MeasureKind::CoreDumps => said(
            "whether the program leaves its memory behind",
            "The program leaves no image of its memory behind when it fails.",
            "The program may leave an image of its memory behind when it fails.",
        ),
        MeasureKind::Exports => said(
            "whether exported passwords lie about",
            "In the usual folders lies no file that is called as exported passwords are.",
            "In the usual folders lies a file that is called as exported passwords are.",
        ),
        MeasureKind::WrittenPermission => counted(
            "how permissions are recorded",
            "Permissions in force that are on record in writing or signed: {some} of {all}.",
        ),
        MeasureKind::Agreements => counted(
            "agreements with recipients",
            "Agreements on record with people who are permitted something: {some} of {all}.",
        ),
        MeasureKind::SecondFactor => counted(
            "second factors",
            "Secrets with a second factor on record: {some} of {all}.",
        ),
        MeasureKind::CopyElsewhere => said(
            "copies on another disk",
            "A copy that was checked is on another disk, the last of {day}.",
            "No copy was found on another disk.",
        ),
        MeasureKind::Recovery => said(
            "ways in when the password is lost",
            "There is another way in if the password is lost.",
            "There is no other way in that is sure if the password is lost.",
        ),
        MeasureKind::Review => said(
            "reviews of access",
            "Whether access is still needed was answered last on {day}.",
            "No review of who has access is on record.",
        ),
    }
}

const GERMAN: MeasureWords = MeasureWords {
    title: "TECHNISCHE UND ORGANISATORISCHE MASSNAHMEN",
    law: "Art. 32 DSGVO",
    opening: "{who} verwahrt Zugangsdaten von Kunden mit dem Programm vault, Version {version}. Was \
              hier steht, gilt am {at} für das benutzte Gerät: Eine Zeile mit Strich gilt, weil das \
              Programm so arbeitet; eine mit + wurde gemessen und trifft zu; eine mit ! wurde \
              gemessen und trifft nicht zu; eine mit ? ließ sich nicht messen. Über andere Geräte \
              und über das, was Kunden selbst betreiben, sagt das Blatt nichts.",
    nobody: "Wer dies unterzeichnet hat,",
    unmeasured: "Nicht gemessen: {what}.",
    cost: "{memory} MiB Speicher, {passes} Durchläufe",
    parts: [
        MeasuredPart {
            label: "KRYPTOGRAFIE",
            always: &[
                "Alle Zugangsdaten stehen in einer verschlüsselten Datei (age, ChaCha20-Poly1305), \
                 auch die Namen von Kunden und Systemen. Sie ist als Ganzes signiert; eine \
                 veränderte Datei wird abgewiesen.",
            ],
            measured: ENCRYPTION,
        },
        MeasuredPart {
            label: "GERÄT",
            always: &[],
            measured: DEVICE,
        },
        MeasuredPart {
            label: "WEITERGABE",
            always: &[
                "Das Programm gibt Zugangsdaten nur weiter, wenn dafür eine Erlaubnis des Kunden \
                 erfasst ist: für wen, was, wofür und bis wann. Ohne sie weist es die Weitergabe ab \
                 und protokolliert das.",
                "Was weitergegeben wird, ist für einen Schlüssel des Empfängers oder mit einem \
                 eigenen Kennwort verschlüsselt, enthält nur das Erlaubte und hat ein Ende.",
            ],
            measured: ACCESS,
        },
        MeasuredPart {
            label: "PROTOKOLL",
            always: &[
                "Was gezeigt, weitergegeben, abgewiesen und geändert wird, wird mit Zeit und Gerät \
                 protokolliert, in einer Kette, in der eine spätere Änderung auffällt.",
            ],
            measured: &[],
        },
        MeasuredPart {
            label: "VERLUST",
            always: &[
                "Die Datei wird ganz geschrieben oder gar nicht; frühere Stände liegen daneben.",
            ],
            measured: LOSS,
        },
        MeasuredPart {
            label: "PRÜFUNG",
            always: &[
                "Nach einem Vorfall findet das Programm aus der Datei, welche Zugangsdaten welches \
                 Kunden betroffen sind und wem sie sonst gegeben wurden.",
            ],
            measured: &[MeasureKind::Review],
        },
    ],
};

fn german(kind: MeasureKind) -> MeasureTexts {
    match kind {
        MeasureKind::Kdf => said(
            "was ein Rateversuch am Passwort kostet",
            "Das Passwort geht durch Argon2id: {cost} je Rateversuch.",
            "Das Passwort geht durch Argon2id, mit weniger als heute üblich: {cost} je Rateversuch.",
        ),
        MeasureKind::Disk => said(
            "ob der Datenträger verschlüsselt ist",
            "Der Datenträger mit der Datei ist verschlüsselt, oder sie liegt nur im Speicher.",
            "Nichts zeigt, dass der Datenträger verschlüsselt ist; die Datei selbst ist es.",
        ),
        MeasureKind::Swap => said(
            "ob ausgelagerter Speicher verschlüsselt ist",
            "Speicher wird nirgends im Klartext ausgelagert.",
            "Speicher kann im Klartext auf einen Datenträger ausgelagert werden.",
        ),
        MeasureKind::Hibernation => said(
            "ob der Ruhezustand verschlüsselt ist",
            "Der Ruhezustand schreibt keinen Speicher im Klartext auf einen Datenträger.",
            "Im Ruhezustand wird Speicher im Klartext auf einen Datenträger geschrieben.",
        ),
        MeasureKind::Permissions => said(
            "wer die Dateien lesen kann",
            "Kein anderer Benutzer des Geräts kann die Dateien lesen oder schreiben.",
            "Andere Benutzer des Geräts können manche der Dateien lesen oder schreiben.",
        ),
        MeasureKind::LockedMemory => said(
            "ob Schlüssel nicht ausgelagert werden",
            "Der benutzte Schlüssel wird nicht ausgelagert.",
            "Der benutzte Schlüssel kann ausgelagert werden.",
        ),
        MeasureKind::CoreDumps => said(
            "ob das Programm seinen Speicher hinterlässt",
            "Das Programm hinterlässt kein Abbild seines Speichers, wenn es abstürzt.",
            "Das Programm kann ein Abbild seines Speichers hinterlassen, wenn es abstürzt.",
        ),
        MeasureKind::Exports => said(
            "ob exportierte Passwörter herumliegen",
            "In den üblichen Ordnern liegt keine Datei, die wie exportierte Passwörter heißt.",
            "In den üblichen Ordnern liegt eine Datei, die wie exportierte Passwörter heißt.",
        ),
        MeasureKind::WrittenPermission => counted(
            "wie Erlaubnisse erfasst sind",
            "Geltende Erlaubnisse, die schriftlich oder signiert erfasst sind: {some} von {all}.",
        ),
        MeasureKind::Agreements => counted(
            "Verträge mit Empfängern",
            "Verträge mit Personen, denen etwas erlaubt ist: {some} von {all}.",
        ),
        MeasureKind::SecondFactor => counted(
            "zweite Faktoren",
            "Zugänge, zu denen ein zweiter Faktor erfasst ist: {some} von {all}.",
        ),
        MeasureKind::CopyElsewhere => said(
            "Kopien auf einem anderen Datenträger",
            "Eine geprüfte Kopie liegt auf einem anderen Datenträger, die letzte vom {day}.",
            "Auf einem anderen Datenträger wurde keine Kopie gefunden.",
        ),
        MeasureKind::Recovery => said(
            "Wege, wenn das Passwort verloren ist",
            "Geht das Passwort verloren, gibt es einen anderen Weg hinein.",
            "Geht das Passwort verloren, gibt es keinen sicheren anderen Weg hinein.",
        ),
        MeasureKind::Review => said(
            "Prüfungen des Zugangs",
            "Ob ein Zugang noch gebraucht wird, wurde zuletzt am {day} beantwortet.",
            "Es ist keine Prüfung erfasst, wer Zugang hat.",
        ),
    }
}
