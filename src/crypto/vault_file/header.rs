//! The header of a vault file, of whose stanzas two are ours to judge.
//!
//! The scanner is stricter than the age specification (<https://c2sp.org/age>) where that leaves
//! room: every value of our own stanzas has one spelling. Unknown stanzas are ignored.

use std::ops::Range;

use uuid::Uuid;

use crate::crypto::encoding::{SIGNATURE_TAG, hex, number, unhex};
use crate::crypto::file_key::keeper;
use crate::crypto::file_key::keeper::PasswordStanza;
use crate::crypto::file_key::stanzas::{FIRST_LINE, Lines, Stanza, Stanzas, malformed, ssh_tags};
use crate::crypto::signing::ed25519::Signer;
use crate::error::{Error, Result};
use crate::model::records::access::Access;

/// The version of that stanza.
const SIGNATURE_VERSION: u32 = 1;

/// What a file that is to be written will say of itself; the signer comes with the signing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Which vault it is.
    pub vault_id: Uuid,
    /// Counts the writes.
    pub generation: u64,
    /// SHA-256 of the file or the two files that it came from; empty for the first.
    pub parents: Vec<[u8; 32]>,
}

/// Parents as the header and the payload spell them: lower-case hexadecimal, `,` between two, `-`
/// for none.
pub fn parents_text(parents: &[[u8; 32]]) -> String {
    if parents.is_empty() {
        return "-".to_owned();
    }
    let hashes: Vec<_> = parents.iter().map(|hash| hex(hash)).collect();
    hashes.join(",")
}

/// What the file says of itself without a password. Only as good as its signature, and that only
/// as good as the knowledge of whose key `signer` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderFacts {
    /// Which vault it is.
    pub vault_id: Uuid,
    /// Counts the writes.
    pub generation: u64,
    /// SHA-256 of the file or the two files that it came from; empty for the first.
    pub parents: Vec<[u8; 32]>,
    /// Whose signature it carries.
    pub signer: Signer,
}

impl HeaderFacts {
    /// The arguments of the `vault-signature` stanza.
    pub(crate) fn args(&self) -> Vec<String> {
        vec![
            SIGNATURE_VERSION.to_string(),
            self.vault_id.to_string(),
            self.generation.to_string(),
            parents_text(&self.parents),
            self.signer.to_base64(),
        ]
    }

    fn parse(args: &[&str]) -> Result<Self> {
        let malformed = || Error::integrity(format!("the {SIGNATURE_TAG} stanza is malformed"));
        let version: u32 = args
            .first()
            .and_then(|text| number(text))
            .ok_or_else(malformed)?;
        if version > SIGNATURE_VERSION {
            return Err(Error::integrity(format!(
                "the {SIGNATURE_TAG} stanza has version {version}, this program knows \
                 {SIGNATURE_VERSION}: the file is damaged, or a newer program wrote it"
            ))
            .hint("try a newer version of vault"));
        }
        Self::parse_v1(args).ok_or_else(malformed)
    }

    fn parse_v1(args: &[&str]) -> Option<Self> {
        let ["1", vault_id, generation, parents, signer] = args else {
            return None;
        };
        let id = Uuid::try_parse(vault_id).ok()?;
        let parents: Vec<_> = match *parents {
            "-" => Vec::new(),
            hashes => hashes.split(',').map(unhex).collect::<Option<_>>()?,
        };
        Some(Self {
            vault_id: Some(id).filter(|id| id.to_string() == *vault_id)?,
            generation: number(generation)?,
            parents: Some(parents).filter(|parents| parents.len() <= 2)?,
            signer: Signer::from_base64(signer)?,
        })
    }
}

/// A header that is well formed and has exactly one way in by password and one signature.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) facts: HeaderFacts,
    pub(crate) access: Access,
    pub(crate) signature: [u8; 64],
    /// Tags of all other stanzas, in their order.
    pub(crate) other_tags: Vec<String>,
    /// By what the stanzas for SSH keys name these keys.
    pub(crate) ssh_tags: Vec<String>,
    /// The body lines of the signature's stanza, line feeds included.
    pub(crate) signature_body: Range<usize>,
    /// Where the `---` line begins.
    pub(crate) mac_line: usize,
    /// Where the payload begins.
    pub(crate) payload: usize,
}

impl Header {
    /// Scans the header of a whole file.
    ///
    /// # Errors
    /// [`crate::error::Kind::Integrity`] when it is not a vault, is malformed, past a limit, or of
    /// a version that is not known.
    pub(crate) fn scan(file: &[u8]) -> Result<Self> {
        let mut lines = Lines::of(file);
        check_first_line(&mut lines)?;
        Self::from_stanzas(&Stanzas::read(&mut lines)?)
    }

    fn from_stanzas(header: &Stanzas<'_>) -> Result<Self> {
        let stanzas = header.list.as_slice();
        refuse_other_age_files(stanzas)?;
        let password = only(stanzas, keeper::TAG)?;
        let arguments = PasswordStanza::parse(&password.args)
            .filter(|_| password.body.len() == 32)
            .ok_or_else(|| malformed(&format!("the {} stanza", keeper::TAG)))?;
        let signed = only(stanzas, SIGNATURE_TAG)?;
        Ok(Self {
            facts: HeaderFacts::parse(&signed.args)?,
            access: arguments.access,
            signature: <[u8; 64]>::try_from(signed.body.as_slice())
                .map_err(|_| malformed("the signature"))?,
            other_tags: stanzas
                .iter()
                .map(|stanza| stanza.tag)
                .filter(|tag| ![keeper::TAG, SIGNATURE_TAG].contains(tag))
                .map(ToOwned::to_owned)
                .collect(),
            ssh_tags: ssh_tags(stanzas),
            signature_body: signed.body_lines.clone(),
            mac_line: header.mac_line,
            payload: header.payload,
        })
    }
}

/// Says what a file is that is not a vault.
fn check_first_line(lines: &mut Lines<'_>) -> Result<()> {
    const NEXT: &str = "name another with --vault PATH, or put a backup in its place";
    let is = |what: &str| Err(Error::integrity(format!("not a vault: {what}")).hint(NEXT));
    match lines.file {
        [] => is("the file is empty"),
        file if file.starts_with(b"-----BEGIN AGE ENCRYPTED FILE") => is("an armoured age file"),
        file if !file.starts_with(b"age-encryption.org/") => is("not an age file"),
        _ => match lines.next()? {
            FIRST_LINE => Ok(()),
            _ => is("an age file of an unknown version"),
        },
    }
}

fn refuse_other_age_files(stanzas: &[Stanza<'_>]) -> Result<()> {
    let has = |tag| stanzas.iter().any(|stanza| stanza.tag == tag);
    if has("scrypt") {
        return Err(Error::integrity(
            "not a vault: an age file that is encrypted with a passphrase",
        ));
    }
    if !has(keeper::TAG) && !has(SIGNATURE_TAG) {
        return Err(Error::integrity("not a vault: an age file of another kind"));
    }
    Ok(())
}

/// The one stanza of this tag.
fn only<'a, 'b>(stanzas: &'b [Stanza<'a>], tag: &str) -> Result<&'b Stanza<'a>> {
    let mut found = stanzas.iter().filter(|stanza| stanza.tag == tag);
    match (found.next(), found.next()) {
        (Some(stanza), None) => Ok(stanza),
        (None, _) => Err(Error::integrity(format!("the header has no {tag} stanza"))),
        (Some(_), Some(_)) => Err(Error::integrity(format!(
            "the header has more than one {tag} stanza"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Header, Result, parents_text};
    use crate::crypto::encoding::base64;
    use crate::crypto::signing::ed25519::SigningKey;
    use crate::error::Kind;

    const ID: &str = "2b6cf3a5-6d0e-4ab0-9e77-0d3a4f5f3b11";

    fn password() -> String {
        let (salt, body) = (base64(&[1; 16]), base64(&[2; 32]));
        format!("-> vault-argon2id {salt} 8 1 1 - {salt}\n{body}\n")
    }

    fn signature(args: &str) -> String {
        let body = base64(&[3; 64]);
        let (first, last) = body.split_at(64);
        format!("-> vault-signature {args}\n{first}\n{last}\n")
    }

    fn signed(generation: &str, parents: &str) -> String {
        let signer = SigningKey::generate().signer().to_base64();
        signature(&format!("1 {ID} {generation} {parents} {signer}"))
    }

    fn file(stanzas: &[&str]) -> String {
        let mac = base64(&[4; 32]);
        format!("age-encryption.org/v1\n{}--- {mac}\n", stanzas.concat())
    }

    fn scan(stanzas: &[&str]) -> Result<Header> {
        Header::scan(file(stanzas).as_bytes())
    }

    fn refusal(stanzas: &[&str]) -> String {
        let error = scan(stanzas).unwrap_err();
        assert_eq!(error.kind(), Kind::Integrity);
        error.message().to_owned()
    }

    #[test]
    fn a_header_says_what_is_in_it() {
        let parents = format!("{},{}", "ab".repeat(32), "cd".repeat(32));
        let header = scan(&[&password(), "-> X25519 x\n\n", &signed("7", &parents)]).unwrap();
        assert_eq!(header.facts.vault_id.to_string(), ID);
        assert_eq!(header.facts.generation, 7);
        assert_eq!(header.facts.parents, [[0xab; 32], [0xcd; 32]]);
        assert_eq!(parents_text(&header.facts.parents), parents);
        assert_eq!(header.access.salt, [1; 16]);
        assert_eq!(header.signature, [3; 64]);
        assert_eq!(header.other_tags, ["X25519"]);
    }

    #[test]
    fn unknown_stanzas_are_ignored() {
        let grease = format!("-> x-grease a b\n{}\n\n", "A".repeat(64));
        assert!(scan(&[&grease, &password(), &signed("1", "-"), "-> y\nAAAA\n"]).is_ok());
    }

    #[test]
    fn each_of_our_stanzas_comes_exactly_once() {
        let (password, signed) = (password(), signed("1", "-"));
        assert!(refusal(&[&password]).contains("no vault-signature"));
        assert!(refusal(&[&signed]).contains("no vault-argon2id"));
        assert!(refusal(&[&password, &password, &signed]).contains("more than one vault-argon2id"));
        assert!(refusal(&[&password, &signed, &signed]).contains("more than one vault-signature"));
    }

    #[test]
    fn other_files_are_named_for_what_they_are() {
        let says = |file: &[u8], what: &str| {
            let error = Header::scan(file).unwrap_err();
            assert_eq!(error.kind(), Kind::Integrity);
            assert!(error.message().contains("not a vault"), "{error}");
            assert!(error.message().contains(what), "{error}");
        };
        says(b"", "empty");
        says(b"hello", "not an age file");
        says(b"-----BEGIN AGE ENCRYPTED FILE-----\n", "armoured");
        says(b"age-encryption.org/v2\n", "unknown version");
        says(file(&["-> scrypt a 18\nAAAA\n"]).as_bytes(), "passphrase");
        says(file(&["-> X25519 a\nAAAA\n"]).as_bytes(), "another kind");
    }

    #[test]
    fn values_spelled_in_a_second_way_are_refused() {
        let good = password();
        for (from, to) in [
            (" 8 1 1 ", " 08 1 1 "),
            (" 8 1 1 ", " +8 1 1 "),
            (" 8 1 1 ", " 8 1 1 1 "),
            (" - ", " K "),
            (" - ", "  - "),
            ("AQEBAQ", "AQEBAQ="),
            ("AQ 8", "AR 8"),
            ("AgI\n", "AgJ\n"),
            ("AgI\n", "AgI\r\n"),
            ("-> ", "->  "),
            ("AgI\n", "AgI \n"),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(bad, good, "{from}");
            refusal(&[&bad, &signed("1", "-")]);
        }
    }

    #[test]
    fn a_signature_stanza_is_read_strictly() {
        let hash = "ab".repeat(32);
        for (generation, parents) in [
            ("01", "-"),
            ("-1", "-"),
            ("18446744073709551616", "-"),
            ("1", ""),
            ("1", "--"),
            ("1", &hash.to_uppercase()),
            ("1", &format!("{hash},")),
            ("1", &format!("{hash},{hash},{hash}")),
        ] {
            refusal(&[&password(), &signed(generation, parents)]);
        }
        let other = |from: &str, to: &str| {
            refusal(&[&password(), &signed("1", "-").replace(from, to)]);
        };
        other(ID, &ID.to_uppercase());
        other(ID, &ID.replace('-', ""));
        other(" 1 ", " 0 ");
        refusal(&[&password(), &signature(&format!("1 {ID} 1 - AAAA"))]);
        refusal(&[&password(), &signature(&format!("1 {ID} 1 -"))]);
    }

    #[test]
    fn a_newer_signature_may_be_damage_or_a_newer_version() {
        let error = scan(&[&password(), &signature("2 whatever")]).unwrap_err();
        assert_eq!(error.kind(), Kind::Integrity);
        assert_eq!(error.next_step(), Some("try a newer version of vault"));
    }

    #[test]
    fn ten_thousand_stanzas_are_refused_at_once() {
        let start = Instant::now();
        let many = "-> x\n\n".repeat(10_000);
        let message = refusal(&[&many, &password(), &signed("1", "-")]);
        assert!(message.contains("more than 32 stanzas"));
        let long = format!("-> x {}\n\n", "y".repeat(1 << 24));
        let message = refusal(&[&long, &password(), &signed("1", "-")]);
        assert!(message.contains("longer than 16384 bytes"));
        assert!(start.elapsed() < Duration::from_secs(2));
    }

    #[test]
    fn every_truncation_is_refused() {
        let whole = file(&[&password(), &signed("1", "-")]);
        assert!(Header::scan(whole.as_bytes()).is_ok());
        for length in 0..whole.len() {
            assert!(Header::scan(&whole.as_bytes()[..length]).is_err());
        }
    }
}
