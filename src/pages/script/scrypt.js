"use strict";
// scrypt (RFC 7914) with r = 8 and p = 1, as age uses it. It takes 1 KiB of memory for each of its N
// steps and rests often, so that the page stays alive.

/** Words of 4 bytes in a block: 128 bytes times r. */
const SCRYPT_WORDS = 256;
/** Milliseconds of work between two rests. */
const SCRYPT_SLICE = 40;

/**
 * 32 bytes of key from a passphrase, section 6. N is 2 to the power of `workFactor`. `progress` is
 * told from time to time how much is done, from 0 to 1.
 */
async function scrypt(passphrase, salt, workFactor, progress) {
  const steps = 2 ** workFactor;
  let table;
  try {
    table = new Uint32Array(steps * SCRYPT_WORDS);
  } catch {
    throw new Refused("memory");
  }
  const block = wordsOf(pbkdf2OnceSha256(passphrase, salt, 4 * SCRYPT_WORDS));
  await scryptRoMix(block, table, steps, progress);
  table.fill(0);
  return pbkdf2OnceSha256(passphrase, bytesOfWords(block), 32);
}

/** ROMix, section 5: fills the table in order, then reads it in an order that the block decides. */
async function scryptRoMix(block, table, steps, progress) {
  const mixed = new Uint32Array(SCRYPT_WORDS);
  let rested = performance.now();
  for (let step = 0; step < 2 * steps; step++) {
    if (step < steps) {
      table.set(block, step * SCRYPT_WORDS);
    } else {
      const from = (block[SCRYPT_WORDS - 16] & (steps - 1)) * SCRYPT_WORDS;
      for (let at = 0; at < SCRYPT_WORDS; at++) block[at] ^= table[from + at];
    }
    scryptBlockMix(block, mixed);
    if (step % 64 === 0 && performance.now() - rested > SCRYPT_SLICE) {
      progress(step / (2 * steps));
      await rest();
      rested = performance.now();
    }
  }
}

/** BlockMix, section 4: mixes `block` in place, with `mixed` as its room. */
function scryptBlockMix(block, mixed) {
  const x = block.slice(SCRYPT_WORDS - 16);
  for (let part = 0; part < SCRYPT_WORDS / 16; part++) {
    for (let at = 0; at < 16; at++) x[at] ^= block[16 * part + at];
    salsa20of8(x);
    // Even parts come first, then the odd ones.
    mixed.set(x, 16 * ((part >> 1) + (part & 1) * (SCRYPT_WORDS / 32)));
  }
  block.set(mixed);
}

/**
 * Salsa20/8, section 3, on 16 words in place: its lines, four times. It runs a million times, and is
 * much faster with 16 names than with an array.
 */
function salsa20of8(words) {
  const turned = (word, by) => (word << by) | (word >>> (32 - by));
  let x0 = words[0] | 0, x1 = words[1] | 0, x2 = words[2] | 0, x3 = words[3] | 0;
  let x4 = words[4] | 0, x5 = words[5] | 0, x6 = words[6] | 0, x7 = words[7] | 0;
  let x8 = words[8] | 0, x9 = words[9] | 0, x10 = words[10] | 0, x11 = words[11] | 0;
  let x12 = words[12] | 0, x13 = words[13] | 0, x14 = words[14] | 0, x15 = words[15] | 0;
  for (let round = 0; round < 4; round++) {
    // Columns.
    x4 ^= turned((x0 + x12) | 0, 7);
    x8 ^= turned((x4 + x0) | 0, 9);
    x12 ^= turned((x8 + x4) | 0, 13);
    x0 ^= turned((x12 + x8) | 0, 18);
    x9 ^= turned((x5 + x1) | 0, 7);
    x13 ^= turned((x9 + x5) | 0, 9);
    x1 ^= turned((x13 + x9) | 0, 13);
    x5 ^= turned((x1 + x13) | 0, 18);
    x14 ^= turned((x10 + x6) | 0, 7);
    x2 ^= turned((x14 + x10) | 0, 9);
    x6 ^= turned((x2 + x14) | 0, 13);
    x10 ^= turned((x6 + x2) | 0, 18);
    x3 ^= turned((x15 + x11) | 0, 7);
    x7 ^= turned((x3 + x15) | 0, 9);
    x11 ^= turned((x7 + x3) | 0, 13);
    x15 ^= turned((x11 + x7) | 0, 18);
    // Rows.
    x1 ^= turned((x0 + x3) | 0, 7);
    x2 ^= turned((x1 + x0) | 0, 9);
    x3 ^= turned((x2 + x1) | 0, 13);
    x0 ^= turned((x3 + x2) | 0, 18);
    x6 ^= turned((x5 + x4) | 0, 7);
    x7 ^= turned((x6 + x5) | 0, 9);
    x4 ^= turned((x7 + x6) | 0, 13);
    x5 ^= turned((x4 + x7) | 0, 18);
    x11 ^= turned((x10 + x9) | 0, 7);
    x8 ^= turned((x11 + x10) | 0, 9);
    x9 ^= turned((x8 + x11) | 0, 13);
    x10 ^= turned((x9 + x8) | 0, 18);
    x12 ^= turned((x15 + x14) | 0, 7);
    x13 ^= turned((x12 + x15) | 0, 9);
    x14 ^= turned((x13 + x12) | 0, 13);
    x15 ^= turned((x14 + x13) | 0, 18);
  }
  words[0] += x0;
  words[1] += x1;
  words[2] += x2;
  words[3] += x3;
  words[4] += x4;
  words[5] += x5;
  words[6] += x6;
  words[7] += x7;
  words[8] += x8;
  words[9] += x9;
  words[10] += x10;
  words[11] += x11;
  words[12] += x12;
  words[13] += x13;
  words[14] += x14;
  words[15] += x15;
}

/** Lets the browser paint and listen. A timer would wait a second in a tab that is not in front. */
function rest() {
  return new Promise((done) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      done();
    };
    channel.port2.postMessage(null);
  });
}

/** Little-endian words of bytes. */
function wordsOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(4 * at, true));
}

/** Little-endian bytes of words. */
function bytesOfWords(words) {
  const view = new DataView(new ArrayBuffer(4 * words.length));
  words.forEach((word, at) => view.setUint32(4 * at, word, true));
  return new Uint8Array(view.buffer);
}
