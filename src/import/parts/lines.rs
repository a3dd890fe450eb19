//! Text whose lines have labels: what belongs together stays together.

use zeroize::Zeroizing;

/// The text, its lines ended by a line feed whatever ended them, without a byte order mark.
pub(crate) fn plain_lines(text: &str) -> Zeroizing<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => plain.push('\n'),
            _ => plain.push(c),
        }
    }
    plain
}

/// Each label with what stands behind and below it, up to the next one; what stands above the first
/// has none. `label` parts a line into its label and the rest. A block of PEM is never parted,
/// whatever its lines look like.
pub(crate) fn labelled<'a>(
    text: &'a str,
    label: impl Fn(&'a str) -> Option<(&'a str, &'a str)>,
) -> Vec<(Option<&'a str>, String)> {
    let mut found: Vec<(Option<&str>, String)> = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        let own = label(line).filter(|_| !in_block);
        in_block = stays_in_block(in_block, line);
        match (own, found.last_mut()) {
            (Some((label, value)), _) => found.push((Some(label), value.to_owned())),
            (None, Some((_, value))) => {
                value.push('\n');
                value.push_str(line);
            }
            (None, None) => found.push((None, line.to_owned())),
        }
    }
    found
}

/// Whether the next line is in a block of PEM, given whether this one is.
pub(crate) fn stays_in_block(in_block: bool, line: &str) -> bool {
    let (begin, end) = (line.rfind("-----BEGIN "), line.rfind("-----END "));
    match (begin, end) {
        (None, None) => in_block,
        (begin, end) => begin > end,
    }
}

#[cfg(test)]
mod tests {
    use super::{labelled, plain_lines};

    #[test]
    fn a_block_of_pem_is_never_parted() {
        let text =
            "x\nKey: -----BEGIN A-----\nProc-Type: 4\n\nb==\n-----END A-----\nHost: h\nand more";
        let parts = labelled(text, |line| line.split_once(": "));
        let block = "-----BEGIN A-----\nProc-Type: 4\n\nb==\n-----END A-----";
        let expected = [
            (None, "x".to_owned()),
            (Some("Key"), block.to_owned()),
            (Some("Host"), "h\nand more".to_owned()),
        ];
        assert_eq!(parts, expected);
    }
    #[test]
    fn lines_may_end_in_any_way() {
        let plain = plain_lines("\u{feff}a\r\nb\rc\n\r\n\rd\r");
        assert_eq!(plain.as_str(), "a\nb\nc\n\n\nd\n");
    }
}
