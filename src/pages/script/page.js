"use strict";
// What both pages do with the document that they stand in. Text enters it as text only.

/** The language, the words of the page, and the values that it was made with. */
const PAGE = JSON.parse(document.getElementById("data").textContent);

function element(id) {
  return document.getElementById(id);
}

/** A text of the page, with its `{values}` filled in; what is said of foreign text stands alone. */
function word(name, more = {}) {
  const values = { ...PAGE.values, ...more };
  return PAGE.words[name].replace(/\{(\w+)\}/g, (_, key) => inSentence(String(values[key] ?? "")));
}

/** Text of others within a sentence: hidden characters spelt out, and its direction its own. */
function inSentence(text) {
  const seen = visible(text.replace(/\s+/g, " "));
  return RIGHT_TO_LEFT.test(seen) ? `\u2068${seen}\u2069` : seen;
}

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** Controls, marks of direction and what else shows nothing, but for the joiners within words. */
const HIDDEN = new RegExp(
  "(?![\\u200c\\u200d])[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u2800\\u3164\\uffa0]", "gu");

/** Text in which nothing is hidden. */
function visible(text) {
  const spelt = (c) => (c === "\n" || c === "\t" ? c : `\\u{${c.codePointAt(0).toString(16)}}`);
  return text.replace(HIDDEN, spelt);
}

/** Puts the words in their places, takes away what has no value, and shows the page. */
function beginPage() {
  for (const place of document.querySelectorAll("[data-if], [data-unless]")) {
    const { if: wanted, unless } = place.dataset;
    const isThere = (name) => PAGE.values[name] !== undefined;
    if (wanted ? !isThere(wanted) : isThere(unless)) place.remove();
  }
  for (const place of document.querySelectorAll("[data-text]")) {
    place.textContent = word(place.dataset.text);
  }
  // A page that the browser keeps for its back button keeps nothing that was typed.
  addEventListener("pagehide", () => wipeFields(document));
  element("broken").hidden = true;
  element("page").hidden = false;
}

/** Shows the form, with what is to be read before it; or what comes of it, and its title to the reader. */
function showResult(result, isShown) {
  for (const place of [element("form"), element("before")]) {
    if (place) place.hidden = isShown;
  }
  element(result).hidden = !isShown;
  if (isShown) element(`${result}-title`).focus();
}

/** Empties every field that is typed in. */
function wipeFields(within) {
  for (const field of within.querySelectorAll("input, textarea:not([readonly])")) field.value = "";
}

/** Lets a button show what is typed in a field. */
function letShow(button, field) {
  button.addEventListener("click", () => showTyped(button, field, field.type === "password"));
}

function showTyped(button, field, isShown) {
  field.type = isShown ? "text" : "password";
  button.textContent = word(isShown ? "hide" : "show");
  button.setAttribute("aria-pressed", String(isShown));
}

/** Copies a text; false where the browser does not let a page do that. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page that the browser does not count as secure has the older way only.
    const field = document.createElement("textarea");
    field.value = text;
    field.readOnly = true;
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    return isCopied;
  }
}

/** Saves bytes as a file. */
function saveFile(name, bytes) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** The address of a mail (RFC 6068) to the sender. */
function mailTo(subject, lines) {
  const to = encodeURIComponent(PAGE.values.mail ?? "").replace("%40", "@");
  const body = lines.join("\r\n");
  return `mailto:${to}?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`;
}
