"use strict";
// The page that opens: a file that stands in it, or one that is chosen, with a passphrase.

/** Milliseconds for which a shown value stays. */
const SHOWN_FOR = 60000;

function beginOpen() {
  // A page that lacks a script, or whose file is cut, says so at once.
  void [sha256, scrypt, unseal, decryptWithPassphrase, checkSshSignature, shareIn];
  if (hasFile()) parseAgeHeader(fileInPage());
  beginPage();
  letShow(element("show"), element("passphrase"));
  element("form").addEventListener("submit", (event) => {
    event.preventDefault();
    tryToOpen();
  });
  element("wipe").addEventListener("click", () => {
    wipe();
    element("wiped").textContent = word("wiped");
  });
  addEventListener("pagehide", wipe);
}

async function tryToOpen() {
  element("error").textContent = "";
  element("wiped").textContent = "";
  wipe();
  setBusy(true);
  try {
    const file = await lockedFile();
    const bytes = await decryptTyped(file, element("passphrase").value);
    const letter = textOf(bytes);
    await show(letter, await shareIn(letter));
  } catch (error) {
    // What was thrown for another reason is a file that is not as it should be.
    wipe();
    element("error").textContent = word(error instanceof Refused ? error.why : "damaged");
    element("passphrase").focus();
  }
  setBusy(false);
}

function setBusy(isBusy) {
  element("open").disabled = isBusy;
  element("opening").hidden = !isBusy;
  element("progress").value = 0;
}

/** Whether the file stands in the page; else it is chosen or pasted. */
function hasFile() {
  return PAGE.values.number !== undefined;
}

function fileInPage() {
  return ageFile(utf8(element("file").textContent.trim()));
}

async function lockedFile() {
  if (hasFile()) return fileInPage();
  const [chosen] = element("chosen").files;
  const pasted = element("pasted").value;
  if (!chosen && pasted.trim() === "") throw new Refused("no_file");
  const bytes = chosen ? new Uint8Array(await chosen.arrayBuffer()) : utf8(pasted);
  const isBinary = [...AGE_VERSION].every((c, at) => bytes[at] === c.charCodeAt(0));
  return isBinary ? bytes : unarmored(mendedArmor(textOf(bytes)));
}

/** Tries what was typed, and then the same as words are generated: small letters, one dash between. */
async function decryptTyped(file, typed) {
  const exact = typed.trim();
  if (exact === "") throw new Refused("no_passphrase_typed");
  const progress = (done) => (element("progress").value = done);
  const generated = exact.toLowerCase().split(/[\s-]+/).join("-");
  try {
    return await decryptWithPassphrase(file, exact, progress);
  } catch (error) {
    if (!(error instanceof Refused) || error.why !== "wrong" || generated === exact) throw error;
    return decryptWithPassphrase(file, generated, progress);
  }
}

async function show(letter, share) {
  const verdict = verdictOn(share);
  if (verdict.startsWith("bad")) throw new Refused(verdict);
  const manifest = share?.manifest;
  const signedBy = manifest?.sender.name ?? "";
  const fingerprint = share ? checkToName(share.checks).fingerprint : "";
  element("signature").textContent = word(verdict, { fingerprint, signed_by: signedBy });
  element("signature").className = SIGNATURE_LOOKS[verdict] ?? "warning";
  element("keys").textContent = word("signed_with", { fingerprint });
  element("keys").hidden = !share;
  if (manifest) {
    showTerms(manifest, signedBy);
    showItems(share);
    showAnswers(manifest);
  }
  element("answers").hidden = !manifest;
  element("no-end").hidden = !manifest?.expires;
  element("owner").hidden = !manifest || Boolean(manifest.expires);
  element("letter").textContent = visible(share ? share.letter : letter);
  element("letter-part").open = !share;
  element("passphrase").value = "";
  showTyped(element("show"), element("passphrase"), false);
  showResult("opened", true);
}

/** A signature that is good says who signed only where the page knows the key. */
const SIGNATURE_LOOKS = { good: "good", good_stranger: "box" };

/**
 * What is to be said of the signatures: each has to be good. What stands in a page has to be the share
 * of which the page speaks, signed by the key that it names.
 */
function verdictOn(share) {
  const isInPage = hasFile();
  if (!share && !isInPage) return "not_signed";
  if (isInPage && share?.manifest.number !== PAGE.values.number) return "bad_other";
  const { checks } = share;
  const suffix = isInPage ? "" : "_stranger";
  if ((isInPage && !checks.some(isByKnownKey)) || checks.some(({ result }) => result === "bad")) return `bad${suffix}`;
  return (checks.some(({ result }) => result === "unchecked") ? "unchecked" : "good") + suffix;
}

/** The check of the signature by the key that the page knows; else the first. */
function checkToName(checks) {
  return checks.find(isByKnownKey) ?? checks[0];
}

function isByKnownKey({ key }) {
  return PAGE.values.signer !== undefined && key === sshKeyOf(PAGE.values.signer);
}

/** What for, until when, and what the one who gets it is bound to. */
function showTerms(manifest, signedBy) {
  const terms = element("terms");
  const client = manifest.client.name ?? manifest.client.slug;
  addTerm(terms, word("client"), [inSentence(client)]);
  if (!manifest.expires) return;
  const purpose = manifest.purpose.replace(/([^.!?])\s*$/, "$1.");
  addTerm(terms, word("purpose"), [word("nothing_else", { purpose })]);
  const end = new Date(manifest.expires);
  // As on papers: the day before the month, and 24 hours.
  const until = end.toLocaleString(PAGE.lang === "en" ? "en-GB" : PAGE.lang, { dateStyle: "long", timeStyle: "short" });
  addTerm(terms, word("until"), [until]);
  addTerm(terms, word("duties"), manifest.obligations.map(inSentence));
  if (manifest.rules) addTerm(terms, word("client_rules", { client }), [inSentence(manifest.rules)]);
  element("ended").textContent = word("ended", { until, signed_by: signedBy });
  element("ended").hidden = end > new Date();
}

function addTerm(terms, name, texts) {
  terms.append(newElement("dt", name));
  const place = newElement("dd", texts.length === 1 ? texts[0] : "");
  if (texts.length > 1) {
    const list = newElement("ul", "");
    list.append(...texts.map((text) => newElement("li", text)));
    place.append(list);
  }
  terms.append(place);
}

/** Each credential, with its values in the order in which they are needed. */
function showItems({ manifest, items }) {
  const order = ["urls", "username", "secret"];
  const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  for (const [number, { fields, hidden = [], attachments = [] }] of items.entries()) {
    const { name } = manifest.items[number];
    element("items").append(newElement("h3", visible(name)));
    for (const field of Object.keys(fields).sort((a, b) => place(a) - place(b))) {
      const isHidden = ["secret", "totp"].includes(field) || hidden.includes(field);
      const what = PAGE.words[`field_${field}`] ?? field;
      for (const value of [fields[field]].flat()) {
        element("items").append(valueRow({ what, item: name, value, isHidden }));
      }
    }
    element("items").append(...attachments.map((file) => fileRow(file, name)));
  }
}

/** A value with its buttons; a hidden one is shown for a minute. */
function valueRow({ what, item, value, isHidden }) {
  const row = newElement("div", "", "value");
  const seen = visible(value);
  const label = visible(what) + (seen === value ? "" : ` ${word("hidden")}`);
  const text = newElement("span", isHidden ? "••••••••" : seen, "text");
  if (isHidden) text.setAttribute("aria-label", word("masked"));
  row.append(newElement("span", label, "label"), text);
  const named = { what, item };
  if (isHidden) row.append(showButton(text, seen, named));
  const copy = newElement("button", word("copy"));
  copy.type = "button";
  copy.setAttribute("aria-label", word("copy_what", named));
  copy.addEventListener("click", async () => {
    element("told").textContent = word((await copyText(value)) ? "copied" : "copy_by_hand");
  });
  row.append(copy);
  return row;
}

function showButton(text, seen, named) {
  const button = newElement("button", "");
  button.type = "button";
  let timer;
  const set = (isShown) => {
    clearTimeout(timer);
    text.textContent = isShown ? seen : "••••••••";
    if (isShown) text.removeAttribute("aria-label");
    else text.setAttribute("aria-label", word("masked"));
    button.textContent = word(isShown ? "hide" : "show");
    button.setAttribute("aria-label", word(isShown ? "hide_what" : "show_what", named));
    button.setAttribute("aria-expanded", String(isShown));
    if (isShown) timer = setTimeout(() => set(false), SHOWN_FOR);
  };
  button.addEventListener("click", () => set(button.getAttribute("aria-expanded") !== "true"));
  set(false);
  return button;
}

/** A file that came with it, to be saved. */
function fileRow({ name, content }, item) {
  const bytes = fromBase64(content);
  const row = newElement("div", "", "value");
  const save = newElement("button", word("save"));
  save.type = "button";
  save.setAttribute("aria-label", word("save_what", { file: name, item }));
  save.addEventListener("click", () => saveFile(name.replace(/[^\p{L}\p{N}._ -]/gu, "_"), bytes));
  row.append(newElement("span", word("file", { file: name, size: bytes.length }), "label"), save);
  return row;
}

/** The mails that say what became of it; what was handed over to its owner has one. */
function showAnswers({ number, recipient, expires }) {
  const name = recipient.name ?? "";
  for (const answer of ["received", "refused", "deleted"]) {
    const first = `${word(`verb_${answer}`)} ${number}`;
    element(answer).href = mailTo(first, [first, "", name]);
    element(answer).hidden = answer !== "received" && !expires;
  }
  if (!expires) element("answers").querySelector("p").textContent = word("answers_how_owner");
}

/** Takes everything that was opened off the page. */
function wipe() {
  for (const place of ["terms", "items"]) element(place).replaceChildren();
  for (const place of ["letter", "signature", "ended", "told"]) element(place).textContent = "";
  element("keys").hidden = true;
  showResult("opened", false);
}

function newElement(name, text, className = "") {
  const element = document.createElement(name);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

beginOpen();
