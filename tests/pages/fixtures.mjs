// Makes pages for the browsers, and says in pages.json what is in them.
//
//   node tests/pages/fixtures.mjs FOLDER FOLDER_WITH_NODE_MODULES

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { build, script, scriptsOf } from "./page.mjs";

const [folder, modules] = process.argv.slice(2);
const { Encrypter, armor } =
  await import(pathToFileURL(path.join(modules, "node_modules/age-encryption/dist/index.js")));
const inFolder = (name) => path.join(folder, name);
const save = (name, text) => fs.writeFileSync(inFolder(name), text);
const run = (program, args, input) => execFileSync(program, args, { input, stdio: ["pipe", "pipe", "ignore"] });

// Ten scripts, and what could break out of its place.
const SCRIPTS = "Ünïcøde Ελλάδα Україна עברית العربية हिन्दी ไทย 日本語 한국어 ქართული Հայ 👩‍👧";
const BREAKOUT = "</script></pre></textarea><img src=x onerror=\"document.title='broken out'\">&lt;'\"`${1}{sender}";
const HIDDEN = "a\u2028b\u2029c\u202ed\u200be\u0000f";
const HOSTILE = `${BREAKOUT} ${HIDDEN} ${SCRIPTS}`;
const WORDS = "plaza-acid-tulip-crumb-vocal-onyx";

run("age-keygen", ["-o", inFolder("key.txt")]);
const recipient = /public key: (\S+)/.exec(fs.readFileSync(inFolder("key.txt"), "utf8"))[1];
for (const name of ["signer", "other"]) run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", inFolder(name)]);
const publicKey = (name) => fs.readFileSync(inFolder(`${name}.pub`), "utf8").trim();

const ask = {
  number: "2F95-B33D",
  sender: "Kim Example (Kim Example Web Design, Lindenstr. 4, 10969 Berlin)",
  name: "Kim Example",
  mail: "kim@kim.example",
  purpose: "Move the shop to the new server.",
  until: "14 December 2026",
  fingerprint: "plaza acid tulip crumb vocal onyx",
  recipient,
  need: ["url", "username", "secret", "note", "rules"],
};
const open = {
  number: "2F95-B33D",
  sender: ask.sender,
  name: ask.name,
  mail: ask.mail,
  fingerprint: ask.fingerprint,
  signer: publicKey("signer"),
};

/** A share's letter, signed by ssh-keygen as the program does it. */
function letter({ texts = "plain", key = "signer", kind = "lent", days = 30, tamper = (it) => it }) {
  const hostile = texts === "hostile" ? ` ${HOSTILE}` : "";
  const isLent = kind === "lent";
  const manifest = {
    share: "2f95b33d-4aa8-45bb-a3ec-a32580342a2a",
    number: "2F95-B33D",
    created: "2026-11-30T08:00:00Z",
    expires: isLent ? new Date(Date.now() + days * 86400000).toISOString() : null,
    lang: "en",
    sender: { name: `Kim Example${hostile}`, signer: publicKey(key) },
    recipient: { contact: "bob", name: `Bob Müller${hostile}`, key: "passphrase" },
    client: { slug: "acme", name: `Bäckerei Anna Baker${hostile}` },
    items: [
      { entry: "1", name: `cms${hostile}`, hosts: ["baker.example"], username: "anna", fields: [], version: 1 },
      { entry: "2", name: "hosting", hosts: [], username: null, fields: [], version: 2 },
    ],
    purpose: `Update the opening hours${hostile}`,
    obligations: isLent ? ["Use it for this purpose only.", "Do not pass it on.", `Delete it at the end.${hostile}`] : [],
    rules: isLent ? `only on weekdays${hostile}` : null,
    consent: null,
  };
  const items = [
    {
      entry: "1",
      fields: {
        secret: `S3cret & <b>${hostile}`,
        username: `anna${hostile}`,
        urls: [`https://baker.example/admin${hostile}`],
        [`color${hostile}`]: "blue",
        pin: `4711${hostile}`,
      },
      hidden: ["pin"],
      attachments: [{ name: `../key${hostile}.txt`, sha256: "", content: Buffer.from("a file\n").toString("base64") }],
    },
    { entry: "2", fields: { secret: "two\nlines\n", totp: "JBSWY3DPEHPK3PXP" }, attachments: [] },
  ];
  const body = JSON.stringify({ manifest: JSON.stringify(manifest), consent: null, items });
  const signature = run("ssh-keygen", ["-Y", "sign", "-n", "vault-share", "-f", inFolder(key)], body).toString();
  const signatures = [{ key: publicKey(key), namespace: "vault-share", signature }];
  const document = tamper({ type: "vault.share/1", body, signatures });
  const packed = Buffer.from(JSON.stringify(document)).toString("base64").match(/.{1,64}/g).join("\n");
  const block = `-----BEGIN VAULT SHARE-----\n${packed}\n-----END VAULT SHARE-----\n`;
  const forged = "-----BEGIN VAULT SHARE-----\nQQ==\n-----END VAULT SHARE-----\n";
  return { text: `ACCESS DATA, LENT TO YOU\n\npassword:\nS3cret & <b>${hostile}\n\n${forged}\n${block}`, manifest, items };
}

async function locked(text, workFactor = 15) {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(WORDS);
  encrypter.setScryptWorkFactor(workFactor);
  return armor.encode(await encrypter.encrypt(text)).trim() + "\n";
}

const pages = { words: WORDS, hostile: HOSTILE, recipient, ask, open, shares: {} };
for (const lang of ["en", "de"]) save(`ask.${lang}.html`, build("ask", lang, ask));
const { until, fingerprint, mail, ...bare } = ask;
save("ask.bare.html", build("ask", "en", { ...bare, need: ["secret"] }));
const hostileAsk = { ...ask, sender: HOSTILE, name: HOSTILE, purpose: HOSTILE, until: HOSTILE, mail: `x@y${BREAKOUT}` };
save("ask.hostile.html", build("ask", "de", hostileAsk));
save("ask.damaged.html", build("ask", "en", { ...ask, recipient: recipient.replace(/.$/, (c) => (c === "q" ? "p" : "q")) }));

const flipped = (document) => ({ ...document, body: document.body.replace("S3cret", "S4cret") });
const shares = {
  good: letter({}),
  hostile: letter({ texts: "hostile" }),
  owner: letter({ kind: "owner" }),
  ended: letter({ days: -1 }),
  other: letter({ key: "other" }),
  tampered: letter({ tamper: flipped }),
  unsigned: letter({ tamper: (document) => ({ ...document, signatures: [] }) }),
};
for (const [name, { text, manifest, items }] of Object.entries(shares)) {
  const file = await locked(text);
  save(`${name}.age`, file);
  save(`${name}.txt`, text);
  save(`open.${name}.html`, build("open", name === "hostile" ? "de" : "en", open, file));
  pages.shares[name] = { manifest, items };
}
save("open.de.html", build("open", "de", open, await locked(shares.good.text)));
const insecure = `"use strict";
Object.defineProperty(Crypto.prototype, "subtle", { get() {} });
Object.defineProperty(Navigator.prototype, "clipboard", { get() {} });`;
save("open.swapped.html", build("open", "en", { ...open, number: "1111-2222" }, await locked(shares.good.text)));
save("open.text.html", build("open", "en", open, await locked("a text without a signature\n")));
save("open.insecure.html", build("open", "en", open, await locked(shares.good.text), [insecure]));
save("opener.html", build("open", "en", {}));
save("plain.age", await locked("just a text\n", 18));
const toKey = new Encrypter();
toKey.addRecipient(recipient);
save("to_key.age", armor.encode(await toKey.encrypt("x")));

// Pages of the tests: the vectors with every script, and one that tries to get out.
const read = (name) => fs.readFileSync(new URL(name, import.meta.url), "utf8");
const others = scriptsOf("ask.html").filter((name) => !scriptsOf("open.html").includes(name) && name !== "ask.js");
const vectors = [...others.map(script), read("vectors.js"), read("run_vectors.js")];
save("vectors.html", build("open", "en", open, await locked("x", 1), vectors));
save("escape.html", build("ask", "en", ask, "", [read("escape.js")]));
save("pages.json", JSON.stringify(pages));
