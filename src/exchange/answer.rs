//! What somebody has sent who was asked for credentials: the answer of the page, or a plain text.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::model::entry::changes::Changes;
use crate::model::entry::fields::EntryField;
use crate::model::records::slot::{Slot, StoredSecret};
use crate::model::sharing::asking::GivenAnswer;
use crate::model::text::name::FieldName;
use crate::model::text::secret::Secret;

/// The form of what the page makes.
const FORM: &str = "vault.answer/1";
/// The hidden field for what is needed beside the secret.
const NOTE: &str = "note";
/// The field for how the client wants it to be used.
const RULES: &str = "rules";

/// An answer that was opened.
#[derive(Debug)]
pub struct AskAnswer {
    /// The number of the request that it says it is for; none of a plain text.
    pub number: Option<String>,
    /// What it holds for the entry.
    pub given: GivenAnswer,
    /// The client's own rules.
    pub rules: Option<String>,
}

/// The page's answer. Its texts may be secret, whatever field they were typed into.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageAnswer {
    #[serde(rename = "type")]
    form: String,
    number: String,
    url: Option<StoredSecret>,
    username: Option<StoredSecret>,
    secret: Option<StoredSecret>,
    note: Option<StoredSecret>,
    rules: Option<StoredSecret>,
}

impl AskAnswer {
    /// Reads what was encrypted. A plain text is a password, with what else is needed in the lines
    /// below it; empty lines before it and the mark with which Windows begins a text are none of it.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when there is nothing in it or it is no text, or past a limit;
    /// [`crate::error::Kind::Integrity`] when it is malformed.
    pub fn parse(content: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(content).map_err(|_| {
            Error::usage("the answer is no text").hint("keep a file with: vault attach")
        })?;
        let answer = if text.trim_start().starts_with('{') && text.contains("\"vault.answer/") {
            Self::of_page(text)?
        } else {
            Self::of_text(text)?
        };
        if answer.given.changes.is_empty() {
            return Err(Error::usage("the answer is empty").hint("ask for it once more"));
        }
        answer.given.changes.check()?;
        Ok(answer)
    }

    fn of_page(text: &str) -> Result<Self> {
        let page: PageAnswer = serde_json::from_str(text).map_err(|why| {
            Error::integrity(format!(
                "the answer is malformed at line {} column {}",
                why.line(),
                why.column()
            ))
        })?;
        if page.form != FORM {
            return Err(
                Error::failed("the answer has a newer form than this version reads")
                    .hint("upgrade vault"),
            );
        }
        let mut changes = Changes::default();
        let values = [
            (EntryField::Username, page.username),
            (EntryField::Urls, page.url),
        ];
        for (field, value) in values {
            let text = value.as_ref().map(|value| value.expose().trim());
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                changes.values.add(field, text)?;
            }
        }
        put_secrets(&mut changes, page.secret, page.note)?;
        let rules = page.rules.map(|rules| rules.expose().trim().to_owned());
        let rules = rules.filter(|rules| !rules.is_empty());
        if let Some(rules) = &rules {
            changes.fields.push((field(RULES)?, rules.clone()));
        }
        Ok(Self {
            number: Some(page.number),
            rules,
            given: GivenAnswer {
                changes,
                from: None,
            },
        })
    }

    fn of_text(text: &str) -> Result<Self> {
        let text = text.trim_matches(['\n', '\r', '\u{feff}']);
        let (secret, note) = text.split_once('\n').unwrap_or((text, ""));
        let stored = |text: &str| Some(Secret::new(text.to_owned()).into());
        let mut changes = Changes::default();
        put_secrets(
            &mut changes,
            stored(secret.trim_end_matches('\r')),
            stored(note.trim_matches(['\n', '\r'])),
        )?;
        Ok(Self {
            number: None,
            rules: None,
            given: GivenAnswer {
                changes,
                from: None,
            },
        })
    }
}

fn put_secrets(
    changes: &mut Changes,
    secret: Option<StoredSecret>,
    note: Option<StoredSecret>,
) -> Result<()> {
    let parts = [(Slot::Secret, secret), (Slot::Field(field(NOTE)?), note)];
    for (slot, text) in parts {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            changes.secrets.push((slot, (*text).clone()));
        }
    }
    Ok(())
}

fn field(name: &str) -> Result<FieldName> {
    name.parse().map_err(Error::failed)
}

#[cfg(test)]
mod tests {
    use super::AskAnswer;
    use crate::error::Kind;
    use crate::model::text::limits::FIELD_BYTES;

    const WHOLE: &str = r#"{"type":"vault.answer/1","number":"2F95-B33D","url":" https://x.example ",
        "username":"anna","secret":" p w ","note":"PIN 1\nKEY 2","rules":"only by day"}"#;

    fn secrets(answer: &AskAnswer) -> Vec<(&str, &str)> {
        let secrets = answer.given.changes.secrets.iter();
        secrets
            .map(|(slot, it)| (slot.as_str(), it.expose()))
            .collect()
    }

    #[test]
    fn an_answer_of_the_page_is_read_with_its_padding() {
        let padded = format!("{WHOLE}{}\n", " ".repeat(100));
        let answer = AskAnswer::parse(padded.as_bytes()).unwrap();
        assert_eq!(answer.number.as_deref(), Some("2F95-B33D"));
        assert_eq!(answer.rules.as_deref(), Some("only by day"));
        let found = secrets(&answer);
        assert_eq!(found, [("secret", " p w "), ("note", "PIN 1\nKEY 2")]);
        let values = &answer.given.changes.values;
        assert_eq!(values.username.as_deref(), Some("anna"));
        assert_eq!(values.urls, ["https://x.example"]);
        assert!(!format!("{answer:?}").contains("PIN"));
    }

    #[test]
    fn a_plain_text_is_a_password_and_what_stands_below_it() {
        for (text, expected) in [
            ("pw\n", vec![("secret", "pw")]),
            ("pw", vec![("secret", "pw")]),
            ("pw\r\n\r\nPIN\r\n", vec![("secret", "pw"), ("note", "PIN")]),
            (
                "\u{feff}\r\npw\r\nPIN",
                vec![("secret", "pw"), ("note", "PIN")],
            ),
            ("{pw", vec![("secret", "{pw")]),
        ] {
            let answer = AskAnswer::parse(text.as_bytes()).unwrap();
            assert_eq!(secrets(&answer), expected, "{text:?}");
            assert!(answer.number.is_none());
        }
    }

    #[test]
    fn what_is_no_answer_is_refused_and_not_repeated() {
        let long = format!(
            r#"{{"type":"vault.answer/1","number":"1","username":"{}"}}"#,
            "x".repeat(FIELD_BYTES + 1)
        );
        for (text, kind) in [
            ("", Kind::Usage),
            ("\n\n", Kind::Usage),
            (r#"{"type":"vault.answer/1","number":"1"}"#, Kind::Usage),
            (
                r#"{"type":"vault.answer/1","number":"1","username":" "}"#,
                Kind::Usage,
            ),
            (
                r#"{"type":"vault.answer/1","number":"1","secret":""}"#,
                Kind::Usage,
            ),
            (
                r#"{"type":"vault.answer/1","secret":"hunter2"}"#,
                Kind::Integrity,
            ),
            (
                r#"{"type":"vault.answer/1","number":"1","pin":"hunter2"}"#,
                Kind::Integrity,
            ),
            (
                r#"{"type":"vault.answer/1","number":"1","secret":["hunter2"]}"#,
                Kind::Integrity,
            ),
            (
                r#"{"type":"vault.answer/2","number":"1","secret":"hunter2"}"#,
                Kind::Failed,
            ),
            (
                r#"{"type":"vault.answer/1","number":"1","secret":"hunter2\u0000"}"#,
                Kind::Usage,
            ),
            (&long, Kind::Usage),
        ] {
            let why = AskAnswer::parse(text.as_bytes()).unwrap_err();
            assert_eq!(why.kind(), kind, "{text}: {why}");
            assert!(!why.to_string().contains("hunter2"), "{why}");
        }
        assert_eq!(AskAnswer::parse(b"\xff").unwrap_err().kind(), Kind::Usage);
    }
}
