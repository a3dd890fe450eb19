"use strict";
// Signatures of SSH keys (OpenSSH's PROTOCOL.sshsig) by Ed25519 (RFC 8032), checked by the browser's
// own code, where it has that. Only SHA-512 and Ed25519: what the program that signs makes.

/**
 * Checks an armoured signature over a text. Gives the key's fingerprint, as `ssh-keygen -l` prints it,
 * the key as `authorized_keys` has it, and whether the signature is "good" or "bad"; "unchecked" where
 * this browser cannot tell.
 */
async function checkSshSignature(armor, namespace, text) {
  const signature = parseSshSignature(armor);
  const known = {
    key: `ssh-ed25519 ${toBase64(signature.publicKey)}`,
    fingerprint: `SHA256:${toBareBase64(sha256(signature.publicKey))}`,
  };
  if (signature.namespace !== namespace) return { ...known, result: "bad" };
  let key;
  try {
    key = await crypto.subtle.importKey("raw", signature.point, "Ed25519", false, ["verify"]);
  } catch {
    return { ...known, result: "unchecked" };
  }
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-512", utf8(text)));
  const strings = [namespace, "", "sha512"].map((part) => sshString(utf8(part)));
  const signed = joined(utf8("SSHSIG"), ...strings, sshString(hash));
  const good = await crypto.subtle.verify("Ed25519", key, signature.bytes, signed);
  return { ...known, result: good ? "good" : "bad" };
}

/** The parts of a signature, "Blob format". */
function parseSshSignature(armor) {
  const pem = /^-----BEGIN SSH SIGNATURE-----\s+([A-Za-z0-9+/=\s]+)-----END SSH SIGNATURE-----\s*$/;
  const [, packed] = pem.exec(armor) ?? refuse();
  const blob = sshReader(fromBase64(packed.replace(/\s/g, "")));
  if (textOf(blob.take(6)) !== "SSHSIG" || blob.number() !== 1) refuse();
  const publicKey = blob.string();
  const namespace = textOf(blob.string());
  blob.string(); // reserved
  const hash = textOf(blob.string());
  const inner = sshReader(blob.string());
  const keyParts = sshReader(publicKey);
  const types = [textOf(keyParts.string()), textOf(inner.string())];
  const [point, bytes] = [keyParts.string(), inner.string()];
  const isKnown = hash === "sha512" && types.every((type) => type === "ssh-ed25519");
  const isWhole = [blob, inner, keyParts].every((reader) => reader.isAtEnd());
  if (!isKnown || !isWhole || point.length !== 32 || bytes.length !== 64) refuse();
  return { publicKey, namespace, point, bytes };
}

/** Reads the strings of RFC 4251, section 5. */
function sshReader(bytes) {
  let at = 0;
  const take = (length) => {
    if (at + length > bytes.length) refuse();
    at += length;
    return bytes.slice(at - length, at);
  };
  const number = () => new DataView(take(4).buffer).getUint32(0);
  return { take, number, string: () => take(number()), isAtEnd: () => at === bytes.length };
}

/** Bytes with their length before them, RFC 4251, section 5. */
function sshString(bytes) {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return joined(length, bytes);
}

function refuse() {
  throw new Refused("damaged");
}
