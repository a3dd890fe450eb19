"""What a browser makes of a page: page.py PAGE PDF [AXE].

Says in JSON what Debian's Chromium wrote to its console, what it asked for beside the page, what axe
found, in light and dark, on a phone and a desktop, and how wide each is; and prints the page to PDF.
"""

import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "pages"))
from browsers import Chromium

PHONE, DESKTOP = 360, 1100


def main():
    page = pathlib.Path(sys.argv[1]).resolve().as_uri()
    axe = pathlib.Path(sys.argv[3]).read_text(encoding="utf-8") if len(sys.argv) > 3 else None
    found = {"console": [], "requests": [], "axe": [], "widths": []}
    with tempfile.TemporaryDirectory() as downloads, Chromium(downloads) as browser:
        for scheme in ["light", "dark"]:
            for width in [PHONE, DESKTOP]:
                browser.look(width, scheme)
                browser.open(page)
                said, sent = browser.said()
                found["console"] += said
                found["requests"] += sent
                found["widths"].append([width, browser.run("return document.documentElement.scrollWidth")])
                for what, why, where in browser.axe(axe) if axe else []:
                    found["axe"].append([scheme, width, what, why, where])
        browser.print(sys.argv[2])
    print(json.dumps(found))


main()
