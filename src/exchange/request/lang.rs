//! The words of a request, in each language that clients are asked in.

use std::str::FromStr;

use super::SharedField;
use crate::model::entry::fields::EntryField;

/// A language that a request can be written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

/// What stands in a request whatever its terms are.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) number: &'static str,
    pub(super) date: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) keeper: &'static str,
    pub(super) opening: &'static str,
    pub(super) who: &'static str,
    pub(super) what: &'static str,
    pub(super) pattern: &'static str,
    pub(super) parts: &'static str,
    pub(super) all_parts: &'static str,
    pub(super) only: &'static str,
    pub(super) purpose: &'static str,
    pub(super) until: &'static str,
    pub(super) about_patterns: &'static str,
    pub(super) not_covered: &'static str,
    pub(super) withdraw: &'static str,
    pub(super) sign: &'static str,
    pub(super) after_signing: &'static str,
    fields: Fields,
}

/// What fields are called.
struct Fields {
    secret: &'static str,
    username: &'static str,
    urls: &'static str,
    totp: &'static str,
    notes: &'static str,
    attachment: &'static str,
    custom: &'static str,
}

impl Words {
    /// What a field is called.
    pub(super) fn field(&self, field: &SharedField) -> String {
        let fields = &self.fields;
        match field {
            SharedField::Secret => fields.secret.to_owned(),
            SharedField::Field(EntryField::Username) => fields.username.to_owned(),
            SharedField::Field(EntryField::Urls) => fields.urls.to_owned(),
            SharedField::Field(EntryField::Notes) => fields.notes.to_owned(),
            SharedField::Field(field) => field.row().label.to_owned(),
            SharedField::Totp => fields.totp.to_owned(),
            SharedField::Attachment(name) => format!("{} \"{name}\"", fields.attachment),
            SharedField::Custom(name) => format!("{} \"{name}\"", fields.custom),
        }
    }
}

impl FromStr for Lang {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "en" => Ok(Self::En),
            "de" => Ok(Self::De),
            _ => Err("it is en or de".into()),
        }
    }
}

impl Lang {
    /// All of them.
    pub(super) const ALL: [Self; 2] = [Self::En, Self::De];

    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::En => &ENGLISH,
            Self::De => &GERMAN,
        }
    }
}

const ENGLISH: Words = Words {
    title: "REQUEST FOR PERMISSION TO PASS ON ACCESS DATA",
    number: "Request:",
    date: "Date:",
    from: "From:",
    to: "To:",
    keeper: "who keeps your access data",
    opening: "I keep access data of yours, such as passwords and keys. Please allow me to give the \
              following to the person named here, and to nobody else:",
    who: "Who:",
    what: "What:",
    pattern: "a pattern, see below",
    parts: "Parts:",
    all_parts: "the secret (password or key), the user name, the web addresses, and all further \
                fields that are not hidden",
    only: "only",
    purpose: "Purpose:",
    until: "Until:",
    about_patterns: "A pattern covers more than one entry: * stands for any name, ** for \
                     everything below. It also covers entries that are added later.",
    not_covered: "Not covered is all else: no other entry, person or purpose, and no time after \
                  that. The person may not pass it on. Seeds of one-time codes, notes, attached \
                  files, hidden fields and older passwords are covered only if they are named \
                  under \"Parts\".",
    withdraw: "You can withdraw your permission at any time, in any form and without a reason; the \
               number of this request is enough. I then end what was shared under it at once and \
               change the access data concerned. What someone has seen cannot be made unseen.",
    sign: "If you agree, save this text as it is and sign it with the SSH key that you have told \
           me of (put the path of your key after -f):",
    after_signing: "Please send me the new file that ends in .sig. Change nothing in the text, not \
                    even a space: a signature holds for exactly this text. If you want other \
                    terms, ask me for another request. If you do not agree, you need do nothing.",
    fields: Fields {
        secret: "the secret (password or key)",
        username: "the user name",
        urls: "the web addresses",
        totp: "the seed of the one-time codes",
        notes: "the notes",
        attachment: "the file",
        custom: "the field",
    },
};

const GERMAN: Words = Words {
    title: "BITTE UM ERLAUBNIS, ZUGANGSDATEN WEITERZUGEBEN",
    number: "Anfrage:",
    date: "Datum:",
    from: "Von:",
    to: "An:",
    keeper: "wer Ihre Zugangsdaten verwahrt",
    opening: "Ich verwahre Zugangsdaten von Ihnen, etwa Passwörter und Schlüssel. Bitte erlauben \
              Sie mir, das Folgende der hier genannten Person zu geben, und niemandem sonst:",
    who: "Wem:",
    what: "Was:",
    pattern: "ein Muster, siehe unten",
    parts: "Teile:",
    all_parts: "das Geheimnis (Passwort oder Schlüssel), der Benutzername, die Webadressen und \
                alle weiteren Felder, die nicht verborgen sind",
    only: "nur",
    purpose: "Zweck:",
    until: "Bis:",
    about_patterns: "Ein Muster umfasst mehr als einen Eintrag: * steht für einen beliebigen \
                     Namen, ** für alles darunter. Es umfasst auch Einträge, die später \
                     hinzukommen.",
    not_covered: "Nicht erlaubt ist alles andere: kein anderer Eintrag, keine andere Person, kein \
                  anderer Zweck und keine Zeit danach. Die Person darf nichts weitergeben. \
                  Startwerte von Einmalcodes, Notizen, angehängte Dateien, verborgene Felder und \
                  ältere Passwörter sind nur umfasst, wenn sie unter \"Teile\" genannt sind.",
    withdraw: "Sie können Ihre Erlaubnis jederzeit widerrufen, in jeder Form und ohne Grund; die \
               Nummer dieser Anfrage genügt. Ich beende dann sofort, was danach weitergegeben \
               wurde, und ändere die betroffenen Zugangsdaten. Was jemand gesehen hat, lässt sich \
               nicht ungesehen machen.",
    sign: "Wenn Sie einverstanden sind, speichern Sie diesen Text, wie er ist, und unterschreiben \
           Sie ihn mit dem SSH-Schlüssel, den Sie mir genannt haben (hinter -f steht der Pfad \
           Ihres Schlüssels):",
    after_signing: "Bitte senden Sie mir die neue Datei, die auf .sig endet. Ändern Sie nichts am \
                    Text, auch kein Leerzeichen: Die Unterschrift gilt für genau diesen Text. \
                    Wünschen Sie andere Bedingungen, bitten Sie mich um eine neue Anfrage. Wenn \
                    Sie nicht einverstanden sind, müssen Sie nichts tun.",
    fields: Fields {
        secret: "das Geheimnis (Passwort oder Schlüssel)",
        username: "der Benutzername",
        urls: "die Webadressen",
        totp: "der Startwert der Einmalcodes",
        notes: "die Notizen",
        attachment: "die Datei",
        custom: "das Feld",
    },
};
