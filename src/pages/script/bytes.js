"use strict";
// Bytes and their spellings. What cannot be read exactly is refused.

/** Why something was not done: `why` is the name of a text in the page's words. */
class Refused extends Error {
  constructor(why) {
    super(why);
    this.why = why;
  }
}

/** The UTF-8 of a text. */
function utf8(text) {
  return new TextEncoder().encode(text);
}

/** The text of UTF-8, to the byte. */
function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused("damaged");
  }
}

/** Several arrays of bytes, one behind the other. */
function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether two arrays hold the same bytes; takes as long wherever they differ. */
function isSame(left, right) {
  let difference = left.length ^ right.length;
  for (let at = 0; at < left.length; at++) difference |= left[at] ^ right[at];
  return difference === 0;
}

/** Bytes from the browser's own generator, for keys and nonces. */
function randomBytes(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** Base64 (RFC 4648, section 4) with padding. */
function toBase64(bytes) {
  let binary = "";
  const step = 0x8000; // more arguments at once are too many for some browsers
  for (let at = 0; at < bytes.length; at += step) {
    binary += String.fromCharCode(...bytes.subarray(at, at + step));
  }
  return btoa(binary);
}

/** The bytes of Base64 with padding, in its one spelling (RFC 4648, section 3.5). */
function fromBase64(text) {
  let binary;
  try {
    binary = atob(text);
  } catch {
    throw new Refused("damaged");
  }
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  if (toBase64(bytes) !== text) throw new Refused("damaged");
  return bytes;
}

/** Base64 without padding, as age writes it in headers and OpenSSH in fingerprints. */
function toBareBase64(bytes) {
  return toBase64(bytes).replace(/=+$/, "");
}

/** The bytes of Base64 without padding, in its one spelling. */
function fromBareBase64(text) {
  if (text.includes("=")) throw new Refused("damaged");
  return fromBase64(text + "=".repeat((4 - (text.length % 4)) % 4));
}

/** A number of little-endian bytes. */
function numberOfBytes(bytes) {
  return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** 32 little-endian bytes of a number. */
function bytesOfNumber(number) {
  return Uint8Array.from({ length: 32 }, (_, at) => Number((number >> BigInt(8 * at)) & 255n));
}
