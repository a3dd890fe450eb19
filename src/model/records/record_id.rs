//! Ids as people type them: any start of one that only one record has.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use uuid::{Uuid, Version};

use crate::error::{Error, Result};

/// The fewest digits that name a record.
const FEWEST: usize = 4;
/// Digits of an id that people are shown.
const SHOWN: usize = 8;
/// Ids that are listed where several fit.
const LISTED: usize = 5;

/// An id that every device makes of the same thing: the start of a SHA-256, as UUID version 8 has it
/// for ids of one's own making (RFC 9562). `namespace` says what it is made for.
pub(crate) fn derived(namespace: &str, of: &[u8]) -> Uuid {
    let digest = Sha256::new()
        .chain_update(namespace)
        .chain_update([0])
        .chain_update(of);
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(digest.finalize()) {
        *byte = from;
    }
    Uuid::new_v8(bytes)
}

/// Whether an id is one that [`derived`] makes.
pub(crate) fn is_derived(id: Uuid) -> bool {
    id.get_version() == Some(Version::Custom)
}

/// The start of an id, of four hexadecimal digits or more.
#[derive(Clone, Debug)]
pub struct RecordId {
    digits: String,
    typed: String,
}

impl PartialEq for RecordId {
    /// However they are typed.
    fn eq(&self, other: &Self) -> bool {
        self.digits == other.digits
    }
}

impl Eq for RecordId {}

impl RecordId {
    /// Digits of an id as a whole.
    pub const DIGITS: usize = 32;

    /// Whether an id starts so.
    pub(crate) fn is_start_of(&self, id: Uuid) -> bool {
        id.as_simple().to_string().starts_with(&self.digits)
    }

    /// The one of `ids` that starts so. `what` says what they are ids of, and `list` is the
    /// command that shows them.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotFound`] when none does, [`crate::error::Kind::Usage`] when
    /// several do.
    pub fn find(
        &self,
        ids: impl IntoIterator<Item = Uuid>,
        what: &str,
        list: &str,
    ) -> Result<Uuid> {
        let mut found: Vec<Uuid> = ids.into_iter().collect();
        found.retain(|id| self.is_start_of(*id));
        found.sort_unstable();
        found.dedup();
        match found.as_slice() {
            [] => Err(Error::not_found(format!("no {what} {self}"))
                .hint(format!("{list} shows what there is"))),
            [id] => Ok(*id),
            several => {
                let listed = several.iter().take(LISTED).map(Uuid::to_string);
                let listed = listed.collect::<Vec<_>>().join(", ");
                Err(
                    Error::usage(format!("{self} is the start of {} ids", several.len()))
                        .hint(format!("give more of it: {listed}")),
                )
            }
        }
    }
}

impl FromStr for RecordId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.replace('-', "").to_ascii_lowercase();
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) || digits.len() > Self::DIGITS {
            return Err("an id is hexadecimal digits, as in 2F95-B33D".into());
        }
        if digits.len() < FEWEST {
            return Err(format!("an id's start has at least {FEWEST} digits"));
        }
        Ok(Self {
            digits,
            typed: text.to_owned(),
        })
    }
}

impl fmt::Display for RecordId {
    /// A number as papers have it, or else what was typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits.to_ascii_uppercase();
        match digits.split_at_checked(SHOWN / 2) {
            Some((front, end)) if digits.len() == SHOWN => write!(f, "{front}-{end}"),
            _ => f.write_str(&self.typed),
        }
    }
}

/// The start of an id that people are shown.
pub fn short(id: Uuid) -> String {
    id.as_simple().to_string().chars().take(SHOWN).collect()
}

/// The number that a paper for people has: `2F95-B33D`, the start of its id.
pub fn number(id: Uuid) -> String {
    let mut digits = short(id).to_ascii_uppercase();
    digits.insert(SHOWN / 2, '-');
    digits
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{RecordId, number, short};
    use crate::error::Kind;

    fn id(text: &str) -> Uuid {
        text.parse().unwrap()
    }

    #[test]
    fn a_start_that_one_record_has_is_enough() {
        let ids = [
            id("3f2a91bc-0000-4000-8000-000000000001"),
            id("3f2a91bd-0000-4000-8000-000000000002"),
        ];
        let find = |text: &str| text.parse::<RecordId>().unwrap().find(ids, "consent", "x");
        for text in [
            "3f2a91bc",
            "3F2A91BC-00",
            "3f2a91bc00004000",
            &ids[0].to_string(),
        ] {
            assert_eq!(find(text).unwrap(), ids[0], "{text}");
        }
        assert_eq!(find("3f2a").unwrap_err().kind(), Kind::Usage);
        let none = find("beef").unwrap_err();
        assert_eq!(none.kind(), Kind::NotFound);
        assert_eq!(none.message(), "no consent beef");
        assert_eq!(short(ids[0]), "3f2a91bc");
        assert_eq!(number(ids[0]), "3F2A-91BC");
        assert_eq!(find(&number(ids[0])).unwrap(), ids[0]);
    }

    #[test]
    fn the_same_record_twice_is_one() {
        let one = id("3f2a91bc-0000-4000-8000-000000000001");
        let start: RecordId = "3f2a".parse().unwrap();
        assert_eq!(start.find([one, one], "share", "x").unwrap(), one);
    }

    #[test]
    fn what_is_no_start_of_an_id_is_refused() {
        for bad in [
            "",
            "3f2",
            "3f-2",
            "xyzw",
            "3f2a91bc-0000-4000-8000-0000000000011",
        ] {
            assert!(bad.parse::<RecordId>().is_err(), "{bad}");
        }
    }
}
