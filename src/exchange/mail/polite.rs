//! Lines that stand in every mail and say nothing about what is answered.

/// Words that say nothing about what is answered.
const POLITE: [&str; 37] = [
    "best",
    "beste",
    "besten",
    "cheers",
    "danke",
    "dear",
    "frau",
    "freundliche",
    "gruesse",
    "gruss",
    "gruß",
    "grüsse",
    "grüße",
    "hallo",
    "hello",
    "herr",
    "herzliche",
    "herzlichen",
    "hi",
    "kind",
    "kindest",
    "lg",
    "liebe",
    "lieber",
    "mfg",
    "mr",
    "mrs",
    "ms",
    "regards",
    "schöne",
    "sincerely",
    "thanks",
    "vg",
    "viele",
    "warm",
    "warmest",
    "yours",
];
/// Words that only say nothing together.
const PHRASES: [&str; 14] = [
    "all the best",
    "best wishes",
    "guten morgen",
    "guten tag",
    "herzlichen dank",
    "many thanks",
    "mit besten grüßen",
    "mit freundlichem gruß",
    "mit freundlichen grüßen",
    "schönen gruß",
    "thank you",
    "vielen dank",
    "with kind regards",
    "yours faithfully",
];
/// How mail programs begin the line by which they advertise themselves.
const ADVERTS: [&str; 6] = [
    "sent from ",
    "sent with ",
    "get outlook for ",
    "von meinem ",
    "gesendet mit ",
    "gesendet von ",
];
/// What else stands in such a line: anything but these may be meant for who reads it.
const PRODUCTS: [&str; 36] = [
    "android",
    "android-gerät",
    "app",
    "blackberry",
    "der",
    "device",
    "email",
    "for",
    "from",
    "für",
    "galaxy",
    "gesendet",
    "get",
    "gmail",
    "gmx",
    "handy",
    "huawei",
    "ios",
    "ipad",
    "iphone",
    "mail",
    "mein",
    "meinem",
    "mit",
    "mobile",
    "mobiltelefon",
    "my",
    "outlook",
    "pixel",
    "proton",
    "samsung",
    "sent",
    "smartphone",
    "von",
    "web.de",
    "with",
];

/// Whether a line is a name, a greeting or the advert of a mail program.
pub(super) fn is_polite(line: &str, known: &[String]) -> bool {
    let mut lower = line.to_lowercase();
    for phrase in PHRASES {
        lower = lower.replace(phrase, " ");
    }
    let words = words(&lower);
    let advert = ADVERTS.iter().any(|advert| lower.starts_with(advert));
    (advert && words.iter().all(|word| PRODUCTS.contains(&word.as_str())))
        || words
            .iter()
            .all(|word| known.contains(word) || POLITE.contains(&word.as_str()))
}

/// The words of a line in lower case, without what stands around them.
pub(super) fn words(line: &str) -> Vec<String> {
    let words = line.split(|c: char| c.is_whitespace() || ",;/|".contains(c));
    let words = words.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}
