//! Countries that were typed as two letters: those of the European Economic Area, and a few that its
//! freelancers work with.

/// The letters of ISO 3166, each with the name in English.
const CODES: [(&str, &str); 36] = [
    ("AT", "Austria"),
    ("AU", "Australia"),
    ("BE", "Belgium"),
    ("BG", "Bulgaria"),
    ("CA", "Canada"),
    ("CH", "Switzerland"),
    ("CY", "Cyprus"),
    ("CZ", "Czechia"),
    ("DE", "Germany"),
    ("DK", "Denmark"),
    ("EE", "Estonia"),
    ("ES", "Spain"),
    ("FI", "Finland"),
    ("FR", "France"),
    ("GB", "United Kingdom"),
    ("GR", "Greece"),
    ("HR", "Croatia"),
    ("HU", "Hungary"),
    ("IE", "Ireland"),
    ("IS", "Iceland"),
    ("IT", "Italy"),
    ("LI", "Liechtenstein"),
    ("LT", "Lithuania"),
    ("LU", "Luxembourg"),
    ("LV", "Latvia"),
    ("MT", "Malta"),
    ("NL", "Netherlands"),
    ("NO", "Norway"),
    ("PL", "Poland"),
    ("PT", "Portugal"),
    ("RO", "Romania"),
    ("SE", "Sweden"),
    ("SI", "Slovenia"),
    ("SK", "Slovakia"),
    ("UK", "United Kingdom"),
    ("US", "United States"),
];

/// A country by its name in English, where it was typed as a code; any other as it was typed.
#[must_use]
pub fn country_name(typed: &str) -> &str {
    let code = typed.trim();
    let mut codes = CODES.iter();
    let known = codes.find(|(letters, _)| letters.eq_ignore_ascii_case(code));
    known.map_or(typed, |(_, name)| name)
}
