"use strict";
// An age recipient, `age1…`, which is Bech32 (BIP 173) of an X25519 key, of any length.

const BECH32_DIGITS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/** The 32 bytes of a recipient. A typing mistake is found by its checksum. */
function recipientKey(text) {
  const prefix = "age";
  if (!text.startsWith(prefix + "1")) throw new Refused("damaged");
  const digits = Array.from(text.slice(prefix.length + 1), (c) => BECH32_DIGITS.indexOf(c));
  const spread = Array.from(prefix, (c) => c.charCodeAt(0));
  const checked = [...spread.map((c) => c >> 5), 0, ...spread.map((c) => c & 31), ...digits];
  if (digits.includes(-1) || bech32Checksum(checked) !== 1) throw new Refused("damaged");
  return bytesOfDigits(digits.slice(0, -6));
}

/** The checksum over digits of five bits, 1 where it fits: BIP 173, "Checksum". */
function bech32Checksum(digits) {
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let sum = 1;
  for (const digit of digits) {
    const top = sum >> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ digit;
    generator.forEach((value, bit) => {
      if ((top >> bit) & 1) sum ^= value;
    });
  }
  return sum;
}

/** 32 bytes of 52 digits; the four bits that are left over are zero. */
function bytesOfDigits(digits) {
  const bits = digits.map((digit) => digit.toString(2).padStart(5, "0")).join("");
  if (digits.length !== 52 || !bits.endsWith("0000")) throw new Refused("damaged");
  return Uint8Array.from({ length: 32 }, (_, at) => parseInt(bits.slice(8 * at, 8 * at + 8), 2));
}
