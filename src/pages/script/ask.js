"use strict";
// The page that asks: takes what is typed, encrypts it to the key of the request, and helps to send it.

/** Characters of a mail address that every mail program takes. */
const MAX_MAILTO = 1600;
/** The answer is padded to a multiple of this, so that its length says little about the password's. */
const PADDING = 128;

function beginAsk() {
  encryptTo(PAGE.values.recipient, utf8("")); // a page that cannot do it says so at once
  for (const field of document.querySelectorAll("[data-field]")) {
    if (!PAGE.values.need.includes(field.dataset.field)) field.remove();
  }
  beginPage();
  element("form").addEventListener("submit", (event) => {
    event.preventDefault();
    lock();
  });
  element("copy").addEventListener("click", copyBlock);
  element("save").addEventListener("click", saveBlock);
  element("again").addEventListener("click", startAgain);
  if (element("secret")) watchSecret(element("secret"));
}

/** Says of a password what may be a slip; a field of one line would drop line breaks in silence. */
function watchSecret(secret) {
  const note = element("secret-note");
  letShow(element("show"), secret);
  secret.addEventListener("input", () => {
    note.textContent = secret.value === secret.value.trim() ? "" : word("spaces");
  });
  secret.addEventListener("paste", (event) => {
    const pasted = event.clipboardData.getData("text");
    if (!/[\r\n]/.test(pasted.trim())) return;
    event.preventDefault();
    note.textContent = word(element("note") ? "several_lines" : "several_lines_alone");
  });
}

/** The fields that the page has, by their names. */
function askedFields() {
  return Array.from(document.querySelectorAll("[data-field]"), ({ dataset }) => element(dataset.field));
}

function lock() {
  const fields = askedFields();
  const missing = whatIsMissing(fields);
  element("error").textContent = missing ? word(missing) : "";
  if (missing) {
    (element("secret") ?? fields[0]).focus();
    return;
  }
  try {
    element("block").value = encryptTo(PAGE.values.recipient, answerBytes(fields));
  } catch {
    element("error").textContent = word(globalThis.crypto ? "not_locked" : "too_old");
    return;
  }
  wipeFields(element("form"));
  if (element("secret")) showTyped(element("show"), element("secret"), false);
  showLocked();
}

function whatIsMissing(fields) {
  // A key of several lines is no password, and goes below it.
  if (element("secret")?.value === "" && !element("note")?.value.trim()) return "no_secret";
  return fields.every((field) => field.value.trim() === "") ? "nothing" : "";
}

/** The answer: JSON, as it is also read by people who open it with stock age. */
function answerBytes(fields) {
  const answer = { type: "vault.answer/1", number: PAGE.values.number };
  for (const field of fields) {
    if (field.value !== "") answer[field.id] = field.value;
  }
  const json = utf8(JSON.stringify(answer, null, 1));
  const padded = new Uint8Array(Math.ceil((json.length + 1) / PADDING) * PADDING).fill(0x20);
  padded.set(json);
  padded[padded.length - 1] = 0x0a;
  return padded;
}

function showLocked() {
  const block = element("block").value;
  const lines = [word("mail_intro"), "", ...block.trim().split("\n"), ""];
  const address = mailTo(word("mail_subject"), lines);
  const fits = address.length <= MAX_MAILTO;
  element("mail").hidden = !fits;
  element("too-long").hidden = fits;
  if (fits) element("mail").href = address;
  element("copy").classList.toggle("main", !fits);
  element("told").textContent = "";
  showResult("locked", true);
}

async function copyBlock() {
  if (await copyText(element("block").value)) {
    element("told").textContent = word(PAGE.values.mail ? "copied" : "copied_nobody");
  } else {
    element("told").textContent = word("copy_by_hand");
    element("block").focus();
    element("block").select();
  }
}

function saveBlock() {
  const file = `${PAGE.values.number}.age`;
  saveFile(file, utf8(element("block").value));
  element("told").textContent = word("saved", { file });
}

function startAgain() {
  element("block").value = "";
  element("mail").removeAttribute("href");
  showResult("locked", false);
  askedFields()[0].focus();
}

beginAsk();
