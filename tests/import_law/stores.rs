//! Stores of passage, which are read as those of pass and gopass are.

use std::fs;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use proptest::prelude::*;
use vault::import::{ImportFormat, Source};

use crate::law::{import, text};

/// A line of a file: with a key that is known, one that is not, or none.
fn line() -> impl Strategy<Value = (String, String)> {
    let key = prop_oneof![
        Just(String::new()),
        Just("login: ".to_owned()),
        Just("url: ".to_owned()),
        Just("otpauth: ".to_owned()),
        Just("comments: ".to_owned()),
        Just("Note: ".to_owned()),
        Just("PIN: ".to_owned()),
        Just("---\n".to_owned()),
        Just("\n".to_owned()),
        Just("  - ".to_owned()),
        "[a-z]{1,5}: ",
    ];
    (key, text().prop_map(|(before, _)| before))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn each_line_of_a_file_is_kept_or_told(
        files in prop::collection::vec((prop::collection::vec(line(), 0..7), 0..3_u8), 1..4),
    ) {
        let identity = Identity::generate();
        let folder = tempfile::tempdir().unwrap();
        let mut values = Vec::new();
        for (row, (lines, kind)) in (1..).zip(&files) {
            let first = ["", "GOPASS-SECRET-1.0\nPassword: ", "login: "][usize::from(*kind)];
            let mut text = format!("{first}r{row}first\n");
            values.push((row, format!("r{row}first")));
            for (at, (key, value)) in lines.iter().enumerate() {
                let value = format!("{value}r{row}l{at}q");
                text.extend([key, &value, "\n"]);
                values.extend(value.lines().map(|line| {
                    // A name and its value stand apart.
                    let value = line.split_once(": ").map_or(line, |(_, value)| value);
                    (row, value.to_owned())
                }));
            }
            let sealed = age::encrypt(&identity.to_public(), text.as_bytes()).unwrap();
            fs::write(folder.path().join(format!("n{row}.age")), sealed).unwrap();
        }
        let key = identity.to_string();
        let source = Source::folder(folder.path(), Some(key.expose_secret().as_bytes()));
        let outcome = import(ImportFormat::Passage, &source).unwrap();
        for (row, value) in values {
            outcome.keeps_or_tells(row, &value);
        }
    }
}
