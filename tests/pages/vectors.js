"use strict";
// Published vectors, run against the scripts of the pages in node and in each browser:
// `await runVectors()` gives the names of those that failed.

const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const upTo = (length) => Uint8Array.from({ length }, (_, at) => at);

/** Each vector: its name, what is expected, and what gives it. Bytes are compared as hex. */
const VECTORS = [
  ["SHA-256 of nothing, FIPS 180-4 examples",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", () => sha256(utf8(""))],
  ["SHA-256 of one block",
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", () => sha256(utf8("abc"))],
  ["SHA-256 of two blocks", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    () => sha256(utf8("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))],
  ["SHA-256 of a million letters", "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    () => sha256(utf8("a".repeat(1e6)))],
  ["HMAC, RFC 4231 case 1", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    () => hmacSha256(new Uint8Array(20).fill(0x0b), utf8("Hi There"))],
  ["HMAC, RFC 4231 case 2", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    () => hmacSha256(utf8("Jefe"), utf8("what do ya want for nothing?"))],
  ["HMAC, RFC 4231 case 6: a long key", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    () => hmacSha256(new Uint8Array(131).fill(0xaa), utf8("Test Using Larger Than Block-Size Key - Hash Key First"))],
  ["HKDF, RFC 5869 A.1", "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf",
    () => hmacSha256(hmacSha256(upTo(13), new Uint8Array(22).fill(0x0b)), fromHex("f0f1f2f3f4f5f6f7f8f901"))],
  ["HKDF, RFC 5869 A.3: no salt, no info", "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d",
    () => hkdfSha256(new Uint8Array(22).fill(0x0b), new Uint8Array(0), "")],
  ["PBKDF2 of one round, RFC 7914 section 11",
    "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
    + "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
    () => pbkdf2OnceSha256(utf8("passwd"), utf8("salt"), 64)],
  ["Salsa20/8, RFC 7914 section 8",
    "a41f859c6608cc993b81cacb020cef05044b2181a2fd337dfd7b1c6396682f29"
    + "b4393168e3c9e6bcfe6bc5b7a06d96bae424cc102c91745c24ad673dc7618f81",
    () => {
      const words = wordsOf(fromHex(
        "7e879a214f3ec9867ca940e641718f26baee555b8c61c1b50df846116dcd3b1d"
        + "ee24f319df9b3d8514121e4b5ac5aa3276021d2909c74829edebc68db8b8c25e"));
      salsa20of8(words);
      return bytesOfWords(words);
    }],
  ["scrypt, RFC 7914 section 12: N = 16384, r = 8, p = 1",
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2",
    () => scrypt(utf8("pleaseletmein"), utf8("SodiumChloride"), 14, () => {})],
  ["X25519, RFC 7748 section 5.2, first", "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    () => x25519(
      fromHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
      fromHex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"))],
  ["X25519, RFC 7748 section 5.2, second: a bit that is not looked at",
    "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    () => x25519(
      fromHex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
      fromHex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"))],
  ["X25519, RFC 7748 section 5.2, once", "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
    () => x25519(X25519_BASE, X25519_BASE)],
  ["X25519, RFC 7748 section 5.2, a thousand times",
    "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
    () => {
      let [k, u] = [X25519_BASE, X25519_BASE];
      for (let time = 0; time < 1000; time++) [k, u] = [x25519(k, u), k];
      return k;
    }],
  ["X25519, RFC 7748 section 6.1: Alice's public key",
    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
    () => x25519(fromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"), X25519_BASE)],
  ["X25519, RFC 7748 section 6.1: the shared secret",
    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
    () => x25519(
      fromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
      fromHex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"))],
  ["ChaCha20, RFC 8439 section 2.4.2",
    "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b"
    + "f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8"
    + "07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736"
    + "5af90bbf74a35be6b40b8eedf2785e42874d",
    () => chacha20(upTo(32), fromHex("000000000000004a00000000"), 1, utf8(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
      + "sunscreen would be it."))],
  ["Poly1305, RFC 8439 section 2.5.2", "a8061dc1305136c6c22b8baf0c0127a9",
    () => poly1305(
      fromHex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b"),
      utf8("Cryptographic Forum Research Group"))],
  ["Poly1305, RFC 8439 A.3 vector 7: a sum above 2^128", "05000000000000000000000000000000",
    () => poly1305(fromHex("01" + "00".repeat(31)),
      fromHex("ff".repeat(16) + "f0" + "ff".repeat(15) + "11" + "00".repeat(15)))],
  ["Poly1305, RFC 8439 A.3 vector 8: a sum of the prime", "00000000000000000000000000000000",
    () => poly1305(fromHex("01" + "00".repeat(31)),
      fromHex("ff".repeat(16) + "fb" + "fe".repeat(15) + "01".repeat(16)))],
  ["a recipient with a mistake in it is refused", "damaged",
    () => whyRefused(() => recipientKey("age1fzya5y9ahsfxur037cumnd65sc0wlcdf5f2y875fr9y0rk8sffhqqe2wjg"))],
  ["a recipient of another kind is refused", "damaged",
    () => whyRefused(() => recipientKey("age1yubikey1qg8ur4wk2rhcydwwrzs5xkfdvsw3cjlkpwwsvwdhfjxsu4x5r4jqcpjqdsh"))],
  ["a secret of zeros is refused", "damaged",
    () => whyRefused(() => x25519Stanza(new Uint8Array(16), new Uint8Array(32)))],
  ["a file of another program opens", "a letter\n",
    async () => textOf(await decryptWithPassphrase(ageFile(utf8(SEALED)), "acid-bacon-cactus", () => {}))],
  ["a wrong passphrase is called that", "wrong",
    () => whyRefused(() => decryptWithPassphrase(ageFile(utf8(SEALED)), "acid-bacon-castle", () => {}))],
  ["every length up to two chunks comes back", "true",
    () => String([0, 1, 63, 64, 65, AGE_CHUNK - 1, AGE_CHUNK, AGE_CHUNK + 1, 2 * AGE_CHUNK].every((length) => {
      const fileKey = upTo(16);
      const payload = joined(new Uint8Array(9), agePayload(fileKey, new Uint8Array(length).fill(length)));
      const covered = new Uint8Array(0);
      const mac = ageHeaderMac(fileKey, covered);
      const back = agePlaintext(payload, { covered, mac, payload: 9 }, fileKey);
      return isSame(back, new Uint8Array(length).fill(length));
    }))],
  ["a signature of ssh-keygen is good", "good SHA256:lw9RPu595lX14UimY7TuWom/ZGf4S5UEU+6iVRSOND4", () => signature(SIGNED)],
  ["the signature of another text is bad", "bad", async () => (await signature(SIGNED + " ")).split(" ")[0]],
  ["the signature for another purpose is bad", "bad",
    async () => (await checkSshSignature(SIGNATURE, "vault-card", SIGNED)).result],
];

const SIGNED = "Grüße,\nzwei Zeilen\n";
const SIGNATURE = `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg5wgleL3L2IIhLR1hNrPspLLsYb
U+ExLqJNgTZliO1B0AAAALdmF1bHQtc2hhcmUAAAAAAAAABnNoYTUxMgAAAFMAAAALc3No
LWVkMjU1MTkAAABABtTbaw32bgj+cb7dOpAnquXxcLWXBTBiDBLNGs7zNT6jBHuxTOF5Gm
PW8+0LsHyLwLbCZL2r/55bXk9D8mAbDw==
-----END SSH SIGNATURE-----
`;
const SEALED = `-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBEZXhuc3BDcmoxQkMrN0JD
OHRFdzhBIDEwCnVraFRPSUp0YlFJZ09oY2x6WDc1bGZPZjZINmMvdXoyNlJTaHdv
WFdsamcKLS0tIDR5NlZOK3ErMDhhSTlvOVdhdkRwWG9tcVBycFYwalpjSTAvdkNo
RUQ0WkEKPuB7EEo79Cbq1daG2UlFVUUdcLcoWq6s5IpU+Qe6zogXBcMeWL+FU8M=
-----END AGE ENCRYPTED FILE-----
`;

async function signature(text) {
  const { result, fingerprint } = await checkSshSignature(SIGNATURE, "vault-share", text);
  return `${result} ${fingerprint}`;
}

async function whyRefused(attempt) {
  try {
    await attempt();
    return "not refused";
  } catch (error) {
    return error instanceof Refused ? error.why : String(error);
  }
}

async function runVectors() {
  const failed = [];
  for (const [name, expected, give] of VECTORS) {
    let given;
    try {
      given = await give();
    } catch (error) {
      given = `${error} ${error.stack}`;
    }
    if (given instanceof Uint8Array) given = toHex(given);
    if (given !== expected) failed.push(`${name}: ${given}`);
  }
  return { count: VECTORS.length, failed };
}
