"use strict";
// What is inside a share: a letter for people, and behind it the signed document. What the page shows
// comes from the document alone.

/**
 * The document in a letter, with the check of its signatures; nothing where the text is no share.
 * The last block counts, since a value may look like one.
 */
async function shareIn(letter) {
  const begin = "-----BEGIN VAULT SHARE-----";
  const at = letter.startsWith(begin) ? 0 : letter.lastIndexOf(`\n${begin}`);
  if (at < 0) return null;
  const [block, ...end] = letter.slice(letter.indexOf(begin, at) + begin.length).split("-----END VAULT SHARE-----");
  if (end.length === 0) refuse();
  const document = jsonOf(textOf(fromBase64(block.replace(/[\r\n]/g, ""))));
  const { type, body, signatures } = document;
  if (type !== "vault.share/1" || typeof body !== "string" || !Array.isArray(signatures)) refuse();
  const checks = await shareSignatures(body, signatures);
  const { manifest: described, items } = jsonOf(body);
  const manifest = jsonOf(described);
  const same = items.length === manifest.items.length
    && items.every((item, number) => item.entry === manifest.items[number].entry);
  if (!same) refuse();
  return { letter: letter.slice(0, at), manifest, items, checks };
}

/** The check of every signature; there is one, or two of an old and a new key. */
async function shareSignatures(body, signatures) {
  if (signatures.length < 1 || signatures.length > 4) refuse();
  const checks = [];
  for (const { key, namespace, signature } of signatures) {
    const check = await checkSshSignature(signature, "vault-share", body);
    if (namespace !== "vault-share" || sshKeyOf(key) !== check.key) check.result = "bad";
    checks.push(check);
  }
  return checks;
}

/** A public key without the comment that may stand behind it. */
function sshKeyOf(line) {
  return line.split(" ").slice(0, 2).join(" ");
}

function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return refuse();
  }
}
