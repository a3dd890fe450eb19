//! `.env` files.

use proptest::prelude::*;
use vault::import::{ImportFormat, Source};
use vault::model::text::quote::Quote;

use crate::law::import;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn each_line_that_says_something_is_kept_or_told(
        lines in prop::collection::vec(("[A-D]|x y|", "[^\0\r]{0,12}|[ab\"'`\\\\$#\n ]{0,8}", 0..4_u8), 1..8),
    ) {
        let mut text = String::new();
        let mut values = Vec::new();
        let mut row = 1;
        for (name, value, kind) in &lines {
            let (line, value) = match kind {
                // As it is: what is not quoted is one line.
                0 => (format!("{name}={}", value.replace(['\n', '"', '\'', '`', '#'], "")), None),
                1 => (value.replace(['\n', '"', '\'', '`'], ""), None),
                _ => (format!("{name}={}", *Quote::Dotenv.apply(value)), Some(value)),
            };
            values.push((row, line.clone(), value));
            row += 1 + line.matches('\n').count() as u64;
            text.push_str(&line);
            text.push('\n');
        }
        let Ok(outcome) = import(ImportFormat::Dotenv, &Source::file(text.as_bytes())) else {
            // What stands below a bad name is read line by line, and may leave a quote open.
            prop_assert!(lines.iter().any(|(name, _, kind)| name.len() != 1 || *kind == 1));
            return Ok(());
        };
        for (row, line, value) in values {
            match value {
                Some(value) if value.trim().is_empty() => {}
                Some(value) => outcome.has_secret_or_tells(row, value),
                None if line.trim_start().starts_with('#') => {}
                None => {
                    let value = line.split_once(['=', ':']).map_or(&*line, |(_, value)| value);
                    let value = value.split(" #").next().unwrap_or_default();
                    outcome.keeps_or_tells(row, value.split("\t#").next().unwrap_or_default());
                }
            }
        }
    }
}
