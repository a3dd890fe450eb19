//! Which lines of a mail its sender wrote, and which are quoted: by a mark, or by standing below the
//! head of an older mail.

/// How the last lines of a request begin, which are for programs.
const MACHINE_LINE: &str = "vault-request ";
/// What stands above an older mail, between dashes.
const OLDER: [&str; 8] = [
    "original message",
    "original-nachricht",
    "originalnachricht",
    "ursprüngliche nachricht",
    "ursprüngliche mail",
    "forwarded message",
    "weitergeleitete nachricht",
    "weitergeleitete mail",
];
/// The first line of the head of an older mail, and a further one.
const HEADS: [(&str, [&str; 4]); 2] = [
    ("from:", ["sent:", "date:", "to:", "subject:"]),
    ("von:", ["gesendet:", "datum:", "an:", "betreff:"]),
];
/// How many lines below the first a further line of a head is looked for.
const HEAD_LINES: usize = 4;
/// Words of a line that says who wrote what follows.
const WROTE: [&str; 2] = ["wrote", "schrieb"];
/// Lines that such a line may be broken into.
const WROTE_LINES: usize = 3;

/// What mail programs put above a signature.
const SIGNATURE: &str = "-- ";
/// How something begins that is added below one.
const POSTSCRIPTS: [&str; 4] = ["ps", "p.s", "p. s", "nb"];

/// What a sender wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OwnText {
    /// The lines that are not quoted, without those that only say whom they quote, up to an older
    /// mail or a signature. Empty ones are left out.
    pub(super) lines: Vec<String>,
    /// Lines below two dashes, or below a line that says who wrote what follows, that nothing marks
    /// as quoted: they may be the sender's own. Below the mark of a signature, two dashes and a
    /// blank, only a postscript is: all else is what a program puts below every mail.
    pub(super) below: Vec<String>,
}

impl OwnText {
    /// All lines that may be the sender's own.
    pub(super) fn all(self) -> Vec<String> {
        self.lines.into_iter().chain(self.below).collect()
    }
}

/// The lines of a sender's own.
pub(super) fn own_lines(text: &str) -> OwnText {
    let lines: Vec<&str> = text.lines().collect();
    let signature = lines.iter().position(|line| *line == SIGNATURE);
    let lines: Vec<&str> = lines.into_iter().map(str::trim_end).collect();
    let mut own = OwnText::default();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at..).unwrap_or_default();
        if is_above_an_older_mail(rest) {
            break;
        }
        if *line == "--" {
            own.below = unmarked(rest.get(1..).unwrap_or_default());
            if signature == Some(at) {
                let postscript = own.below.iter().position(|line| is_postscript(line));
                own.below.drain(..postscript.unwrap_or(own.below.len()));
            }
            break;
        }
        let introduces = lines_of_introduction(rest);
        if introduces > 0 {
            let rest = rest.get(introduces..).unwrap_or_default();
            let below = rest.iter().find(|line| !line.is_empty());
            if !below.is_some_and(|line| is_quoted(line)) {
                own.below = unmarked(rest);
                break;
            }
            at += introduces;
            continue;
        }
        if !is_quoted(line) && !line.trim().is_empty() {
            own.lines.push(line.trim().to_owned());
        }
        at += 1;
    }
    own
}

/// The lines up to an older mail that nothing marks as quoted. The paper that was answered is known
/// by its last lines: it is no text of the sender's own.
fn unmarked(lines: &[&str]) -> Vec<String> {
    let end = (0..lines.len()).find(|at| is_above_an_older_mail(lines.get(*at..).unwrap_or(&[])));
    let lines = lines.get(..end.unwrap_or(lines.len())).unwrap_or_default();
    if lines.iter().any(|line| line.starts_with(MACHINE_LINE)) {
        return Vec::new();
    }
    let own = lines.iter().map(|line| line.trim());
    own.filter(|line| !line.is_empty() && !is_quoted(line))
        .map(ToOwned::to_owned)
        .collect()
}

fn is_postscript(line: &str) -> bool {
    let start = line.to_lowercase();
    let mut starts = POSTSCRIPTS.iter();
    starts.any(|it| {
        start
            .strip_prefix(it)
            .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    })
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

fn is_above_an_older_mail(lines: &[&str]) -> bool {
    let plain = |line: &str| {
        let line = line.trim().trim_matches('*');
        line.to_lowercase().replace('*', "")
    };
    let Some(first) = lines.first() else {
        return false;
    };
    let words = first.trim_matches(['-', '_', ' ']);
    if first.trim_start().starts_with("--") && OLDER.contains(&words.to_lowercase().as_str()) {
        return true;
    }
    let further = lines.iter().skip(1).take(HEAD_LINES);
    let first = plain(
        first
            .get(..first.floor_char_boundary(80))
            .unwrap_or_default(),
    );
    HEADS.iter().any(|(head, others)| {
        first.starts_with(head)
            && further.clone().any(|line| {
                let line = plain(line.get(..line.floor_char_boundary(80)).unwrap_or_default());
                others.iter().any(|other| line.starts_with(other))
            })
    })
}

/// How many lines say who wrote what follows, as in `On 5 May, Kim wrote:`; 0 if they do not.
fn lines_of_introduction(lines: &[&str]) -> usize {
    let begins = lines.first().is_some_and(|line| {
        let line = line.trim_start();
        line.starts_with("On ") || line.starts_with("Am ") || is_introduction_alone(line)
    });
    if !begins {
        return 0;
    }
    let mut wrote = false;
    let ends = lines.iter().take(WROTE_LINES).position(|line| {
        wrote |= WROTE.iter().any(|word| line.contains(word));
        wrote && line.ends_with(':')
    });
    ends.map_or(0, |at| at + 1)
}

/// As some programs write it: `Kim Example <kim@kim.example> schrieb am 5. Mai um 10:00:`.
fn is_introduction_alone(line: &str) -> bool {
    line.ends_with(':') && line.contains('@') && WROTE.iter().any(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::own_lines;

    #[test]
    fn an_answer_above_below_or_between_quotes_is_the_senders_own() {
        let top = "YES 2F95-B33D\n\nAnna\n\nOn 5 May 2026, Kim wrote:\n> YES 2F95-B33D or NO\n";
        assert_eq!(own_lines(top).lines, ["YES 2F95-B33D", "Anna"]);
        let bottom = "Am Di., 5. Mai 2026 um 10:00 Uhr schrieb Kim Example\n<kim@kim.example>:\n\n\
             > JA 2F95-B33D   oder   NEIN\n>\n\nJA 2F95-B33D\nAnna\n-- \nAnna Baker\nBaker Ltd";
        assert_eq!(own_lines(bottom).lines, ["JA 2F95-B33D", "Anna"]);
        let between = "> WHO GETS IT\nWho is that?\n> UNTIL\n";
        assert_eq!(own_lines(between).lines, ["Who is that?"]);
    }

    #[test]
    fn what_stands_below_the_head_of_an_older_mail_is_quoted() {
        let template = "YES 2F95-B33D       or       NO 2F95-B33D";
        for head in [
            "-----Original Message-----",
            "-----Ursprüngliche Nachricht-----",
            "---------- Forwarded message ---------",
            "________________________________\nFrom: Kim <kim@kim.example>\nSent: Tuesday",
            "*Von:* Kim Example\n*Gesendet:* Dienstag\n*An:* Anna",
            "On 5 May 2026 at 10:00, Kim <kim@kim.example> wrote:",
            "Kim Example <kim@kim.example> schrieb am 5. Mai um 10:00:",
        ] {
            let text = format!("Fine.\r\n\r\n{head}\r\n{template}\r\n");
            let own = own_lines(&text).lines;
            assert!(!own.join("\n").contains("2F95"), "{head}: {own:?}");
            assert_eq!(own[0], "Fine.");
        }
    }

    #[test]
    fn words_that_begin_like_a_head_are_no_head() {
        let text = "On Monday, please.\nFrom: tomorrow on\nYES 2F95-B33D";
        assert_eq!(own_lines(text).lines.len(), 3);
    }

    #[test]
    fn what_nothing_marks_as_quoted_is_not_lost() {
        for text in [
            "YES 2F95-B33D\n\nOn one condition, as I wrote:\nonly the db",
            "YES 2F95-B33D\nAnna\n--\nonly the db",
        ] {
            let own = own_lines(text);
            assert_eq!(own.lines[0], "YES 2F95-B33D");
            assert_eq!(own.below, ["only the db"], "{text}");
        }
        let signed = own_lines("YES 2F95-B33D\n-- \nAnna Baker, no. 12\nYES 2F95-B33D");
        assert_eq!((signed.lines.len(), signed.below.len()), (1, 0));
        let added = own_lines("YES 2F95-B33D\n-- \nPsi Ltd\nP.S.: only the db\nand soon");
        assert_eq!(added.below, ["P.S.: only the db", "and soon"]);
        let paper = "YES 2F95-B33D\nOn 5 May, Kim wrote:\nPERMISSION\nvault-request 1 2f95b33d\n";
        assert!(own_lines(paper).below.is_empty());
    }
}
