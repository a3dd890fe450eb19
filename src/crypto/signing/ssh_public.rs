//! OpenSSH public keys of other people, of every kind that signs.

use ssh_key::public::{KeyData, RsaPublicKey};
use ssh_key::{Algorithm, HashAlg, PublicKey};

use super::ed25519::Signer;
use crate::error::{Error, Result};

/// The least length of an RSA key, in bits.
const RSA_BITS: usize = 2048;
/// The most, in bits: signatures of longer ones cannot be checked, nor can they be encrypted to.
const MOST_RSA_BITS: usize = 4096;

/// A public key of a known kind: Ed25519, ECDSA, RSA, and those of security keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshPublicKey(PublicKey);

impl SshPublicKey {
    /// Reads `TYPE BASE64 [comment]`; the comment is dropped.
    ///
    /// # Errors
    /// [`crate::error::Kind::Usage`] when it is malformed, of another kind, or too weak to say
    /// anything; never with the text, which may be a private key.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.contains("PRIVATE KEY") {
            return Err(Error::usage("that is a private key")
                .hint("give the public one, from the file that ends in .pub"));
        }
        let not_one = || {
            Error::usage("not an OpenSSH public key")
                .hint("it looks like: ssh-ed25519 AAAA…; a file that holds one will do too")
        };
        if text.contains('\n') {
            return Err(not_one());
        }
        Self::try_from(PublicKey::from_openssh(text).map_err(|_| not_one())?)
    }

    pub(crate) fn as_ssh(&self) -> &PublicKey {
        &self.0
    }

    /// The type, as in `ssh-ed25519`.
    pub fn kind(&self) -> String {
        self.0.algorithm().to_string()
    }

    /// The key itself, in base64 as OpenSSH writes it.
    pub fn to_base64(&self) -> String {
        let line = self.0.to_string();
        line.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    /// `TYPE BASE64`, without a comment.
    pub fn to_openssh(&self) -> String {
        self.0.to_string().trim_end().to_owned()
    }

    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint(HashAlg::Sha256).to_string()
    }
}

impl TryFrom<PublicKey> for SshPublicKey {
    type Error = Error;

    /// A key of a kind that can be used, and not too weak to say anything.
    fn try_from(mut key: PublicKey) -> Result<Self> {
        key.set_comment("");
        check(&key)?;
        Ok(Self(key))
    }
}

fn bits(key: &RsaPublicKey) -> usize {
    key.n.as_positive_bytes().unwrap_or_default().len() * 8
}

fn check(key: &PublicKey) -> Result<()> {
    match key.key_data() {
        KeyData::Ed25519(_) => Signer::parse_openssh(&key.to_string()).map(|_| ()),
        KeyData::Ecdsa(_) | KeyData::SkEcdsaSha2NistP256(_) | KeyData::SkEd25519(_) => Ok(()),
        KeyData::Rsa(rsa) => {
            let bits = bits(rsa);
            if bits > MOST_RSA_BITS {
                return Err(Error::usage(format!(
                    "an RSA key of {bits} bits; it can have {MOST_RSA_BITS} at most"
                )));
            }
            if bits < RSA_BITS {
                return Err(Error::usage(format!(
                    "an RSA key of {bits} bits; it has to have {RSA_BITS} at least"
                )));
            }
            Ok(())
        }
        _ => Err(Error::usage(format!(
            "a key of type {}, which cannot be used",
            match key.algorithm() {
                Algorithm::Dsa => "ssh-dss".to_owned(),
                other => other.to_string(),
            }
        ))
        .hint("Ed25519, ECDSA, RSA and security keys can: ssh-keygen -t ed25519")),
    }
}

#[cfg(test)]
mod tests {
    use super::SshPublicKey;
    use crate::error::Kind;

    /// Made by `ssh-keygen`; the fingerprints are what `ssh-keygen -l` says of them.
    const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCLQjH5tc3XFFGqgmtFshU69mP/1YjLO3A424MdEiJDn2L6C+HHT4eaExA3KaQbPbLE7JRPleMJOVu0Hu4+tfI7wavl648vM/LZgb4H1WheiQ2mRugiFtWqOQtCeUf/FVQsuFKd6+WqHR+KUEBQr0Qgz49HTW2DB7XkwVVipcG9ujM2+fzIsvXVM21uVv82WxdcLuMl8JLSvmoehoQ/NHZKYH6bpuZXbdRF0lCm1G2i4UURsQbP9l4EtSIEPJSMp1/Uxz02K63LvW0EUSds2TANMlyMVvu7oBQN1ODxnLpvcbRw9GWVhSkfMevAFbZL9Q3QJonXdzrAwAS75nW7VUpz";
    const RSA_FINGERPRINT: &str = "SHA256:wNW/dYIehthz0Ho7eXW8CrISSGnv8tPyPYO7ZQn1VvE";
    const ECDSA: &str = "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBMjii8nylPk9+z4VuNptt7vh10/T/EF2FQsEBSO+XQrbJCmdMp4KRGzf0qlf+f/6INLjvcRoXuNU2OTHtq4GedmTCVyUK1zpsnLhenc2tISNDr8ZPr+WYU7FiJQlcoAjcQ==";
    const ECDSA_FINGERPRINT: &str = "SHA256:2H1YYTa1JgqM3/rBEXP99CIeAvDUnxZDrRZ86gE4CfI";
    const SHORT_RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDJqu2/nzm/m7pRd4/d0YnZrZuhNMIzELrHheUDfhyyjEjrLmQwLeiwKrAXmtbaUilGXLbzn9vTsbAmWa4rCz3qgSkoVKxLFO4g616GgZQIcWtoDTUF6O0kgj93gaBeMkfc+Pvdq+IVaHOfcgviyCEtQnjZfu6ceHtxC3Y7a8oZEw==";
    const DSA: &str = "ssh-dss AAAAB3NzaC1kc3MAAACBAJTlN6t5C3dRffP17wmcvCgCxfp2pZ1Y0iGkVVxT8O38n4HnrYW2QkLIXTsokR+Ish1H1+FRrnX6ZpsJB6CHir+wd0/GqWqKVOz2cft2R82pU264bOwL2csr6v8/Gl1+C6cdLGgib24DcHwevhTUR9Pxt58Dm0bKZ7ohsYLJmroNAAAAFQCe8UoiLWF2qwqKN3+E5M+qyWgK7QAAAIA+47qva7oM5/mfDEuejW2KdbIhzHQIsX47pnCezf/zlj1OdbB9vZ7VoXUiE9DJFAHeSGh74TeHVz3RWr9Fu8OeSYZ+9F/llfJG4rDYVvdd4TEArVsCRheT3tmHduKbAzIAYMHcYpeznoH+/sDdEq3/1RkQdgbYSL7ElEKDAojrVAAAAIEAhpsB7p3D/mOkYMPYc1Uq4elyTVAGIqRgbFTygSgAT8NAZgWiC97tiXnDdA3hps4+Z7Va5mCmDCdqhxoZJUjF/FiAuUHZmlel+YRR9FG2i16dkPvr5QKcwIWa2veLKz2fJXm+BPQ/R2AYDvhHTcsyc/etlj2GU5UpDVUW81ZGh+k=";

    #[test]
    fn keys_are_spelled_as_openssh_spells_them() {
        for (line, fingerprint) in [(RSA, RSA_FINGERPRINT), (ECDSA, ECDSA_FINGERPRINT)] {
            let key = SshPublicKey::parse(&format!("{line} jo@laptop 1\n")).unwrap();
            assert_eq!(format!("{} {}", key.kind(), key.to_base64()), line);
            assert_eq!(key.fingerprint(), fingerprint);
        }
    }

    #[test]
    fn what_is_malformed_or_weak_is_refused() {
        let weak = format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{}", "A".repeat(43));
        let two = format!("{RSA}\n{ECDSA}");
        for bad in [
            "",
            "ssh-rsa",
            "ssh-rsa AAAA",
            &RSA[..80],
            &weak,
            &two,
            SHORT_RSA,
            DSA,
        ] {
            let error = SshPublicKey::parse(bad).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{bad}");
        }
        let short = SshPublicKey::parse(SHORT_RSA).unwrap_err();
        assert!(short.message().contains("1024 bits"));
        let dsa = SshPublicKey::parse(DSA).unwrap_err();
        assert!(dsa.message().contains("ssh-dss"));
    }

    #[test]
    fn a_private_key_is_not_repeated() {
        let error =
            SshPublicKey::parse("-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0").unwrap_err();
        assert!(!error.message().contains("c2Vj"));
        assert!(error.next_step().unwrap().contains(".pub"));
    }
}
