//! The words of the certificate. `{name}` is filled in.

use super::{LeftKind, ranges};
use crate::exchange::paper::filled;
use crate::model::text::lang::Lang;

pub(super) struct CertificateWords {
    pub(super) title: &'static str,
    pub(super) title_final: &'static str,
    pub(super) number: &'static str,
    pub(super) opening: &'static str,
    /// Where it is not noted who sends it.
    pub(super) opening_unnamed: &'static str,
    pub(super) deleted: &'static str,
    pub(super) deleted_on: &'static str,
    pub(super) user: &'static str,
    pub(super) one_version: &'static str,
    pub(super) versions: &'static str,
    pub(super) one_file: &'static str,
    pub(super) files: &'static str,
    pub(super) in_trash: &'static str,
    /// What was deleted earlier, with a certificate of it and without one.
    pub(super) one_by_certificate: &'static str,
    pub(super) by_certificate: &'static str,
    pub(super) one_without: &'static str,
    pub(super) without: &'static str,
    pub(super) how: &'static str,
    pub(super) method: &'static str,
    pub(super) copies: &'static str,
    pub(super) one_copy_removed: &'static str,
    pub(super) copies_removed: &'static str,
    pub(super) none_left: &'static str,
    pub(super) none_left_final: &'static str,
    pub(super) still_there: &'static str,
    pub(super) may_hold: &'static str,
    pub(super) gone_by: &'static str,
    pub(super) said_gone: &'static str,
    kinds: Kinds,
    pub(super) unseen: &'static str,
    pub(super) unseen_told: &'static str,
    pub(super) one_device: &'static str,
    pub(super) devices: &'static str,
    pub(super) holders: &'static str,
    pub(super) nobody: &'static str,
    pub(super) holder: &'static str,
    pub(super) holder_live: &'static str,
    pub(super) signed: &'static str,
    pub(super) mailed: &'static str,
    pub(super) refused: &'static str,
    pub(super) unsent: &'static str,
    pub(super) login_removed: &'static str,
    pub(super) login_left: &'static str,
    pub(super) left_there: &'static str,
    pub(super) left_until: &'static str,
    pub(super) left_outside: &'static str,
    pub(super) not_told: &'static str,
    pub(super) not_confirmed: &'static str,
    /// Where nobody waits for their word.
    pub(super) waived: &'static str,
    pub(super) handed_back: &'static str,
    pub(super) seen: &'static str,
    /// What the client chose when the work was over, and how they said so.
    pub(super) chosen: &'static str,
    pub(super) chose_return: &'static str,
    pub(super) chose_none: &'static str,
    pub(super) as_said: &'static str,
    pub(super) change: &'static str,
    pub(super) change_told: &'static str,
    pub(super) kept: &'static str,
    pub(super) kept_told: &'static str,
    /// For how long: where no day is set, and where one is.
    pub(super) kept_open: &'static str,
    pub(super) kept_until: &'static str,
    pub(super) next: &'static str,
    pub(super) next_told: &'static str,
    pub(super) next_final: &'static str,
}

/// What copies are called, and how long they stay where there is no day.
struct Kinds {
    beside: &'static str,
    several_beside: &'static str,
    elsewhere: &'static str,
    last: &'static str,
    conflicted: &'static str,
    away: &'static str,
    clone: &'static str,
    remote: &'static str,
    commits: &'static str,
    unread: &'static str,
    newest: &'static str,
    by_hand: &'static str,
    unreached: &'static str,
    history: &'static str,
}

impl CertificateWords {
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &ENGLISH,
            Lang::De => &GERMAN,
        }
    }

    pub(super) fn kind(&self, what: LeftKind) -> &'static str {
        let kinds = &self.kinds;
        match what {
            LeftKind::Beside => kinds.beside,
            LeftKind::Elsewhere => kinds.elsewhere,
            LeftKind::Last => kinds.last,
            LeftKind::Conflicted => kinds.conflicted,
            LeftKind::Away => kinds.away,
            LeftKind::Clone => kinds.clone,
            LeftKind::Remote => kinds.remote,
            LeftKind::Commits(_) => kinds.commits,
            LeftKind::Unread => kinds.unread,
        }
    }

    /// The newest generations beside the vault, by their numbers.
    pub(super) fn newest(&self, numbers: &[u64]) -> String {
        let text = match numbers {
            [_] => self.kinds.beside,
            _ => self.kinds.several_beside,
        };
        filled(text, &[("number", &ranges(numbers))])
    }

    /// How long it stays, where no day is known.
    pub(super) fn until(&self, what: LeftKind) -> &'static str {
        let kinds = &self.kinds;
        match what {
            LeftKind::Beside => kinds.newest,
            LeftKind::Elsewhere | LeftKind::Last | LeftKind::Conflicted | LeftKind::Clone => {
                kinds.by_hand
            }
            LeftKind::Away | LeftKind::Unread => kinds.unreached,
            LeftKind::Remote | LeftKind::Commits(_) => kinds.history,
        }
    }
}

const ENGLISH: CertificateWords = CertificateWords {
    title: "CERTIFICATE OF DELETION",
    title_final: "SECOND CERTIFICATE OF DELETION",
    number: "number {number}",
    opening: "{sender} tells {client} what of their access data was deleted, and what was not. \
              Please keep this.",
    opening_unnamed: "This tells {client} what of their access data was deleted, and what was \
                      not. Please keep this.",
    deleted: "DELETED",
    deleted_on: "On {at}:",
    user: ", user \"{login}\"",
    one_version: "1 password",
    versions: "{count} passwords, those of before included",
    one_file: "1 file",
    files: "{count} files",
    in_trash: "was in the trash",
    one_by_certificate: "1 item on {at}, as certificate {number} says.",
    by_certificate: "{count} items on {at}, as certificate {number} says.",
    one_without: "1 item on {at}, without a certificate.",
    without: "{count} items on {at}, without a certificate.",
    how: "HOW",
    method: "The records were taken out of an encrypted file, and that was written anew without \
             them: a logical erasure of ciphertext. No disk was cleared, purged or destroyed, and \
             no key was destroyed, as NIST SP 800-88 means these words. In the new file only \
             numbers without a meaning are left of them.",
    copies: "COPIES",
    one_copy_removed: "1 older encrypted copy was removed with it.",
    copies_removed: "{count} older encrypted copies were removed with it.",
    none_left: "No other copy that the computer knows which this was written on still holds it.",
    none_left_final: "No copy that the computer knows which this was written on holds it any \
                      longer, as far as it can see.",
    still_there: "Encrypted copies that still hold it, for whoever has my password:",
    may_hold: " (may hold it: it was not looked into)",
    gone_by: "gone by {day}",
    said_gone: "- {what}: gone, as I say; that was not seen from here",
    kinds: Kinds {
        beside: "automatic backup number {number}",
        several_beside: "automatic backups number {number}",
        elsewhere: "backup number {number} on another disk or in another folder",
        last: "the working copy of this computer, number {number}",
        conflicted: "a copy of the file beside it, of another computer or made by hand",
        away: "backups in a place that was not connected, the last of them number {number}",
        clone: "the local part of my repository between several computers",
        remote: "my repository between several computers",
        commits: "{number} earlier states in a repository that I keep the file in",
        unread: "a place that could not be looked through",
        newest: "no date: the ten newest are kept",
        by_hand: "no date: it stays until I remove it",
        unreached: "no date: nothing could be done there",
        history: "no date: such a repository keeps each earlier state",
    },
    unseen: "NOT SEEN",
    unseen_told: "What cannot be seen from here: {devices}files that I exported, copies that were \
                  made without this program, what is left on disks of files that were removed, and \
                  paper.",
    one_device: "1 other computer of mine that has used the same file, ",
    devices: "{count} other computers of mine that have used the same file, ",
    holders: "WHO HAD IT",
    nobody: "I passed none of it on to anybody else, as far as my records say.",
    holder: "{who}: {entries}, from {since} to {ended} (number {number}): {word}",
    holder_live: "{who}: {entries}, since {since} (number {number}): {word}",
    signed: "confirmed on {day} with a signature that it is deleted.",
    mailed: "confirmed by mail, filed on {day}, that it is deleted.",
    refused: "did not take it.",
    unsent: "it was made ready, and not sent as far as my records say.",
    login_removed: "had a login of their own, which was removed on {day}.",
    login_left: "has a login of their own, and it is not on record that it was removed.",
    left_there: " They say that it may still be in {what}.",
    left_until: " They say that it may still be in {what}, until {day}.",
    left_outside: " Copies elsewhere, in their words: {what}.",
    not_told: "a place that is not told here",
    not_confirmed: "did NOT confirm that it is deleted.",
    waived: " I do not wait for that any more: {why}",
    handed_back: "You: {entries}, handed over to you on {day}.",
    seen: "What somebody has seen cannot be unseen: please change every password of which you \
           do not know that it was changed since.",
    chosen: "YOUR CHOICE",
    chose_return: "You wished to get it back, and that it is deleted here then.",
    chose_none: "You wished that it is deleted, and not to get it back.",
    as_said: " So you said: {how}",
    change: "PLEASE",
    change_told: "Change every password that is listed as deleted: I knew it, and until then it still \
                  works.",
    kept: "KEPT",
    kept_told: "Your permissions, what was passed on by them, receipts and letters, with the names \
                of their day and without any password: as proof of what was allowed and done. And \
                a log that knows what was deleted by numbers alone.",
    kept_open: " No day is set for the end of these; ask me when you wish one.",
    kept_until: " They stay until {day}.",
    next: "NEXT",
    next_told: "As soon as no copy that I know of holds it any longer, you can ask me for a second \
                certificate that says so.",
    next_final: "Nothing more is to come of this.",
};

const GERMAN: CertificateWords = CertificateWords {
    title: "BESCHEINIGUNG ÜBER DIE LÖSCHUNG",
    title_final: "ZWEITE BESCHEINIGUNG ÜBER DIE LÖSCHUNG",
    number: "Nummer {number}",
    opening: "{sender} teilt mit, welche Zugangsdaten gelöscht wurden und welche nicht. Für: \
              {client}. Bitte bewahren Sie das auf.",
    opening_unnamed: "Welche Zugangsdaten gelöscht wurden und welche nicht. Für: {client}. Bitte \
                      bewahren Sie das auf.",
    deleted: "GELÖSCHT",
    deleted_on: "Am {at}:",
    user: ", Benutzer \"{login}\"",
    one_version: "1 Passwort",
    versions: "{count} Passwörter, frühere eingeschlossen",
    one_file: "1 Datei",
    files: "{count} Dateien",
    in_trash: "lag im Papierkorb",
    one_by_certificate: "1 Eintrag am {at}, siehe Bescheinigung {number}.",
    by_certificate: "{count} Einträge am {at}, siehe Bescheinigung {number}.",
    one_without: "1 Eintrag am {at}, ohne Bescheinigung.",
    without: "{count} Einträge am {at}, ohne Bescheinigung.",
    how: "WIE",
    method: "Die Einträge wurden aus einer verschlüsselten Datei entfernt, und diese wurde ohne \
             sie neu geschrieben: eine logische Löschung von verschlüsselten Daten. Kein \
             Datenträger wurde bereinigt oder zerstört und kein Schlüssel vernichtet, wie NIST SP \
             800-88 diese Worte meint (clear, purge, destroy). In der neuen Datei sind davon nur \
             Nummern ohne Bedeutung übrig.",
    copies: "KOPIEN",
    one_copy_removed: "1 ältere verschlüsselte Kopie wurde mit entfernt.",
    copies_removed: "{count} ältere verschlüsselte Kopien wurden mit entfernt.",
    none_left: "Keine andere Kopie, die der Computer kennt, auf dem das geschrieben wurde, \
                enthält sie noch.",
    none_left_final: "Keine Kopie, die der Computer kennt, auf dem das geschrieben wurde, enthält \
                      sie noch, soweit er das sehen kann.",
    still_there: "Verschlüsselte Kopien, die sie noch enthalten, lesbar mit meinem Passwort:",
    may_hold: " (enthält sie vielleicht: nicht geprüft)",
    gone_by: "weg bis {day}",
    said_gone: "- {what}: weg, wie ich sage; von hier aus nicht zu sehen",
    kinds: Kinds {
        beside: "automatische Sicherung Nummer {number}",
        several_beside: "automatische Sicherungen Nummer {number}",
        elsewhere: "Sicherung Nummer {number} auf einem anderen Datenträger oder in einem anderen \
                    Ordner",
        last: "die Arbeitskopie dieses Computers, Nummer {number}",
        conflicted: "eine Kopie der Datei neben ihr, von einem anderen Computer oder von Hand",
        away: "Sicherungen an einem Ort, der nicht angeschlossen war, die letzte Nummer {number}",
        clone: "der hiesige Teil meiner Ablage zwischen mehreren Computern",
        remote: "meine Ablage zwischen mehreren Computern",
        commits: "{number} frühere Stände in einer Ablage, in der die Datei liegt",
        unread: "ein Ort, der nicht durchgesehen werden konnte",
        newest: "kein Tag: die zehn neuesten werden aufgehoben",
        by_hand: "kein Tag: bleibt, bis ich sie entferne",
        unreached: "kein Tag: dort konnte nichts getan werden",
        history: "kein Tag: eine solche Ablage behält jeden früheren Stand",
    },
    unseen: "UNGESEHEN",
    unseen_told: "Von hier aus nicht zu sehen: {devices}Dateien, die ich exportiert habe, Kopien, \
                  die ohne dieses Programm gemacht wurden, Reste entfernter Dateien auf \
                  Datenträgern, und Papier.",
    one_device: "1 weiterer Computer von mir, der dieselbe Datei benutzt hat, ",
    devices: "{count} weitere Computer von mir, die dieselbe Datei benutzt haben, ",
    holders: "WER ES HATTE",
    nobody: "Davon habe ich nach meinen Aufzeichnungen nichts an andere weitergegeben.",
    holder: "{who}: {entries}, vom {since} bis zum {ended} (Nummer {number}): {word}",
    holder_live: "{who}: {entries}, seit {since} (Nummer {number}): {word}",
    signed: "hat am {day} mit Unterschrift bestätigt, dass es gelöscht ist.",
    mailed: "hat per E-Mail, abgelegt am {day}, bestätigt, dass es gelöscht ist.",
    refused: "hat es nicht angenommen.",
    unsent: "war vorbereitet und ging nach meinen Aufzeichnungen nicht hinaus.",
    login_removed: "hatte einen eigenen Zugang; er wurde am {day} entfernt.",
    login_left: "hat einen eigenen Zugang; dass er entfernt wurde, ist nicht vermerkt.",
    left_there: " Nach eigener Angabe kann es noch hier liegen: {what}.",
    left_until: " Nach eigener Angabe kann es noch bis {day} hier liegen: {what}.",
    left_outside: " Kopien anderswo, nach eigener Angabe: {what}.",
    not_told: "ein Ort, der hier nicht genannt wird",
    not_confirmed: "hat NICHT bestätigt, dass es gelöscht ist.",
    waived: " Ich warte nicht mehr darauf: {why}",
    handed_back: "Sie selbst: {entries}, am {day} an Sie übergeben.",
    seen: "Was jemand gesehen hat, bleibt bekannt: Bitte ändern Sie jedes Passwort, von dem Sie \
           nicht wissen, dass es seitdem geändert wurde.",
    chosen: "IHRE WAHL",
    chose_return: "Sie wollten es zurückbekommen, und dass es danach hier gelöscht wird.",
    chose_none: "Sie wollten, dass es gelöscht wird, und es nicht zurückbekommen.",
    as_said: " So haben Sie es gesagt: {how}",
    change: "BITTE",
    change_told: "Ändern Sie jedes Passwort, das als gelöscht aufgeführt ist: Ich kannte es, und bis dahin \
                  gilt es weiter.",
    kept: "BLEIBT",
    kept_told: "Ihre Erlaubnisse, was danach weitergegeben wurde, Empfangsbestätigungen und \
                Briefe, mit den Namen ihres Tages und ohne Passwörter: als Nachweis, was erlaubt \
                war und was getan wurde. Und ein Protokoll, das Gelöschtes nur nach Nummern kennt.",
    kept_open: " Für deren Ende ist kein Tag festgelegt; fragen Sie mich, wenn Sie einen wünschen.",
    kept_until: " Sie bleiben bis {day}.",
    next: "DANACH",
    next_told: "Sobald keine Kopie, von der ich weiß, sie noch enthält, können Sie eine zweite \
                Bescheinigung von mir verlangen, die das sagt.",
    next_final: "Hierzu kommt nichts mehr nach.",
};
