"""Debian's Chromium and Firefox ESR, driven with nothing but Python's library: Chromium by its driver,
Firefox by Marionette, which is built in. Both speak the commands of WebDriver."""

import base64
import json
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Browser:
    """What the tests do with any browser."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        self.process.terminate()
        self.process.wait(30)
        self.folder.cleanup()

    def run(self, script):
        """The value that a script gives; `await` may stand in it."""
        return self.script(f"const done = arguments[0]; (async () => {{ {script} }})().then(done, (why) => done('' + why))")

    def text(self, selector):
        return self.run(f"return document.querySelector({json.dumps(selector)}).innerText")

    def value(self, selector):
        return self.run(f"return document.querySelector({json.dumps(selector)}).value")

    def is_seen(self, selector):
        found = f"document.querySelector({json.dumps(selector)})"
        return self.run(f"return !!{found} && {found}.checkVisibility()")

    def press(self, key):
        """Presses a key, wherever the focus is."""
        pressed = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self.actions([{"type": "key", "id": "keys", "actions": pressed}])

    def axe(self, script):
        """What axe finds fault with: the rule, what it is about, and where."""
        found = ("axe.run().then((it) => JSON.stringify(it.violations.map("
                 "({ id, help, nodes }) => [id, help, nodes.map((it) => it.target).slice(0, 3)])))")
        return json.loads(self.script(f"{script}; const done = arguments[0]; {found}.then(done)"))

    def wait(self, condition, seconds=30):
        """Waits until a script says yes."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.run(f"return !!({condition})"):
                return
            time.sleep(0.05)
        raise AssertionError(f"{self.name}: {condition} does not come true")


class Chromium(Browser):
    name = "chromium"

    def __init__(self, downloads):
        self.folder = tempfile.TemporaryDirectory()
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(["chromedriver", f"--port={port}"], **quiet)
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                     "--disable-background-networking", f"--user-data-dir={self.folder.name}"]
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments, "binary": "/usr/bin/chromium"},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        for _ in range(100):
            try:
                session = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
                break
            except urllib.error.URLError as why:
                if isinstance(why, urllib.error.HTTPError):
                    raise
                time.sleep(0.1)
        self.base += f"/session/{session['sessionId']}"
        self.devtools("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads))

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.base + path, method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as why:
            raise AssertionError(f"{path}: {why.read()[:400]}") from why

    def devtools(self, command, **params):
        return self.ask("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def open(self, url):
        self.ask("POST", "/url", {"url": "about:blank"})
        self.said()
        self.ask("POST", "/url", {"url": url})
        self.url = url

    def script(self, text):
        return self.ask("POST", "/execute/async", {"script": text, "args": []})

    def find(self, selector):
        return self.ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def type(self, selector, text):
        self.ask("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def click(self, selector):
        self.ask("POST", f"/element/{self.find(selector)}/click", {})

    def actions(self, actions):
        self.ask("POST", "/actions", {"actions": actions})

    def look(self, width, scheme="light"):
        """As wide as a phone or a desktop, light or dark."""
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        height = 740 if width < 600 else 900
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                      mobile=width < 600)

    def scripts(self, are_on):
        self.devtools("Emulation.setScriptExecutionDisabled", value=not are_on)

    def shot(self, path):
        size = self.devtools("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        shot = self.devtools("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def print(self, path):
        printed = self.devtools("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        pathlib.Path(path).write_bytes(base64.b64decode(printed["data"]))

    def said(self):
        """What it wrote to its console and asked the network for, since it was last asked."""
        said = [it["message"] for it in self.ask("POST", "/se/log", {"type": "browser"})]
        sent = []
        for entry in self.ask("POST", "/se/log", {"type": "performance"}):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                sent.append(message["params"]["request"]["url"])
        own = ("blob:", "data:", "about:")
        return said, [url for url in sent if url != getattr(self, "url", "") and not url.startswith(own)]

    def close(self):
        self.ask("DELETE", "")


class Firefox(Browser):
    name = "firefox"

    def __init__(self, downloads):
        self.folder = tempfile.TemporaryDirectory()
        port = free_port()
        wanted = {
            "marionette.port": port,
            "browser.download.folderList": 2,
            "browser.download.dir": str(downloads),
            "browser.download.always_ask_before_handling_new_types": False,
            "browser.shell.checkDefaultBrowser": False,
            "datareporting.policy.dataSubmissionEnabled": False,
            "app.update.disabledForTesting": True,
            "network.captive-portal-service.enabled": False,
            "network.connectivity-service.enabled": False,
            "layout.css.prefers-color-scheme.content-override": 1,
        }
        prefs = "".join(f"user_pref({json.dumps(key)}, {json.dumps(value)});\n" for key, value in wanted.items())
        pathlib.Path(self.folder.name, "user.js").write_text(prefs)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        command = ["firefox-esr", "--headless", "--marionette", "-remote-allow-system-access",
                   "--no-remote", "--profile", self.folder.name]
        self.process = subprocess.Popen(command, **quiet)
        for _ in range(300):
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
                break
            except OSError:
                time.sleep(0.1)
        self.count = 0
        self.receive()
        self.command("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {}}})

    def receive(self):
        length = b""
        while not length.endswith(b":"):
            length += self.socket.recv(1)
        data = b""
        while len(data) < int(length[:-1]):
            data += self.socket.recv(int(length[:-1]) - len(data))
        return json.loads(data)

    def command(self, name, parameters):
        self.count += 1
        message = json.dumps([0, self.count, name, parameters]).encode()
        self.socket.sendall(str(len(message)).encode() + b":" + message)
        _, _, error, result = self.receive()
        if error:
            raise AssertionError(f"{name}: {error['message']}")
        return result.get("value") if set(result) == {"value"} else result

    def chrome(self, script):
        """Runs a script in the browser itself."""
        self.command("Marionette:SetContext", {"value": "chrome"})
        try:
            return self.command("WebDriver:ExecuteScript", {"script": script, "args": []})
        finally:
            self.command("Marionette:SetContext", {"value": "content"})

    def open(self, url):
        self.command("WebDriver:Navigate", {"url": "about:blank"})
        self.chrome("Services.console.reset()")
        self.command("WebDriver:Navigate", {"url": url})
        self.url = url

    def script(self, text):
        return self.command("WebDriver:ExecuteAsyncScript", {"script": text, "args": [], "sandbox": None, "scriptTimeout": 120000})

    def find(self, selector):
        return self.command("WebDriver:FindElement", {"using": "css selector", "value": selector})[ELEMENT]

    def type(self, selector, text):
        self.command("WebDriver:ElementSendKeys", {"id": self.find(selector), "text": text})

    def click(self, selector):
        self.command("WebDriver:ElementClick", {"id": self.find(selector)})

    def actions(self, actions):
        self.command("WebDriver:PerformActions", {"actions": actions})

    def look(self, width, scheme="light"):
        # A window of a desktop is no narrower than 450, so the page is put into the size of a phone.
        height = 740 if width < 600 else 900
        self.chrome(
            "const { browsingContext } = gBrowser.selectedBrowser;"
            f"browsingContext.prefersColorSchemeOverride = '{scheme}';"
            f"const {{ style }} = gBrowser.selectedBrowser; style.width = '{width}px'; style.height = '{height}px';"
            "style.flex = 'none'")

    def scripts(self, are_on):
        self.chrome(f"gBrowser.selectedBrowser.browsingContext.allowJavascript = {json.dumps(are_on)}")

    def shot(self, path):
        shot = self.command("WebDriver:TakeScreenshot", {"full": True, "hash": False})
        pathlib.Path(path).write_bytes(base64.b64decode(shot))

    def print(self, path):
        pathlib.Path(path).write_bytes(base64.b64decode(self.command("WebDriver:Print", {})))

    def said(self):
        said = self.chrome(
            "return Services.console.getMessageArray().filter((it) => it instanceof Ci.nsIScriptError)"
            ".filter((it) => /^(file|http):/.test(it.sourceName) || it.category.startsWith('CSP'))"
            ".map((it) => it.errorMessage)")
        self.chrome("Services.console.reset()")
        sent = self.run("return performance.getEntriesByType('resource').map((it) => it.name)")
        return said, [url for url in sent if not url.startswith(("blob:", "data:"))]

    def close(self):
        self.command("Marionette:Quit", {"flags": ["eForceQuit"]})
