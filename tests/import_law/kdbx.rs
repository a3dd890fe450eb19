//! Databases of `KeePass` itself: values that are protected come out in the order in which they stand.

use std::fmt::Write as _;
use std::io::Write as _;

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::generic_array::GenericArray;
use aes::cipher::{BlockEncrypt, BlockEncryptMut, KeyInit, KeyIvInit, StreamCipher};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20::ChaCha20;
use flate2::Compression;
use flate2::write::GzEncoder;
use hmac::{Hmac, Mac};
use proptest::prelude::*;
use sha2::{Digest, Sha256, Sha512};
use vault::import::{ImportFormat, Source};
use vault::model::text::secret::Secret;

use crate::law::{cell, import, text};
use crate::structured::KEEPASS;

const PASSWORD: &str = "plum-Trellis7";
const ROUNDS: u64 = 2;
const PROTECTED_KEY: [u8; 64] = [b'p'; 64];

fn field(tag: u8, value: &[u8]) -> Vec<u8> {
    let size = u32::try_from(value.len()).unwrap().to_le_bytes();
    [&[tag], &size[..], value].concat()
}

/// A parameter of the key derivation.
fn parameter(kind: u8, name: &str, value: &[u8]) -> Vec<u8> {
    let size = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let name = name.as_bytes();
    [&[kind], &size(name)[..], name, &size(value)[..], value].concat()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = (0..hex.len()).step_by(2);
    digits
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

/// A database of version 4 under `PASSWORD`: AES for the key and for the content, and gzip.
fn database(xml: &str) -> Vec<u8> {
    let (seed, nonce, kdf_seed) = ([b's'; 32], [b'n'; 16], [b'k'; 32]);
    let parameters = [
        &0x100_u16.to_le_bytes()[..],
        &parameter(0x42, "$UUID", &bytes("7c02bb8279a74ac0927d114a00648238")),
        &parameter(0x42, "S", &kdf_seed),
        &parameter(0x05, "R", &ROUNDS.to_le_bytes()),
        &[0],
    ]
    .concat();
    let header = [
        bytes("03d9a29a67fb4bb500000400"),
        field(2, &bytes("31c1f2e6bf714350be5805216afc5aff")),
        field(3, &1_u32.to_le_bytes()),
        field(4, &seed),
        field(7, &nonce),
        field(11, &parameters),
        field(0, b"\r\n\r\n"),
    ]
    .concat();
    let mut key = Sha256::digest(Sha256::digest(PASSWORD));
    let cipher = Aes256::new(&kdf_seed.into());
    for _ in 0..ROUNDS {
        for half in key.chunks_exact_mut(16) {
            cipher.encrypt_block(GenericArray::from_mut_slice(half));
        }
    }
    let master = Sha256::digest(key);
    let base = Sha512::digest([&seed[..], &master, &[1]].concat());
    let mac = |index: u64, data: &[u8]| {
        let key = Sha512::digest([&index.to_le_bytes()[..], &base].concat());
        let mac = <Hmac<Sha256> as Mac>::new_from_slice(&key).unwrap();
        mac.chain_update(data).finalize().into_bytes().to_vec()
    };
    let mut pack = GzEncoder::new(Vec::new(), Compression::fast());
    let inner = [
        field(1, &3_u32.to_le_bytes()),
        field(2, &PROTECTED_KEY),
        field(0, b""),
    ]
    .concat();
    pack.write_all(&[&inner, xml.as_bytes()].concat()).unwrap();
    let key = Sha256::digest([&seed[..], &master].concat());
    let sealed = cbc::Encryptor::<Aes256>::new(&key, &nonce.into());
    let sealed = sealed.encrypt_padded_vec_mut::<Pkcs7>(&pack.finish().unwrap());
    let block = |index: u64, data: &[u8]| {
        let size = u32::try_from(data.len()).unwrap().to_le_bytes();
        let said = [&index.to_le_bytes()[..], &size, data].concat();
        [&mac(index, &said), &size[..], data].concat()
    };
    let hash = Sha256::digest(&header).to_vec();
    let blocks = [block(0, &sealed), block(1, b"")].concat();
    [&header, &hash, &mac(u64::MAX, &header), &blocks[..]].concat()
}

/// Writes XML whose protected values are hidden.
struct Writer {
    stream: ChaCha20,
    xml: String,
    values: Vec<(u64, String)>,
}

type Text = (usize, (String, String), bool);

impl Writer {
    fn new() -> Self {
        let key = Sha512::digest(PROTECTED_KEY);
        let nonce = GenericArray::from_slice(&key[32..44]);
        Self {
            stream: ChaCha20::new(GenericArray::from_slice(&key[..32]), nonce),
            xml: "<KeePassFile><Root><Group><Name>db</Name>".to_owned(),
            values: Vec::new(),
        }
    }

    fn string(&mut self, row: u64, (key, text, is_protected): &Text) {
        let value = cell(&format!("r{row}v{}q", self.values.len()), text, false);
        let spelt = if *is_protected {
            let mut bytes = value.clone().into_bytes();
            self.stream.apply_keystream(&mut bytes);
            format!(
                "<Value Protected=\"True\">{}</Value>",
                STANDARD.encode(bytes)
            )
        } else {
            let safe = |c: char| match c {
                '&' | '<' | '>' | '\r' | '\n' | '\t' => format!("&#{};", u32::from(c)),
                c => c.to_string(),
            };
            format!(
                "<Value>{}</Value>",
                value.chars().map(safe).collect::<String>()
            )
        };
        let key = KEEPASS[key % KEEPASS.len()];
        write!(self.xml, "<String><Key>{key}</Key>{spelt}</String>").unwrap();
        self.values.push((row, value));
    }
}

fn strings() -> impl Strategy<Value = Vec<Text>> {
    prop::collection::vec((any::<usize>(), text(), any::<bool>()), 0..7)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_value_of_a_database_of_keepass_is_lost_in_silence(
        entries in prop::collection::vec((strings(), prop::collection::vec(strings(), 0..3)), 1..4),
    ) {
        let mut writer = Writer::new();
        for (row, (strings, former)) in (1..).zip(&entries) {
            writer.xml.push_str("<Entry>");
            for string in strings {
 writer.string(row, string);
}
            writer.xml.push_str("<History>");
            for strings in former {
                writer.xml.push_str("<Entry>");
                for string in strings {
 writer.string(row, string);
}
                writer.xml.push_str("</Entry>");
            }
            writer.xml.push_str("</History></Entry>");
        }
        writer.xml.push_str("</Group></Root></KeePassFile>");
        let file = database(&writer.xml);
        let password = Secret::new(PASSWORD.to_owned());
        let mut source = Source::file(&file);
        source.password = Some(&password);
        let outcome = import(ImportFormat::Kdbx, &source).unwrap();
        for (row, value) in writer.values {
            outcome.keeps_or_tells(row, &value);
        }
    }
}
