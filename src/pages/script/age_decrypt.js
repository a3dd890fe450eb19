"use strict";
// Opens an age file (C2SP age.md) that was encrypted with a passphrase ("scrypt recipient stanza").
// Everything that is not exactly as the format says is refused as damaged.

/** Bytes of a header at most. */
const AGE_MAX_HEADER = 16 * 1024;
/** The largest work factor: it takes 256 MiB. What `age -p` makes has it. */
const AGE_MAX_WORK_FACTOR = 18;

/** The plaintext of a file in armour or without. `progress` is told how much is done, 0 to 1. */
async function decryptWithPassphrase(file, passphrase, progress) {
  const header = parseAgeHeader(file);
  const fileKey = await scryptFileKey(header.stanzas, passphrase, progress);
  return agePlaintext(file, header, fileKey);
}

/** The bytes of an age file, which may be in armour. */
function ageFile(bytes) {
  if (bytes[0] === AGE_VERSION.charCodeAt(0)) return bytes;
  return unarmored(textOf(bytes));
}

/** What a header says: its stanzas, its MAC, which bytes the MAC covers, where the payload begins. */
function parseAgeHeader(file) {
  const lines = ageHeaderLines(file);
  if (lines.next() !== AGE_VERSION) throw new Refused("damaged");
  const stanzas = [];
  for (;;) {
    const line = lines.next();
    const mac = /^--- ([A-Za-z0-9+/]{43})$/.exec(line);
    if (mac && stanzas.length > 0) {
      const end = lines.at() - line.length - 1 + "---".length;
      return { stanzas, mac: fromBareBase64(mac[1]), covered: file.subarray(0, end), payload: lines.at() };
    }
    if (!/^->( [!-~]+)+$/.test(line)) throw new Refused("damaged");
    stanzas.push({ arguments: line.split(" ").slice(1), body: ageStanzaBody(lines) });
  }
}

/** The lines of a header, one at a time, and where the next one begins. */
function ageHeaderLines(file) {
  let at = 0;
  const next = () => {
    const end = file.indexOf(10, at);
    if (end < 0 || end > AGE_MAX_HEADER) throw new Refused("damaged");
    const line = String.fromCharCode(...file.subarray(at, end));
    at = end + 1;
    return line;
  };
  return { next, at: () => at };
}

/** Full lines, and one that is shorter, or empty. */
function ageStanzaBody(lines) {
  let body = "";
  for (;;) {
    const line = lines.next();
    if (line.length > ARMOR_COLUMNS) throw new Refused("damaged");
    body += line;
    if (line.length < ARMOR_COLUMNS) return fromBareBase64(body);
  }
}

/** The file key that a passphrase wraps. Such a stanza is the only one of its file. */
async function scryptFileKey(stanzas, passphrase, progress) {
  const [{ arguments: [type, salt, workFactor, ...others], body }] = stanzas;
  if (!stanzas.some((stanza) => stanza.arguments[0] === "scrypt")) throw new Refused("no_passphrase");
  const fits = stanzas.length === 1 && type === "scrypt" && others.length === 0 && body.length === 32;
  if (!fits || !salt || !/^[1-9][0-9]*$/.test(workFactor ?? "")) throw new Refused("damaged");
  const saltBytes = fromBareBase64(salt);
  if (saltBytes.length !== 16) throw new Refused("damaged");
  if (Number(workFactor) > AGE_MAX_WORK_FACTOR) throw new Refused("memory");
  const labelled = joined(utf8(`${AGE_VERSION}/scrypt`), saltBytes);
  const key = await scrypt(utf8(passphrase), labelled, Number(workFactor), progress);
  const fileKey = unseal(key, AGE_ZERO_NONCE, body);
  if (!fileKey) throw new Refused("wrong");
  return fileKey;
}

/** The plaintext, after the header's MAC and every chunk's tag were found good. */
function agePlaintext(file, header, fileKey) {
  if (!isSame(ageHeaderMac(fileKey, header.covered), header.mac)) throw new Refused("damaged");
  const nonce = file.subarray(header.payload, header.payload + 16);
  const sealed = file.subarray(header.payload + 16);
  if (nonce.length < 16 || sealed.length < AGE_TAG) throw new Refused("damaged");
  const key = agePayloadKey(fileKey, nonce);
  const count = Math.ceil(sealed.length / (AGE_CHUNK + AGE_TAG));
  const parts = [];
  for (let number = 0; number < count; number++) {
    const at = number * (AGE_CHUNK + AGE_TAG);
    const isLast = number === count - 1;
    const chunk = unseal(key, ageChunkNonce(number, isLast), sealed.subarray(at, at + AGE_CHUNK + AGE_TAG));
    // The last chunk is empty only where the whole is.
    if (!chunk || (isLast && number > 0 && chunk.length === 0)) throw new Refused("damaged");
    parts.push(chunk);
  }
  return joined(...parts);
}
