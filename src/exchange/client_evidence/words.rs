//! The words of such a folder, by language. `{name}` is filled in.

use crate::model::text::lang::Lang;

pub(super) struct EvidenceWords {
    pub(super) opening: &'static str,
    pub(super) nobody: &'static str,
    pub(super) unnamed: &'static str,
    pub(super) listed: &'static str,
    pub(super) permission: &'static str,
    pub(super) not_given: &'static str,
    pub(super) share: &'static str,
    pub(super) nothing: &'static str,
    pub(super) keys: &'static str,
    /// Who signs, by what they are called in the lists of keys.
    pub(super) signers: [(&'static str, &'static str); 3],
    pub(super) closing: &'static str,
    /// What the script says, by its marks.
    pub(super) script: [(&'static str, &'static str); 7],
}

impl EvidenceWords {
    /// The words of a language.
    pub(super) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &EN,
            Lang::De => &DE,
        }
    }
}

const EN: EvidenceWords = EvidenceWords {
    opening: "\
EVIDENCE FOR {client}

From {sender}.
As of {time}.

Here is what {client} has permitted, what was shared under it, and what
the recipients confirmed: each paper as it was signed or came. There is no
password in this folder.

TO CHECK IT
Open a terminal in this folder and type: sh check.sh
It says of each thing whether it holds, and changes nothing. It needs
ssh-keygen (OpenSSH 8.2 or later) and sha256sum or shasum. It looks at:
  - SHA256SUMS, the list of all files, which the sender signed with the key
      {key}
    Ask the sender on the phone whether that is the key: the script cannot
    know it.
  - every file, against that list
  - that no file was added or is missing
  - every signature of a paper, against the keys in allowed_signers
By hand, without the script:
  ssh-keygen -Y verify -f allowed_signers -I SHA256SUMS -n vault-evidence \\
    -s SHA256SUMS.sig < SHA256SUMS
  sha256sum -c SHA256SUMS

",
    nobody: "[name and address]",
    unnamed: "nobody named",
    listed: "WHAT IS HERE\n",
    permission: "{place}: permission for {to}, given by {by} on {day}",
    not_given: "{place}: asked for {to} on {day}, not given",
    share: "{place}: {what}, to {to} on {day}",
    nothing: "No permission and no share is on record.",
    keys: "  log.txt: what the sender's program noted about all this\n\n\
SIGNED PAPERS, AND THE KEYS THAT SIGNED THEM\n",
    signers: [
        ("client", "the client"),
        ("recipient", "the recipient"),
        ("sender", "the sender"),
    ],
    closing: "
In each folder of a permission or a share is a README.txt of its own. What
came by mail is not signed: its sender can compare it with the mail that
was sent. A signature shows that whoever has the key signed these very
words, and says nothing of copies elsewhere.
",
    script: [
        (
            "about",
            "Checks what is in this folder, and changes nothing. In a terminal: sh check.sh",
        ),
        ("holds", "holds:         "),
        ("fails", "DOES NOT HOLD: "),
        (
            "list",
            "the list of files is the one that the sender signed",
        ),
        ("files", "every file is as it was when the list was made"),
        ("none", "no file was added or is missing"),
        ("signature", "signed by the key in allowed_signers"),
    ],
};

const DE: EvidenceWords = EvidenceWords {
    opening: "\
NACHWEISE FÜR {client}

Von {sender}.
Stand: {time}.

Hier liegt, was {client} erlaubt hat, was daraufhin weitergegeben wurde und
was die Empfänger bestätigt haben: jedes Schriftstück so, wie es
unterschrieben wurde oder ankam. In diesem Ordner steht kein Passwort.

SO WIRD GEPRÜFT
In diesem Ordner ein Terminal öffnen und eingeben: sh check.sh
Das sagt zu jedem Punkt, ob er stimmt, und ändert nichts. Es braucht
ssh-keygen (OpenSSH ab 8.2) und sha256sum oder shasum. Geprüft werden:
  - SHA256SUMS, die Liste aller Dateien, unterschrieben vom Absender mit dem
    Schlüssel
      {key}
    Fragen Sie den Absender am Telefon, ob das sein Schlüssel ist: das kann
    das Programm nicht wissen.
  - jede Datei gegen diese Liste
  - dass keine Datei dazukam oder fehlt
  - jede Unterschrift eines Schriftstücks gegen die Schlüssel in
    allowed_signers
Von Hand, ohne das Programm:
  ssh-keygen -Y verify -f allowed_signers -I SHA256SUMS -n vault-evidence \\
    -s SHA256SUMS.sig < SHA256SUMS
  sha256sum -c SHA256SUMS

",
    nobody: "[Name und Anschrift]",
    unnamed: "niemand genannt",
    listed: "WAS HIER LIEGT\n",
    permission: "{place}: Erlaubnis für {to}, gegeben von {by} am {day}",
    not_given: "{place}: angefragt für {to} am {day}, nicht gegeben",
    share: "{place}: {what}, an {to} am {day}",
    nothing: "Keine Erlaubnis und keine Weitergabe ist in den Akten.",
    keys: "  log.txt: was das Programm des Absenders dazu notiert hat (englisch)\n\n\
UNTERSCHRIEBENE SCHRIFTSTÜCKE UND DIE SCHLÜSSEL DAZU\n",
    signers: [
        ("client", "der Kunde"),
        ("recipient", "der Empfänger"),
        ("sender", "der Absender"),
    ],
    closing: "
In jedem Ordner einer Erlaubnis oder einer Weitergabe liegt eine eigene
README.txt (englisch). Was per E-Mail kam, ist nicht unterschrieben: wer sie
geschickt hat, kann sie mit der gesendeten vergleichen. Eine Unterschrift
zeigt, dass genau diese Worte mit dem Schlüssel unterschrieben wurden, und
sagt nichts über Kopien anderswo.
",
    script: [
        (
            "about",
            "Prüft, was in diesem Ordner liegt, und ändert nichts. Im Terminal: sh check.sh",
        ),
        ("holds", "stimmt:       "),
        ("fails", "STIMMT NICHT: "),
        (
            "list",
            "die Liste der Dateien ist die, die der Absender unterschrieben hat",
        ),
        (
            "files",
            "jede Datei ist so, wie sie war, als die Liste gemacht wurde",
        ),
        ("none", "keine Datei kam dazu, keine fehlt"),
        (
            "signature",
            "unterschrieben mit dem Schlüssel in allowed_signers",
        ),
    ],
};
