"""Pages that the program made, in Chromium and Firefox: whole_way.py ask PAGE BLOCK | open PAGE WORDS.

ask types an answer, compares the words with those on stdin, and writes the block to BLOCK-NAME for each
browser. open types the words of the passphrase and prints what each browser shows, as JSON.
"""

import json
import pathlib
import sys
import tempfile

from browsers import Chromium, Firefox

WHAT, PAGE, REST = sys.argv[1:]
TYPED = {"url": "https://acme.example/login", "username": "anna", "secret": "Grüße & <b> 日本"}


def answer(browser):
    shown = browser.text(".words")
    assert shown == WORDS, f"{shown!r} is not {WORDS!r}"
    for field, text in TYPED.items():
        browser.type(f"#{field}", text)
    browser.click("#form button[type=submit]")
    browser.wait("document.querySelector('#block').value")
    pathlib.Path(f"{REST}-{browser.name}").write_text(browser.value("#block"), encoding="utf-8")


def opened(browser):
    browser.type("#passphrase", REST)
    browser.click("#open")
    browser.wait("!document.querySelector('#open').disabled", 60)
    hidden = browser.run("""
        const texts = [];
        window.copyText = async (text) => { texts.push(text); return true; };
        for (const button of document.querySelectorAll('#items .value button:last-child')) button.click();
        await new Promise((done) => setTimeout(done, 100));
        return texts;""")
    return {
        "browser": browser.name,
        "error": browser.text("#error"),
        "signature": browser.text("#signature"),
        "words": browser.text(".words"),
        "values": hidden,
        "received": browser.run("return document.querySelector('#received').href"),
    }


WORDS = sys.stdin.read().strip()
for kind in (Chromium, Firefox):
    with kind(tempfile.mkdtemp()) as browser:
        browser.open(pathlib.Path(PAGE).resolve().as_uri())
        if WHAT == "ask":
            answer(browser)
        else:
            print(json.dumps(opened(browser)))
