"use strict";
// ChaCha20-Poly1305 (RFC 8439), without additional data: age has none.

/** Encrypts, and puts the tag behind it, section 2.8. `key` is 32 bytes, `nonce` 12. */
function seal(key, nonce, plaintext) {
  const ciphertext = chacha20(key, nonce, 1, plaintext);
  return joined(ciphertext, aeadTag(key, nonce, ciphertext));
}

/** Decrypts what {@link seal} made; nothing where the tag is another. */
function unseal(key, nonce, sealed) {
  if (sealed.length < 16) return null;
  const ciphertext = sealed.subarray(0, sealed.length - 16);
  const tag = sealed.subarray(sealed.length - 16);
  if (!isSame(aeadTag(key, nonce, ciphertext), tag)) return null;
  return chacha20(key, nonce, 1, ciphertext);
}

/** The tag of section 2.8: over the ciphertext, padded, and the lengths of nothing and of it. */
function aeadTag(key, nonce, ciphertext) {
  const padding = new Uint8Array((16 - (ciphertext.length % 16)) % 16);
  const lengths = new DataView(new ArrayBuffer(16));
  lengths.setUint32(8, ciphertext.length, true);
  const oneTimeKey = chacha20(key, nonce, 0, new Uint8Array(32));
  return poly1305(oneTimeKey, joined(ciphertext, padding, new Uint8Array(lengths.buffer)));
}

/** Encrypts or decrypts, section 2.4, from block number `counter` on. */
function chacha20(key, nonce, counter, input) {
  const state = new Uint32Array(16);
  state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]); // "expand 32-byte k"
  const words = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < 8; at++) state[4 + at] = words(key).getUint32(4 * at, true);
  for (let at = 0; at < 3; at++) state[13 + at] = words(nonce).getUint32(4 * at, true);
  const output = Uint8Array.from(input);
  const stream = new DataView(new ArrayBuffer(64));
  const mixed = new Uint32Array(16);
  for (let block = 0; block < output.length; block += 64) {
    state[12] = counter++;
    mixed.set(state);
    chacha20Rounds(mixed);
    for (let at = 0; at < 16; at++) stream.setUint32(4 * at, mixed[at] + state[at], true);
    const length = Math.min(64, output.length - block);
    for (let at = 0; at < length; at++) output[block + at] ^= stream.getUint8(at);
  }
  return output;
}

/** The ten double rounds of section 2.3: columns, then diagonals. */
function chacha20Rounds(x) {
  for (let round = 0; round < 10; round++) {
    chacha20Quarter(x, 0, 4, 8, 12);
    chacha20Quarter(x, 1, 5, 9, 13);
    chacha20Quarter(x, 2, 6, 10, 14);
    chacha20Quarter(x, 3, 7, 11, 15);
    chacha20Quarter(x, 0, 5, 10, 15);
    chacha20Quarter(x, 1, 6, 11, 12);
    chacha20Quarter(x, 2, 7, 8, 13);
    chacha20Quarter(x, 3, 4, 9, 14);
  }
}

/** The quarter round of section 2.1. */
function chacha20Quarter(x, a, b, c, d) {
  const turned = (word, by) => (word << by) | (word >>> (32 - by));
  x[a] += x[b];
  x[d] = turned(x[d] ^ x[a], 16);
  x[c] += x[d];
  x[b] = turned(x[b] ^ x[c], 12);
  x[a] += x[b];
  x[d] = turned(x[d] ^ x[a], 8);
  x[c] += x[d];
  x[b] = turned(x[b] ^ x[c], 7);
}

/** Poly1305, section 2.5: the tag of 16 bytes under a key of 32 that is used once. */
function poly1305(key, message) {
  const prime = 2n ** 130n - 5n;
  const r = numberOfBytes(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  const s = numberOfBytes(key.subarray(16, 32));
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    let block;
    if (at + 16 <= message.length) {
      block = view.getBigUint64(at, true) | (view.getBigUint64(at + 8, true) << 64n) | (1n << 128n);
    } else {
      const rest = message.subarray(at);
      block = numberOfBytes(rest) | (1n << BigInt(8 * rest.length));
    }
    sum = ((sum + block) * r) % prime;
  }
  return bytesOfNumber(sum + s).subarray(0, 16);
}
