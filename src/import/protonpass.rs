//! Proton Pass: what its exports have in common.

use serde_json::Value;

use super::labels::is_plain;
use crate::model::import::Imported;

/// Takes the fields of a card or an identity from the JSON that stands in place of its note;
/// whether there were any.
pub(super) fn structured_note(imported: &mut Imported, kind: &str, note: &str) -> bool {
    if !matches!(kind, "creditCard" | "identity") {
        return false;
    }
    let Ok(Value::Object(content)) = serde_json::from_str(note) else {
        return false;
    };
    for (label, value) in &content {
        match (label.as_str(), value) {
            ("note", Value::String(note)) => imported.note(note),
            ("cardType", _) => {}
            (_, Value::Array(extra)) => {
                for field in extra {
                    extra_field(imported, field);
                }
            }
            (_, Value::String(text)) => imported.field(label, text, !is_plain(label)),
            _ => {}
        }
    }
    true
}

/// `{fieldName, type, data: {content}}`, or a section of such.
pub(super) fn extra_field(imported: &mut Imported, field: &Value) {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(inner) = field.get("sectionFields").and_then(Value::as_array) {
        for field in inner {
            extra_field(imported, field);
        }
        return;
    }
    let data = field.get("data");
    let kind = text(field.get("type"));
    let content = data.and_then(|data| data.get("content").or_else(|| data.get("totpUri")));
    let content = text(content.or_else(|| data.and_then(|data| data.get("timestamp"))));
    imported.field(&text(field.get("fieldName")), &content, kind != "text");
}
