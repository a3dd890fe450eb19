use super::{Access, Draft, SealedFile, SigningKey, UnlockedWith, seal};
use crate::crypto::keys::age_keys::AgeIdentity;
use crate::crypto::keys::private_keys::Identities;
use crate::crypto::vault_file::padding::padme;
use crate::crypto::vault_file::payload::CHUNK;
use crate::crypto::{MasterKey, NoPlugins};
use crate::error::{Kind, Result};
use crate::model::text::kdf::KdfParams;

const ACCESS: Access = Access {
    salt: [5; 16],
    kdf: KdfParams { m: 8, t: 1, p: 1 },
    key_file: false,
};

struct Fixture {
    master_key: MasterKey,
    signing_key: SigningKey,
    recovery: AgeIdentity,
    draft: Draft,
}

impl Fixture {
    fn new() -> Self {
        Self {
            master_key: MasterKey::init(ACCESS, |key| key.fill(7)),
            signing_key: SigningKey::generate(),
            recovery: AgeIdentity::generate(),
            draft: Draft {
                vault_id: uuid::Uuid::from_u128(1),
                generation: 4,
                parents: vec![[0xab; 32]],
            },
        }
    }

    fn seal(&self, plaintext: &[u8]) -> SealedFile {
        self.seal_to(plaintext, &[self.recovery.recipient()])
            .unwrap()
    }

    fn seal_to(&self, plaintext: &[u8], recipients: &[String]) -> Result<SealedFile> {
        seal(
            plaintext,
            &self.draft,
            &self.master_key,
            recipients,
            &NoPlugins,
            &self.signing_key,
        )
    }

    /// What a reader does: scan, check the signature, open.
    fn read(&self, bytes: Vec<u8>) -> Result<String> {
        let file = SealedFile::parse(bytes)?;
        file.verify_signature()?;
        opened(&file, UnlockedWith::Password(&self.master_key))
    }
}

fn opened(file: &SealedFile, way: UnlockedWith<'_>) -> Result<String> {
    file.open(way)
        .map(|plaintext| String::from_utf8(plaintext.to_vec()).unwrap())
}

fn identities(of: &AgeIdentity) -> Identities {
    Identities::parse(&of.secret()).unwrap()
}

/// The stanzas of a file, with their bodies.
fn stanzas(file: &SealedFile) -> Vec<String> {
    let header = std::str::from_utf8(&file.bytes()[..file.header.mac_line]).unwrap();
    header
        .split("-> ")
        .skip(1)
        .map(|stanza| format!("-> {stanza}"))
        .collect()
}

/// The file with other stanzas in its header.
fn with_stanzas(file: &SealedFile, stanzas: &[String]) -> Vec<u8> {
    let mut bytes = format!("age-encryption.org/v1\n{}", stanzas.concat()).into_bytes();
    bytes.extend_from_slice(&file.bytes()[file.header.mac_line..]);
    bytes
}

#[test]
fn what_was_sealed_opens_with_the_password_and_with_a_recovery_key() {
    let fixture = Fixture::new();
    let file = fixture.seal(b"{\"a\":1}");
    file.verify_signature().unwrap();
    assert_eq!(file.facts().vault_id, fixture.draft.vault_id);
    assert_eq!(file.facts().generation, 4);
    assert_eq!(file.facts().parents, [[0xab; 32]]);
    assert_eq!(file.facts().signer, fixture.signing_key.signer());
    assert_eq!(file.access(), &ACCESS);
    assert_eq!(fixture.read(file.bytes().to_vec()).unwrap(), "{\"a\":1}");
    let recovery = identities(&fixture.recovery);
    assert_eq!(
        opened(&file, UnlockedWith::Identities(&recovery)).unwrap(),
        "{\"a\":1}"
    );
}

#[test]
fn plaintext_of_any_length_comes_back_padded_with_spaces() {
    let fixture = Fixture::new();
    for length in [
        0,
        1,
        9,
        1_000,
        CHUNK - 1,
        CHUNK,
        CHUNK + 1,
        2 * CHUNK,
        200_000,
    ] {
        let plaintext = "x".repeat(length);
        let file = fixture.seal(plaintext.as_bytes());
        let back = fixture.read(file.bytes().to_vec()).unwrap();
        assert_eq!(back.trim_end_matches(' '), plaintext);
        assert_eq!(back.len(), padme(length));
    }
}

#[test]
fn a_wrong_password_is_called_that() {
    let fixture = Fixture::new();
    let wrong = MasterKey::init(ACCESS, |key| key.fill(8));
    let file = fixture.seal(b"{}");
    let error = file.open(UnlockedWith::Password(&wrong)).unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::Locked, "wrong password")
    );
    let access = Access {
        key_file: true,
        ..ACCESS
    };
    let fixture = Fixture {
        master_key: MasterKey::init(access, |key| key.fill(7)),
        ..fixture
    };
    let file = fixture.seal(b"{}");
    let wrong = MasterKey::init(access, |key| key.fill(8));
    let error = file.open(UnlockedWith::Password(&wrong)).unwrap_err();
    assert_eq!(error.message(), "wrong password or key file");
}

#[test]
fn a_key_that_is_no_recipient_stays_outside() {
    let file = Fixture::new().seal(b"{}");
    let stranger = identities(&AgeIdentity::generate());
    let error = file.open(UnlockedWith::Identities(&stranger)).unwrap_err();
    assert_eq!(error.kind(), Kind::Locked);
}

#[test]
fn every_flipped_bit_is_found() {
    let fixture = Fixture::new();
    let good = fixture.seal(b"{\"secret\":true}");
    let mac = good.header.mac_line..good.header.payload;
    for at in 0..good.bytes().len() {
        let mut bytes = good.bytes().to_vec();
        bytes[at] ^= 1 << (at % 8);
        // The signature does not cover the MAC, since it has to be there before the MAC; the file
        // key does.
        if !mac.contains(&at) {
            let file = SealedFile::parse(bytes.clone());
            assert!(
                file.and_then(|file| file.verify_signature()).is_err(),
                "{at}"
            );
        }
        assert!(fixture.read(bytes).is_err(), "byte {at}");
    }
}

#[test]
fn every_truncation_and_every_addition_is_found() {
    let fixture = Fixture::new();
    let good = fixture.seal(b"{}").bytes().to_vec();
    for length in 0..good.len() {
        assert!(fixture.read(good[..length].to_vec()).is_err(), "{length}");
    }
    assert!(fixture.read([good.as_slice(), b"\n"].concat()).is_err());
}

#[test]
fn a_payload_cut_between_chunks_is_found_without_the_signature() {
    let fixture = Fixture::new();
    let plaintext = "x".repeat(4 * CHUNK);
    let good = fixture.seal(plaintext.as_bytes());
    for chunks in 0..4 {
        let length = good.header.payload + 16 + chunks * (CHUNK + 16);
        let file = SealedFile::parse(good.bytes()[..length].to_vec()).unwrap();
        let error = file
            .open(UnlockedWith::Password(&fixture.master_key))
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Integrity, "{chunks}");
    }
}

#[test]
fn dropped_doubled_and_swapped_stanzas_are_found() {
    let fixture = Fixture::new();
    let good = fixture.seal(b"{}");
    let all = stanzas(&good);
    assert_eq!(all.len(), 4, "password, recovery key, signature, grease");
    assert!(fixture.read(with_stanzas(&good, &all)).is_ok());
    for at in 0..all.len() {
        let mut fewer = all.clone();
        fewer.remove(at);
        assert!(fixture.read(with_stanzas(&good, &fewer)).is_err());
        let mut more = all.clone();
        more.insert(at, all[at].clone());
        assert!(fixture.read(with_stanzas(&good, &more)).is_err());
        let mut other = all.clone();
        other.swap(at, (at + 1) % all.len());
        assert!(fixture.read(with_stanzas(&good, &other)).is_err());
    }
}

#[test]
fn the_mac_finds_a_changed_header_even_when_it_is_signed_anew() {
    let fixture = Fixture::new();
    let good = fixture.seal(b"{}");
    let mut fewer = stanzas(&good);
    fewer.remove(1);
    let mut bytes = with_stanzas(&good, &fewer);
    let header = super::Header::scan(&bytes).unwrap();
    let forger = SigningKey::generate();
    let signature = super::base64(&forger.sign(&super::signed_message(&bytes, &header)));
    let (first, last) = signature.split_at(64);
    let lines = format!("{first}\n{last}\n");
    super::overwrite(&mut bytes, header.signature_body, lines.as_bytes()).unwrap();
    let file = SealedFile::parse(bytes).unwrap();
    let error = file
        .open(UnlockedWith::Password(&fixture.master_key))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Integrity);
}

#[test]
fn the_header_of_one_write_does_not_fit_the_payload_of_another() {
    let fixture = Fixture::new();
    let (one, two) = (fixture.seal(b"{\"a\":1}"), fixture.seal(b"{\"a\":2}"));
    let mut bytes = one.bytes()[..one.header.payload].to_vec();
    bytes.extend_from_slice(&two.bytes()[two.header.payload..]);
    let file = SealedFile::parse(bytes).unwrap();
    assert!(file.verify_signature().is_err());
    let error = file
        .open(UnlockedWith::Password(&fixture.master_key))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Integrity);
}

#[test]
fn another_signer_is_another_fact() {
    let fixture = Fixture::new();
    let other = Fixture::new().seal(b"{}");
    other.verify_signature().unwrap();
    assert_ne!(other.facts().signer, fixture.signing_key.signer());
    // A signature moved over from another key's file does not fit.
    let own = fixture.seal(b"{}");
    let mut bytes = own.bytes().to_vec();
    let theirs = &other.bytes()[other.header.signature_body.clone()];
    super::overwrite(&mut bytes, own.header.signature_body.clone(), theirs).unwrap();
    assert!(fixture.read(bytes).is_err());
}

#[test]
fn a_recipient_named_twice_counts_once() {
    let fixture = Fixture::new();
    let name = fixture.recovery.recipient();
    let file = fixture.seal_to(b"{}", &[name.clone(), name]).unwrap();
    let keys = file.other_tags().iter().filter(|tag| *tag == "X25519");
    assert_eq!(keys.count(), 1);
}

#[test]
fn as_many_recipients_as_the_header_holds_and_no_more() {
    let fixture = Fixture::new();
    let mut names: Vec<_> = (0..29)
        .map(|_| AgeIdentity::generate().recipient())
        .collect();
    let file = fixture.seal_to(b"{}", &names).unwrap();
    assert_eq!(fixture.read(file.bytes().to_vec()).unwrap(), "{}");
    names.push(fixture.recovery.recipient());
    let error = fixture.seal_to(b"{}", &names).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
}

#[test]
fn what_could_not_be_read_back_is_not_written() {
    let mut fixture = Fixture::new();
    fixture.draft.parents = vec![[1; 32]; 3];
    assert!(fixture.seal_to(b"{}", &[]).is_err());
    fixture.draft.parents.clear();
    let error = fixture.seal_to(b"{}", &["age1".into()]).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
}

#[test]
fn each_write_is_encrypted_anew() {
    let fixture = Fixture::new();
    let (one, two) = (fixture.seal(b"{}"), fixture.seal(b"{}"));
    assert_ne!(one.sha256(), two.sha256());
    assert_ne!(
        one.bytes()[one.header.payload..],
        two.bytes()[two.header.payload..]
    );
}

#[test]
fn a_passphrase_file_of_age_is_no_vault() {
    let passphrase = age::secrecy::SecretString::from("p".to_owned());
    let mut recipient = age::scrypt::Recipient::new(passphrase);
    recipient.set_work_factor(1);
    let bytes = age::encrypt(&recipient, b"{}").unwrap();
    let error = SealedFile::parse(bytes).unwrap_err();
    assert!(error.message().starts_with("not a vault"));
    // Nor is a file for an age key.
    let recipient: age::x25519::Recipient = AgeIdentity::generate().recipient().parse().unwrap();
    let bytes = age::encrypt(&recipient, b"{}").unwrap();
    let error = SealedFile::parse(bytes).unwrap_err();
    assert!(error.message().starts_with("not a vault"));
}
