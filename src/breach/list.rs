//! A copy of the list: one sorted file, or a folder of ranges.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::hash::{DIGITS, PREFIX_DIGITS, PwnedHash, parse, without_mark};
use super::lookup::Lookup;
use super::sorted_file::SortedFile;
use crate::error::{Error, Result};
use crate::model::text::limits::PWNED_RANGE_BYTES;

/// A copy of the list.
#[derive(Debug)]
pub struct PwnedList(Copies);

#[derive(Debug)]
enum Copies {
    Sorted(SortedFile),
    Ranges(PathBuf),
}

impl PwnedList {
    /// Opens a copy.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] for a path where there is nothing that is one.
    pub fn open(path: &Path) -> Result<Self> {
        let refused = |why: &str| {
            Error::usage(format!("{} {why}", path.display()))
                .hint("what it can be, and how to get it: vault breach check --help")
        };
        let facts = path
            .metadata()
            .map_err(|why| refused(&format!("cannot be opened: {why}")))?;
        if facts.is_dir() {
            return Ok(Self(Copies::Ranges(path.to_owned())));
        }
        // A pipe would wait, and cannot be halved.
        if !facts.is_file() {
            return Err(refused("is no file and no folder"));
        }
        let file = File::open(path).map_err(|why| refused(&format!("cannot be opened: {why}")))?;
        let sorted = SortedFile::new(file, facts.len()).map_err(|why| refused(&why))?;
        Ok(Self(Copies::Sorted(sorted)))
    }

    /// Looks a hash up.
    pub fn look_up(&mut self, hash: &PwnedHash) -> Lookup {
        match &mut self.0 {
            Copies::Sorted(file) => file.look_up(hash),
            Copies::Ranges(folder) => in_range(folder, hash).unwrap_or_else(Lookup::NotChecked),
        }
    }
}

fn in_range(folder: &Path, hash: &PwnedHash) -> Result<Lookup, String> {
    let prefix = hash.prefix();
    let lower = prefix.to_lowercase();
    let names = [prefix, &lower].map(|name| [format!("{name}.txt"), name.to_owned()]);
    let mut places = names.iter().flatten().map(|name| folder.join(name));
    let place = places.find(|place| place.is_file());
    let Some(place) = place else {
        return Err(format!("range {prefix} is missing"));
    };
    let wrong = |what: &str| format!("range {prefix} {what}");
    let mut text = Vec::new();
    File::open(&place)
        .and_then(|file| file.take(PWNED_RANGE_BYTES + 1).read_to_end(&mut text))
        .map_err(|why| wrong(&format!("cannot be read: {why}")))?;
    if text.len() as u64 > PWNED_RANGE_BYTES {
        return Err(wrong("is longer than a range"));
    }
    let lines = without_mark(&text).split(|byte| *byte == b'\n');
    let mut any = false;
    let mut outcome = Lookup::NotFound;
    for line in lines.filter(|line| !line.trim_ascii().is_empty()) {
        any = true;
        let listed = parse(line, DIGITS - PREFIX_DIGITS);
        let listed = listed.ok_or_else(|| wrong("has a line that is no hash"))?;
        if listed.digits.eq_ignore_ascii_case(hash.suffix()) {
            outcome = Lookup::of(listed.count);
        }
    }
    if any {
        Ok(outcome)
    } else {
        Err(wrong("is empty"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Lookup, PwnedHash, PwnedList};
    use crate::error::Kind;
    use crate::model::text::secret::Secret;

    const PASSWORD: &str = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";

    fn looked_up(name: &str, text: &str) -> Lookup {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        let mut list = PwnedList::open(folder.path()).unwrap();
        list.look_up(&PwnedHash::of(&Secret::new("password".into())))
    }

    #[test]
    fn a_range_is_read_however_it_was_saved() {
        let other = "0".repeat(35);
        for name in ["5BAA6.txt", "5baa6.txt", "5BAA6", "5baa6"] {
            for end in ["\n", "\r\n"] {
                let text = format!("\u{feff}{other}:3{end}{PASSWORD}:12{end}");
                assert_eq!(looked_up(name, &text), Lookup::Found(12), "{name}");
                assert_eq!(looked_up(name, &text.to_lowercase()), Lookup::Found(12));
            }
        }
        assert_eq!(looked_up("5BAA6", &format!("{other}:3")), Lookup::NotFound);
        assert_eq!(
            looked_up("5BAA6", &format!("{PASSWORD}:0")),
            Lookup::NotFound,
            "padding"
        );
    }

    #[test]
    fn what_is_missing_or_damaged_is_not_checked() {
        let cut = &PASSWORD[1..];
        let wrong = [
            "",
            "\n",
            "<html>busy</html>",
            &format!("{PASSWORD}:3\n{cut}:1"),
            "x",
        ];
        for text in wrong {
            let told = looked_up("5BAA6.txt", text);
            assert!(matches!(told, Lookup::NotChecked(_)), "{text:?}: {told:?}");
        }
        let missing = looked_up("00000.txt", &format!("{PASSWORD}:3"));
        assert_eq!(missing, Lookup::NotChecked("range 5BAA6 is missing".into()));
        let long = format!("{PASSWORD}:3\n").repeat(200_000);
        assert!(matches!(looked_up("5BAA6", &long), Lookup::NotChecked(_)));
    }

    #[test]
    fn what_is_not_there_is_a_slip_of_the_user() {
        let nowhere = PwnedList::open("/nowhere/at/all".as_ref()).unwrap_err();
        assert_eq!(nowhere.kind(), Kind::Usage);
    }
}
