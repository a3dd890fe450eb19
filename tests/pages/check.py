"""The two pages in Chromium and Firefox: check.py PAGES AXE [SHOTS].

PAGES is the folder that fixtures.mjs made; screenshots go to SHOTS. Each check is a sentence; those
that fail make the exit code 1.
"""

import functools
import http.server
import json
import os
import pathlib
import pty
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import unicodedata
import urllib.parse

from browsers import Chromium, Firefox

PAGES = pathlib.Path(sys.argv[1]).resolve()
AXE = pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
SHOTS = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
FACTS = json.loads((PAGES / "pages.json").read_text(encoding="utf-8"))
PHONE, DESKTOP = 360, 1100
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


class Web:
    """The pages on a web server of this machine, and what it was asked for."""

    def __init__(self):
        asked = self.asked = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                asked.append(self.path)

        handler = functools.partial(Handler, directory=str(PAGES))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"


WEB = Web()
DOWNLOADS = pathlib.Path(tempfile.mkdtemp())


def at_file(name):
    return (PAGES / name).as_uri()


def at_web(name):
    return f"{WEB.address}/{name}"


def same(given, expected, about=""):
    assert given == expected, f"{about} {given!r} is not {expected!r}"


def with_stock_age(armor):
    """The answer in a block, as stock age opens it with the key of the request."""
    opened = subprocess.run(["age", "-d", "-i", PAGES / "key.txt"], input=armor.encode(), capture_output=True)
    assert opened.returncode == 0, opened.stderr
    assert len(opened.stdout) % 128 == 0 and opened.stdout.endswith(b"\n")
    return json.loads(opened.stdout)


def quiet(browser):
    """Nothing was written to the console, and nothing asked for."""
    said, sent = browser.said()
    same([it for it in said if "favicon" not in it], [], "console:")
    same([it for it in sent if "favicon" not in it], [], "requests:")


TYPED = {
    "url": "https://shop.example/admin",
    "username": "anna",
    "secret": " Grüße & <b>\"'`${x} 日本 ",
    "note": "PIN 4711\nsecond line",
    "rules": "only on weekdays",
}


def fill(browser, typed):
    for field, text in typed.items():
        browser.type(f"#{field}", text)
    browser.click("#form button[type=submit]")
    browser.wait("document.querySelector('#block').value")


@check
def the_vectors_are_met_and_the_policy_lets_nothing_out(browser):
    browser.open(at_file("vectors.html"))
    browser.wait("document.body.dataset.result", 90)
    result = json.loads(browser.run("return document.body.dataset.result"))
    same(result["failed"], [])
    assert result["count"] > 25
    for place in (at_file, at_web):
        browser.open(place("escape.html"))
        browser.wait("document.body.dataset.result")
        result = json.loads(browser.run("return document.body.dataset.result"))
        ways = {"fetch", "request", "image", "script", "eval", "inline"}
        same(ways - {way for way, is_stopped in result["failed"].items() if is_stopped}, set())
        directives = {"connect-src", "img-src", "script-src", "script-src-elem", "form-action", "base-uri"}
        same(directives - set(result["stopped"]), set())
        same(result["isMoved"], False)
        assert "away" not in browser.run("return location.href")


@check
def what_is_typed_opens_with_stock_age_and_is_gone(browser):
    for place, page in [(at_file, "ask.en.html"), (at_web, "ask.de.html")]:
        browser.look(PHONE)
        browser.open(place(page))
        fill(browser, TYPED)
        block = browser.value("#block")
        answer = with_stock_age(block)
        same(answer, {"type": "vault.answer/1", "number": "2F95-B33D", **TYPED})
        left = browser.run("return Array.from(document.querySelectorAll('#form input, #form textarea'), (it) => it.value)")
        same(left, [""] * 5)
        assert not browser.is_seen("#form") and browser.is_seen("#locked")
        same(browser.run("return document.activeElement.id"), "locked-title")
        href = browser.run("return document.querySelector('#mail').getAttribute('href')")
        assert len(href) <= 1600, len(href)
        address, query = href.split("?")
        same(address, "mailto:kim@kim.example")
        mail = dict(urllib.parse.parse_qsl(query))
        assert "2F95-B33D" in mail["subject"]
        begin = mail["body"].index("-----BEGIN AGE")
        same(mail["body"][begin:].strip().replace("\r\n", "\n"), block.strip())
        same(with_stock_age(mail["body"][begin:]), answer)
        same(browser.run("return location.href"), place(page))
        quiet(browser)
        browser.run("dispatchEvent(new Event('pagehide'))")
        same(browser.value("#block"), block, "the block is not secret:")
        browser.click("#again")
        assert browser.is_seen("#form")
        same(browser.value("#block"), "")


@check
def a_block_is_copied_saved_and_too_long_for_a_mail(browser):
    browser.open(at_file("ask.en.html"))
    browser.type("#secret", "s")
    browser.run("document.querySelector('#note').value = 'long '.repeat(400)")
    browser.click("#form button[type=submit]")
    browser.wait("document.querySelector('#block').value")
    assert not browser.is_seen("#mail") and browser.is_seen("#too-long")
    browser.click("#copy")
    browser.wait("document.querySelector('#told').textContent")
    told = browser.text("#told")
    assert told.startswith(("Copied", "This browser")), told
    browser.click("#save")
    saved = DOWNLOADS / "2F95-B33D.age"
    for _ in range(100):
        if saved.exists() and saved.stat().st_size:
            break
        time.sleep(0.1)
    same(with_stock_age(saved.read_text())["note"], "long " * 400)
    saved.unlink()


@check
def the_page_asks_for_no_more_than_is_needed_and_says_what_is_missing(browser):
    browser.open(at_file("ask.bare.html"))
    same(browser.run("return Array.from(document.querySelectorAll('[data-field]'), (it) => it.dataset.field)"), ["secret"])
    assert not browser.run("return document.querySelector('.words')")
    browser.click("#form button[type=submit]")
    same(browser.text("#error"), "The password is missing.")
    same(browser.run("return document.activeElement.id"), "secret")
    paste = ("const data = new DataTransfer(); data.setData('text', 'two\\nlines');"
             "const event = new ClipboardEvent('paste', { clipboardData: data, cancelable: true, bubbles: true });"
             "document.querySelector('#secret').dispatchEvent(event); return event.defaultPrevented")
    if browser.name == "chromium":
        same(browser.run(paste), True)
        assert "several lines" in browser.text("#secret-note")
    browser.type("#secret", "x ")
    assert "space" in browser.text("#secret-note")
    browser.click("#show")
    same(browser.run("return document.querySelector('#secret').type"), "text")
    browser.click("#form button[type=submit]")
    browser.wait("document.querySelector('#block').value")
    same(browser.run("return document.querySelector('#secret').type"), "password")
    same(with_stock_age(browser.value("#block"))["secret"], "x ")
    same(browser.run("return document.querySelector('#mail').getAttribute('href').startsWith('mailto:?')"), True)


@check
def a_key_of_several_lines_needs_no_password(browser):
    browser.open(at_file("ask.en.html"))
    key = "-----BEGIN KEY-----\nabc\n-----END KEY-----"
    browser.run(f"document.querySelector('#note').value = {json.dumps(key)}")
    browser.click("#form button[type=submit]")
    browser.wait("document.querySelector('#block').value")
    same(with_stock_age(browser.value("#block")), {"type": "vault.answer/1", "number": "2F95-B33D", "note": key})


@check
def hostile_words_stay_words(browser):
    hostile = FACTS["hostile"]
    browser.open(at_file("ask.hostile.html"))
    assert "broken out" not in browser.run("return document.title")
    text = browser.text("main")
    for seen in ["</script></pre>", "\\u{202e}", "\\u{200b}", "\\u{0}", "ქართული", "العربية", "👩‍👧", "{sender}"]:
        assert seen in text, seen
    same(browser.run("return document.querySelectorAll('main img').length"), 0)
    for field in TYPED:
        # As a person can paste it; a field of one line has no line breaks.
        browser.run(f"document.querySelector('#{field}').value = {json.dumps(hostile)}")
    typed = browser.run("return Object.fromEntries(['url', 'username', 'secret', 'note', 'rules']"
                        ".map((it) => [it, document.querySelector('#' + it).value]))")
    browser.click("#form button[type=submit]")
    browser.wait("document.querySelector('#block').value")
    answer = with_stock_age(browser.value("#block"))
    same({field: answer[field] for field in TYPED}, typed)
    quiet(browser)
    open_share(browser, at_file("open.hostile.html"))
    same(browser.run("return document.querySelectorAll('main img').length"), 0)
    assert "broken out" not in browser.run("return document.title")
    for seen in ["</script></pre>", "\\u{202e}", "ქართული"]:
        assert seen in browser.text("#opened"), seen
    share = FACTS["shares"]["hostile"]
    same(copied(browser), expected_copies(share))
    same(browser.run("return document.documentElement.scrollWidth <= innerWidth"), True)
    quiet(browser)


def open_share(browser, url, words=None):
    browser.open(url)
    browser.type("#passphrase", words or FACTS["words"])
    browser.click("#open")
    browser.wait("!document.querySelector('#open').disabled")


def copied(browser):
    """What each button copies, in order."""
    script = """
    const texts = [];
    const real = copyText;
    window.copyText = async (text) => { texts.push(text); return true; };
    for (const button of document.querySelectorAll('#items .value button:last-child')) button.click();
    await new Promise((done) => setTimeout(done, 100));
    window.copyText = real;
    return texts;"""
    return browser.run(script)


def expected_copies(share):
    texts = []
    for item in share["items"]:
        order = ["urls", "username", "secret"]
        for name in sorted(item["fields"], key=lambda it: order.index(it) if it in order else 3):
            value = item["fields"][name]
            texts += value if isinstance(value, list) else [value]
    return texts


@check
def a_share_opens_with_its_words_however_they_are_typed(browser):
    for place, typed in [(at_file, FACTS["words"]), (at_web, " Plaza acid  Tulip crumb vocal ONYX ")]:
        browser.look(PHONE)
        open_share(browser, place("open.good.html"), typed)
        assert "good" in browser.text("#signature") and "Kim Example" in browser.text("#signature"), browser.text("#signature")
        opened = browser.text("#opened")
        for seen in ["Update the opening hours. Nothing else.", "Do not pass it on.", "only on weekdays", "Bäckerei Anna Baker",
                     "https://baker.example/admin", "anna", "hosting"]:
            assert seen in opened, seen
        for hidden in ["S3cret", "4711", "JBSWY3DPEHPK3PXP", "two\nlines"]:
            assert hidden not in opened, hidden
        browser.click("#items .value:nth-of-type(3) button")
        assert "S3cret & <b>" in browser.text("#items")
        browser.click("#items .value:nth-of-type(3) button")
        assert "S3cret" not in browser.text("#items")
        hrefs = browser.run("return ['received', 'refused', 'deleted'].map((it) => document.getElementById(it).href)")
        for href, verb in zip(hrefs, ["RECEIVED", "NO", "DELETED"]):
            mail = dict(urllib.parse.parse_qsl(href.split("?")[1]))
            assert href.startswith("mailto:kim@kim.example?")
            same(mail["body"], f"{verb} 2F95-B33D\r\n\r\nBob Müller")
        assert not browser.is_seen("#ended")
        quiet(browser)
        browser.click("#wipe")
        assert not browser.is_seen("#opened")
        text = browser.run("return document.querySelector('#page').textContent")
        for gone in ["S3cret", "4711", "baker.example", "JBSWY3"]:
            assert gone not in text, gone


@check
def what_is_wrong_with_a_share_is_said(browser):
    wrong = [("open.good.html", "plaza-acid-tulip-crumb-vocal-oxen", "not the passphrase"),
             ("open.other.html", None, "signature is not good"),
             ("open.tampered.html", None, "signature is not good"),
             ("open.swapped.html", None, "not what the page says"),
             ("open.text.html", None, "not what the page says"),
             ("open.unsigned.html", None, "damaged")]
    for page, words, said in wrong:
        open_share(browser, at_file(page), words)
        assert said in browser.text("#error"), (page, browser.text("#error"))
        assert not browser.is_seen("#opened")
        same(browser.run("return document.querySelector('#opened').textContent.includes('S3cret')"), False)
        assert browser.run("return document.activeElement.id") == "passphrase"
        quiet(browser)
    open_share(browser, at_file("open.ended.html"))
    assert browser.is_seen("#ended")
    open_share(browser, at_file("open.owner.html"))
    assert not browser.is_seen("#refused") and not browser.is_seen("#deleted") and browser.is_seen("#received")
    assert browser.is_seen("#owner") and not browser.is_seen("#no-end")


@check
def the_opener_opens_any_file_with_a_passphrase(browser):
    def paste(name, words):
        browser.open(at_file("opener.html"))
        text = json.dumps((PAGES / name).read_text())
        browser.run(f"document.querySelector('#pasted').value = {text}")
        browser.type("#passphrase", words)
        browser.click("#open")
        browser.wait("!document.querySelector('#open').disabled", 60)

    paste("plain.age", FACTS["words"])
    assert "without a signature" in browser.text("#signature")
    assert "just a text" in browser.text("#letter")
    assert not browser.is_seen("#answers")
    paste("good.age", FACTS["words"])
    assert "SHA256:" in browser.text("#signature") and "let yourself be told" in browser.text("#signature")
    browser.open(at_file("opener.html"))
    quoted = json.dumps("Hello,\r\n\r\n> " + (PAGES / "good.age").read_text().replace("\n", "\r\n>  ") + "\r\nBye")
    browser.run(f"document.querySelector('#pasted').value = {quoted}")
    browser.type("#passphrase", FACTS["words"])
    browser.click("#open")
    browser.wait("!document.querySelector('#open').disabled", 60)
    assert browser.is_seen("#opened"), browser.text("#error")
    paste("to_key.age", "x")
    assert "for a key" in browser.text("#error")
    browser.open(at_file("opener.html"))
    browser.type("#passphrase", "x")
    browser.click("#open")
    browser.wait("document.querySelector('#error').textContent")
    assert "Choose the file" in browser.text("#error")
    browser.type("#chosen", str(PAGES / "good.age"))
    browser.run("document.querySelector('#passphrase').value = ''")
    browser.type("#passphrase", FACTS["words"])
    browser.click("#open")
    browser.wait("!document.querySelector('#open').disabled")
    assert browser.is_seen("#opened"), browser.text("#error")


@check
def a_page_that_was_cut_or_changed_says_so(browser):
    """Wherever a page is cut or changed, it is broken and says so, or does what the whole does."""
    whole = (PAGES / "ask.en.html").read_bytes()
    broken = PAGES / "broken.html"
    start, end = whole.index(b"</div>", whole.index(b'id="broken"')), len(whole) - 60
    for at in range(start, end, (end - start) // 20):
        broken.write_bytes(whole[:at])
        browser.open(broken.as_uri())
        same([browser.is_seen("#broken"), browser.is_seen("#page")], [True, False], at)
    for at in range(whole.index(b"<script>") + 40, len(whole) - 60, 997):
        broken.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        browser.open(broken.as_uri())
        if browser.is_seen("#page"):
            fill(browser, {"secret": "x"})
            same(with_stock_age(browser.value("#block"))["secret"], "x", at)
        else:
            assert browser.is_seen("#broken"), at
    browser.open(at_file("ask.damaged.html"))
    same([browser.is_seen("#broken"), browser.is_seen("#page")], [True, False])
    share = (PAGES / "open.good.html").read_bytes()
    start = share.index(b"-----BEGIN AGE")
    for at in range(start, share.index(b"-----END AGE") + 20, 331):
        broken.write_bytes(share[:at] + bytes([share[at] ^ 1]) + share[at + 1:])
        browser.open(broken.as_uri())
        if not browser.is_seen("#page"):
            assert browser.is_seen("#broken"), at
            continue
        open_share(browser, broken.as_uri())
        assert not browser.is_seen("#opened"), at
        assert browser.text("#error"), at
    broken.unlink()


@check
def without_scripts_the_page_says_so(browser):
    for page, said in [("ask.de.html", "JavaScript ist hier ausgeschaltet"), ("open.good.html", "JavaScript is switched off")]:
        browser.scripts(False)
        browser.open(at_file(page))
        browser.print(PAGES / "without_scripts.pdf")
        if SHOTS:
            browser.shot(SHOTS / f"{browser.name}.without_scripts.{page}.png")
        browser.scripts(True)
        printed = subprocess.run(["pdftotext", PAGES / "without_scripts.pdf", "-"], capture_output=True, text=True)
        text = unicodedata.normalize("NFKC", printed.stdout)  # letters that are set as one
        assert said in " ".join(text.split()), text


@check
def nobody_is_kept_out_and_nothing_is_too_wide(browser):
    def look(name):
        for scheme in ["light", "dark"]:
            for width in [PHONE, DESKTOP]:
                browser.look(width, scheme)
                same(browser.run("return document.documentElement.scrollWidth <= innerWidth"), True, (name, width))
                same(browser.axe(AXE), [], (name, scheme, width))
                if SHOTS:
                    browser.shot(SHOTS / f"{browser.name}.{name}.{scheme}.{width}.png")

    for lang in ["en", "de"]:
        browser.open(at_file(f"ask.{lang}.html"))
        browser.run("document.querySelector('details').open = true")
        look(f"ask.{lang}")
        if browser.name == "chromium" and SHOTS:
            browser.print(SHOTS / f"ask.{lang}.pdf")
        browser.click("#form button[type=submit]")
        fill(browser, TYPED)
        look(f"ask.{lang}.locked")
    for page in ["open.de", "open.good", "open.hostile", "open.ended"]:
        open_share(browser, at_file(f"{page}.html"))
        look(f"{page}.opened")
    if browser.name == "chromium" and SHOTS:
        browser.print(SHOTS / "open.pdf")
    open_share(browser, at_file("open.de.html"), "falsch")
    look("open.de.wrong")
    browser.open(at_file("opener.html"))
    look("opener")


@check
def all_is_done_with_the_keyboard(browser):
    tab, enter = "\ue004", "\ue007"

    def tabs(times):
        order = []
        for _ in range(times):
            browser.press(tab)
            order.append(browser.run("return document.activeElement.id || document.activeElement.tagName"))
        return order

    browser.open(at_file("ask.en.html"))
    same(tabs(8), ["url", "username", "secret", "show", "note", "rules", "BUTTON", "SUMMARY"])
    browser.type("#secret", f"typed{enter}")
    browser.wait("document.querySelector('#block').value")
    same(with_stock_age(browser.value("#block"))["secret"], "typed")
    same(tabs(5), ["block", "mail", "copy", "save", "again"])
    browser.press(enter)
    same(browser.run("return document.activeElement.id"), "url")
    open_share(browser, at_file("open.good.html"), FACTS["words"])
    labels = []
    for _ in range(4):
        browser.press(tab)
        labels.append(browser.run("return document.activeElement.getAttribute('aria-label')"))
    same(labels, ["Copy: Address, cms", "Copy: User name, cms", "Show: Password, cms", "Copy: Password, cms"])


@check
def a_browser_that_cannot_check_a_signature_says_so(browser):
    open_share(browser, at_file("open.insecure.html"))
    assert "cannot check the signature" in browser.text("#signature")
    assert "anna" in browser.text("#items")
    browser.click("#items .value button")
    browser.wait("document.querySelector('#told').textContent")
    assert browser.text("#told").startswith(("Copied", "This browser")), browser.text("#told")
    quiet(browser)


def stock_age_opens_what_sed_takes_out_of_a_page():
    out = subprocess.run(["sed", "-n", "/^-----BEGIN AGE/,/^-----END AGE/p", PAGES / "open.good.html"], capture_output=True)
    same(out.stdout, (PAGES / "good.age").read_bytes())
    taken = PAGES / "taken.age"
    taken.write_bytes(out.stdout)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("age", ["age", "-d", "-o", str(PAGES / "taken.txt"), str(taken)])
    seen = b""
    while b":" not in seen:
        seen += os.read(terminal, 1024)
    time.sleep(0.3)
    os.write(terminal, FACTS["words"].encode() + b"\n")
    try:
        while os.read(terminal, 1024):
            pass
    except OSError:
        pass
    same(os.waitpid(pid, 0)[1], 0)
    same((PAGES / "taken.txt").read_text(), (PAGES / "good.txt").read_text())


def main():
    failed = 0

    def attempt(name, function):
        nonlocal failed
        start = time.monotonic()
        try:
            function()
            verdict = "ok    "
        except Exception:
            failed += 1
            verdict = "FAILED"
            traceback.print_exc(limit=-3)
        print(f"{verdict} {name} ({time.monotonic() - start:.1f} s)", flush=True)

    wanted = os.environ.get("ONLY", "")
    attempt("sed and stock age", stock_age_opens_what_sed_takes_out_of_a_page)
    for kind in (Chromium, Firefox):
        if os.environ.get("BROWSER", kind.name) != kind.name:
            continue
        with kind(DOWNLOADS) as browser:
            for function in CHECKS:
                if wanted in function.__name__:
                    attempt(f"{browser.name}: {function.__name__.replace('_', ' ')}", lambda: function(browser))
    asked = {path for path in WEB.asked if "favicon" not in path}
    print(f"the web server was asked for {sorted(asked)}")
    sys.exit(1 if failed else 0)


main()
