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
