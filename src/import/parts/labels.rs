//! Which fields may be shown where a program does not say which of them are secret.

use crate::model::transfer::import::names_secret;

/// Words of labels that are not shown either, besides those that name a secret for certain.
const SECRET: [&str; 12] = [
    "account", "code", "iban", "key", "license", "number", "pass", "phrase", "private", "routing",
    "security", "social",
];

/// Words of labels that are.
const PLAIN: [&str; 46] = [
    "address",
    "aim",
    "bank",
    "birth",
    "brand",
    "business",
    "cell",
    "city",
    "company",
    "country",
    "county",
    "date",
    "department",
    "email",
    "exp",
    "forum",
    "gender",
    "handle",
    "holder",
    "home",
    "host",
    "icq",
    "initial",
    "language",
    "licensed to",
    "link",
    "method",
    "mobile",
    "msn",
    "name",
    "nationality",
    "occupation",
    "organization",
    "phone",
    "port",
    "postal",
    "provider",
    "publisher",
    "sex",
    "skype",
    "state",
    "title",
    "type",
    "url",
    "version",
    "zip",
];

/// Whether what has this label is no secret, as far as the label says.
pub(crate) fn is_plain(label: &str) -> bool {
    if names_secret(label) {
        return false;
    }
    let label = label.to_lowercase();
    let has = |word: &&str| label.contains(*word);
    // The number of a phone and the code of a place may be seen.
    let hidden = SECRET.iter().filter(|word| match **word {
        "number" => !label.contains("phone"),
        "code" => !label.contains("postal") && !label.contains("zip"),
        _ => true,
    });
    !hidden.clone().any(&has) && PLAIN.iter().any(has)
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn only_what_is_plainly_no_secret_is_shown() {
        for label in [
            "cardholder name",
            "Expiration Date",
            "phoneNumber",
            "city",
            "company(company)",
            "zipCode",
        ] {
            assert!(is_plain(label), "{label}");
        }
        for label in [
            "number",
            "Security Code",
            "cvv",
            "PIN",
            "passport",
            "x",
            "",
            "secret name",
        ] {
            assert!(!is_plain(label), "{label}");
        }
    }
}
