//! What the fields of an entry are called on papers.

use crate::model::consent::scope::SharedField;
use crate::model::entry::fields::EntryField;
use crate::model::text::lang::Lang;

/// The words of one language.
struct FieldWords {
    secret: &'static str,
    username: &'static str,
    urls: &'static str,
    totp: &'static str,
    notes: &'static str,
    attachment: &'static str,
    custom: &'static str,
}

const ENGLISH: FieldWords = FieldWords {
    secret: "password",
    username: "user name",
    urls: "address",
    totp: "key of the one-time codes",
    notes: "notes",
    attachment: "file",
    custom: "field",
};

const GERMAN: FieldWords = FieldWords {
    secret: "Passwort",
    username: "Benutzername",
    urls: "Adresse",
    totp: "Schlüssel der Einmalcodes",
    notes: "Notizen",
    attachment: "Datei",
    custom: "Feld",
};

/// What a field is called.
pub fn field_word(lang: Lang, field: &SharedField) -> String {
    let words = match lang {
        Lang::En => &ENGLISH,
        Lang::De => &GERMAN,
    };
    match field {
        SharedField::Secret => words.secret.to_owned(),
        SharedField::Field(EntryField::Username) => words.username.to_owned(),
        SharedField::Field(EntryField::Urls) => words.urls.to_owned(),
        SharedField::Field(EntryField::Notes) => words.notes.to_owned(),
        SharedField::Field(field) => field.row().label.to_owned(),
        SharedField::Totp => words.totp.to_owned(),
        SharedField::Attachment(name) => format!("{} \"{name}\"", words.attachment),
        SharedField::Custom(name) => format!("{} \"{name}\"", words.custom),
    }
}
