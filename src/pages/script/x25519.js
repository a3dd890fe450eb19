"use strict";
// X25519 (RFC 7748). Written with the language's own big numbers, whose speed depends on their value.
// That is enough here: the one secret number is drawn for one message, used twice and forgotten, and
// nobody else can measure how long the page takes.

const X25519_PRIME = 2n ** 255n - 19n;
/** The u-coordinate of the base point, section 4.1. */
const X25519_BASE = Uint8Array.of(9, ...new Uint8Array(31));

/** The public key, or the shared secret, of 32 bytes each, section 5. */
function x25519(scalar, point) {
  const clamped = Uint8Array.from(scalar);
  clamped[0] &= 248;
  clamped[31] = (clamped[31] & 127) | 64;
  const u = Uint8Array.from(point);
  u[31] &= 127;
  return bytesOfNumber(x25519Ladder(numberOfBytes(clamped), numberOfBytes(u) % X25519_PRIME));
}

/** The Montgomery ladder, with the names of section 5. */
function x25519Ladder(k, u) {
  const mod = (number) => ((number % X25519_PRIME) + X25519_PRIME) % X25519_PRIME;
  let [x2, z2, x3, z3, swap] = [1n, 0n, u, 1n, 0n];
  for (let t = 254n; t >= 0n; t--) {
    const bit = (k >> t) & 1n;
    if (swap !== bit) [x2, z2, x3, z3] = [x3, z3, x2, z2];
    swap = bit;
    const [A, B, C, D] = [x2 + z2, x2 - z2, x3 + z3, x3 - z3];
    const [AA, BB, DA, CB] = [mod(A * A), mod(B * B), mod(D * A), mod(C * B)];
    const E = AA - BB;
    x3 = mod((DA + CB) ** 2n);
    z3 = mod(u * mod((DA - CB) ** 2n));
    x2 = mod(AA * BB);
    z2 = mod(E * (AA + 121665n * E));
  }
  if (swap) [x2, z2] = [x3, z3];
  return mod(x2 * power(z2, X25519_PRIME - 2n, X25519_PRIME));
}

/** `base` to the power of `exponent`, modulo `prime`. */
function power(base, exponent, prime) {
  let result = 1n;
  for (let square = base; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}
