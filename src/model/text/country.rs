//! Countries that were typed as two letters: those of the European Economic Area, and a few that its
//! freelancers work with.

use super::words::words;

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

/// Countries of the table that are not in the European Economic Area.
const OUTSIDE: [&str; 6] = ["AU", "CA", "CH", "GB", "UK", "US"];

words! {
    /// Where somebody is, as the law on transfers has it.
    pub enum Place {
        /// In the European Economic Area.
        Inside = "eea",
        /// Outside of it.
        Outside = "third-country",
        /// That is not on record, or the name is not known here.
        Unknown = "unknown",
    }
}

/// Where a country is that was typed as a code or by its name in English.
#[must_use]
pub fn place_of(typed: Option<&str>) -> Place {
    let typed = typed.unwrap_or_default().trim();
    let mut codes = CODES.iter();
    let known = codes.find(|(letters, name)| {
        letters.eq_ignore_ascii_case(typed) || name.eq_ignore_ascii_case(typed)
    });
    match known {
        Some((letters, _)) if OUTSIDE.contains(letters) => Place::Outside,
        Some(_) => Place::Inside,
        None => Place::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, place_of};

    #[test]
    fn a_country_is_inside_outside_or_not_known() {
        for (typed, place) in [
            (Some("de"), Place::Inside),
            (Some(" Norway "), Place::Inside),
            (Some("US"), Place::Outside),
            (Some("switzerland"), Place::Outside),
            (Some("Deutschland"), Place::Unknown),
            (Some(""), Place::Unknown),
            (None, Place::Unknown),
        ] {
            assert_eq!(place_of(typed), place, "{typed:?}");
        }
    }
}
