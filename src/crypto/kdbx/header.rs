//! The headers of KDBX: what is needed to open the rest, held against limits before anything is
//! derived.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::model::text::limits::{
    IMPORT_ATTACHMENTS, KDBX_LANES, KDBX_MEMORY_KIB, KDBX_ROUNDS, KDBX_WORK_KIB,
};

/// Passes of Argon2 that a database may ask for.
const PASSES: u64 = 64;
/// Bytes of one field of the header: the longest one is a dictionary of parameters.
const FIELD_BYTES: usize = 64 << 10;

const CHACHA: [u8; 16] = [
    0xd6, 0x03, 0x8a, 0x2b, 0x8b, 0x6f, 0x4c, 0xb5, 0xa5, 0x24, 0x33, 0x9a, 0x31, 0xdb, 0xb5, 0x9a,
];
const AES: [u8; 16] = [
    0x31, 0xc1, 0xf2, 0xe6, 0xbf, 0x71, 0x43, 0x50, 0xbe, 0x58, 0x05, 0x21, 0x6a, 0xfc, 0x5a, 0xff,
];
/// The older derivation, as versions 3 and 4 name it.
const AES_KDF: [[u8; 16]; 2] = [
    [
        0xc9, 0xd9, 0xf3, 0x9a, 0x62, 0x8a, 0x44, 0x60, 0xbf, 0x74, 0x0d, 0x08, 0xc1, 0x8a, 0x4f,
        0xea,
    ],
    [
        0x7c, 0x02, 0xbb, 0x82, 0x79, 0xa7, 0x4a, 0xc0, 0x92, 0x7d, 0x11, 0x4a, 0x00, 0x64, 0x82,
        0x38,
    ],
];
const ARGON2D: [u8; 16] = [
    0xef, 0x63, 0x6d, 0xdf, 0x8c, 0x29, 0x44, 0x4b, 0x91, 0xf7, 0xa9, 0xa4, 0x03, 0xe3, 0x0a, 0x0c,
];
const ARGON2ID: [u8; 16] = [
    0x9e, 0x29, 0x8b, 0x19, 0x56, 0xdb, 0x47, 0x73, 0xb2, 0x3d, 0xfc, 0x3e, 0xc6, 0xf0, 0xa1, 0xe6,
];

/// Bytes that are taken one after another.
pub(crate) struct ByteReader<'a>(pub(crate) &'a [u8]);

impl<'a> ByteReader<'a> {
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u8(&mut self) -> Result<u8> {
        self.take(1)?.first().copied().ok_or_else(damaged)
    }

    fn u16(&mut self) -> Result<u16> {
        self.take(2)?
            .try_into()
            .map(u16::from_le_bytes)
            .map_err(|_| damaged())
    }

    fn u32(&mut self) -> Result<u32> {
        self.take(4)?
            .try_into()
            .map(u32::from_le_bytes)
            .map_err(|_| damaged())
    }
}

/// What a damaged or foreign database is.
pub(crate) fn damaged() -> Error {
    Error::integrity("the database of KeePass is damaged, or of a kind that is not known here")
        .hint("open it in KeePass and export it: File, Export, KeePass XML (2.x)")
}

/// How the key is made of the password.
pub(crate) enum Derivation {
    Aes {
        seed: Vec<u8>,
        rounds: u64,
    },
    Argon2 {
        id: bool,
        salt: Vec<u8>,
        memory_kib: u32,
        passes: u32,
        lanes: u32,
    },
}

/// The outer header.
#[derive(Default)]
pub(crate) struct KdbxHeader {
    pub(crate) major: u16,
    pub(crate) is_chacha: bool,
    pub(crate) is_packed: bool,
    pub(crate) master_seed: Vec<u8>,
    pub(crate) nonce: Vec<u8>,
    pub(crate) derivation: Derivation,
    pub(crate) start_bytes: Vec<u8>,
    pub(crate) stream: u32,
    pub(crate) stream_key: Vec<u8>,
}

impl Default for Derivation {
    fn default() -> Self {
        Self::Aes {
            seed: Vec::new(),
            rounds: 0,
        }
    }
}

impl KdbxHeader {
    /// Reads the header; what follows it is the body.
    pub(crate) fn read(file: &[u8]) -> Result<(Self, &[u8])> {
        let mut bytes = ByteReader(file);
        bytes.take(8)?;
        bytes.u16()?;
        let mut header = Self {
            major: bytes.u16()?,
            ..Self::default()
        };
        if !matches!(header.major, 3 | 4) {
            return Err(Error::refused(format!(
                "the file is a database of KeePass in version {} of KDBX; versions 3 and 4 can be read",
                header.major
            ))
            .hint("open it in a current KeePass or KeePassXC and save it, or export it: File, Export, KeePass XML (2.x)"));
        }
        let (mut seed, mut rounds) = (Vec::new(), 0);
        loop {
            let id = bytes.u8()?;
            let size = if header.major == 3 {
                u32::from(bytes.u16()?)
            } else {
                bytes.u32()?
            };
            let value = bytes.take(size as usize)?;
            if value.len() > FIELD_BYTES {
                return Err(damaged());
            }
            match id {
                0 => break,
                2 if value == AES => header.is_chacha = false,
                2 if value == CHACHA => header.is_chacha = true,
                2 => return Err(damaged()),
                3 => header.is_packed = number(value)? == 1,
                4 => header.master_seed = value.to_vec(),
                5 => seed = value.to_vec(),
                6 => rounds = number(value)?,
                7 => header.nonce = value.to_vec(),
                8 => header.stream_key = value.to_vec(),
                9 => header.start_bytes = value.to_vec(),
                10 => header.stream = u32::try_from(number(value)?).map_err(|_| damaged())?,
                11 => header.derivation = derivation(value)?,
                _ => {}
            }
        }
        if header.major == 3 {
            header.derivation = aes(seed, rounds)?;
        }
        Ok((header, bytes.0))
    }
}

fn number(value: &[u8]) -> Result<u64> {
    if value.len() > 8 {
        return Err(damaged());
    }
    Ok(value
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn too_much() -> Error {
    Error::integrity("the database of KeePass asks for more memory or time than is given here")
        .hint("lower its key derivation in KeePass, or export it as XML")
}

fn aes(seed: Vec<u8>, rounds: u64) -> Result<Derivation> {
    if rounds > KDBX_ROUNDS {
        return Err(too_much());
    }
    Ok(Derivation::Aes { seed, rounds })
}

/// A dictionary: type, name and value, each with its length.
fn derivation(value: &[u8]) -> Result<Derivation> {
    let mut bytes = ByteReader(value);
    bytes.u16()?;
    let (mut kind, mut seed) = (Vec::new(), Vec::new());
    let (mut rounds, mut memory, mut passes, mut lanes, mut version) = (0, 0, 0, 0, 0x13);
    while bytes.u8()? != 0 {
        let size = bytes.u32()? as usize;
        let name = bytes.take(size)?;
        let size = bytes.u32()? as usize;
        let value = bytes.take(size)?;
        match name {
            b"$UUID" => kind = value.to_vec(),
            b"S" => seed = value.to_vec(),
            b"R" => rounds = number(value)?,
            b"M" => memory = number(value)? / 1024,
            b"I" => passes = number(value)?,
            b"P" => lanes = number(value)?,
            b"V" => version = number(value)?,
            _ => {}
        }
    }
    let is_argon2 = kind == ARGON2D || kind == ARGON2ID;
    if AES_KDF.iter().any(|id| kind == id) {
        return aes(seed, rounds);
    }
    if !is_argon2 || version != 0x13 {
        return Err(damaged());
    }
    let lanes = u32::try_from(lanes).map_err(|_| too_much())?;
    if memory > KDBX_MEMORY_KIB
        || passes > PASSES
        || lanes > KDBX_LANES
        || memory.saturating_mul(passes) > KDBX_WORK_KIB
    {
        return Err(too_much());
    }
    Ok(Derivation::Argon2 {
        id: kind == ARGON2ID,
        salt: seed,
        memory_kib: u32::try_from(memory).map_err(|_| too_much())?,
        passes: u32::try_from(passes).map_err(|_| too_much())?,
        lanes,
    })
}

/// The inner header of version 4.
#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) stream: u32,
    pub(crate) stream_key: Vec<u8>,
    /// Where the attachments stand, and the XML.
    pub(crate) files: Vec<Range<usize>>,
    pub(crate) xml: Range<usize>,
}

impl Inner {
    /// Reads the header.
    pub(crate) fn read(plain: &[u8]) -> Result<Self> {
        let mut bytes = ByteReader(plain);
        let mut inner = Self::default();
        loop {
            let id = bytes.u8()?;
            let size = bytes.u32()? as usize;
            let value = bytes.take(size)?;
            let end = plain.len() - bytes.0.len();
            match id {
                0 => {
                    inner.xml = end..plain.len();
                    return Ok(inner);
                }
                1 => inner.stream = u32::try_from(number(value)?).map_err(|_| damaged())?,
                2 if size > FIELD_BYTES => return Err(damaged()),
                2 => inner.stream_key = value.to_vec(),
                3 if inner.files.len() >= IMPORT_ATTACHMENTS => {
                    return Err(Error::usage(format!(
                        "the database has more than {IMPORT_ATTACHMENTS} attachments, the limit"
                    )));
                }
                // The first byte is a flag.
                3 => inner.files.push((end - size + 1).min(end)..end),
                _ => {}
            }
        }
    }
}
