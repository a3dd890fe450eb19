"""What a browser makes of a page: page.py PAGE PDF [AXE].

Drives Debian's Chromium by its own driver, with nothing but Python's library. Says in JSON what the
browser wrote to its console, what it asked for beside the page, what axe found, in light and dark, on a
phone and a desktop, and how wide each is; and prints the page to PDF.
"""

import base64
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PHONE, DESKTOP = 360, 1100


class Browser:
    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-background-networking",
            f"--user-data-dir={folder}",
        ]
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments, "binary": "/usr/bin/chromium"},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        session = self.begin({"capabilities": {"alwaysMatch": wanted}})
        self.base += f"/session/{session['sessionId']}"

    def begin(self, wanted):
        for _ in range(100):
            try:
                return self.ask("/session", wanted)
            except urllib.error.URLError as why:
                if isinstance(why, urllib.error.HTTPError):
                    raise
                time.sleep(0.1)
        raise SystemExit("the driver of the browser does not answer")

    def ask(self, path, body=None):
        request = urllib.request.Request(self.base + path)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def devtools(self, command, **params):
        return self.ask("/goog/cdp/execute", {"cmd": command, "params": params})

    def log(self, kind):
        return self.ask("/se/log", {"type": kind})

    def run(self, script):
        return self.ask("/execute/async", {"script": script, "args": []})

    def close(self):
        request = urllib.request.Request(self.base, method="DELETE")
        urllib.request.urlopen(request, timeout=30).close()
        self.driver.terminate()
        self.driver.wait(30)


def requests(browser, page):
    """What was asked for, but for the page itself."""
    sent = []
    for entry in browser.log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            sent.append(message["params"]["request"]["url"])
    return [url for url in sent if url != page]


def main():
    page = pathlib.Path(sys.argv[1]).resolve().as_uri()
    axe = pathlib.Path(sys.argv[3]).read_text(encoding="utf-8") if len(sys.argv) > 3 else None
    found = {"console": [], "requests": [], "axe": [], "widths": []}
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(folder)
        # What the browser begins with is none of the page's doing.
        browser.ask("/url", {"url": "about:blank"})
        browser.log("browser")
        browser.log("performance")
        for scheme in ["light", "dark"]:
            scheme_now = {"name": "prefers-color-scheme", "value": scheme}
            browser.devtools("Emulation.setEmulatedMedia", features=[scheme_now])
            for width in [PHONE, DESKTOP]:
                size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE}
                browser.devtools("Emulation.setDeviceMetricsOverride", **size)
                browser.ask("/url", {"url": page})
                found["console"] += [it["message"] for it in browser.log("browser")]
                found["requests"] += requests(browser, page)
                wide = "arguments[0](document.documentElement.scrollWidth)"
                found["widths"].append([width, browser.run(wide)])
                if axe is None:
                    continue
                # What axe itself does to the page is none of the page's doing.
                script = axe + ";const done=arguments[arguments.length-1];axe.run().then(done)"
                for it in browser.run(script)["violations"]:
                    where = [node["target"] for node in it["nodes"]][:3]
                    found["axe"].append([scheme, width, it["id"], it["help"], where])
                browser.log("browser")
                browser.log("performance")
        printed = browser.devtools("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        pathlib.Path(sys.argv[2]).write_bytes(base64.b64decode(printed["data"]))
        browser.close()
    print(json.dumps(found))


main()
