//! From the password to the master key: Argon2id (RFC 9106).

use std::{fmt, thread};

use age_core::primitives::hkdf;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use rayon::iter::{IntoParallelIterator, ParallelExtend, ParallelIterator};
use sha2::{Digest, Sha256};
use unicode_normalization::{UnicodeNormalization, is_nfc};
use zeroize::Zeroizing;

use crate::crypto::encoding::{base64, unbase64};
use crate::crypto::memory::{LockedKey, wipe_stack};
use crate::crypto::threads::on_threads;
use crate::error::{Error, Result};
use crate::model::records::access::Access;
use crate::model::text::kdf::KdfParams;
use crate::model::text::secret::Secret;

/// What the wrapping key is for, in HKDF.
const WRAP_LABEL: &[u8] = b"vault/v1/argon2id";

/// The key that is derived from the password, the key file if there is one, and the salt. It
/// remembers its salt, so that no file is written under another one.
#[derive(Debug)]
pub struct MasterKey {
    key: LockedKey,
    access: Access,
}

impl MasterKey {
    /// A key that `fill` writes in place, with what it was derived under.
    pub fn init(access: Access, fill: impl FnOnce(&mut [u8; 32])) -> Self {
        let key = LockedKey::init(fill);
        Self { key, access }
    }

    /// Reads what [`Self::to_base64`] wrote.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is anything else; the text is not repeated.
    pub fn from_base64(access: Access, text: &Secret) -> Result<Self> {
        let key = unbase64(text.expose()).map(Zeroizing::new);
        let key = key.ok_or_else(|| Error::usage("that is no master key"))?;
        let master_key = Self::init(access, |bytes| *bytes = *key);
        drop(key);
        wipe_stack();
        Ok(master_key)
    }

    /// The key as base64 without padding, for an agent to keep.
    pub fn to_base64(&self) -> Secret {
        Secret::new(base64(self.expose()))
    }

    /// The key itself.
    pub fn expose(&self) -> &[u8; 32] {
        self.key.expose()
    }

    /// What it was derived under. A file with another `access` needs another key.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The key that wraps the file key of one write.
    pub(crate) fn wrapping_key(&self, nonce: &[u8; 16]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(hkdf(nonce, WRAP_LABEL, self.expose()))
    }
}

/// What a key file counts for: SHA-256 of its bytes.
pub struct KeyFile(Zeroizing<[u8; 32]>);

impl KeyFile {
    /// Reads the whole content of a key file.
    pub fn of(content: &[u8]) -> Self {
        Self(Zeroizing::new(Sha256::digest(content).into()))
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyFile(…)")
    }
}

/// Derives the master key: Argon2id v1.3, 32 bytes, over the password as NFC UTF-8, with the key
/// file's hash as secret input. Takes the time and the memory that `access` says, which the caller
/// has held against the ceiling.
///
/// # Errors
/// [`crate::error::Kind::Locked`] when the vault needs a key file and none is given,
/// [`crate::error::Kind::Usage`] when one is given and none needed,
/// [`crate::error::Kind::Integrity`] when the parameters are none of Argon2's,
/// [`crate::error::Kind::Failed`] when there is not enough memory.
pub fn derive(password: &Secret, key_file: Option<&KeyFile>, access: &Access) -> Result<MasterKey> {
    let pepper: &[u8] = match (access.key_file, key_file) {
        (true, Some(key_file)) => &*key_file.0,
        (false, None) => &[],
        (true, None) => {
            return Err(Error::locked("this vault needs its key file").hint("give --key-file"));
        }
        (false, Some(_)) => return Err(Error::usage("this vault uses no key file")),
    };
    let KdfParams { m, t, p } = access.kdf;
    let malformed = |_| Error::integrity(format!("{} are no parameters of Argon2", access.kdf));
    let params = Params::new(m, t, p, Some(32)).map_err(malformed)?;
    let blocks = params.block_count();
    let argon2 = Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params)
        .map_err(malformed)?;
    let password = nfc(password.expose());
    let mut key = LockedKey::zeroed();
    on_threads(usize::try_from(p).unwrap_or(1), || {
        let mut memory = allocate(blocks)
            .ok_or_else(|| Error::failed(format!("no memory for {} of Argon2", access.kdf)))?;
        let hashed = argon2.hash_password_into_with_memory(
            password.as_bytes(),
            &access.salt,
            key.expose_mut(),
            &mut memory,
        );
        free(memory);
        wipe_stack();
        hashed.map_err(malformed)
    })??;
    Ok(MasterKey {
        key,
        access: *access,
    })
}

/// The password as it counts, so that it does not matter which keyboard composed an `é`.
fn nfc(password: &str) -> Zeroizing<String> {
    // Composition can make text up to three times as long (Unicode, UAX 15); a string that grew
    // would leave copies behind.
    let mut normal = Zeroizing::new(String::with_capacity(3 * password.len()));
    if is_nfc(password) {
        normal.push_str(password);
    } else {
        normal.extend(password.nfc());
    }
    normal
}

/// Argon2's memory, taken and zeroed by all threads at once: on one thread that takes about as
/// long as a pass.
fn allocate(blocks: usize) -> Option<Vec<Block>> {
    let mut memory = Vec::new();
    memory.try_reserve_exact(blocks).ok()?;
    memory.par_extend((0..blocks).into_par_iter().map(|_| Block::new()));
    Some(memory)
}

/// Gives the memory back without waiting for it. The blocks hold key material: the program's
/// allocator wipes them when they are freed, so they are not wiped here a second time, and that
/// takes a seventh of the whole derivation. A process that ends before it is done gives the pages
/// to the kernel, which clears them. Without a thread to do it, the closure is dropped here, and
/// the memory with it.
fn free(memory: Vec<Block>) {
    let _ = thread::Builder::new().spawn(move || drop(memory));
}

#[cfg(test)]
mod tests {
    use super::{Access, KdfParams, KeyFile, MasterKey, Secret, derive};
    use crate::crypto::encoding::hex;
    use crate::error::Kind;

    fn access(m: u32, t: u32, p: u32, key_file: bool) -> Access {
        let salt = std::array::from_fn(|i| u8::try_from(i).unwrap());
        let kdf = KdfParams { m, t, p };
        Access {
            salt,
            kdf,
            key_file,
        }
    }

    fn derived(password: &str, key_file: Option<&[u8]>, access: &Access) -> String {
        let key_file = key_file.map(KeyFile::of);
        let key = derive(&Secret::new(password.into()), key_file.as_ref(), access);
        hex(key.unwrap().expose())
    }

    /// Computed with the reference implementation in C.
    #[test]
    fn keys_are_those_of_the_reference_implementation() {
        assert_eq!(
            derived("correct horse", None, &access(64, 3, 4, false)),
            "9bd6201406d26eb54e97961ba73c80c0a6fd3571471dda9b048f09a058c13e9e"
        );
        assert_eq!(
            derived("correct horse", Some(b"key file"), &access(64, 3, 4, true)),
            "93fcaab71099e2b57cd4576e0084aeeb2b11022ce276eef93cdae5ff70b73cd2"
        );
    }

    #[test]
    fn a_password_counts_as_it_looks_not_as_it_was_typed() {
        let expected = "2b731a5f93432ba119a17c766b79b6a94dac874e2d27050e9e35042e0c781222";
        assert_eq!(derived("\u{e9}", None, &access(8, 1, 1, false)), expected);
        assert_eq!(derived("e\u{301}", None, &access(8, 1, 1, false)), expected);
    }

    #[test]
    fn a_key_file_is_given_exactly_when_it_is_needed() {
        let password = Secret::new("p".into());
        let missing = derive(&password, None, &access(8, 1, 1, true)).unwrap_err();
        assert_eq!(missing.kind(), Kind::Locked);
        let needless = KeyFile::of(b"k");
        let needless = derive(&password, Some(&needless), &access(8, 1, 1, false)).unwrap_err();
        assert_eq!(needless.kind(), Kind::Usage);
    }

    #[test]
    fn parameters_that_argon2_does_not_know_are_refused() {
        for (m, t, p) in [(7, 1, 1), (8, 0, 1), (8, 1, 0), (8, 1, 2)] {
            let error = derive(&Secret::default(), None, &access(m, t, p, false)).unwrap_err();
            assert_eq!(error.kind(), Kind::Integrity);
        }
    }

    #[test]
    fn a_key_reads_back_from_its_text() {
        let access = access(8, 1, 1, false);
        let key = MasterKey::init(access, |key| key.fill(0xa5));
        let again = MasterKey::from_base64(access, &key.to_base64()).unwrap();
        assert_eq!(again.expose(), key.expose());
        let damaged = MasterKey::from_base64(access, &Secret::new("AAAA".into())).unwrap_err();
        assert_eq!(damaged.kind(), Kind::Usage);
    }
}
