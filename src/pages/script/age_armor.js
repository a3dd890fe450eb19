"use strict";
// The armour of age files (C2SP age.md, "ASCII armor"): strict PEM, so that a file has one spelling.

const ARMOR_BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
const ARMOR_END = "-----END AGE ENCRYPTED FILE-----";
const ARMOR_COLUMNS = 64;

/** A file in armour, with a line break at its end. */
function armored(file) {
  const lines = toBase64(file).match(/.{1,64}/g) ?? [];
  return [ARMOR_BEGIN, ...lines, ARMOR_END, ""].join("\n");
}

/** The armour in a text, as it was before a mail program quoted it, indented it or broke its lines anew. */
function mendedArmor(text) {
  const [, block] = text.split(ARMOR_BEGIN);
  const end = block?.indexOf(ARMOR_END) ?? -1;
  if (end < 0) throw new Refused("damaged");
  const base64 = block.slice(0, end).replace(/[\s>|\ufeff\u200b]/g, "");
  return [ARMOR_BEGIN, ...(base64.match(/.{1,64}/g) ?? []), ARMOR_END].join("\n");
}

/** The file in an armour. White space may stand before and behind it, and nothing else. */
function unarmored(text) {
  const lines = text.trim().split(/\r?\n/);
  if (lines.length < 3 || lines.shift() !== ARMOR_BEGIN || lines.pop() !== ARMOR_END) {
    throw new Refused("damaged");
  }
  const last = lines.length - 1;
  const fits = (line, at) =>
    at < last ? line.length === ARMOR_COLUMNS : line.length > 0 && line.length <= ARMOR_COLUMNS;
  if (!lines.every(fits)) throw new Refused("damaged");
  return fromBase64(lines.join(""));
}
