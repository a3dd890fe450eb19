"use strict";
// Tries every way out of a page to the address in its own fragment; each has to be stopped. What was
// stopped, and by what, stands in the result.
(async () => {
  const stopped = [];
  document.addEventListener("securitypolicyviolation", (event) => stopped.push(event.effectiveDirective));
  const away = "http://127.0.0.1:1/away";
  const failed = {};
  const attempt = async (name, go) => {
    try {
      await go();
      failed[name] = false;
    } catch {
      failed[name] = true;
    }
  };
  await attempt("fetch", () => fetch(away));
  await attempt("request", () => new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.onload = done;
    request.onerror = fail;
    request.open("GET", away);
    request.send();
  }));
  const loaded = (name, key) => new Promise((done, fail) => {
    const it = document.createElement(name);
    it.onload = done;
    it.onerror = fail;
    it[key] = away;
    document.body.append(it);
  });
  await attempt("image", () => loaded("img", "src"));
  await attempt("script", () => loaded("script", "src"));
  await attempt("eval", () => (0, eval)("1"));
  await attempt("inline", () => {
    const it = document.createElement("script");
    it.textContent = "window.inlineRan = true";
    document.body.append(it);
    if (!window.inlineRan) throw new Error("did not run");
  });
  const form = document.createElement("form");
  form.action = away;
  document.body.append(form);
  await attempt("form", () => form.submit());
  const base = document.createElement("base");
  base.href = away;
  document.head.append(base);
  await new Promise((done) => setTimeout(done, 300));
  const isMoved = document.baseURI.startsWith(away);
  document.body.dataset.result = JSON.stringify({ failed, stopped, isMoved });
})();
