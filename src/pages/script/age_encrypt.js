"use strict";
// Encrypts to one X25519 recipient (C2SP age.md, "X25519 recipient stanza").

/** An age file of `plaintext`, in armour. `recipient` is the text `age1…`. */
function encryptTo(recipient, plaintext) {
  const fileKey = randomBytes(16);
  const header = ageHeader(x25519Stanza(fileKey, recipientKey(recipient)), fileKey);
  return armored(joined(header, agePayload(fileKey, plaintext)));
}

/** The stanza's two lines: the ephemeral share, and the file key wrapped for the recipient. */
function x25519Stanza(fileKey, recipient) {
  const secret = randomBytes(32);
  const share = x25519(secret, X25519_BASE);
  const agreed = x25519(secret, recipient);
  // A point of low order makes a secret that everyone knows.
  if (isSame(agreed, new Uint8Array(32))) throw new Refused("damaged");
  const key = hkdfSha256(agreed, joined(share, recipient), `${AGE_VERSION}/X25519`);
  const wrapped = seal(key, AGE_ZERO_NONCE, fileKey);
  return `-> X25519 ${toBareBase64(share)}\n${toBareBase64(wrapped)}\n`;
}

/** The header, with its MAC. */
function ageHeader(stanzas, fileKey) {
  const header = `${AGE_VERSION}\n${stanzas}---`;
  return utf8(`${header} ${toBareBase64(ageHeaderMac(fileKey, utf8(header)))}\n`);
}

/** The nonce, and the chunks; a plaintext of nothing is one empty chunk. */
function agePayload(fileKey, plaintext) {
  const nonce = randomBytes(16);
  const key = agePayloadKey(fileKey, nonce);
  const count = Math.max(1, Math.ceil(plaintext.length / AGE_CHUNK));
  const parts = [nonce];
  for (let number = 0; number < count; number++) {
    const chunk = plaintext.subarray(number * AGE_CHUNK, (number + 1) * AGE_CHUNK);
    parts.push(seal(key, ageChunkNonce(number, number === count - 1), chunk));
  }
  return joined(...parts);
}
