"""Fills a login form in Firefox by Debian's Browserpass: fill.py PORT.

Opens the extension's popup at 127.0.0.1:PORT and chooses its first login; at localhost:PORT does the same,
then searches all logins there and chooses one; and opens it again once the vault is locked. Says in JSON
what the popup shows at each step and what then stands in the form.
"""

import http.server
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "pages"))
from browsers import Firefox

PORT = int(sys.argv[1])
NAME = "browserpass@maximbaz.com"
FOLDER = f"/usr/share/mozilla/extensions/{{ec8030f7-c20a-464f-9b0e-13a3a9e97384}}/{NAME}"
FORM = b"<!DOCTYPE html><title>x</title><form><input name=user><input type=password name=password><button>Log in</button></form>"
CHOOSE = "const it = document.querySelector('.login .name'); if (it) it.click(); return !!it"
SEARCH_ALL = """
    const input = document.querySelector('input');
    input.focus();
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Backspace', code: 'Backspace', bubbles: true }));"""


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(FORM)

    def log_message(self, *_):
        pass


class Popup:
    """The popup of the extension's button, on the page that is in front."""

    def __init__(self, browser):
        self.browser = browser
        browser.chrome(
            f"const {{ extension }} = WebExtensionPolicy.getByID({json.dumps(NAME)});"
            "const { ExtensionParent } = ChromeUtils.importESModule('resource://gre/modules/ExtensionParent.sys.mjs');"
            "ExtensionParent.apiManager.global.browserActionFor(extension).openPopup(window);")

    def run(self, script):
        """The value of a script in the popup; nothing while it is not there."""
        wrapped = f"""
            const done = arguments[arguments.length - 1];
            const popup = document.querySelector('.webextension-popup-browser');
            const actor = popup?.browsingContext?.currentWindowGlobal?.getActor('MarionetteCommands');
            if (!actor) done(null);
            else actor.executeScript({json.dumps(script)}, [], {{}}).then(done, () => done(null));"""
        parameters = {"script": wrapped, "args": [], "scriptTimeout": 20000}
        self.browser.command("Marionette:SetContext", {"value": "chrome"})
        try:
            return self.browser.command("WebDriver:ExecuteAsyncScript", parameters)
        finally:
            self.browser.command("Marionette:SetContext", {"value": "content"})

    def text(self, sign):
        """What it shows, once it has this."""
        shown, until = None, time.monotonic() + 20
        while not (shown and sign in shown):
            assert time.monotonic() < until, f"no {sign!r}: {shown!r}"
            time.sleep(0.1)
            shown = self.run("return document.body.innerText")
        return shown

    def close(self):
        self.browser.chrome("document.querySelector('.webextension-popup-browser')?.closest('panel')?.hidePopup()")


def form(browser):
    return [browser.value("[name=user]"), browser.value("[name=password]")]


server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
with Firefox(tempfile.mkdtemp()) as browser:
    browser.command("Addon:Install", {"path": FOLDER, "temporary": True})
    found = {}
    browser.open(f"http://127.0.0.1:{PORT}/login")
    popup = Popup(browser)
    found["here"] = popup.text("@")
    popup.run(CHOOSE)
    browser.wait("document.querySelector('[name=password]').value")
    found["filled"] = form(browser)
    popup.close()

    browser.open(f"http://localhost:{PORT}/login")
    popup = Popup(browser)
    found["elsewhere"] = popup.text("localhost")
    found["chosen"] = popup.run(CHOOSE)
    popup.run(SEARCH_ALL)
    found["searched"] = popup.text("@")
    popup.run(CHOOSE)
    found["refused"] = popup.text("rror")
    found["not_filled"] = form(browser)
    popup.close()

    subprocess.run(["vault", "lock"], check=True, capture_output=True)
    browser.open(f"http://127.0.0.1:{PORT}/login")
    found["locked"] = Popup(browser).text("locked")
print(json.dumps(found))
