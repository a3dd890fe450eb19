//! One text file with all hashes in order, tens of gigabytes long: a line each, looked up by
//! halving, with a few small reads.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::hash::{DIGITS, ListedHash, PwnedHash, parse, without_mark};
use super::lookup::Lookup;

/// What is read at a time, in bytes.
const WINDOW: u64 = 4096;
/// The longest line, in bytes: 40 digits, a colon, a count, a line end.
const LINE: u64 = 64;

/// What is said of a file in another order.
const UNSORTED: &str = "is not sorted by hash: get the list that is ordered by hash";

/// Such a file.
#[derive(Debug)]
pub(super) struct SortedFile {
    file: File,
    length: u64,
    first: [u8; DIGITS],
    last: [u8; DIGITS],
}

impl SortedFile {
    /// Takes a file that starts as such a list does.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn new(mut file: File, length: u64) -> Result<Self, String> {
        let start = read_at(&mut file, 0, 2 * LINE)?;
        let line = without_mark(&start).split(|byte| *byte == b'\n').next();
        let line = line.unwrap_or_default();
        if let Some(first) = parse(line, DIGITS) {
            let first = upper(first);
            // The last line may be cut.
            let end = read_at(&mut file, length.saturating_sub(4 * LINE), 4 * LINE)?;
            let mut lines = end.split(|byte| *byte == b'\n').rev();
            let last = lines.find_map(|line| parse(line, DIGITS));
            let last = last.map_or(first, upper);
            if last < first {
                return Err(UNSORTED.into());
            }
            return Ok(Self {
                file,
                length,
                first,
                last,
            });
        }
        Err(match parse(line, 32) {
            Some(_) => "holds NTLM hashes: get the list of SHA-1 hashes".to_owned(),
            None => "is no list of SHA-1 hashes, each with a colon and a count".to_owned(),
        })
    }

    /// Looks a hash up.
    pub(super) fn look_up(&mut self, hash: &PwnedHash) -> Lookup {
        // The list has something in every range: one that begins or ends elsewhere is not whole.
        let digits = hash.digits();
        let is_before = digits < self.first.as_slice() && !self.first.starts_with(b"00000");
        let is_behind = digits > self.last.as_slice() && !self.last.starts_with(b"FFFFF");
        if is_before || is_behind {
            return Lookup::NotChecked(
                "the list is not whole: it ends before such a hash, or begins after it".into(),
            );
        }
        self.halve(digits).unwrap_or_else(Lookup::NotChecked)
    }

    fn halve(&mut self, hash: &[u8]) -> Result<Lookup, String> {
        // The line of the hash, if it is there, starts in this part of the file.
        let (mut from, mut to) = (0, self.length);
        let (mut lowest, mut highest) = ([b'0'; DIGITS], [b'F'; DIGITS]);
        while to - from > WINDOW {
            let middle = from + (to - from) / 2;
            let text = read_at(&mut self.file, middle, 2 * LINE)?;
            let broken = || broken(middle);
            let end = text.iter().position(|byte| *byte == b'\n');
            let start = end.ok_or_else(broken)? + 1;
            let line = text
                .get(start..)
                .and_then(|it| it.split(|b| *b == b'\n').next());
            let listed = line
                .and_then(|line| parse(line, DIGITS))
                .ok_or_else(broken)?;
            let digits = upper(listed);
            if digits < lowest || highest < digits {
                return Err(UNSORTED.into());
            }
            match digits.as_slice().cmp(hash) {
                Ordering::Equal => return Ok(Lookup::of(listed.count)),
                Ordering::Less => (from, lowest) = (middle + start as u64, digits),
                Ordering::Greater => (to, highest) = (middle + start as u64, digits),
            }
        }
        // A line that starts before the end may go on behind it.
        let text = read_at(&mut self.file, from, to - from + LINE)?;
        let text = if from == 0 {
            without_mark(&text)
        } else {
            &text
        };
        let mut last = lowest;
        let mut at = 0;
        for line in text.split(|byte| *byte == b'\n') {
            if at >= to - from || line.trim_ascii().is_empty() {
                break;
            }
            at += line.len() as u64 + 1;
            let listed = parse(line, DIGITS).ok_or_else(|| broken(from))?;
            let digits = upper(listed);
            if digits < last {
                return Err(UNSORTED.into());
            }
            last = digits;
            if digits.as_slice() == hash {
                return Ok(Lookup::of(listed.count));
            }
        }
        Ok(Lookup::NotFound)
    }
}

fn broken(at: u64) -> String {
    format!("has something else than hashes near byte {at}")
}

fn upper(listed: ListedHash<'_>) -> [u8; DIGITS] {
    let mut digits = [0; DIGITS];
    digits.copy_from_slice(listed.digits);
    digits.make_ascii_uppercase();
    digits
}

fn read_at(file: &mut File, at: u64, length: u64) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(at))
        .and_then(|_| file.take(length).read_to_end(&mut text))
        .map_err(|why| format!("cannot be read: {why}"))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Seek, SeekFrom, Write};

    use super::{DIGITS, PwnedHash, SortedFile};
    use crate::breach::lookup::Lookup;
    use crate::model::text::secret::Secret;

    fn file_of(text: &[u8]) -> SortedFile {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        SortedFile::new(file, text.len() as u64).unwrap()
    }

    fn hash(text: &str) -> PwnedHash {
        PwnedHash::of(&Secret::new(text.into()))
    }

    /// The hashes of the numbers below `count`, in order, each seen as often as its number says.
    fn lines(count: u64) -> Vec<String> {
        let mut all: Vec<String> = (0..count)
            .map(|n| {
                let hash = hash(&n.to_string());
                format!("{}:{n}", std::str::from_utf8(hash.digits()).unwrap())
            })
            .chain([
                format!("{}:1", "0".repeat(40)),
                format!("{}:1", "F".repeat(40)),
            ])
            .collect();
        all.sort();
        all
    }

    #[test]
    fn what_lies_outside_a_list_that_is_cut_is_not_checked() {
        let whole = lines(500);
        for cut in [&whole[..200], &whole[300..]] {
            let text = cut.join("\r\n");
            for text in [text.as_str(), &text[..text.len() - 30]] {
                let mut list = file_of(text.as_bytes());
                for n in 1..500 {
                    let hash = hash(&n.to_string());
                    let digits = std::str::from_utf8(hash.digits()).unwrap();
                    let is_in = cut[..cut.len() - 1]
                        .iter()
                        .any(|line| line.starts_with(digits));
                    let told = list.look_up(&hash);
                    if is_in {
                        assert_eq!(told, Lookup::Found(n));
                    } else if !cut.last().unwrap().starts_with(digits) {
                        assert!(matches!(told, Lookup::NotChecked(_)), "{n}: {told:?}");
                    }
                }
            }
        }
    }

    /// The file has holes wherever nothing is to be read.
    #[test]
    fn a_hash_in_forty_gigabytes_takes_a_few_small_reads() {
        const LINES: u64 = 1_000_000_000;
        // Spread evenly, as hashes are.
        let line = |n: u64| {
            let start = u128::from(n) * ((1 << 40) - 1) / u128::from(LINES - 1);
            format!("{start:010X}{}:7\r\n", "8".repeat(30))
        };
        let width = line(0).len() as u64;
        for target in [3, LINES / 3, LINES - 9_000] {
            let mut file = tempfile::tempfile().unwrap();
            file.set_len(LINES * width).unwrap();
            let mut write = |from: u64, to: u64| {
                file.seek(SeekFrom::Start(from * width)).unwrap();
                let text: String = (from..to.min(LINES)).map(line).collect();
                file.write_all(text.as_bytes()).unwrap();
            };
            write(0, 10);
            write(LINES - 10, LINES);
            let (mut from, mut to, mut reads) = (0, LINES * width, 0);
            while to - from > super::WINDOW {
                let at = (from + (to - from) / 2) / width;
                write(at, at + 5);
                reads += 1;
                if at < target {
                    from = (at + 1) * width;
                } else {
                    to = (at + 1) * width;
                }
            }
            write(from / width, to / width + 3);
            assert!(reads < 30, "{reads}");
            let mut list = SortedFile::new(file, LINES * width).unwrap();
            let told = list.halve(&line(target).as_bytes()[..DIGITS]);
            assert_eq!(told, Ok(Lookup::Found(7)), "{target}");
        }
    }

    #[test]
    fn each_of_a_million_lines_is_found() {
        let count = 1_000_000;
        let line = |n: u64| {
            format!(
                "{:05X}{:035X}:{}\r\n",
                n * ((1 << 20) - 1) / (count - 1),
                n,
                n + 1
            )
        };
        let text: String = (0..count).map(line).collect();
        let mut list = file_of(text.as_bytes());
        for n in (0..count).step_by(997).chain([count - 1]) {
            let found = list.halve(&line(n).as_bytes()[..DIGITS]);
            assert_eq!(found, Ok(Lookup::Found(n + 1)));
            let other = line(n)[..DIGITS].replace('8', "9");
            let is_other = other.as_bytes() != &line(n).as_bytes()[..DIGITS];
            let told = list.halve(other.as_bytes());
            assert!(!is_other || told != Ok(Lookup::Found(n + 1)));
        }
    }

    #[test]
    fn every_hash_is_found_and_no_other() {
        for (count, end, mark) in [
            (1, "\n", ""),
            (3, "\r\n", "\u{feff}"),
            (500, "\n", ""),
            (500, "\r\n", "\u{feff}"),
        ] {
            let mut text = format!("{mark}{}", lines(count).join(end)).into_bytes();
            for with_end in [false, true] {
                if with_end {
                    text.extend(end.as_bytes());
                }
                let mut list = file_of(&text);
                for n in 0..count {
                    let expected = if n == 0 {
                        Lookup::NotFound
                    } else {
                        Lookup::Found(n)
                    };
                    assert_eq!(
                        list.look_up(&hash(&n.to_string())),
                        expected,
                        "{n} of {count}"
                    );
                }
                for n in count..count + 50 {
                    assert_eq!(list.look_up(&hash(&n.to_string())), Lookup::NotFound);
                }
            }
        }
    }

    #[test]
    fn lower_case_is_the_same_list() {
        let text = lines(200).join("\n").to_lowercase();
        let mut list = file_of(text.as_bytes());
        assert_eq!(list.look_up(&hash("77")), Lookup::Found(77));
    }

    #[test]
    fn another_order_or_a_hole_is_told_and_never_passes_for_absence() {
        let mut by_count = lines(500);
        by_count[1..501]
            .sort_by_key(|line| line.split(':').nth(1).unwrap().parse::<u64>().unwrap());
        let mut list = file_of(by_count.join("\n").as_bytes());
        let told = (0..500).map(|n| list.look_up(&hash(&n.to_string())));
        assert!(
            told.into_iter()
                .any(|it| matches!(it, Lookup::NotChecked(why) if why.contains("not sorted")))
        );
        let text = lines(500).join("\n");
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.seek(SeekFrom::Start(4096)).unwrap();
        file.write_all(&[0; 16_000]).unwrap();
        let length = text.len() as u64;
        let mut list = SortedFile::new(file, length).unwrap();
        let told = (0..500)
            .filter(|n| matches!(list.look_up(&hash(&n.to_string())), Lookup::NotChecked(_)));
        assert!(told.count() > 100);
    }

    #[test]
    fn what_is_no_such_list_is_named() {
        let refused = |text: &[u8]| {
            let mut file: File = tempfile::tempfile().unwrap();
            file.write_all(text).unwrap();
            SortedFile::new(file, text.len() as u64).unwrap_err()
        };
        assert!(refused(b"8846F7EAEE8FB117AD06BDD830B7586C:5\n").contains("NTLM"));
        for other in [
            "",
            "password\n",
            "<html>",
            "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8\n",
        ] {
            assert!(
                refused(other.as_bytes()).contains("no list of SHA-1"),
                "{other}"
            );
        }
    }
}
