// The scripts of the pages in node: published vectors, node's own ciphers on random input, the test
// files of the age project, stock age both ways, and age's npm package by its author both ways.
//
//   node tests/pages/scripts.mjs FOLDER_OF_AGE_TEST_FILES FOLDER_WITH_NODE_MODULES
//
// What fails is said, and makes the exit code 1.

import { execFileSync } from "node:child_process";
import nodeCrypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import zlib from "node:zlib";

import { script, scriptsOf, template, words } from "./page.mjs";

const [testkit, modules] = process.argv.slice(2);

// Every script but those that work on a page, in one scope as in a browser.
const names = new Set([...scriptsOf("ask.html"), ...scriptsOf("open.html")]);
const onPage = ["page.js", "ask.js", "open.js"];
const texts = [...names].filter((name) => !onPage.includes(name)).map(script);
texts.push(fs.readFileSync(new URL("vectors.js", import.meta.url), "utf8"));
const shared = ["runVectors", "chacha20", "seal", "unseal", "x25519", "hkdfSha256", "sha256", "scrypt",
  "encryptTo", "recipientKey", "ageFile", "parseAgeHeader", "agePlaintext", "decryptWithPassphrase", "scryptFileKey",
  "fromBareBase64", "joined", "isSame", "utf8", "Refused", "AGE_ZERO_NONCE", "X25519_BASE"];
texts.push(`globalThis.scripts = { ${shared.join(", ")} };`);
vm.runInThisContext(texts.join("\n"));
const page = globalThis.scripts;

let failures = 0;
async function check(name, attempt) {
  let why;
  try {
    why = await attempt();
  } catch (error) {
    why = `${error.message} ${error.stack}`;
  }
  if (why !== undefined && why !== "") failures++;
  console.log(`${why ? "FAILED" : "ok    "} ${name}${why ? `: ${why}` : ""}`);
}
const differ = (given, expected) =>
  Buffer.compare(Buffer.from(given), Buffer.from(expected)) === 0 ? "" : "another result";
const randomBytes = (length) => new Uint8Array(nodeCrypto.randomBytes(length));
const lengths = [0, 1, 15, 16, 17, 63, 64, 65, 1000, 65536, 65537];

await check("every word is used, and in both languages", () => {
  const [english, german] = ["en", "de"].map((lang) => words(lang));
  const found = [];
  for (const [part, templates] of [["both", ["ask", "open"]], ["ask", ["ask"]], ["open", ["open"]]]) {
    const keys = Object.keys(english[part]);
    if (keys.join() !== Object.keys(german[part]).join()) found.push(`${part} differs`);
    const used = templates.map((it) => template(it) + scriptsOf(`${it}.html`).map(script).join("")).join("");
    // Words of fields, answers and signatures are named by parts.
    const named = (key) => used.includes(`"${key}"`) || used.includes(`{{${key}}}`) || used.includes(`${key}:`);
    found.push(...keys.filter((key) => !named(key.replace(/_stranger$/, "")) && !/^(field|verb)_/.test(key)));
    for (const key of keys) {
      const places = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join();
      if (places(english[part][key]) !== places(german[part][key])) found.push(`${key}: other places`);
    }
  }
  return found.join("; ");
});

await check("published vectors", async () => (await page.runVectors()).failed.join("; "));

await check("ChaCha20-Poly1305 as node has it", () => {
  for (const length of lengths) {
    const [key, nonce, text] = [32, 12, length].map(randomBytes);
    const cipher = nodeCrypto.createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
    const sealed = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    if (differ(page.seal(key, nonce, text), sealed)) return `${length} bytes`;
    if (differ(page.unseal(key, nonce, new Uint8Array(sealed)), text)) return `${length} bytes back`;
    sealed[Math.floor(Math.random() * sealed.length)] ^= 1;
    if (page.unseal(key, nonce, new Uint8Array(sealed))) return `${length} bytes, changed`;
  }
});

await check("SHA-256 and HKDF as node has them", () => {
  for (const length of [...lengths, 55, 56, 119, 120]) {
    const text = randomBytes(length);
    const [expected, derived] = [
      nodeCrypto.createHash("sha256").update(text).digest(),
      nodeCrypto.hkdfSync("sha256", text, text.subarray(0, 100), "info", 32),
    ];
    if (differ(page.sha256(text), expected)) return `SHA-256 of ${length} bytes`;
    if (differ(page.hkdfSha256(text, text.subarray(0, 100), "info"), new Uint8Array(derived))) return `HKDF of ${length}`;
  }
});

await check("X25519 as node has it", () => {
  for (let time = 0; time < 50; time++) {
    const [mine, theirs] = [randomBytes(32), randomBytes(32)];
    const der = (prefix, key) => Buffer.concat([Buffer.from(prefix, "hex"), key]);
    const privateKey = nodeCrypto.createPrivateKey(
      { key: der("302e020100300506032b656e04220420", mine), format: "der", type: "pkcs8" });
    const publicKey = nodeCrypto.createPublicKey(
      { key: der("302a300506032b656e032100", page.x25519(theirs, page.X25519_BASE)), format: "der", type: "spki" });
    const agreed = nodeCrypto.diffieHellman({ privateKey, publicKey });
    if (differ(page.x25519(mine, page.x25519(theirs, page.X25519_BASE)), agreed)) return "another secret";
  }
});

await check("scrypt as node has it", async () => {
  for (const workFactor of [1, 2, 5, 10, 15]) {
    const [passphrase, salt] = [randomBytes(40), randomBytes(16)];
    const options = { N: 2 ** workFactor, r: 8, p: 1, maxmem: 2 ** 28 };
    const expected = nodeCrypto.scryptSync(passphrase, salt, 32, options);
    if (differ(await page.scrypt(passphrase, salt, workFactor, () => {}), expected)) return `2^${workFactor}`;
  }
});

/** The file key of an X25519 file, for the test files: the pages themselves never open one. */
async function x25519FileKey(stanzas, identities) {
  if (stanzas.some((stanza) => stanza.arguments[0] === "scrypt")) throw new page.Refused("damaged");
  for (const { arguments: [type, share, ...others], body } of stanzas) {
    if (type !== "X25519") continue;
    const point = page.fromBareBase64(share ?? "");
    if (others.length || point.length !== 32 || body.length !== 32) throw new page.Refused("damaged");
    for (const identity of identities) {
      const agreed = page.x25519(identity, point);
      if (page.isSame(agreed, new Uint8Array(32))) throw new page.Refused("damaged");
      const salt = page.joined(point, page.x25519(identity, page.X25519_BASE));
      const key = page.hkdfSha256(agreed, salt, "age-encryption.org/v1/X25519");
      const fileKey = page.unseal(key, page.AGE_ZERO_NONCE, body);
      if (fileKey) return fileKey;
    }
  }
  throw new page.Refused("no match");
}

/** The bytes of an identity: Bech32 as a recipient, in capitals and with another prefix. */
function identityBytes(text) {
  const digits = Array.from(text.slice("AGE-SECRET-KEY-1".length, -6).toLowerCase(),
    (c) => "qpzry9x8gf2tvdw0s3jn54khce6mua7l".indexOf(c).toString(2).padStart(5, "0")).join("");
  return Uint8Array.from({ length: 32 }, (_, at) => parseInt(digits.slice(8 * at, 8 * at + 8), 2));
}

async function testFile(name) {
  const file = fs.readFileSync(path.join(testkit, name));
  const end = file.indexOf("\n\n");
  const lines = file.subarray(0, end).toString().split("\n").map((line) => line.split(": "));
  const all = (key) => lines.filter(([it]) => it === key).map(([, value]) => value);
  let body = file.subarray(end + 2);
  if (all("compressed")[0] === "zlib") body = zlib.inflateSync(body);
  const [expected, armoredOne, passphrases] = [all("expect")[0], all("armored")[0], all("passphrase")];
  let plaintext;
  try {
    let bytes = new Uint8Array(body);
    if (armoredOne === "yes") {
      if (bytes[0] === "a".charCodeAt(0)) throw new page.Refused("damaged");
      bytes = page.ageFile(bytes);
    }
    const header = page.parseAgeHeader(bytes);
    const fileKey = passphrases.length
      ? await page.scryptFileKey(header.stanzas, passphrases[0], () => {})
      : await x25519FileKey(header.stanzas, all("identity").map(identityBytes));
    plaintext = page.agePlaintext(bytes, header, fileKey);
  } catch (error) {
    if (!(error instanceof page.Refused)) return `${error.stack}`;
    return expected === "success" ? `refused: ${error.why}` : "";
  }
  if (expected !== "success") return "opened";
  return nodeCrypto.createHash("sha256").update(plaintext).digest("hex") === all("payload")[0] ? "" : "another text";
}

const files = fs.readdirSync(testkit);
await check(`${files.length} test files of the age project`, async () => {
  if (files.length < 100) return "too few";
  const found = [];
  for (const name of files) {
    const why = await testFile(name);
    if (why) found.push(`${name}: ${why}`);
  }
  return found.join("; ");
});

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pages-"));
const inFolder = (name) => path.join(folder, name);
const run = (program, args, input) => execFileSync(program, args, { input, maxBuffer: 1 << 28, stdio: ["pipe", "pipe", "ignore"] });
const { Decrypter, Encrypter, armor } =
  await import(pathToFileURL(path.join(modules, "node_modules/age-encryption/dist/index.js")));
const plaintexts = lengths.map((length) => randomBytes(length));
run("age-keygen", ["-o", inFolder("key.txt")]);
const key = fs.readFileSync(inFolder("key.txt"), "utf8");
const recipient = /public key: (\S+)/.exec(key)[1];
const identity = key.trim().split("\n").pop();

await check("stock age opens what the page encrypts", () =>
  plaintexts.map((text) => differ(run("age", ["-d", "-i", inFolder("key.txt")], page.encryptTo(recipient, text)), text))
    .join(""));

await check("age's npm package opens what the page encrypts", async () => {
  for (const text of plaintexts) {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const opened = await decrypter.decrypt(armor.decode(page.encryptTo(recipient, text)));
    if (differ(opened, text)) return `${text.length} bytes`;
  }
});

await check("the page's reader opens what stock age encrypts", async () => {
  for (const text of plaintexts) {
    const bytes = page.ageFile(new Uint8Array(run("age", ["-a", "-r", recipient], text)));
    const header = page.parseAgeHeader(bytes);
    const fileKey = await x25519FileKey(header.stanzas, [identityBytes(identity)]);
    if (differ(page.agePlaintext(bytes, header, fileKey), text)) return `${text.length} bytes`;
  }
});

await check("the page opens what age's npm package encrypts with a passphrase", async () => {
  for (const text of plaintexts) {
    const encrypter = new Encrypter();
    encrypter.setPassphrase("grün Passphrase");
    encrypter.setScryptWorkFactor(10);
    const file = new TextEncoder().encode(armor.encode(await encrypter.encrypt(text)));
    if (differ(await page.decryptWithPassphrase(page.ageFile(file), "grün Passphrase", () => {}), text)) return "another text";
  }
});

// A person types a passphrase to age, so it is given one on a terminal.
await check("the page opens what `age -p` encrypts", async () => {
  const typed = `
import os, pty, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("age", ["age", "-p", "-a", "-o", sys.argv[1], sys.argv[2]])
for _ in range(2):
    seen = b""
    while b":" not in seen:
        seen += os.read(terminal, 1024)
    time.sleep(0.3)
    os.write(terminal, b"correct horse battery\\n")
try:
    while os.read(terminal, 1024):
        pass
except OSError:
    pass
os.waitpid(pid, 0)`;
  fs.writeFileSync(inFolder("plain"), "by a person\n");
  run("python3", ["-c", typed, inFolder("typed.age"), inFolder("plain")]);
  const bytes = page.ageFile(new Uint8Array(fs.readFileSync(inFolder("typed.age"))));
  return differ(await page.decryptWithPassphrase(bytes, "correct horse battery", () => {}), "by a person\n");
});

await check("every flipped bit and every cut of a file is refused", async () => {
  const encrypter = new Encrypter();
  encrypter.setPassphrase("p");
  encrypter.setScryptWorkFactor(1);
  const whole = await encrypter.encrypt("plaintext");
  const open = async (bytes) => {
    try {
      await page.decryptWithPassphrase(bytes, "p", () => {});
      return true;
    } catch (error) {
      if (!(error instanceof page.Refused)) throw error;
      return false;
    }
  };
  if (!(await open(whole))) return "the whole does not open";
  for (let at = 0; at < whole.length; at++) {
    if (await open(whole.subarray(0, at))) return `cut at ${at}`;
    for (let bit = 0; bit < 8; bit++) {
      const flipped = Uint8Array.from(whole);
      flipped[at] ^= 1 << bit;
      // A larger work factor is only slow: the passphrase is wrong then.
      if (await open(flipped)) return `bit ${bit} of byte ${at}`;
    }
  }
});

fs.rmSync(folder, { recursive: true });
console.log(failures ? `${failures} failed` : "all is well");
process.exit(failures ? 1 : 0);
