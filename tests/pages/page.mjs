// Puts a page together as the program does: its template, style and scripts to the byte, the policy
// with their hashes, its words, and one block of data.
//
//   node tests/pages/page.mjs ask|open de|en VALUES.json [FILE.age] > page.html

import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const PAGES = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../src/pages");
const read = (name) => fs.readFileSync(path.join(PAGES, name), "utf8");
const hash = (text) => `'sha256-${crypto.createHash("sha256").update(text).digest("base64")}'`;
const escaped = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** The names of a template's scripts, in their order. */
export function scriptsOf(template) {
  return [...read(template).matchAll(/\{\{script (\w+\.js)\}\}/g)].map((found) => found[1]);
}

/** The text of a script. */
export function script(name) {
  return read(`script/${name}`);
}

/** The text of a template. */
export function template(kind) {
  return read(`${kind}.html`);
}

/** All words of a language. */
export function words(lang) {
  return JSON.parse(read(`words/${lang}.json`));
}

/** JSON in which no `<`, `&` or line separator stands as itself. */
export function dataBlock(data) {
  const spelt = (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, spelt);
}

/** The page. `more` are scripts that only a test has. */
export function build(kind, lang, values, file = "", more = []) {
  const all = words(lang);
  const known = Object.fromEntries(Object.entries({ ...all.both, ...all[kind] }).sort());
  const scripts = [];
  const style = read("page.css");
  const filled = template(kind).replace(/\{\{([\w ./]+)\}\}/g, (_, slot) => {
    const [what, name] = slot.split(" ");
    if (what === "script") {
      const text = script(name);
      scripts.push(text);
      return `<script>${text}</script>`;
    }
    if (slot === "style") return `<style>${style}</style>`;
    if (slot === "lang") return lang;
    if (slot === "data") return dataBlock({ lang, words: known, values });
    if (slot === "file") return file;
    if (slot === "policy") return "{{policy}}";
    if (!(slot in known)) throw new Error(`no word ${slot} in ${lang}`);
    return escaped(known[slot]);
  });
  const tests = more.map((text) => `<script>${text}</script>`).join("\n");
  const policy = [
    "default-src 'none'",
    `script-src ${[...scripts, ...more].map(hash).join(" ")}`,
    `style-src ${hash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return filled.replace("{{policy}}", policy.join("; ")).replace("</body>", () => `${tests}</body>`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kind, lang, values, file] = process.argv.slice(2);
  const armor = file ? fs.readFileSync(file, "utf8") : "";
  process.stdout.write(build(kind, lang, JSON.parse(fs.readFileSync(values, "utf8")), armor));
}
