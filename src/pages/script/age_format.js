"use strict";
// What writing and reading an age file share (C2SP age.md): lines of the header, its MAC, STREAM.

const AGE_VERSION = "age-encryption.org/v1";
/** Bytes of plaintext in a chunk, "Payload". */
const AGE_CHUNK = 64 * 1024;
/** Bytes of the tag behind each chunk. */
const AGE_TAG = 16;

/** The MAC of a header up to and including its `---`, "Header MAC". */
function ageHeaderMac(fileKey, header) {
  return hmacSha256(hkdfSha256(fileKey, new Uint8Array(0), "header"), header);
}

/** The key of the payload, "Payload". */
function agePayloadKey(fileKey, nonce) {
  return hkdfSha256(fileKey, nonce, "payload");
}

/** The nonce of a chunk: 11 bytes of its number, and whether it is the last. */
function ageChunkNonce(number, isLast) {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, number);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

/** The nonce of a wrapped file key: each wrapping key is used once. */
const AGE_ZERO_NONCE = new Uint8Array(12);
