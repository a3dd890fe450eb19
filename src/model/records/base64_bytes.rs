//! Byte arrays as unpadded base64 in JSON, for `#[serde(with = …)]`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Deserializer, Serializer, de};
use zeroize::Zeroizing;

/// Writes the bytes as base64 without padding.
pub(crate) fn serialize<S: Serializer, const N: usize>(
    bytes: &[u8; N],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&Zeroizing::new(STANDARD_NO_PAD.encode(bytes)))
}

/// Reads canonical base64 of exactly `N` bytes.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
    deserializer: D,
) -> Result<[u8; N], D::Error> {
    let text = Zeroizing::new(String::deserialize(deserializer)?);
    let bytes = Zeroizing::new(
        STANDARD_NO_PAD
            .decode(text.as_bytes())
            .map_err(|_| de::Error::custom("not canonical base64"))?,
    );
    <[u8; N]>::try_from(bytes.as_slice())
        .map_err(|_| de::Error::invalid_length(bytes.len(), &"a fixed length"))
}
