//! The payload of an age file: STREAM over chunks of ChaCha20-Poly1305
//! (<https://c2sp.org/age#payload>).
//!
//! The age crate's reader and writer hold one chunk at a time and copy and wipe it several times;
//! here each chunk is worked on where it lies, and those of a large payload on all cores.

use std::io::Write;
use std::{io, iter, mem};

use age_core::format::FILE_KEY_BYTES;
use age_core::primitives::hkdf;
use chacha20poly1305::{AeadInPlace, ChaCha20Poly1305, KeyInit, Nonce};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use zeroize::Zeroizing;

use super::padding::padme;
use crate::crypto::memory::{Pages, wipe_stack};
use crate::crypto::threads::on_threads;
use crate::error::{Error, Result};

/// Bytes of the payload's nonce, of a chunk's plaintext and of its tag.
pub(super) const PAYLOAD_NONCE: usize = 16;
pub(super) const CHUNK: usize = 64 << 10;
const CHUNK_TAG: usize = 16;
/// Bytes of a chunk with its tag.
const SEALED_CHUNK: usize = CHUNK + CHUNK_TAG;
/// The fewest chunks that are worth starting threads for: those cost as much as two or three.
const WORTH_THREADS: usize = 16;
/// What plaintext is padded with, a good deal at once.
const SPACES: &[u8] = &[b' '; 4096];

/// Length of the plaintext in so many bytes of chunks; `None` when no chunks are that long.
pub(super) fn plaintext_len(chunks: usize) -> Option<usize> {
    // Only a payload of nothing at all is an empty chunk.
    let is_cut = (1..=CHUNK_TAG).contains(&(chunks % SEALED_CHUNK)) && chunks > CHUNK_TAG;
    let tags = chunks.div_ceil(SEALED_CHUNK).max(1) * CHUNK_TAG;
    chunks.checked_sub(tags).filter(|_| !is_cut)
}

/// Bytes of the chunks that hold so many bytes of plaintext.
pub(super) fn chunks_len(plaintext: usize) -> usize {
    plaintext + plaintext.div_ceil(CHUNK).max(1) * CHUNK_TAG
}

/// The cipher of one payload.
pub(super) struct PayloadCipher(ChaCha20Poly1305);

impl PayloadCipher {
    /// That of the payload with this nonce, in the file with this key.
    pub(super) fn new(file_key: &[u8; FILE_KEY_BYTES], nonce: &[u8]) -> Self {
        let key = Zeroizing::new(hkdf(nonce, b"payload", file_key));
        Self(ChaCha20Poly1305::new((&*key).into()))
    }

    /// Decrypts all chunks of a payload; `None` when one of them does not fit.
    ///
    /// # Errors
    /// [`crate::error::Kind::Failed`] when there is not enough memory.
    pub(super) fn decrypt(&self, chunks: &[u8]) -> Result<Option<Pages>> {
        let Some(length) = plaintext_len(chunks.len()) else {
            return Ok(None);
        };
        let mut plaintext = Pages::zeroed(length)?;
        // A payload of nothing at all is one empty chunk.
        let parts = plaintext.chunks_mut(CHUNK).chain(iter::once(&mut [][..]));
        let pairs = chunks.chunks(SEALED_CHUNK).zip(parts).collect();
        let fit = each_chunk(pairs, |nonce, (sealed, plain)| {
            let (body, tag) = sealed.split_at_checked(plain.len())?;
            let tag: &[u8; CHUNK_TAG] = tag.try_into().ok()?;
            plain.copy_from_slice(body);
            let opened = (self.0).decrypt_in_place_detached(nonce, &[], plain, tag.into());
            opened.ok()
        })?;
        Ok(fit.then_some(plaintext))
    }

    /// Encrypts chunks where they lie and puts their tags behind them.
    fn encrypt(&self, chunks: &mut [u8]) -> Result<()> {
        let chunks = chunks.chunks_mut(SEALED_CHUNK).collect();
        let done = each_chunk(chunks, |nonce, chunk: &mut [u8]| {
            let (plain, room) = chunk.split_last_chunk_mut::<CHUNK_TAG>()?;
            let tag = self.0.encrypt_in_place_detached(nonce, &[], plain).ok()?;
            room.copy_from_slice(&tag);
            Some(())
        })?;
        done.then_some(())
            .ok_or_else(|| Error::failed("cannot encrypt the vault: it is too large"))
    }
}

/// Works on chunks, each with its nonce, on all cores where there are many. Whether all went well.
fn each_chunk<C: Send>(
    chunks: Vec<C>,
    work: impl Fn(&Nonce, C) -> Option<()> + Send + Sync,
) -> Result<bool> {
    let count = chunks.len();
    let work = |(at, chunk)| {
        let done = on_its_own(|| work(&nonce(at, at + 1 == count)?, chunk));
        wipe_stack();
        done
    };
    if count < WORTH_THREADS {
        return Ok(chunks.into_iter().enumerate().try_for_each(work).is_some());
    }
    on_threads(count, || {
        let chunks = chunks.into_par_iter().enumerate();
        chunks.try_for_each(work).is_some()
    })
}

/// Calls `work` below a frame of its own, so that what ciphers leave there lies where it is wiped.
#[inline(never)]
fn on_its_own<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// A chunk's number in eleven bytes, and whether it is the last.
fn nonce(at: usize, is_last: bool) -> Option<Nonce> {
    let number = u32::try_from(at).ok()?.to_be_bytes();
    let mut nonce = Nonce::default();
    let (_, end) = nonce.split_last_chunk_mut::<5>()?;
    *end = [number[0], number[1], number[2], number[3], is_last.into()];
    Some(nonce)
}

/// Takes plaintext and lays it out behind a header, in chunks with room for their tags.
pub(super) struct PayloadWriter {
    file: Zeroizing<Vec<u8>>,
    /// Where the chunks begin.
    start: usize,
    /// How much of the last chunk is free.
    free: usize,
    /// Bytes of plaintext so far.
    length: usize,
}

impl PayloadWriter {
    /// Behind `header`, which ends with the payload's nonce; with room for `expected` bytes, so
    /// that the buffer does not grow by copying.
    pub(super) fn behind(header: &[u8], expected: usize) -> Self {
        let room = header.len() + chunks_len(padme(expected));
        let mut file = Zeroizing::new(Vec::with_capacity(room));
        file.extend_from_slice(header);
        Self {
            start: header.len(),
            file,
            free: CHUNK,
            length: 0,
        }
    }

    /// Pads the plaintext with spaces to a Padmé length and encrypts it in place.
    pub(super) fn seal(mut self, cipher: &PayloadCipher) -> Result<Vec<u8>> {
        let padding = padme(self.length) - self.length;
        for padded in (0..padding).step_by(SPACES.len()) {
            self.take(SPACES.get(..padding - padded).unwrap_or(SPACES));
        }
        self.file.extend_from_slice(&[0; CHUNK_TAG]);
        cipher.encrypt(self.file.get_mut(self.start..).unwrap_or_default())?;
        Ok(mem::take(&mut *self.file))
    }

    fn take(&mut self, mut bytes: &[u8]) {
        self.length += bytes.len();
        while let Some((fitting, rest)) = bytes.split_at_checked(self.free) {
            if rest.is_empty() {
                break;
            }
            self.file.extend_from_slice(fitting);
            self.file.extend_from_slice(&[0; CHUNK_TAG]);
            self.free = CHUNK;
            bytes = rest;
        }
        self.file.extend_from_slice(bytes);
        self.free -= bytes.len();
    }
}

impl Write for PayloadWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.take(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use age::secrecy::ExposeSecret;
    use age_core::format::{FileKey, Stanza};

    use super::{
        CHUNK, CHUNK_TAG, PAYLOAD_NONCE, PayloadCipher, PayloadWriter, SEALED_CHUNK, WORTH_THREADS,
        chunks_len, padme, plaintext_len,
    };

    /// A key that stands in the header as it is: age's own reader and writer, with a file key that
    /// is known here.
    struct BareKey;

    impl age::Recipient for BareKey {
        fn wrap_file_key(
            &self,
            file_key: &FileKey,
        ) -> Result<(Vec<Stanza>, std::collections::HashSet<String>), age::EncryptError> {
            let stanza = Stanza {
                tag: "bare".into(),
                args: vec![],
                body: file_key.expose_secret().to_vec(),
            };
            Ok((vec![stanza], std::collections::HashSet::new()))
        }
    }

    impl age::Identity for BareKey {
        fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
            let body = stanza.body.as_slice().try_into().ok()?;
            (stanza.tag == "bare").then(|| Ok(FileKey::new(Box::new(body))))
        }
    }

    /// The header with the nonce of a file of age's, and its cipher.
    fn opened(file: &[u8]) -> (&[u8], PayloadCipher) {
        let text = String::from_utf8_lossy(file);
        let key = text.split("-> bare\n").nth(1).unwrap().lines().next();
        let file_key = crate::crypto::encoding::unbase64::<16>(key.unwrap()).unwrap();
        let mac = file.windows(5).position(|it| it == b"\n--- ").unwrap() + 1;
        let line = file[mac..].iter().position(|it| *it == b'\n').unwrap() + 1;
        let (header, nonce) = (mac + line, mac + line + PAYLOAD_NONCE);
        let cipher = PayloadCipher::new(&file_key, &file[header..nonce]);
        (&file[..nonce], cipher)
    }

    fn lengths() -> Vec<usize> {
        let many = (WORTH_THREADS + 2) * CHUNK;
        let mut lengths = vec![0, 1, 1000, many, many + 1];
        for chunks in 1..3 {
            lengths.extend([chunks * CHUNK - 1, chunks * CHUNK, chunks * CHUNK + 1]);
        }
        lengths
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..length)
            .map(|at| u8::try_from(at % 251).unwrap())
            .collect()
    }

    #[test]
    fn what_age_has_written_is_read() {
        for length in lengths() {
            let file = age::encrypt(&BareKey, &bytes(length)).unwrap();
            let (header, cipher) = opened(&file);
            let plaintext = cipher.decrypt(&file[header.len()..]).unwrap().unwrap();
            assert_eq!(*plaintext, *bytes(length), "{length}");
        }
    }

    #[test]
    fn what_is_written_here_is_read_by_age() {
        for length in lengths() {
            let empty = age::encrypt(&BareKey, b"").unwrap();
            let (header, cipher) = opened(&empty);
            let mut writer = PayloadWriter::behind(header, length / 2);
            for part in bytes(length).chunks(1001) {
                writer.write_all(part).unwrap();
            }
            let file = writer.seal(&cipher).unwrap();
            assert_eq!(file.len(), header.len() + chunks_len(padme(length)));
            let decryptor = age::Decryptor::new_buffered(&*file).unwrap();
            let mut reader = decryptor.decrypt(std::iter::once(&BareKey as _)).unwrap();
            let mut read = Vec::new();
            reader.read_to_end(&mut read).unwrap();
            assert_eq!(read.len(), padme(length));
            assert_eq!(read[..length], *bytes(length), "{length}");
            assert!(read[length..].iter().all(|byte| *byte == b' '));
        }
    }

    #[test]
    fn chunks_that_were_cut_swapped_or_added_do_not_fit() {
        let file = age::encrypt(&BareKey, &bytes(3 * CHUNK)).unwrap();
        let (header, cipher) = opened(&file);
        let good = &file[header.len()..];
        let is_read = |chunks: &[u8]| cipher.decrypt(chunks).unwrap().is_some();
        assert!(is_read(good));
        let (one, rest) = good.split_at(SEALED_CHUNK);
        let (two, three) = rest.split_at(SEALED_CHUNK);
        for bad in [
            [two, one, three].concat(),
            [one, two, two, three].concat(),
            [one, two].concat(),
            [one, two, three, &[0; CHUNK_TAG]].concat(),
            [one, two, three, one].concat(),
            good[..good.len() - 1].to_vec(),
            [good, b"x"].concat(),
        ] {
            assert!(!is_read(&bad), "{} bytes", bad.len());
        }
    }

    #[test]
    fn an_empty_chunk_is_the_only_one() {
        let file = age::encrypt(&BareKey, &bytes(CHUNK)).unwrap();
        let (header, cipher) = opened(&file);
        let mut chunks = bytes(CHUNK);
        chunks.extend([0; 2 * CHUNK_TAG]);
        // Encrypted as two chunks, of which the last holds nothing.
        cipher.encrypt(&mut chunks).unwrap();
        assert!(cipher.decrypt(&chunks).unwrap().is_none());
        assert!(cipher.decrypt(&file[header.len()..]).unwrap().is_some());
    }

    #[test]
    fn lengths_go_both_ways() {
        for length in lengths() {
            assert_eq!(plaintext_len(chunks_len(length)), Some(length));
        }
        for impossible in [0, 1, 15, SEALED_CHUNK + 1, SEALED_CHUNK + CHUNK_TAG] {
            assert_eq!(plaintext_len(impossible), None);
        }
    }
}
